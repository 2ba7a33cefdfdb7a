// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/coronary.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace angiotrial::heart {
namespace {

constexpr std::size_t n = territory_count;
constexpr int most_steps = 60;  // three to six are usual
constexpr double smallest_step_mmhg = 1e-11;

using Vector = std::array<double, n>;
using Matrix = std::array<Vector, n>;

/// Gauss with column pivots; the rows of J are diagonally dominant, so that pivots are not small.
Vector solved(Matrix a, Vector b) {
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < n; ++r) {
      if (std::abs(a[r][c]) > std::abs(a[pivot][c])) pivot = r;
    }
    std::swap(a[c], a[pivot]);
    std::swap(b[c], b[pivot]);
    for (std::size_t r = c + 1; r < n; ++r) {
      const double factor = a[r][c] / a[c][c];
      for (std::size_t k = c; k < n; ++k) a[r][k] -= factor * a[c][k];
      b[r] -= factor * b[c];
    }
  }
  for (std::size_t r = n; r-- > 0;) {
    for (std::size_t k = r + 1; k < n; ++k) b[r] -= a[r][k] * b[k];
    b[r] /= a[r][r];
  }
  return b;
}

/// Pressure loss over an artery, and its slope.
struct Loss {
  double mmhg = 0.0, slope = 0.0;
};
Loss loss(const StenosisLaw& law, double q) {
  return {law.linear_mmhg_s_per_ml * q + law.quadratic_mmhg_s2_per_ml2 * q * std::abs(q),
          law.linear_mmhg_s_per_ml + 2.0 * law.quadratic_mmhg_s2_per_ml2 * std::abs(q)};
}

/// The circuit, with collaterals divided between aorta and links.
struct Circuit {
  const std::array<StenosisLaw, n>& laws;
  const std::array<bool, n>& occluded;
  const std::array<TerritoryLoad, n>& loads;
  double aortic_mmhg = 0.0;
  Vector from_aorta{};  // (1-w) Gc
  Matrix link{};        // L

  [[nodiscard]] double conductance(std::size_t k) const {
    return loads[k].conductance_ml_per_s_per_mmhg;
  }
};

Circuit circuit_of(const std::array<StenosisLaw, n>& laws, const std::array<bool, n>& occluded,
                   const std::array<TerritoryLoad, n>& loads, double aortic_mmhg, double w) {
  Circuit c{laws, occluded, loads, aortic_mmhg, {}, {}};
  for (std::size_t k = 0; k < n; ++k) {
    const double own = loads[k].collateral_conductance_ml_per_s_per_mmhg;
    c.from_aorta[k] = (1.0 - w) * own;
    for (std::size_t j = 0; j < n; ++j) {
      const bool joined = j != k && c.conductance(k) > 0.0 && c.conductance(j) > 0.0;
      const double others = loads[j].collateral_conductance_ml_per_s_per_mmhg;
      c.link[k][j] = joined ? 0.5 * w * (own + others) : 0.0;
    }
  }
  return c;
}

/// One step of Newton's method; the unknown is q where the artery is open, Pd where it is closed.
/// Returns the largest change, mmHg.
double improve(const Circuit& c, CoupledFlow& f) {
  Vector slope{}, excess{};  // dPd_k over the unknown of k; flow into the muscle less flow out
  Matrix jacobian{};
  for (std::size_t k = 0; k < n; ++k) {
    const Loss here = loss(c.laws[k], f.antegrade_ml_per_s[k]);
    if (!c.occluded[k]) f.distal_pressure_mmhg[k] = c.aortic_mmhg - here.mmhg;
    slope[k] = c.occluded[k] ? 1.0 : -here.slope;
  }
  const Vector& pd = f.distal_pressure_mmhg;
  for (std::size_t k = 0; k < n; ++k) {
    const double g = c.conductance(k);
    jacobian[k][k] = 1.0;
    if (g <= 0.0) continue;  // nothing to solve for
    double leaving = g + c.from_aorta[k];
    excess[k] = f.antegrade_ml_per_s[k] + c.from_aorta[k] * (c.aortic_mmhg - pd[k]) -
                g * (pd[k] - c.loads[k].back_pressure_mmhg);
    for (std::size_t j = 0; j < n; ++j) {
      leaving += c.link[k][j];
      excess[k] += c.link[k][j] * (pd[j] - pd[k]);
      if (j != k) jacobian[k][j] = c.link[k][j] * slope[j];
    }
    jacobian[k][k] = (c.occluded[k] ? 0.0 : 1.0) - leaving * slope[k];
  }
  const Vector step = solved(jacobian, excess);
  double moved = 0.0;
  for (std::size_t k = 0; k < n; ++k) {
    (c.occluded[k] ? f.distal_pressure_mmhg[k] : f.antegrade_ml_per_s[k]) -= step[k];
    moved = std::max(moved, std::abs(step[k] * std::max(1.0, std::abs(slope[k]))));
  }
  return moved;
}

}  // namespace

CoupledFlow coupled_flow(const std::array<StenosisLaw, n>& laws,
                         const std::array<bool, n>& occluded,
                         const std::array<TerritoryLoad, n>& loads, double aortic_mmhg, double w) {
  ANGIOTRIAL_EXPECT(w >= 0.0 && w <= 1.0, "a share is in [0, 1]");
  const Circuit c = circuit_of(laws, occluded, loads, aortic_mmhg, w);
  CoupledFlow f;
  for (std::size_t k = 0; k < n; ++k) {
    f.antegrade_ml_per_s[k] =
        occluded[k] ? 0.0 : antegrade_flow_ml_per_s(laws[k], loads[k], aortic_mmhg);
    f.distal_pressure_mmhg[k] =
        distal_pressure_mmhg(loads[k], aortic_mmhg, f.antegrade_ml_per_s[k]);
  }
  double moved = 1.0;
  for (; moved > smallest_step_mmhg && f.steps < most_steps; ++f.steps) moved = improve(c, f);
  for (std::size_t k = 0; k < n; ++k) {
    if (occluded[k] || c.conductance(k) <= 0.0) continue;
    f.distal_pressure_mmhg[k] = aortic_mmhg - loss(laws[k], f.antegrade_ml_per_s[k]).mmhg;
  }
  return f;
}

}  // namespace angiotrial::heart
