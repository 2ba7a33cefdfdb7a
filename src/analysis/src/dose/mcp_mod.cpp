// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/mcp_mod.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Largest distance from placebo on [0, largest]: at an end or at the one interior peak.
double furthest(const Candidate& candidate, double largest, const ShapeConstants& constants) {
  const auto effect = [&](double d) {
    return shape_value(candidate.shape, candidate.guess, d, constants) -
           shape_value(candidate.shape, candidate.guess, 0.0, constants);
  };
  double peak = largest;
  if (candidate.shape == Shape::quadratic && candidate.guess[0] < 0.0) {
    peak = std::min(largest, -0.5 / candidate.guess[0]);
  }
  if (candidate.shape == Shape::beta) {
    const auto [a, b] = candidate.guess;
    peak = std::min(largest, constants.scale * a / (a + b));
  }
  return effect(peak);
}

/// Centred means in the metric of S: mu - 1 (1' S^-1 mu) / (1' S^-1 1), and S^-1 of that.
VectorXd generalised_contrast(const VectorXd& mu, const MatrixXd& s) {
  const Eigen::LLT<MatrixXd> factor(s);
  ANGIOTRIAL_EXPECT(factor.info() == Eigen::Success, "a positive definite covariance");
  const VectorXd one = VectorXd::Ones(mu.size());
  const VectorXd w = factor.solve(one);
  const VectorXd centred = mu - one * (w.dot(mu) / w.sum());
  return factor.solve(centred);
}

VectorXd unit(const VectorXd& c) { return c / c.norm(); }

/// Best contrast with placebo of one sign and doses of the other, by trying every set of doses at
/// zero: within a set the unconstrained optimum is the only candidate.
VectorXd constrained(const VectorXd& mu, const MatrixXd& s) {
  const Index k = mu.size();
  const double sign = (mu.tail(k - 1).array() - mu[0]).sum() >= 0.0 ? 1.0 : -1.0;
  VectorXd best;
  double most = -std::numeric_limits<double>::infinity();
  for (unsigned set = 1; set < 1U << static_cast<unsigned>(k - 1); ++set) {
    std::vector<Index> kept{0};
    for (Index i = 1; i < k; ++i) {
      if ((set >> static_cast<unsigned>(i - 1) & 1U) != 0) kept.push_back(i);
    }
    const auto size = static_cast<Index>(kept.size());
    VectorXd part(size);
    MatrixXd block(size, size);
    for (Index i = 0; i < size; ++i) {
      part[i] = mu[kept[static_cast<std::size_t>(i)]];
      for (Index j = 0; j < size; ++j) {
        block(i, j) = s(kept[static_cast<std::size_t>(i)], kept[static_cast<std::size_t>(j)]);
      }
    }
    const VectorXd c = generalised_contrast(part, block);
    if (!(c.norm() > 0.0) || (sign * c.tail(size - 1)).minCoeff() < 0.0) continue;
    const double power = c.dot(part) / std::sqrt(c.dot(block * c));
    if (power <= most) continue;
    most = power;
    best = VectorXd::Zero(k);
    for (Index i = 0; i < size; ++i) best[kept[static_cast<std::size_t>(i)]] = c[i];
  }
  return best;
}

double form(const double* a, std::span<const double> s, const double* b, std::size_t k) {
  double sum = 0.0;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) sum += a[i] * s[i * k + j] * b[j];
  }
  return sum;
}

std::vector<double> correlation_of(std::span<const double> contrasts, std::span<const double> s,
                                   std::size_t k) {
  const std::size_t m = contrasts.size() / k;
  std::vector<double> out(m * m);
  std::vector<double> root(m);
  const auto row = [&](std::size_t i) { return contrasts.data() + i * k; };
  for (std::size_t i = 0; i < m; ++i) root[i] = std::sqrt(form(row(i), s, row(i), k));
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      out[i * m + j] = i == j ? 1.0 : form(row(i), s, row(j), k) / (root[i] * root[j]);
    }
  }
  return out;
}

/// c_m' values / sqrt(sigma^2 c_m' S c_m)
std::vector<double> statistics(const ContrastTest& test, std::span<const double> values,
                               std::span<const double> s, double sigma) {
  const std::size_t k = test.doses.size();
  ANGIOTRIAL_EXPECT(values.size() == k && s.size() == k * k, "an estimate a dose");
  std::vector<double> t;
  for (std::size_t m = 0; m < test.names.size(); ++m) {
    const double* c = test.contrasts.data() + m * k;
    double sum = 0.0;
    for (std::size_t i = 0; i < k; ++i) sum += c[i] * values[i];
    t.push_back(sum / (sigma * std::sqrt(form(c, s, c, k))));
  }
  return t;
}

