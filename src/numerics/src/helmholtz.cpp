// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/numerics/helmholtz.hpp>

#include "schedule.hpp"
#include "state.hpp"
#include "wavefront.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::numerics {
namespace {

/// One round of single-precision sweeps cannot be trusted to shrink a residual by more.
constexpr double best_round = 2.5e-6;

/// The bound on the sweeps is for the error; the residual of a smooth field lags by a sweep or two.
constexpr double margin = 0.3;

constexpr int most_rounds = 12;

PlaneSums total_of(std::span<const PlaneSums> planes) {
  PlaneSums total;
  for (const PlaneSums& plane : planes) {
    total.squares += plane.squares;
    total.total += plane.total;
    total.nonzero = total.nonzero || plane.nonzero;
  }
  return total;
}

/// A solve as every member of the team carries it out; members come to the same decisions.
template <class Real>
class Solve {
 public:
  Solve(Problem& problem, std::span<const Real> source, std::span<Real> field, const Stop& stop,
        Team& team)
      : problem_(problem),
        source_(source.data()),
        field_(field.data()),
        stop_(stop),
        team_(team),
        progress_(static_cast<std::size_t>(Wavefront::most_blocks(problem.sweep(), team.size()))) {}

  Certificate run() {
    team_.run([this](int member) { work(member); });
    return certificate_;
  }

 private:
  void work(int member);
  int next_round(double relative, double before, int round) const;
  std::int64_t sweep(int member, int sweeps, std::int64_t base);
  Correction correction_for(const PlaneSums& source) const;

  template <class Pass>
  PlaneSums over_planes(int member, const Pass& pass) {
    const int nz = problem_.layout.nz, size = team_.size();
    for (int k = nz * member / size; k < nz * (member + 1) / size; ++k) {
      problem_.sums[static_cast<std::size_t>(k)] = pass(k);
    }
    team_.wait_for_all();
    const PlaneSums total = total_of(problem_.sums);
    team_.wait_for_all();
    return total;
  }

  Problem& problem_;
  const Real* source_;
  Real* field_;
  Stop stop_;
  Team& team_;
  Progress progress_;
  Certificate certificate_;
};

/// Sweeps of the next round, 0 to end. Rounds share what is left to do equally.
template <class Real>
int Solve<Real>::next_round(double relative, double before, int round) const {
  if (stop_.sweeps > 0) return round == 0 ? stop_.sweeps : 0;
  if (!(relative > stop_.tolerance) || round == most_rounds || relative > 0.5 * before) return 0;
  // What a round has missed by little is missed again by a round that aims at little.
  const double target = std::min(margin * stop_.tolerance / relative, round == 0 ? 0.9 : 0.1);
  const double rounds = std::ceil(std::log(target) / std::log(best_round));
  return sweeps_for(problem_.rho, std::pow(target, 1.0 / std::max(1.0, rounds)));
}

/// Scales by powers of two that keep the fading tail of a field clear of the smallest floats.
template <class Real>
Correction Solve<Real>::correction_for(const PlaneSums& source) const {
  Correction c;
  for (std::size_t colour = 0; colour < 2; ++colour) {
    c.field[colour] = problem_.field.colour(colour);
    c.right[colour] = problem_.right.colour(colour);
    c.inverse[colour] = problem_.inverse.colour(colour);
  }
  const double cells = static_cast<double>(problem_.equation.volume.size());
  const double typical = std::sqrt(source.squares / cells) / problem_.unit;
  const double scale = std::ldexp(1.0, 50 - std::ilogb(typical));
  c.right_scale = scale / problem_.unit;
  c.field_scale = 1.0 / scale;
  return c;
}

template <class Real>
std::int64_t Solve<Real>::sweep(int member, int sweeps, std::int64_t base) {
  const std::vector<float> weights = half_sweep_weights(problem_.rho, sweeps);
  return Wavefront(problem_.sweep(), weights, 1, team_, progress_).run(member, base);
}

template <class Real>
void Solve<Real>::work(int member) {
  const Layout& layout = problem_.layout;
  const Equation& equation = problem_.equation;
  const PlaneSums source = over_planes(
      member, [&](int k) { return source_plane(layout, equation, source_, field_, k); });
  if (source.squares == 0.0) {
    over_planes(member, [&](int k) {
      std::fill(field_ + layout.natural(0, k), field_ + layout.natural(0, k + 1), Real{0});
      return PlaneSums{};
    });
    return;
  }
  const Correction correction = correction_for(source);
  bool blank = !source.nonzero;
  double before = HUGE_VAL;
  std::int64_t steps = 0;
  for (int round = 0, sweeps = 0;; ++round) {
    const PlaneSums residual = over_planes(member, [&](int k) {
      return residual_plane(layout, equation, source_, field_, blank, correction, k);
    });
    const double relative = std::sqrt(residual.squares / source.squares);
    if (member == 0) {
      certificate_ = {relative, source.total != 0.0 ? std::abs(residual.total / source.total) : 0.0,
                      certificate_.sweeps + sweeps};
    }
    sweeps = next_round(relative, before, round);
    if (sweeps == 0) return;
    steps = sweep(member, sweeps, steps);
    over_planes(member, [&](int k) {
      correct_plane(layout, correction, field_, k);
      return PlaneSums{};
    });
    before = relative;
    blank = false;
  }
}

}  // namespace

template <class Real>
struct Helmholtz<Real>::State {
  Problem problem;
};

template <class Real>
Helmholtz<Real>::Helmholtz(const Grid& grid, const Walls& walls, double diffusivity)
    : state_(std::make_unique<State>(State{Problem(grid, walls, diffusivity)})) {}

template <class Real>
Helmholtz<Real>::~Helmholtz() = default;
template <class Real>
Helmholtz<Real>::Helmholtz(Helmholtz&&) noexcept = default;
template <class Real>
Helmholtz<Real>& Helmholtz<Real>::operator=(Helmholtz&&) noexcept = default;

template <class Real>
void Helmholtz<Real>::rebuild(const Grid& grid, const Walls& walls, double diffusivity) {
  state_->problem.rebuild(grid, walls, diffusivity);
}

template <class Real>
void Helmholtz<Real>::set_decay(double decay) {
  state_->problem.set_decay(decay);
}

template <class Real>
void Helmholtz<Real>::set_decay(std::span<const float> decay) {
  state_->problem.set_decay(decay);
}

template <class Real>
Certificate Helmholtz<Real>::solve(std::span<const Real> source, std::span<Real> field,
                                   const Stop& stop, int threads) {
  Problem& problem = state_->problem;
  ANGIOTRIAL_EXPECT(problem.ready, "decay is set before a solve");
  ANGIOTRIAL_EXPECT(source.size() == problem.equation.volume.size(), "one source for each cell");
  ANGIOTRIAL_EXPECT(field.size() == source.size(), "one value of the field for each cell");
  ANGIOTRIAL_EXPECT(threads >= 1, "at least one thread");
  ANGIOTRIAL_EXPECT(stop.sweeps > 0 || stop.tolerance > 0.0, "a solve ends");
  Team team(threads);
  return Solve<Real>(problem, source, field, stop, team).run();
}

template class Helmholtz<float>;
template class Helmholtz<double>;

}  // namespace angiotrial::numerics
