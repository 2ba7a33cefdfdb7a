// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <span>
#include <string_view>

/// Rubin's rules: one answer from the analyses of several imputed data sets.
///
///   Q = mean of Q_m,  U = mean of U_m,  B = variance of Q_m,  T = U + (1 + 1/M) B
///
/// Rubin 1987, chapter 3; degrees of freedom for small samples of Barnard and Rubin (1999),
/// Biometrika 86:948.
namespace angiotrial::analysis {

enum class RubinStatus {
  pooled = 0,
  invalid_input = 1,  ///< a number that is not finite, a variance below 0, complete_df not above 0
  too_few = 2,        ///< fewer than two imputations
  without_variance = 3  ///< T is 0: the estimate holds, there is no inference
};
[[nodiscard]] std::string_view name_of(RubinStatus status);

struct Imputations {
  std::span<const double> estimate;  ///< Q_m, one an imputation
  std::span<const double> variance;  ///< U_m, squared standard errors
  /// Degrees of freedom that the analysis of complete data has; infinity: a normal reference.
  double complete_df = std::numeric_limits<double>::infinity();
  double level = 0.95;
};

struct RubinEstimate {
  RubinStatus status = RubinStatus::invalid_input;
  double estimate = 0.0;
  double within = 0.0;               ///< U
  double between = 0.0;              ///< B
  double total = 0.0;                ///< T
  double lambda = 0.0;               ///< (1 + 1/M) B / T: share of T that is due to what is missing
  double missing_information = 0.0;  ///< (r + 2 / (df + 3)) / (r + 1), the df used; 0 where B is
  double df_rubin = 0.0;             ///< (M - 1) / lambda^2
  double df_barnard_rubin = 0.0;     ///< equal to df_rubin where complete_df is infinite
  double se = 0.0;
  double df = 0.0;  ///< the one used below: Barnard and Rubin's
  double lower = 0.0;
  double upper = 0.0;
  double statistic = 0.0;
  double p_value = 1.0;  ///< two-sided, of 0
};

/// A refusal is a status, never an exception; only mismatched sizes violate the contract.
[[nodiscard]] RubinEstimate pool_by_rubin(const Imputations& imputations);

}  // namespace angiotrial::analysis
