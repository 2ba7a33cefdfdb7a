// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/commands.hpp>
#include <angiotrial/app/derived.hpp>
#include <angiotrial/app/explain.hpp>

#include "explain_methods.hpp"

namespace angiotrial::app {

Ending perform(const Check& command) {
  const auto study = study::read_study_file(command.study, command.seed);
  if (!study) {
    const std::size_t count = study.problems().size();
    return {Exit::bad_input, "",
            diagnostics::to_string(study.problems()) + std::to_string(count) +
                (count == 1 ? " problem\n" : " problems\n")};
  }
  return {Exit::success, derived_quantities(study.value()), ""};
}

Ending perform(const Explain& command) {
  if (auto method = explain_method(command.key)) return {Exit::success, std::move(*method), ""};
  const auto plan = explain_plan_key(command.key);
  Ending ending = explain(explainable(), command.key);
  if (!plan) return ending;
  if (ending.code != Exit::success) return {Exit::success, *plan, ""};
  ending.out += "\n" + *plan;
  return ending;
}

}  // namespace angiotrial::app
