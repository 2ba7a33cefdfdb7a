// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/randomisation/allocation_schemes.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/task.hpp"

/// The randomisation of a trial as its plan tells it.
namespace angiotrial::analysis {

enum class Scheme { complete, simple, blocks, stratified_blocks, minimisation, biased_coin, urn };
inline constexpr std::array<std::string_view, 7> scheme_names{
    "complete", "simple", "blocks", "stratified_blocks", "minimisation", "biased_coin", "urn"};

/// Whether the arm of a subject hangs on those before him, so that none of them may be left out.
[[nodiscard]] bool takes_order(Scheme scheme);

struct AllocationOptions {
  Scheme scheme = Scheme::complete;
  std::string order;
  std::vector<double> ratio, multiples{1.0};
  std::vector<std::string> strata, factors;
  std::vector<double> factor_weights;
  double coin = 0.0;
  int urn_initial = 1;
  int urn_added = 1;
  int seed = -1;
};

void describe_allocation(schema::Visitor& visit, AllocationOptions& o);

/// The scheme replayed over all subjects that were randomised, in the order of their entry.
struct Allocation {
  Assign assign;
  std::vector<std::size_t> entry;  ///< row of the frame of the 1st, 2nd, ... subject
  std::vector<int> strata;         ///< of the 1st, 2nd, ...; empty: one stratum
  std::optional<std::size_t>
      impossible;  ///< first row with an arm that the scheme cannot have given
};

/// None, with problems, where an option does not fit the scheme or is not read by it, a column
/// holds what it may not, or the seed is missing though allocations are to be drawn.
[[nodiscard]] std::optional<Allocation> allocation_of(const AllocationOptions& o, bool draws,
                                                      Frame& frame, const Task& task);

/// Scheme and its parameters in words.
[[nodiscard]] std::string words_of(const AllocationOptions& o);

}  // namespace angiotrial::analysis
