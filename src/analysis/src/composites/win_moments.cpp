// SPDX-License-Identifier: Apache-2.0
#include "composites/win_moments.hpp"

#include <cmath>
#include <cstdint>

#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis::wins {
namespace {

/// sum_i (a_i - centre_a) (b_i - centre_b)
template <class Number>
double cross(std::span<const Number> a, double centre_a, std::span<const Number> b,
             double centre_b) {
  double out = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    out += (static_cast<double>(a[i]) - centre_a) * (static_cast<double>(b[i]) - centre_b);
  }
  return out;
}

/// Covariance of two of the counts W = sum K_ij and L = sum L_ij. With row sums R, S, column sums
/// C, D, and chances p, q of K and L:
///
///   A = sum_i (R_i - n p) (S_i - n q),   B = sum_j (C_j - m p) (D_j - m q)
///   plug_in   A + B
///   unbiased  A m / (m - 1) + B n / (n - 1)
///   null      (A - E) n / (n - 1) + (B - E) m / (m - 1),   E = sum_ij (K_ij - p) (L_ij - q),
///             p = q = (W + L) / (2 m n)
template <class Number>
class Covariance {
 public:
  using Sums = std::span<const Number>;

  Covariance(const Projections<Number>& all, WinVariance variance)
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

  void add(const Projections<Number>& s, double weight, Moments& to) const {
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

}  // namespace

template <class Number>
void add_moments(const Projections<Number>& sums, WinVariance variance, double weight,
                 Moments& to) {
  Covariance<Number>(sums, variance).add(sums, weight, to);
}

template void add_moments(const Projections<std::int32_t>&, WinVariance, double, Moments&);
template void add_moments(const Projections<double>&, WinVariance, double, Moments&);

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

}  // namespace angiotrial::analysis::wins
