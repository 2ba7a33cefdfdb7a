// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/subject_data.hpp"

/// What comparisons of many arms in one-way data share.
namespace angiotrial::analysis {

enum class Alternative { two_sided, greater, less };
inline constexpr std::array<std::string_view, 3> alternatives{"two_sided", "greater", "less"};

/// Means of the arms in `order` (the reference first, unless asked otherwise), pooled variance.
struct OneWay {
  SubjectData data;
  std::vector<std::size_t> order;
  std::vector<double> means, sizes;
  double sigma = 0.0;
  double df = 0.0;

  [[nodiscard]] ArmMeans arms() const { return {means, sizes, sigma, df}; }
  [[nodiscard]] const std::string& name(std::size_t place) const {
    return data.frame.arms()[order[place]];
  }
};

/// None, with problems or a refusal, where arms have no rows or no variation within them.
[[nodiscard]] std::optional<OneWay> one_way(const std::string& response, bool reference_first,
                                            Task& task);

/// All means with their sign changed.
void reflect(OneWay& data);

/// The comparison as it reads in the units of the response; `sign` undoes a reflection.
void put_comparison(const Comparison& c, double sign, Task& task);

/// Critical value, standard deviation, degrees of freedom and subjects.
void put_common(const OneWay& data, double critical_value, Task& task);

inline constexpr std::string_view one_way_words =
    "; model: one-way, pooled variance; reference: multivariate t; interval: simultaneous";

}  // namespace angiotrial::analysis
