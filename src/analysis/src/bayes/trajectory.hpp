// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bayes/hamiltonian.hpp"

#include <vector>

namespace angiotrial::analysis {

struct Transition {
  int depth = 0;
  bool divergent = false;
  double acceptance = 0.0;  ///< mean over the trajectory of min(1, e^(H_0 - H))
};

/// Grows a trajectory by doubling until it turns back, and chooses a point of it.
class Trajectory {
 public:
  Trajectory(Hamiltonian& hamiltonian, std::size_t dimension, const NoUTurnSettings& settings);

  /// From `z` (evaluated) to the next draw, which replaces it.
  Transition move(PhasePoint& z, double step, random::Stream& stream);

 private:
  /// Points in the order in which they were visited.
  struct Part {
    Eigen::VectorXd first_p, last_p;                ///< momenta at both ends
    Eigen::VectorXd first_velocity, last_velocity;  ///< S p there
    Eigen::VectorXd momentum;                       ///< rho: sum of the momenta
    double log_weight = 0.0;                        ///< log sum of e^(H_0 - H)
    PhasePoint chosen;
    explicit Part(std::size_t dimension);
  };

  bool grow(int depth, Part& out);
  bool add_point(Part& out);
  void join(Part& out, const Part& next);
  [[nodiscard]] bool going_on(const Part& before, const Part& next);

  Hamiltonian& hamiltonian_;
  const NoUTurnSettings& settings_;
  std::vector<Part> later_;  ///< second half of a subtree, by depth
  Part whole_, extension_;
  PhasePoint forward_, backward_;
  Eigen::VectorXd rho_;
  PhasePoint* edge_ = nullptr;
  random::Stream* stream_ = nullptr;
  double step_ = 0.0;
  double start_energy_ = 0.0;
  double acceptance_sum_ = 0.0;
  double points_ = 0.0;
  bool divergent_ = false;
};

}  // namespace angiotrial::analysis
