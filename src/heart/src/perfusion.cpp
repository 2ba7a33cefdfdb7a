// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/coronary.hpp>
#include <angiotrial/heart/perfusion.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory_resource>

namespace angiotrial::heart {
namespace {

constexpr double reference_rate_pressure = 15000.0;  // where the notes quote burden (P3)
// Patches of equal mass can add up to B_c exactly: then the order of summing must not decide.
constexpr double summing_error = 1e-12;

/// RPP*_i over Q_i: 1e4 E_max / (q1 E_rest).
double threshold_per_flow(const Oxygen& p, const Ventricle& v) {
  return 1e4 * v.maximal_extraction_fraction.value() /
         (p.demand_ml_per_min_per_g_per_10k_rpp.value() * p.rest_extraction_fraction.value());
}

/// G, Gc and Pz of each territory, by summing over its microregions.
std::array<TerritoryLoad, territory_count> territory_loads(const Parameters& all,
                                                           const Ventricle& v,
                                                           std::span<const double> gain) {
  const Arteries& p = all.arteries;
  const double following = all.growth.collateral_following_fraction.value();
  std::array<double, territory_count> ungained{}, gained{}, depth_sum{};
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto k = static_cast<std::size_t>(v.territory[i]);
    const double g = v.conductance[i] * v.mass_of_g[i];
    const double g_now = gain.empty() ? g : g * gain[i];
    ungained[k] += g;
    gained[k] += g_now;
    depth_sum[k] += g_now * v.depth[i];
  }
  std::array<TerritoryLoad, territory_count> loads{};
  for (std::size_t k = 0; k < territory_count; ++k) {
    if (gained[k] <= 0.0) continue;
    const double cfi = v.arteries[k].collateral_flow_index;
    loads[k].conductance_ml_per_s_per_mmhg = gained[k] / 60.0;
    const double supplied = ungained[k] + following * (gained[k] - ungained[k]);
    loads[k].collateral_conductance_ml_per_s_per_mmhg = supplied / 60.0 * cfi / (1.0 - cfi);
    loads[k].back_pressure_mmhg =
        p.back_pressure_mmhg.value() + p.back_pressure_rise_mmhg.value() * depth_sum[k] / gained[k];
  }
  return loads;
}

std::array<double, territory_count> coupled_pressures(
    const Arteries& p, const Ventricle& v,
    const std::array<TerritoryLoad, territory_count>& loads) {
  std::array<StenosisLaw, territory_count> laws{};
  std::array<bool, territory_count> occluded{};
  for (std::size_t k = 0; k < territory_count; ++k) {
    laws[k] = {v.arteries[k].linear_mmhg_s_per_ml, v.arteries[k].quadratic_mmhg_s2_per_ml2};
    occluded[k] = v.arteries[k].occluded;
  }
  return coupled_flow(laws, occluded, loads, p.aortic_pressure_mmhg.value(),
                      p.interterritory_collateral_fraction.value())
      .distal_pressure_mmhg;
}

void solve_arteries(const Parameters& all, const Ventricle& v, std::span<const double> gain,
                    Perfusion& out) {
  const auto loads = territory_loads(all, v, gain);
  const Arteries& p = all.arteries;
  const double pa = p.aortic_pressure_mmhg.value(), pv = p.venous_pressure_mmhg.value();
  if (p.interterritory_collateral_fraction.value() > 0.0) {
    out.distal_pressure_mmhg = coupled_pressures(p, v, loads);
    for (std::size_t k = 0; k < territory_count; ++k) {
      out.fractional_flow_reserve[k] = (out.distal_pressure_mmhg[k] - pv) / (pa - pv);
    }
    return;
  }
  for (std::size_t k = 0; k < territory_count; ++k) {
    const Artery& artery = v.arteries[k];
    const StenosisLaw law{artery.linear_mmhg_s_per_ml, artery.quadratic_mmhg_s2_per_ml2};
    const double q = artery.occluded ? 0.0 : antegrade_flow_ml_per_s(law, loads[k], pa);
    out.distal_pressure_mmhg[k] = distal_pressure_mmhg(loads[k], pa, q);
    out.fractional_flow_reserve[k] = (out.distal_pressure_mmhg[k] - pv) / (pa - pv);
  }
}

/// Q_i and every mean over the wall.
void solve_wall(const Parameters& p, const Ventricle& v, std::span<const double> gain,
                Perfusion& out) {
  const double pz = p.arteries.back_pressure_mmhg.value();
  const double dpz = p.arteries.back_pressure_rise_mmhg.value();
  const double demand =
      p.oxygen.demand_ml_per_min_per_g_per_10k_rpp.value() * v.resting_rate_pressure.value() / 1e4;
  double mass = 0.0, flow = 0.0, rest = 0.0;
  std::array<double, 3> third_flow{}, third_mass{};  // of the wall, epicardium first
  for (std::size_t i = 0; i < v.size(); ++i) {
    const double pd = out.distal_pressure_mmhg[static_cast<std::size_t>(v.territory[i])];
    const double g = gain.empty() ? v.conductance[i] : v.conductance[i] * gain[i];
    const double q = g * std::max(pd - pz - dpz * v.depth[i], 0.0);
    const double m = v.mass_of_g[i];
    out.hyperaemic_flow[i] = q;
    mass += m;
    flow += m * q;
    rest += m * std::min(demand, q);
    const auto third = static_cast<std::size_t>(std::min(2.0, 3.0 * v.depth[i]));
    third_flow[third] += m * q;
    third_mass[third] += m;
  }
  out.mean_hyperaemic_flow = flow / mass;
  out.mean_resting_flow = rest / mass;
  out.coronary_flow_reserve = rest > 0.0 ? flow / rest : 0.0;
  out.endo_epi_ratio = third_flow[0] > 0.0 && third_mass[2] > 0.0
                           ? (third_flow[2] / third_mass[2]) / (third_flow[0] / third_mass[0])
                           : 0.0;
}

struct Ranked {
  double flow = 0.0;
  double mass = 0.0;
};

/// Least flow f such that the entries of flow <= f hold at least `wanted` mass: quickselect that
/// keeps the side where the sum crosses. The highest flow if rounding leaves the sum short.
double weighted_quantile(std::span<Ranked> ranked, double wanted) {
  double below = 0.0, least = 0.0;
  bool crossed = false;
  while (!ranked.empty()) {
    const auto middle = ranked.begin() + static_cast<std::ptrdiff_t>(ranked.size() / 2);
    std::nth_element(ranked.begin(), middle, ranked.end(),
                     [](const Ranked& a, const Ranked& b) { return a.flow < b.flow; });
    double upto = below;
    for (auto it = ranked.begin(); it <= middle; ++it) upto += it->mass;
    if (upto >= wanted) {
      least = middle->flow;
      crossed = true;
      ranked = {ranked.begin(), middle};
    } else {
      if (!crossed) least = middle->flow;
      below = upto;
      ranked = {middle + 1, ranked.end()};
    }
  }
  return least;
}

/// Mass of viable muscle by flow, in equal steps up to the highest flow: one pass without branches,
/// after which only one step has to be sorted.
struct Histogram {
  static constexpr std::size_t steps = 64;
  std::array<double, steps> mass{};
  double per_flow = 0.0;

