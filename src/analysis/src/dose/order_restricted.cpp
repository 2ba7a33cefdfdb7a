// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/order_restricted.hpp>
#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Dense>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t most_ordered = 6;

/// Steps of the order: y = A m >= 0, V = A S A'.
struct Steps {
  MatrixXd a, v, s;
  VectorXd y, m;
};

Steps steps_of(const DoseEstimates& data, std::size_t peak) {
  const auto k = static_cast<Index>(data.doses.size());
  Steps out;
  out.s = Eigen::Map<const MatrixXd>(data.covariance.data(), k, k);
  out.m = Eigen::Map<const VectorXd>(data.estimates.data(), k);
  out.a = MatrixXd::Zero(k - 1, k);
  for (Index i = 0; i + 1 < k; ++i) {
    const double sign = i < static_cast<Index>(peak) ? 1.0 : -1.0;
    out.a(i, i) = -sign;
    out.a(i, i + 1) = sign;
  }
  out.y = out.a * out.m;
  out.v = out.a * out.s * out.a.transpose();
  return out;
}

OrderStatus refusal(const DoseEstimates& data, std::size_t most) {
  const bool short_of_doses = data.status == DoseDataStatus::no_data;
  if (data.status != DoseDataStatus::usable && !short_of_doses) return OrderStatus::not_estimable;
  if (data.doses.size() < 2) return OrderStatus::too_few_doses;
  if (data.doses.size() > most) return OrderStatus::too_many_doses;
  const auto k = static_cast<Index>(data.doses.size());
  const MatrixXd s = Eigen::Map<const MatrixXd>(data.covariance.data(), k, k);
  const bool finite = s.allFinite() && std::all_of(data.estimates.begin(), data.estimates.end(),
                                                   [](double m) { return std::isfinite(m); });
  if (!finite || s.llt().info() != Eigen::Success || !(data.sigma > 0.0)) {
    return OrderStatus::not_estimable;
  }
  return OrderStatus::tested;
}

/// The projection on the cone: of all sets R of steps held at 0, the one whose free steps and
/// multipliers V_RR^-1 (-y_R) are nowhere negative. Q_order = y_R' V_RR^-1 y_R.
double project(const Steps& steps, VectorXd& means) {
  const auto p = static_cast<unsigned>(steps.y.size());
  double best = -std::numeric_limits<double>::infinity();
  double q = 0.0;
  for (unsigned set = 0; set < 1U << p; ++set) {
    std::vector<Index> held, free;
    for (unsigned i = 0; i < p; ++i) {
      ((set >> i & 1U) != 0 ? held : free).push_back(static_cast<Index>(i));
    }
    const VectorXd y = steps.y(held);
    const VectorXd pull =
        held.empty() ? VectorXd() : VectorXd(MatrixXd(steps.v(held, held)).llt().solve(y));
    double least = std::numeric_limits<double>::infinity();
    for (Index i = 0; i < pull.size(); ++i) {
      const double unit =
          std::sqrt(steps.v(held[static_cast<std::size_t>(i)], held[static_cast<std::size_t>(i)]));
      least = std::min(least, -pull[i] * unit);
    }
    for (const Index i : free) {
      const double value = steps.y[i] - (held.empty() ? 0.0 : steps.v(i, held).dot(pull));
      least = std::min(least, value / std::sqrt(steps.v(i, i)));
    }
    if (least <= best) continue;
    best = least;
    q = held.empty() ? 0.0 : y.dot(pull);
    means = steps.m;
    if (!held.empty()) means -= steps.s * steps.a(held, Eigen::all).transpose() * pull;
    if (best >= 0.0) break;
  }
  return q;
}

/// sum_j w_j P(chi-square(df_j) >= x), or of Beta(df_j / 2, rest_j / 2); a chi-square without
/// degrees of freedom is 0.
double mixture_tail(const std::vector<double>& w, double x, bool ordered, double df) {
  const auto p = static_cast<double>(w.size() - 1);
  double sum = 0.0;
  for (std::size_t j = 0; j < w.size(); ++j) {
    const double own = ordered ? p - static_cast<double>(j) : static_cast<double>(j);
    if (own == 0.0) {
      sum += x <= 0.0 ? w[j] : 0.0;
      continue;
    }
    const double rest = df + (ordered ? 0.0 : p - own);
    sum += w[j] * (std::isfinite(df) ? boost::math::ibetac(0.5 * own, 0.5 * rest, x)
                                     : boost::math::gamma_q(0.5 * own, 0.5 * x));
  }
  return std::clamp(sum, 0.0, 1.0);
}

}  // namespace