/// Fits each shape of a significant candidate once, and picks.
void model(const McpModOptions& options, std::span<const Candidate> candidates,
           const DoseEstimates& data, McpModResult& out) {
  std::vector<double> best_t;
  DoseFitStatus refused = DoseFitStatus::fitted;
  for (std::size_t m = 0; m < candidates.size(); ++m) {
    if (!out.significant[m]) continue;
    const Shape shape = candidates[m].shape;
    const auto same = std::find_if(out.fits.begin(), out.fits.end(),
                                   [&](const DoseFit& fit) { return fit.shape == shape; });
    if (same != out.fits.end()) {
      double& t = best_t[static_cast<std::size_t>(same - out.fits.begin())];
      t = std::max(t, out.t[m]);
      continue;
    }
    DoseFit fit = fit_shape(shape, data, options.constants);
    if (!usable(fit.status)) {
      refused = fit.status;
      continue;
    }
    out.fits.push_back(fit);
    best_t.push_back(out.t[m]);
  }
  if (out.fits.empty()) {
    out.status = McpModStatus::cannot_select;
    out.reason = reason_of(refused);
    return;
  }
  out.status = McpModStatus::selected;
  out.weights = model_weights(out.fits);
  const double largest = data.doses.back();
  if (options.selection == Selection::average) {
    if (options.target_effect) {
      out.target_dose = target_dose(out.fits, out.weights, *options.target_effect, largest);
    }
    return;
  }
  const std::vector<double>& score = options.selection == Selection::aic ? out.weights : best_t;
  out.selected =
      static_cast<std::size_t>(std::max_element(score.begin(), score.end()) - score.begin());
  if (options.target_effect) {
    out.target_dose = target_dose(out.fits[*out.selected], *options.target_effect, largest);
  }
}

}  // namespace

std::vector<double> candidate_means(const Candidate& candidate, std::span<const double> doses,
                                    const ShapeConstants& constants, double placebo,
                                    double max_effect) {
  ANGIOTRIAL_EXPECT(doses.size() >= 2 && doses[0] == 0.0, "doses that begin with placebo, 0");
  ANGIOTRIAL_EXPECT(candidate.shape != Shape::beta || constants.scale > doses.back(),
                    "a beta scale above the largest dose");
  const double start = shape_value(candidate.shape, candidate.guess, 0.0, constants);
  const double top = furthest(candidate, doses.back(), constants);
  ANGIOTRIAL_EXPECT(std::isfinite(top) && top != 0.0, "a guess that gives a curve");
  std::vector<double> means;
  for (const double d : doses) {
    means.push_back(
        placebo +
        max_effect * (shape_value(candidate.shape, candidate.guess, d, constants) - start) / top);
  }
  return means;
}

std::vector<double> optimal_contrast(std::span<const double> mu, std::span<const double> covariance,
                                     ContrastKind kind) {
  const auto k = static_cast<Index>(mu.size());
  ANGIOTRIAL_EXPECT(covariance.size() == mu.size() * mu.size(), "a square covariance");
  const VectorXd means = Eigen::Map<const VectorXd>(mu.data(), k);
  const MatrixXd s = Eigen::Map<const MatrixXd>(covariance.data(), k, k);
  VectorXd c =
      kind == ContrastKind::optimal ? generalised_contrast(means, s) : constrained(means, s);
  ANGIOTRIAL_EXPECT(c.size() == k && c.norm() > 0.0, "means that are not flat");
  c = unit(c);
  return {c.begin(), c.end()};
}

ContrastTest plan_contrast_test(const ContrastTestDesign& design) {
  ANGIOTRIAL_EXPECT(!design.candidates.empty() && design.candidates.size() <= 12,
                    "1 to 12 candidates");
  ANGIOTRIAL_EXPECT(design.alpha > 0.0 && design.alpha < 0.5, "a one-sided level");
  ContrastTest test;
  test.doses.assign(design.doses.begin(), design.doses.end());
  test.covariance.assign(design.covariance.begin(), design.covariance.end());
  test.df = design.df;
  test.alpha = design.alpha;
  for (const Candidate& candidate : design.candidates) {
    const std::vector<double> mu = candidate_means(candidate, design.doses, design.constants, 0.0,
                                                   design.direction < 0.0 ? -1.0 : 1.0);
    const std::vector<double> c = optimal_contrast(mu, design.covariance, design.kind);
    test.names.push_back(candidate.name);
    test.contrasts.insert(test.contrasts.end(), c.begin(), c.end());
  }
  test.correlation = correlation_of(test.contrasts, design.covariance, design.doses.size());
  test.critical_value = max_t_quantile(1.0 - design.alpha, test.matrix(), design.df, Sides::one);
  return test;
}

double contrast_test_power(const ContrastTest& test, std::span<const double> means,
                           std::span<const double> covariance, double sigma) {
  const std::vector<double> delta = statistics(test, means, covariance, sigma);
  const std::vector<double> correlation =
      correlation_of(test.contrasts, covariance, test.doses.size());
  return 1.0 - max_t_probability(test.critical_value, {correlation, test.names.size()}, test.df,
                                 Sides::one, delta)
                   .value;
}

McpModResult mcp_mod(const ContrastTest& test, std::span<const Candidate> candidates,
                     const DoseEstimates& data, const McpModOptions& options) {
  ANGIOTRIAL_EXPECT(candidates.size() == test.names.size() && data.doses == test.doses,
                    "the test was planned for these candidates and doses");
  McpModResult out;
  out.t = statistics(test, data.estimates, data.covariance, data.sigma);
  bool any = false;
  for (const double t : out.t) {
    out.significant.push_back(t > test.critical_value);
    any = any || out.significant.back();
    if (options.adjusted_p) {
      out.p_adjusted.push_back(1.0 -
                               max_t_probability(t, test.matrix(), test.df, Sides::one).value);
    }
  }
  if (!any) {
    out.reason = "no contrast passes the critical value: no dose-response signal";
    return out;
  }
  model(options, candidates, data, out);
  return out;
}

}  // namespace angiotrial::analysis
