// SPDX-License-Identifier: Apache-2.0
#include "bayes/trajectory.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

double log_sum(double a, double b) {
  const double high = std::max(a, b);
  return std::isinf(high) ? high : high + std::log1p(std::exp(-std::fabs(a - b)));
}

}  // namespace

Trajectory::Part::Part(std::size_t dimension) {
  const auto d = static_cast<Eigen::Index>(dimension);
  for (Eigen::VectorXd* v : {&first_p, &last_p, &first_velocity, &last_velocity, &momentum,
                             &chosen.q, &chosen.p, &chosen.gradient}) {
    v->setZero(d);
  }
}

Trajectory::Trajectory(Hamiltonian& hamiltonian, std::size_t dimension,
                       const NoUTurnSettings& settings)
    : hamiltonian_(hamiltonian), settings_(settings), whole_(dimension), extension_(dimension) {
  later_.assign(static_cast<std::size_t>(settings.maximum_depth), Part(dimension));
}

bool Trajectory::add_point(Part& out) {
  hamiltonian_.leapfrog(*edge_, step_);
  const double gain = start_energy_ - hamiltonian_.energy(*edge_);
  points_ += 1.0;
  acceptance_sum_ += gain > 0.0 ? 1.0 : std::exp(gain);
  if (!(gain > -settings_.largest_energy_error)) {
    divergent_ = true;
    return false;
  }
  out.log_weight = gain;
  out.chosen = *edge_;
  out.first_p = edge_->p;
  out.last_p = edge_->p;
  out.momentum = edge_->p;
  hamiltonian_.velocity(edge_->p, out.first_velocity);
  out.last_velocity = out.first_velocity;
  return true;
}

/// Both ends still move apart (Betancourt 2017, appendix A.4.2), over the whole and over each part
/// with the nearest point of the other, which catches a turn between the parts.
bool Trajectory::going_on(const Part& before, const Part& next) {
  const auto apart = [&](const Eigen::VectorXd& first, const Eigen::VectorXd& last) {
    return first.dot(rho_) > 0.0 && last.dot(rho_) > 0.0;
  };
  rho_ = before.momentum + next.momentum;
  if (!apart(before.first_velocity, next.last_velocity)) return false;
  rho_ = before.momentum + next.first_p;
  if (!apart(before.first_velocity, next.first_velocity)) return false;
  rho_ = next.momentum + before.last_p;
  return apart(before.last_velocity, next.last_velocity);
}

void Trajectory::join(Part& out, const Part& next) {
  out.momentum += next.momentum;
  out.last_p = next.last_p;
  out.last_velocity = next.last_velocity;
}

bool Trajectory::grow(int depth, Part& out) {
  if (depth == 0) return add_point(out);
  if (!grow(depth - 1, out)) return false;
  Part& next = later_[static_cast<std::size_t>(depth - 1)];
  if (!grow(depth - 1, next)) return false;
  const bool on = going_on(out, next);
  const double total = log_sum(out.log_weight, next.log_weight);
  if (stream_->uniform() < std::exp(next.log_weight - total)) out.chosen = next.chosen;
  out.log_weight = total;
  join(out, next);
  return on;
}

Transition Trajectory::move(PhasePoint& z, double step, random::Stream& stream) {
  stream_ = &stream;
  hamiltonian_.draw_momentum(z, stream);
  start_energy_ = hamiltonian_.energy(z);
  acceptance_sum_ = 0.0;
  points_ = 0.0;
  divergent_ = false;
  forward_ = z;
  backward_ = z;
  whole_.first_p = whole_.last_p = whole_.momentum = z.p;
  hamiltonian_.velocity(z.p, whole_.first_velocity);
  whole_.last_velocity = whole_.first_velocity;
  whole_.log_weight = 0.0;
  Transition out;
  bool ahead = true;
  while (out.depth < settings_.maximum_depth) {
    const bool next_ahead = stream.uniform() < 0.5;
    if (next_ahead != ahead) {
      // The part to be extended ends where the new points begin.
      whole_.first_p.swap(whole_.last_p);
      whole_.first_velocity.swap(whole_.last_velocity);
      ahead = next_ahead;
    }
    edge_ = ahead ? &forward_ : &backward_;
    step_ = ahead ? step : -step;
    if (!grow(out.depth, extension_)) break;
    ++out.depth;
    // The later half is preferred, which moves farther (Betancourt 2017, appendix A.3.2).
    if (stream.uniform() < std::exp(extension_.log_weight - whole_.log_weight)) {
      z = extension_.chosen;
    }
    const bool on = going_on(whole_, extension_);
    whole_.log_weight = log_sum(whole_.log_weight, extension_.log_weight);
    join(whole_, extension_);
    if (!on) break;
  }
  out.divergent = divergent_;
  out.acceptance = points_ > 0.0 ? acceptance_sum_ / points_ : 0.0;
  return out;
}

}  // namespace angiotrial::analysis