std::string_view name_of(OrderStatus status) {
  switch (status) {
    case OrderStatus::tested:
      return "tested";
    case OrderStatus::too_few_doses:
      return "fewer than two doses";
    case OrderStatus::too_many_doses:
      return "more doses than level probabilities are exact for";
    case OrderStatus::not_estimable:
      return "estimates not finite or refused, or their covariance not positive definite";
  }
  return "unknown";
}

std::vector<double> isotonic_regression(std::span<const double> values,
                                        std::span<const double> weights) {
  ANGIOTRIAL_EXPECT(values.size() == weights.size(), "a weight a value");
  struct Block {
    double mean, weight;
    std::size_t size;
  };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < values.size(); ++i) {
    ANGIOTRIAL_EXPECT(weights[i] > 0.0, "positive weights");
    Block block{values[i], weights[i], 1};
    while (!blocks.empty() && blocks.back().mean >= block.mean) {
      const Block& last = blocks.back();
      const double weight = last.weight + block.weight;
      block.mean = (last.weight * last.mean + block.weight * block.mean) / weight;
      block.weight = weight;
      block.size += last.size;
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  std::vector<double> out;
  for (const Block& block : blocks) out.insert(out.end(), block.size, block.mean);
  return out;
}

OrderRestrictedTest order_restricted_test(const DoseEstimates& data, std::size_t peak) {
  OrderRestrictedTest out;
  out.status = refusal(data, most_ordered);
  if (out.status != OrderStatus::tested) return out;
  ANGIOTRIAL_EXPECT(peak < data.doses.size(), "a peak among the doses");
  const Steps steps = steps_of(data, peak);
  out.level_probabilities =
      level_probabilities({steps.v.data(), static_cast<std::size_t>(steps.v.size())},
                          static_cast<std::size_t>(steps.v.rows()));
  if (out.level_probabilities.empty()) {
    out.status = OrderStatus::not_estimable;
    return out;
  }
  VectorXd means;
  const double order = project(steps, means);
  out.means.assign(means.begin(), means.end());
  const double flat = steps.y.dot(steps.v.llt().solve(steps.y));
  const double variance = data.sigma * data.sigma;
  // Rounding only: what is held exactly cannot be negative.
  const double gain = std::max(flat - order, 0.0) / variance;
  const double loss = order / variance;
  const bool known = !std::isfinite(data.df);
  out.flat_statistic = known ? gain : gain / (flat / variance + data.df);
  out.order_statistic = known ? loss : loss / (loss + data.df);
  out.p_flat = mixture_tail(out.level_probabilities, out.flat_statistic, false, data.df);
  out.p_order = mixture_tail(out.level_probabilities, out.order_statistic, true, data.df);
  return out;
}

// Of mean steps e_j the best contrast has noncentrality sqrt((V^-1)_jj); c = a' A with
// a_j = sqrt((V^-1)_jj) loses the same share of it for every j.
UmbrellaTest umbrella_test(const DoseEstimates& data, bool falling) {
  UmbrellaTest out;
  out.status = refusal(data, most_doses);
  if (out.status != OrderStatus::tested) return out;
  const std::size_t k = data.doses.size();
  const auto size = static_cast<Index>(k);
  std::vector<VectorXd> contrasts;
  for (std::size_t peak = falling ? 0 : 1; peak < k; ++peak) {
    const Steps steps = steps_of(data, peak);
    const MatrixXd inverse = steps.v.llt().solve(MatrixXd::Identity(size - 1, size - 1));
    const VectorXd c = steps.a.transpose() * inverse.diagonal().cwiseSqrt();
    contrasts.push_back(c / c.norm());
    const double se = data.sigma * std::sqrt(contrasts.back().dot(steps.s * contrasts.back()));
    PeakTest test;
    test.peak = peak;
    test.contrast.assign(contrasts.back().begin(), contrasts.back().end());
    test.t = contrasts.back().dot(steps.m) / se;
    out.peaks.push_back(test);
  }
  const std::size_t n = contrasts.size();
  const MatrixXd s = Eigen::Map<const MatrixXd>(data.covariance.data(), size, size);
  std::vector<double> r(n * n, 1.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double own = contrasts[i].dot(s * contrasts[i]) * contrasts[j].dot(s * contrasts[j]);
      r[i * n + j] = r[j * n + i] = contrasts[i].dot(s * contrasts[j]) / std::sqrt(own);
    }
  }
  for (PeakTest& test : out.peaks) {
    test.p_adjusted = max_t_p_value(test.t, {r, n}, data.df, Sides::one).value;
    if (test.t > out.peaks[out.estimated_peak].t) {
      out.estimated_peak = static_cast<std::size_t>(&test - out.peaks.data());
    }
  }
  const PeakTest& best = out.peaks[out.estimated_peak];
  out.p = best.p_adjusted;
  out.estimated_peak = best.peak;
  return out;
}

}  // namespace angiotrial::analysis
