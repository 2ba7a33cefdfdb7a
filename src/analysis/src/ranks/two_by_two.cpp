// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/two_by_two.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "multiplicity/quadrature.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {
namespace {

struct Bounds {
  double lower = 0.0;
  double upper = 0.0;
};

/// Wilson's score interval of one proportion.
Bounds wilson(double p, double n, double z) {
  const double centre = p + z * z / (2.0 * n);
  const double reach = z * std::sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
  const double scale = 1.0 + z * z / n;
  return {(centre - reach) / scale, (centre + reach) / scale};
}

/// Cells a (active, event), b (active, none), c (control, event), d (control, none).
struct Cells {
  double a = 0.0;
  double b = 0.0;
  double c = 0.0;
  double d = 0.0;
  [[nodiscard]] double total() const { return a + b + c + d; }
};

/// Sums over strata. With P = (a + d) / N, Q = (b + c) / N, R = a d / N, S = b c / N:
///
///   odds ratio = sum R / sum S
///   var log = sum P R / (2 R.^2) + sum (P S + Q R) / (2 R. S.) + sum Q S / (2 S.^2)
struct Sums {
  double distance = 0.0, variance = 0.0;
  double r = 0.0, s = 0.0, pr = 0.0, ps_qr = 0.0, qs = 0.0;

  void add(const Cells& t) {
    const double n = t.total();
    const double active = t.a + t.b;
    const double events = t.a + t.c;
    distance += t.a - active * events / n;
    variance += active * (n - active) * events * (n - events) / (n * n * (n - 1.0));
    const double p = (t.a + t.d) / n;
    const double q = (t.b + t.c) / n;
    const double own_r = t.a * t.d / n;
    const double own_s = t.b * t.c / n;
    r += own_r;
    s += own_s;
    pr += p * own_r;
    ps_qr += p * own_s + q * own_r;
    qs += q * own_s;
  }
};

bool zero_or_one(std::span<const int> codes) {
  return std::all_of(codes.begin(), codes.end(), [](int c) { return c == 0 || c == 1; });
}

std::vector<Cells> tabulate(const StratifiedTables& tables) {
  std::vector<Cells> out(static_cast<std::size_t>(tables.strata));
  for (std::size_t i = 0; i < tables.active.size(); ++i) {
    Cells& cells = out[static_cast<std::size_t>(tables.stratum[i])];
    const bool event = tables.outcome[i] == 1;
    double& cell = tables.active[i] == 1 ? (event ? cells.a : cells.b) : event ? cells.c : cells.d;
    cell += 1.0;
  }
  return out;
}

void common_odds_ratio(const Sums& sums, double level, MantelHaenszel& out) {
  out.common_odds_ratio = sums.r / sums.s;
  out.upper = std::numeric_limits<double>::infinity();
  if (!(sums.r > 0.0) || !(sums.s > 0.0)) return;
  out.se_log_odds_ratio =
      std::sqrt(sums.pr / (2.0 * sums.r * sums.r) + sums.ps_qr / (2.0 * sums.r * sums.s) +
                sums.qs / (2.0 * sums.s * sums.s));
  const double reach = quadrature::upper_quantile(0.5 * (1.0 - level)) * out.se_log_odds_ratio;
  out.lower = out.common_odds_ratio * std::exp(-reach);
  out.upper = out.common_odds_ratio * std::exp(reach);
}

/// With d the difference, h = 1/n_1 + 1/n_2, y = min(1/2, |d| / h) and p the proportion of all:
///
///   chi-square = d^2 / (p (1 - p) h), corrected (|d| - y h)^2 / (p (1 - p) h)
///   interval corrected: Wald's, y h wider at either end
void tests_of_difference(const TwoProportions& table, ProportionDifference& out) {
  const double distance = std::fabs(out.difference);
  const double h = 1.0 / table.active_patients + 1.0 / table.control_patients;
  const double step = h * std::min(0.5, distance / h);
  out.corrected_lower = std::max(-1.0, out.wald_lower - step);
  out.corrected_upper = std::min(1.0, out.wald_upper + step);
  const double p = (table.active_events + table.control_events) /
                   (table.active_patients + table.control_patients);
  const double variance = p * (1.0 - p) * h;
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  out.wald_p = out.se > 0.0 ? 2.0 * quadrature::normal_cdf(-distance / out.se) : nan;
  out.chi_square = variance > 0.0 ? distance * distance / variance : nan;
  out.corrected_chi_square =
      variance > 0.0 ? (distance - step) * (distance - step) / variance : nan;
  out.chi_square_p = 2.0 * quadrature::normal_cdf(-std::sqrt(out.chi_square));
  out.corrected_p = 2.0 * quadrature::normal_cdf(-std::sqrt(out.corrected_chi_square));
}

}  // namespace

