// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/zero_inflated.hpp>

#include <Eigen/Core>
#include <vector>

namespace angiotrial::analysis {

/// Log-likelihood, gradient and observed information of a zero-part model at
/// psi = (beta, gamma[, ln phi]).
class ZeroLikelihood {
 public:
  ZeroLikelihood(const ZeroCountModel& model, bool negative_binomial);

  double evaluate(const Eigen::VectorXd& psi);
  [[nodiscard]] const Eigen::VectorXd& gradient() const { return gradient_; }
  /// - d2l, both triangles.
  [[nodiscard]] const Eigen::MatrixXd& information() const { return information_; }
  [[nodiscard]] Eigen::Index parameters() const;
  /// At the last evaluation: E y_i, range of ln mu - o, largest ln mu, largest |z'gamma|.
  [[nodiscard]] const Eigen::VectorXd& mean() const { return mean_; }
  [[nodiscard]] double rate_range() const { return rate_range_; }
  [[nodiscard]] double largest_eta() const { return largest_eta_; }
  [[nodiscard]] double largest_logit() const { return largest_logit_; }

 private:
  struct Count;
  [[nodiscard]] Count count_terms(double y, double eta, double mu, double phi) const;
  void tabulate(double phi);
  double row_terms(Eigen::Index i, double phi, double eta, double logit);

  const ZeroCountModel& model_;
  bool dispersed_;
  Eigen::MatrixXd x_, z_;
  Eigen::VectorXd y_, offset_, mean_;
  /// By y: sums over j < y of ln(1 + phi j), phi j/(1 + phi j), phi j/(1 + phi j)^2, and ln y!.
  std::vector<double> logs_, slopes_, bends_, factorials_;
  Eigen::ArrayXd e_, t_, s_, ee_, et_, tt_, es_, ts_, ss_;
  Eigen::VectorXd gradient_;
  Eigen::MatrixXd information_;
  double rate_range_ = 0.0;
  double largest_eta_ = 0.0;
  double largest_logit_ = 0.0;
};

}  // namespace angiotrial::analysis
