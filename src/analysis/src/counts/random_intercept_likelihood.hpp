// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/random_intercept_counts.hpp>

#include "counts/random_intercept_nodes.hpp"
#include "hermite_rule.hpp"
#include "stable_order.hpp"

#include <Eigen/Core>
#include <cstddef>
#include <optional>
#include <vector>

namespace angiotrial::analysis {

/// Rows ordered by patient, and the buffers of the likelihood, kept from one model to the next.
class InterceptLikelihood {
 public:
  InterceptLikelihood() = default;
  explicit InterceptLikelihood(const InterceptModel& model) { load(model); }
  /// Takes the rows of a model, whose counts are valid.
  void load(const InterceptModel& model);

  /// psi = (beta, log sigma, log phi); log sigma may be - infinity: no random intercept. The
  /// gradient has the same length; its entry for log phi is 0 for Poisson.
  double evaluate(const Eigen::VectorXd& psi, CountFamily family, Eigen::VectorXd& gradient);

  /// The same with - d2l / dpsi2 of the exact integrals by Louis's identity (1982), each mean taken
  /// by the quadrature. Nothing where second derivatives are not available.
  std::optional<double> evaluate(const Eigen::VectorXd& psi, CountFamily family,
                                 Eigen::VectorXd& gradient, Eigen::MatrixXd& information);

  /// How far identities that hold for exact integrals are from holding at the last evaluation: of
  /// the order of the relative error of that information. 0 without a random intercept.
  [[nodiscard]] double coarseness() const { return coarseness_; }

  /// One node at the mode from here on (Laplace), or all again.
  void use_one_node(bool one) { one_node_ = one; }
  [[nodiscard]] bool has_nodes() const { return rule_.node.size() > 1; }

  [[nodiscard]] std::size_t patients() const { return first_.size() - 1; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] int evaluations() const { return evaluations_; }
  /// Modes of u_g = b_g / sigma at the last evaluation.
  [[nodiscard]] const std::vector<double>& modes() const { return mode_; }

 private:
  /// What the rule of quadrature and the present parameters make of one patient.
  struct Patient {
    std::size_t from = 0, to = 0;
    double sigma = 0.0;
    double mode = 0.0;
    double spread = 1.0;  ///< standard deviation of the normal at the mode
    double first = 0.0, second = 0.0, third = 0.0, tau1 = 0.0, tau2 = 0.0;  ///< sums at the mode
    double by_mode = 0.0, by_spread = 0.0;  ///< of ln integral; 0 where the quadrature is exact
  };
  /// What a patient has at the nodes, by row and node.
  struct Arrays {
    Arrays(Eigen::Index rows, Eigen::Index points, Eigen::Index parameters, NodeMemory& memory);
    /// Number of them.
    static constexpr Eigen::Index number = NodeTerms::arrays + 7;

    NodeTerms terms;
    NodeShifts nodes;
    NodeArray u, share, product, by_row;
    Eigen::Map<Eigen::MatrixXd, Eigen::AlignedMax> scores;
  };
  template <class Density>
  double sum_patients(const Density& density, double sigma, Eigen::VectorXd& gradient);
  template <class Density>
  double one_patient(const Density& density, std::size_t patient, double sigma,
                     Eigen::VectorXd& gradient);
  template <class Density>
  double find_mode(const Density& density, std::size_t patient, double sigma);
  template <class Density>
  void bend_at_mode(const Density& density, Patient& patient);
  void read_rows(const InterceptModel& model);
  void count_tails();
  void read_predictors(const Eigen::VectorXd& psi);
  void shape_arrays(Eigen::Index rows, Eigen::Index points);
  double integrate(Patient& patient);
  void add_gradient(const Patient& patient, Eigen::VectorXd& gradient);
  void add_information(const Patient& patient);
  double counts_alone(double phi, Eigen::VectorXd& gradient);
  /// Without a random intercept all nodes are one.
  [[nodiscard]] const HermiteRule& rule() const { return one_node_ || without_ ? single_ : rule_; }

  std::size_t columns_ = 0;
  HermiteRule rule_{1};
  HermiteRule single_{1};
  bool one_node_ = false;
  bool without_ = false;
  StableOrder order_;
  std::vector<double> x_, y_, offset_;
  std::vector<std::size_t> first_;  ///< first row of each patient, and the number of rows
  std::vector<double> tail_;        ///< tail[j] = number of counts above j
  double log_factorials_ = 0.0;
  std::vector<double> eta_, mu_, mode_, slope_;
  std::vector<density::Bend> bends_;
  NodeMemory memory_;
  std::optional<Arrays> arrays_;  ///< of the present patient
  Eigen::VectorXd mean_score_, by_column_;
  Eigen::MatrixXd information_;
  bool wants_information_ = false;
  double coarseness_ = 0.0;
  int evaluations_ = 0;
};

}  // namespace angiotrial::analysis