std::string_view name_of(TableStatus status) {
  switch (status) {
    case TableStatus::fitted:
      return "fitted";
    case TableStatus::invalid_input:
      return "invalid input";
    case TableStatus::empty_arm:
      return "empty arm";
    case TableStatus::no_variation:
      return "no variation";
  }
  return "unknown";
}

ProportionDifference proportion_difference(const TwoProportions& table, double level) {
  ANGIOTRIAL_EXPECT(level > 0.0 && level < 1.0, "a confidence level");
  ProportionDifference out;
  const auto sound = [](double events, double patients) {
    return std::isfinite(patients) && events >= 0.0 && events <= patients;
  };
  if (!sound(table.active_events, table.active_patients) ||
      !sound(table.control_events, table.control_patients)) {
    return out;
  }
  out.status = TableStatus::empty_arm;
  if (table.active_patients == 0.0 || table.control_patients == 0.0) return out;
  out.status = TableStatus::fitted;
  const double z = quadrature::upper_quantile(0.5 * (1.0 - level));
  const double p = out.active = table.active_events / table.active_patients;
  const double q = out.control = table.control_events / table.control_patients;
  out.difference = p - q;
  out.se =
      std::sqrt(p * (1.0 - p) / table.active_patients + q * (1.0 - q) / table.control_patients);
  out.wald_lower = out.difference - z * out.se;
  out.wald_upper = out.difference + z * out.se;
  const Bounds own_p = wilson(p, table.active_patients, z);
  const Bounds own_q = wilson(q, table.control_patients, z);
  out.newcombe_lower = out.difference - std::hypot(p - own_p.lower, own_q.upper - q);
  out.newcombe_upper = out.difference + std::hypot(own_p.upper - p, q - own_q.lower);
  tests_of_difference(table, out);
  return out;
}

MantelHaenszel mantel_haenszel(const StratifiedTables& tables, bool continuity, double level) {
  ANGIOTRIAL_EXPECT(tables.active.size() == tables.outcome.size() &&
                        tables.active.size() == tables.stratum.size(),
                    "an outcome and a stratum a patient");
  ANGIOTRIAL_EXPECT(level > 0.0 && level < 1.0, "a confidence level");
  MantelHaenszel out;
  const bool known = std::all_of(tables.stratum.begin(), tables.stratum.end(),
                                 [&](int h) { return h >= 0 && h < tables.strata; });
  if (!known || !zero_or_one(tables.active) || !zero_or_one(tables.outcome)) return out;
  Sums sums;
  bool both_arms = false;
  for (const Cells& cells : tabulate(tables)) {
    if (cells.a + cells.b == 0.0 || cells.c + cells.d == 0.0) continue;
    both_arms = true;
    if (cells.a + cells.c == 0.0 || cells.b + cells.d == 0.0) continue;
    sums.add(cells);
    ++out.strata_used;
  }
  out.status = both_arms ? TableStatus::no_variation : TableStatus::empty_arm;
  if (out.strata_used == 0) return out;
  out.status = TableStatus::fitted;
  const double distance = std::fabs(sums.distance);
  const double corrected = continuity && distance >= 0.5 ? distance - 0.5 : distance;
  out.chi_square = corrected * corrected / sums.variance;
  out.p_value = chi_square_tail(1.0, out.chi_square);
  common_odds_ratio(sums, level, out);
  return out;
}

}  // namespace angiotrial::analysis
