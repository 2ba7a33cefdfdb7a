// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/bayes/no_u_turn_sampler.hpp>
#include <angiotrial/random/stream.hpp>

#include <Eigen/Core>
#include <vector>

namespace angiotrial::analysis {

/// A point of phase space: position q, momentum p, log density and gradient at q.
struct PhasePoint {
  Eigen::VectorXd q, p, gradient;
  double log_density = 0.0;
};

/// H(q, p) = -log density(q) + p' S p / 2, with S the inverse mass.
class Hamiltonian {
 public:
  Hamiltonian(const LogDensity& density, std::size_t dimension, MassMatrix kind);

  /// False where `inverse_mass` is not positive definite; the old one then stays.
  bool set_inverse_mass(const Eigen::MatrixXd& inverse_mass);
  void evaluate(PhasePoint& z);
  void draw_momentum(PhasePoint& z, random::Stream& stream) const;
  void leapfrog(PhasePoint& z, double step);
  /// S p, the velocity.
  void velocity(const Eigen::VectorXd& p, Eigen::VectorXd& out) const;
  [[nodiscard]] double energy(const PhasePoint& z);
  [[nodiscard]] std::size_t evaluations() const { return evaluations_; }

 private:
  const LogDensity& density_;
  MassMatrix kind_;
  Eigen::MatrixXd inverse_mass_, root_;  ///< S = root root'
  Eigen::VectorXd diagonal_, diagonal_root_, work_;
  std::size_t evaluations_ = 0;
};

}  // namespace angiotrial::analysis
