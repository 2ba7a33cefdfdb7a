// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/win_statistics.hpp>

#include <cmath>
#include <limits>

#include "composites/win_state.hpp"
#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {
namespace {

using wins::Moments;
using Sums = std::span<const std::int32_t>;

std::int64_t total(Sums sums) {
  std::int64_t out = 0;
  for (const std::int32_t s : sums) out += s;
  return out;
}

/// sum_i (a_i - centre_a) (b_i - centre_b)
double cross(Sums a, double centre_a, Sums b, double centre_b) {
  double out = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    out += (static_cast<double>(a[i]) - centre_a) * (static_cast<double>(b[i]) - centre_b);
  }
  return out;
}

/// Sums of one stratum, cumulated over tiers: by treated patient and by control.
struct Projections {
  Sums row_wins, row_losses, column_wins, column_losses;
  double wins = 0.0;
  double losses = 0.0;
};

/// Covariance of two of the counts W = sum K_ij and L = sum L_ij. With row sums R, S, column sums
/// C, D, and chances p, q of K and L:
///
///   A = sum_i (R_i - n p) (S_i - n q),   B = sum_j (C_j - m p) (D_j - m q)
///   plug_in   A + B
///   unbiased  A m / (m - 1) + B n / (n - 1)
///   null      (A - E) n / (n - 1) + (B - E) m / (m - 1),   E = sum_ij (K_ij - p) (L_ij - q),
///             p = q = (W + L) / (2 m n)
class Covariance {
 public:
  Covariance(const Projections& all, WinVariance variance)
      : variance_(variance),
        m_(static_cast<double>(all.row_wins.size())),
        n_(static_cast<double>(all.column_wins.size())) {
    const bool null = variance == WinVariance::null;
    const double equal = 0.5 * (all.wins + all.losses);
    p_ = (null ? equal : all.wins) / (m_ * n_);
    q_ = (null ? equal : all.losses) / (m_ * n_);
  }

  [[nodiscard]] double of(Sums rows_a, Sums columns_a, double p, Sums rows_b, Sums columns_b,
                          double q, double products, double sum_a, double sum_b) const {
    const double a = cross(rows_a, n_ * p, rows_b, n_ * q);
    const double b = cross(columns_a, m_ * p, columns_b, m_ * q);
    switch (variance_) {
      case WinVariance::plug_in:
        return a + b;
      case WinVariance::unbiased:
        return a * m_ / (m_ - 1.0) + b * n_ / (n_ - 1.0);
      case WinVariance::null:
        break;
    }
    const double e = products - q * sum_a - p * sum_b + m_ * n_ * p * q;
    return (a - e) * n_ / (n_ - 1.0) + (b - e) * m_ / (m_ - 1.0);
  }

  void add(const Projections& s, double weight, Moments& to) const {
    const double square = weight * weight;
    to.var_wins += square * of(s.row_wins, s.column_wins, p_, s.row_wins, s.column_wins, p_, s.wins,
                               s.wins, s.wins);
    to.var_losses += square * of(s.row_losses, s.column_losses, q_, s.row_losses, s.column_losses,
                                 q_, s.losses, s.losses, s.losses);
    to.covariance += square * of(s.row_wins, s.column_wins, p_, s.row_losses, s.column_losses, q_,
                                 0.0, s.wins, s.losses);
    to.wins += weight * s.wins;
    to.losses += weight * s.losses;
    to.pairs += weight * m_ * n_;
    to.has_variance =
        to.has_variance && (variance_ == WinVariance::plug_in || (m_ > 1.0 && n_ > 1.0));
  }

 private:
  WinVariance variance_;
  double m_, n_;
  double p_ = 0.0;
  double q_ = 0.0;
};

double stratum_weight(WinWeights weights, std::size_t rows, std::size_t columns) {
  const auto m = static_cast<double>(rows);
  const auto n = static_cast<double>(columns);
  switch (weights) {
    case WinWeights::mantel_haenszel:
      return 1.0 / (m + n);
    case WinWeights::pairs:
      return 1.0;
    case WinWeights::strata:
      break;
  }
  return 1.0 / (m * n);
}

void add_stratum(const WinOptions& options, WinWorkspace::State& state) {
  const std::size_t m = state.rows.size();
  const std::size_t n = state.columns.size();
  WinStatistics& out = state.result;
  out.treated += m;
  out.control += n;
  const auto pairs = static_cast<std::int64_t>(m) * static_cast<std::int64_t>(n);
  const double weight = stratum_weight(options.weights, m, n);
  wins::cumulate(state.row_wins, m);
  wins::cumulate(state.row_losses, m);
  wins::cumulate(state.column_wins, n);
  wins::cumulate(state.column_losses, n);
  WinCounts before{0, 0, pairs};
  for (std::size_t k = 0; k < state.moments.size(); ++k) {
    Projections sums{
        Sums(state.row_wins).subspan(k * m, m), Sums(state.row_losses).subspan(k * m, m),
        Sums(state.column_wins).subspan(k * n, n), Sums(state.column_losses).subspan(k * n, n)};
    WinCounts now{total(sums.row_wins), total(sums.row_losses), 0};
    now.ties = pairs - now.wins - now.losses;
    out.tiers[k].wins += now.wins - before.wins;
    out.tiers[k].losses += now.losses - before.losses;
    out.tiers[k].ties += now.ties;
    sums.wins = static_cast<double>(now.wins);
    sums.losses = static_cast<double>(now.losses);
    Covariance(sums, options.variance).add(sums, weight, state.moments[k]);
    before = now;
  }
  out.strata.push_back(before);
  out.counts.wins += before.wins;
  out.counts.losses += before.losses;
  out.counts.ties += before.ties;
}