  [[nodiscard]] std::size_t step_of(double flow) const {
    return static_cast<std::size_t>(static_cast<int>(flow * per_flow));
  }
};

Histogram histogram_of(const Ventricle& v, const Perfusion& out, double& total_mass) {
  double highest = 0.0, lowest = 0.0;
  for (const double flow : out.hyperaemic_flow) {
    highest = std::max(highest, flow);
    lowest = std::min(lowest, flow);
  }
  ANGIOTRIAL_EXPECT(std::isfinite(out.mean_hyperaemic_flow) && lowest == 0.0,
                    "flows are finite and not negative");
  Histogram h;
  // The highest flow itself stays below `steps` after rounding.
  h.per_flow = highest > 0.0 ? (Histogram::steps - 1e-9) / highest : 0.0;
  total_mass = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    total_mass += v.mass_of_g[i];
    h.mass[h.step_of(out.hyperaemic_flow[i])] += v.viable[i] != 0 ? v.mass_of_g[i] : 0.0;
  }
  return h;
}

/// The B_c quantile of Q_i: scar counts in the mass and nowhere else.
double limiting_flow(const Ventricle& v, const Perfusion& out, double burden_fraction) {
  double mass = 0.0, below = 0.0;
  const Histogram h = histogram_of(v, out, mass);
  const double wanted = burden_fraction * mass * (1.0 - summing_error);
  std::size_t step = 0;
  while (step + 1 < Histogram::steps && below + h.mass[step] < wanted) below += h.mass[step++];
  if (below + h.mass[step] < wanted) return std::numeric_limits<double>::infinity();
  // Segment resolution fits the stack; a finer heart goes to the heap.
  alignas(Ranked) std::array<std::byte, 512 * sizeof(Ranked)> bytes;
  std::pmr::monotonic_buffer_resource pool(bytes.data(), bytes.size());
  std::pmr::vector<Ranked> ranked(v.size(), &pool);
  std::size_t count = 0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    ranked[count] = {out.hyperaemic_flow[i], v.mass_of_g[i]};
    const bool here = v.viable[i] != 0 && h.step_of(out.hyperaemic_flow[i]) == step;
    count += here ? 1U : 0U;
  }
  return weighted_quantile(std::span(ranked).first(count), wanted - below);
}

}  // namespace

double burden(const Parameters& p, const Ventricle& v, const Perfusion& perfusion,
              units::BpmMmhg rate_pressure) {
  const double needed = rate_pressure.value() / threshold_per_flow(p.oxygen, v);
  double ischaemic = 0.0, mass = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    mass += v.mass_of_g[i];
    const bool short_of_flow = v.viable[i] != 0 && perfusion.hyperaemic_flow[i] < needed;
    ischaemic += short_of_flow ? v.mass_of_g[i] : 0.0;
  }
  return ischaemic / mass;
}

void perfuse(const Parameters& p, const Ventricle& v, std::span<const double> conductance_gain,
             Perfusion& out) {
  ANGIOTRIAL_EXPECT(v.size() > 0, "a ventricle has microregions");
  ANGIOTRIAL_EXPECT(conductance_gain.empty() || conductance_gain.size() == v.size(),
                    "one gain for each microregion");
  out.hyperaemic_flow.resize(v.size());
  solve_arteries(p, v, conductance_gain, out);
  solve_wall(p, v, conductance_gain, out);
  const double flow = limiting_flow(v, out, p.oxygen.ischaemic_burden_fraction.value());
  out.threshold = units::BpmMmhg(flow * threshold_per_flow(p.oxygen, v));
  out.burden_at_15000 = burden(p, v, out, units::BpmMmhg(reference_rate_pressure));
}

}  // namespace angiotrial::heart
