// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/bayes/no_u_turn_sampler.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include "bayes/adaptation.hpp"
#include "bayes/trajectory.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_iterations = 65535;  // an occasion of a stream has 16 bits

bool valid(const NoUTurnSettings& s, std::size_t dimension) {
  return dimension > 0 && s.chains > 0 && s.draws > 0 && s.warmup >= 0 && s.maximum_depth > 0 &&
         s.maximum_depth <= 20 && s.target_acceptance > 0.0 && s.target_acceptance < 1.0 &&
         s.draws <= most_iterations && s.warmup <= most_iterations &&
         s.draws + s.warmup <= most_iterations;
}

class Chain {
 public:
  Chain(const LogDensity& density, std::size_t dimension, const NoUTurnSettings& settings)
      : settings_(settings),
        hamiltonian_(density, dimension, settings.mass),
        trajectory_(hamiltonian_, dimension, settings) {
    const auto d = static_cast<Index>(dimension);
    for (VectorXd* v : {&z_.q, &z_.p, &z_.gradient}) v->setZero(d);
    first_mass_ = MatrixXd::Identity(d, d);
  }

  SamplerStatus run(const NoUTurnStart& start, random::Streams streams, std::size_t chain,
                    NoUTurnSample& out) {
    if (!place(start, chain)) return SamplerStatus::no_start;
    StepSizeAdaptation step_size;
    WarmupPlan plan(settings_.warmup);
    RunningCovariance covariance(static_cast<std::size_t>(z_.q.size()), settings_.mass);
    bool search = true;
    for (int i = 0; i < settings_.warmup + settings_.draws; ++i) {
      random::Stream stream =
          streams.at(random::Purpose::posterior_sampling, static_cast<std::uint32_t>(i));
      if (search) {
        if (!find_step_size(stream)) return SamplerStatus::no_step_size;
        step_size.restart(step_);
        search = false;
      }
      const Transition transition = trajectory_.move(z_, step_, stream);
      if (i >= settings_.warmup) {
        record(transition, chain, static_cast<std::size_t>(i - settings_.warmup), out);
        continue;
      }
      step_ = step_size.learn(transition.acceptance, settings_.target_acceptance);
      if (plan.collects(i)) covariance.add(z_.q);
      if (plan.closes(i)) {
        search = hamiltonian_.set_inverse_mass(covariance.estimate(first_mass_, first_weight_));
        covariance.clear();
      }
      if (i + 1 == settings_.warmup) step_ = step_size.averaged();
    }
    out.step_size[chain] = step_;
    out.gradients += hamiltonian_.evaluations();
    return SamplerStatus::sampled;
  }

 private:
  bool place(const NoUTurnStart& start, std::size_t chain) {
    const Index d = z_.q.size();
    z_.q = Eigen::Map<const VectorXd>(start.positions.data(), d * static_cast<Index>(chain + 1))
               .tail(d);
    if (!start.covariance.empty()) {
      first_mass_ = Eigen::Map<const MatrixXd>(start.covariance.data(), d, d);
      // A given covariance is worth some draws; a unit one is only there to keep rank.
      first_weight_ = 5.0 + static_cast<double>(d);
      if (!hamiltonian_.set_inverse_mass(first_mass_)) return false;
    } else {
      first_mass_ *= 1.0e-3;
      first_weight_ = 5.0;
    }
    if (!z_.q.allFinite()) return false;
    hamiltonian_.evaluate(z_);
    return std::isfinite(z_.log_density) && z_.gradient.allFinite();
  }

  /// Doubles or halves until the energy error of one step crosses log 0.8 (algorithm 4, with 0.8
  /// for 0.5).
  bool find_step_size(random::Stream& stream) {
    constexpr int most_doublings = 100;
    const double wanted = std::log(0.8);
    PhasePoint trial = z_;
    int direction = 0;
    for (int i = 0; i < most_doublings; ++i) {
      trial = z_;
      hamiltonian_.draw_momentum(trial, stream);
      const double before = hamiltonian_.energy(trial);
      hamiltonian_.leapfrog(trial, step_);
      const bool small_error = before - hamiltonian_.energy(trial) > wanted;
      if (direction == 0) direction = small_error ? 1 : -1;
      if ((direction == 1) != small_error) return true;
      step_ *= direction == 1 ? 2.0 : 0.5;
    }
    return false;
  }

  void record(const Transition& transition, std::size_t chain, std::size_t draw,
              NoUTurnSample& out) const {
    const std::size_t at = chain * out.draws + draw;
    std::copy_n(z_.q.data(), out.dimension, &out.values[at * out.dimension]);
    out.log_density[at] = z_.log_density;
    out.divergences += transition.divergent ? 1 : 0;
    out.deepest = std::max(out.deepest, transition.depth);
    out.saturated += transition.depth >= settings_.maximum_depth ? 1 : 0;
    out.acceptance += transition.acceptance / static_cast<double>(out.draws * out.chains);
  }

  const NoUTurnSettings& settings_;
  Hamiltonian hamiltonian_;
  Trajectory trajectory_;
  PhasePoint z_;
  MatrixXd first_mass_;
  double first_weight_ = 0.0;
  double step_ = 1.0;
};

}  // namespace

std::vector<double> NoUTurnSample::coordinate(std::size_t index) const {
  ANGIOTRIAL_EXPECT(index < dimension, "a coordinate of the sample");
  std::vector<double> out;
  for (std::size_t i = index; i < values.size(); i += dimension) out.push_back(values[i]);
  return out;
}

NoUTurnSample sample_no_u_turn(const LogDensity& density, std::size_t dimension,
                               const NoUTurnStart& start, const NoUTurnSettings& settings,
                               SamplerSeed seed) {
  NoUTurnSample out;
  if (!valid(settings, dimension)) return out;
  out.dimension = dimension;
  out.chains = static_cast<std::size_t>(settings.chains);
  out.draws = static_cast<std::size_t>(settings.draws);
  ANGIOTRIAL_EXPECT(start.positions.size() == out.chains * dimension, "a starting point a chain");
  ANGIOTRIAL_EXPECT(start.covariance.empty() || start.covariance.size() == dimension * dimension,
                    "a square covariance");
  out.values.assign(out.chains * out.draws * dimension, 0.0);
  out.log_density.assign(out.chains * out.draws, 0.0);
  out.step_size.assign(out.chains, 0.0);
  for (std::size_t c = 0; c < out.chains; ++c) {
    Chain chain(density, dimension, settings);
    out.status = chain.run(
        start, random::Streams(seed.seed, seed.replicate, static_cast<std::uint32_t>(c)), c, out);
    if (out.status != SamplerStatus::sampled) return out;
  }
  return out;
}

std::string_view name_of(SamplerStatus status) {
  switch (status) {
    case SamplerStatus::sampled:
      return "sampled";
    case SamplerStatus::invalid_input:
      return "invalid input";
    case SamplerStatus::no_start:
      return "the density is not finite at a starting point";
    case SamplerStatus::no_step_size:
      return "no step size keeps the energy";
  }
  return "";
}

}  // namespace angiotrial::analysis