/// Wald, on the scale on which the estimate is given.
std::optional<WinInference> wald(double centre, double se, double level) {
  if (!std::isfinite(centre) || !(se > 0.0) || !std::isfinite(se)) return std::nullopt;
  const double reach = quadrature::upper_quantile(0.5 * (1.0 - level)) * se;
  const double z = centre / se;
  return WinInference{se, centre - reach, centre + reach, z,
                      2.0 * quadrature::normal_cdf(-std::fabs(z))};
}

WinEstimate ratio(double above, double below, double se, double level) {
  WinEstimate out{above / below, wald(std::log(above / below), se, level)};
  if (out.inference) {
    out.inference->lower = std::exp(out.inference->lower);
    out.inference->upper = std::exp(out.inference->upper);
  }
  return out;
}

/// Delta method from the covariance of W and L. The null variance is taken at W = L.
WinSummary summarise(const Moments& s, const WinOptions& options) {
  const double level = options.level;
  const bool null = options.variance == WinVariance::null;
  const double ties = s.pairs - s.wins - s.losses;
  const double better = s.wins + 0.5 * ties;
  const double worse = s.losses + 0.5 * ties;
  const double rounding = 1.0e-12 * (s.var_wins + s.var_losses);
  double difference = s.var_wins + s.var_losses - 2.0 * s.covariance;
  if (!s.has_variance || !(difference > rounding)) difference = 0.0;
  const double sd = std::sqrt(difference);
  WinSummary out;
  const double benefit = (s.wins - s.losses) / s.pairs;
  out.net_benefit = {benefit, wald(benefit, sd / s.pairs, level)};
  if (auto& of_benefit = out.net_benefit.inference) {  // a difference of two shares
    of_benefit->lower = std::max(of_benefit->lower, -1.0);
    of_benefit->upper = std::min(of_benefit->upper, 1.0);
  }
  const double slope = null ? 4.0 / s.pairs : 1.0 / better + 1.0 / worse;
  out.win_odds = ratio(better, worse, 0.5 * sd * slope, level);
  if (!(s.wins + s.losses > 0.0)) return out;
  const double w = null ? 0.5 * (s.wins + s.losses) : s.wins;
  const double l = null ? 0.5 * (s.wins + s.losses) : s.losses;
  const double variance =
      s.var_wins / (w * w) + s.var_losses / (l * l) - 2.0 * s.covariance / (w * l);
  const double se = difference > 0.0 && variance > 0.0 ? std::sqrt(variance) : 0.0;
  out.win_ratio = ratio(s.wins, s.losses, se, level);
  return out;
}

void clear(const WinTrial& trial, WinWorkspace::State& state) {
  WinStatistics& out = state.result;
  out.status = WinStatus::invalid_input;
  out.treated = out.control = 0;
  out.counts = {};
  out.win_ratio.reset();
  out.net_benefit = out.win_odds = {};
  out.tiers.assign(trial.tiers.size(), {});
  out.strata.clear();
  out.cumulative.clear();
  state.moments.assign(trial.tiers.size(), {});
}

}  // namespace

std::string_view name_of(WinStatus status) {
  switch (status) {
    case WinStatus::compared:
      return "compared";
    case WinStatus::invalid_input:
      return "invalid_input";
    case WinStatus::empty_arm:
      return "empty_arm";
    case WinStatus::no_variance:
      return "no_variance";
  }
  return "unknown";
}

WinWorkspace::WinWorkspace() : state_(std::make_unique<State>()) {}
WinWorkspace::~WinWorkspace() = default;
WinWorkspace::WinWorkspace(WinWorkspace&&) noexcept = default;
WinWorkspace& WinWorkspace::operator=(WinWorkspace&&) noexcept = default;

const WinStatistics& win_statistics(const WinTrial& trial, const WinOptions& options,
                                    WinWorkspace& workspace) {
  WinWorkspace::State& state = workspace.state();
  clear(trial, state);
  WinStatistics& out = state.result;
  if (!wins::valid(trial, options)) return out;
  out.status = WinStatus::empty_arm;
  wins::prepare(trial, options, state);
  const int strata = trial.stratum.empty() ? 1 : trial.strata;
  for (int h = 0; h < strata; ++h) {
    wins::choose(trial, h, false, state);
    if (state.rows.empty() || state.columns.empty()) {
      out.strata.push_back({});
      continue;
    }
    out.status = WinStatus::compared;
    wins::compare(trial, true, state);
    add_stratum(options, state);
  }
  if (out.status != WinStatus::compared) return out;
  for (const Moments& m : state.moments) out.cumulative.push_back(summarise(m, options));
  static_cast<WinSummary&>(out) = out.cumulative.back();
  return out;
}

}  // namespace angiotrial::analysis
