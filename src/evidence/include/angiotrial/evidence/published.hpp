// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

/// What trials published. A row may be fitted to or only compared with: the type says which, and no
/// code that chooses a parameter can name the second kind (tests/architecture).
namespace angiotrial::evidence {

enum class Seen { seen, derived, recalled };

/// One published number.
struct Published {
  std::string_view trial;    ///< ACT34-CMI, RENEW ...
  std::string_view arm;      ///< placebo, low, high; empty: all arms
  std::string_view arm_ref;  ///< for contrasts
  std::string_view paramcd;  ///< as in results.json
  std::string_view avisit;
  double month = 0.0;
  std::string_view statistic;  ///< mean, sd, difference, rate_ratio, percent ...
  std::string_view group;
  double value = 0.0;
  std::optional<double> se;
  std::optional<double> lower, upper;
  std::string_view unit;
  Seen seen = Seen::seen;
  std::string_view citation;
  std::string_view identifier;
};

struct FitRow : Published {};
struct HeldOutRow : Published {};

/// Rows that parameters may be fitted to.
[[nodiscard]] std::span<const FitRow> fit_rows();
/// Rows that predictions are scored against.
[[nodiscard]] std::span<const HeldOutRow> held_out_rows();

}  // namespace angiotrial::evidence
