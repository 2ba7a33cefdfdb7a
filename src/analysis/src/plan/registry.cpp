// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "plan/method.hpp"

namespace angiotrial::analysis {

const std::vector<MethodEntry>& all_methods() {
  static const std::vector<MethodEntry> methods = [] {
    constexpr std::array families{&constrained_methods,    &bayesian_markov_methods,
                                  &count_methods,          &imputation_methods,
                                  &dose_methods,           &dose_arm_methods,
                                  &dose_average_methods,   &dose_order_methods,
                                  &dose_planning_methods,  &linear_methods,
                                  &survival_methods,       &survival_comparison_methods,
                                  &hazard_methods,         &competing_methods,
                                  &recurrent_methods,      &repeated_count_methods,
                                  &zero_count_methods,     &mixed_methods,
                                  &random_effects_methods, &tipping_methods,
                                  &adaptive_methods,       &assurance_methods,
                                  &borrowing_methods,      &closed_methods,
                                  &design_methods,         &discount_methods,
                                  &interim_methods,        &response_adaptive_methods,
                                  &sample_size_methods,    &unblinded_methods,
                                  &comparison_methods,     &composite_methods,
                                  &contrast_methods,       &grouped_rank_methods,
                                  &multiplicity_methods,   &proportion_methods,
                                  &randomisation_methods,  &rank_methods,
                                  &markov_methods,         &ordinal_methods,
                                  &standardisation_methods};
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
