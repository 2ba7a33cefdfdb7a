// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

/// Rank analysis of covariance: arms compared on what the ranks of the covariates leave of the rank
/// of the response.
namespace angiotrial::analysis {

enum class RankScores {
  ranks,          ///< residuals as they are
  modified_ridit  ///< divided by N_h + 1, as van Elteren weights strata
};

struct RankAncovaModel {
  std::span<const double> response;
  std::span<const double> covariates;  ///< row by row, `covariate_count` numbers each
  std::size_t covariate_count = 0;
  std::span<const int> arm;  ///< 0 to arms - 1
  int arms = 2;
  std::span<const int> stratum;  ///< 0 to strata - 1; empty: one stratum
  int strata = 1;
  RankScores scores = RankScores::modified_ridit;
};

/// Quade 1967 (doi:10.1080/01621459.1967.10500925): one-way analysis of variance of the residuals.
struct QuadeTest {
  double f = 0.0;
  int df_between = 0;
  int df_within = 0;
  double p_value = 1.0;
};

struct RankAncovaResult {
  RankStatus status = RankStatus::invalid_input;
  std::optional<QuadeTest> quade;  ///< absent with strata, and where residuals within arms vanish
  /// Extended mean-score test (Koch, Amara, Davis and Gillings 1982): permutation of the arms
  /// within strata, residuals fixed.
  double chi_square = 0.0;
  int df = 0;
  double p_value = 1.0;
  int strata_used = 0;                 ///< with two arms and some variation
  std::vector<double> mean_residuals;  ///< by arm, of the scores; 0 for an empty arm
};

/// Ranks and residuals are formed within each stratum. Without covariates this is the
/// Kruskal-Wallis test, with two arms and strata van Elteren's. Collinear covariates are harmless:
/// residuals do not depend on them. Sizes that differ violate the contract.
[[nodiscard]] RankAncovaResult rank_ancova(const RankAncovaModel& model);

}  // namespace angiotrial::analysis
