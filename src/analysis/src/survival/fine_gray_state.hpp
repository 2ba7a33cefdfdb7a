// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/survival/fine_gray.hpp>

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace angiotrial::analysis {

/// Kaplan-Meier of the time to censoring in one group of subjects.
struct CensoringCurve {
  std::vector<double> time;     ///< at which some were censored, rising
  std::vector<double> after;    ///< G from that time on
  std::vector<double> at_risk;  ///< with events at that time still in
  std::vector<double> hazard;
  /// G(t-).
  [[nodiscard]] double before(double t) const;
};

/// Subjects sorted by time. `kind`: 0 censored, 1 the cause, 2 a competing cause.
struct FineGrayState {
  std::size_t n = 0;
  std::size_t p = 0;
  std::vector<double> time, x;  ///< x centred and scaled
  std::vector<int> kind;
  std::vector<std::size_t> source, group;
  std::vector<double> centre, scale;
  std::vector<CensoringCurve> censoring;
  std::vector<double> own_g;  ///< G(T-) of each subject's group

  // Event times of the cause.
  std::vector<double> event_time;
  std::vector<std::size_t> first_at_risk;  ///< first subject with T >= the time
  std::vector<double> deaths;
  std::vector<double> g;  ///< G(t-), times x groups

  std::vector<double> relative;
  std::vector<double> risk_sums;     ///< those at risk by their own time, times x sums
  std::vector<double> hazard, mean;  ///< increments of L_0, and mean covariates, by time
  double shift = 0.0;
  double log_likelihood = 0.0;
  Eigen::VectorXd score;
  Eigen::MatrixXd information;
};

void evaluate(FineGrayState& s, const Eigen::VectorXd& beta);
/// Sum over subjects of (eta + psi)(eta + psi)' at the beta of the last evaluate().
[[nodiscard]] Eigen::MatrixXd fine_gray_meat(const FineGrayState& s);

}  // namespace angiotrial::analysis
