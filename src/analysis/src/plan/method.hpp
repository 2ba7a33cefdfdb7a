// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/plan/plan_file.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/task.hpp"

/// A method of the plan: options that are described once, and a function that runs them.
///
///   struct Options { ... };
///   void describe(schema::Visitor& visit, Options& o);
///   void run(const Options& o, Task& task);
namespace angiotrial::analysis {

class Method {
 public:
  Method() = default;
  Method(const Method&) = delete;
  Method& operator=(const Method&) = delete;
  virtual ~Method() = default;
  virtual void describe_options(schema::Visitor& visit) = 0;
  virtual void run_on(Task& task) const = 0;
};

template <class Options>
class MethodWith final : public Method {
 public:
  void describe_options(schema::Visitor& visit) override { describe(visit, options_); }
  void run_on(Task& task) const override { run(options_, task); }

 private:
  Options options_;
};

struct MethodEntry {
  std::string_view name;
  std::string_view what;
  std::unique_ptr<Method> (*make)();
};

template <class Options>
constexpr MethodEntry method(std::string_view name, std::string_view what) {
  return {name, what,
          []() -> std::unique_ptr<Method> { return std::make_unique<MethodWith<Options>>(); }};
}

// One function a family, each in <family>_methods.cpp; registry.cpp gathers them.
std::vector<MethodEntry> bayesian_markov_methods();
std::vector<MethodEntry> count_methods();
std::vector<MethodEntry> linear_methods();
std::vector<MethodEntry> markov_methods();
std::vector<MethodEntry> ordinal_methods();

/// Every method, by name.
const std::vector<MethodEntry>& all_methods();

}  // namespace angiotrial::analysis
