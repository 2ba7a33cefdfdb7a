// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "plan/method.hpp"

namespace angiotrial::analysis {

const std::vector<MethodEntry>& all_methods() {
  static const std::vector<MethodEntry> methods = [] {
    constexpr std::array families{&count_methods, &linear_methods, &bayesian_markov_methods,
                                  &markov_methods, &ordinal_methods};
    std::vector<MethodEntry> all;
    for (const auto family : families) {
      for (const MethodEntry& entry : family()) all.push_back(entry);
    }
    std::ranges::sort(all, {}, &MethodEntry::name);
    return all;
  }();
  return methods;
}

std::vector<MethodSummary> plan_methods() {
  std::vector<MethodSummary> out;
  for (const MethodEntry& entry : all_methods()) out.push_back({entry.name, entry.what});
  return out;
}

std::vector<schema::LedgerRow> plan_options(std::string_view method) {
  for (const MethodEntry& entry : all_methods()) {
    if (entry.name != method) continue;
    const auto made = entry.make();
    schema::Lister lister("analysis.NAME");
    made->describe_options(lister);
    return lister.rows();
  }
  return {};
}

}  // namespace angiotrial::analysis
