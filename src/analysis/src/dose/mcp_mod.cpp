// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/mcp_mod.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "dose/fit_buffers.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {
namespace {

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

double upper_tail(double t, double df) {
  if (!std::isfinite(df)) return 0.5 * std::erfc(t / std::numbers::sqrt2);
  return student_tail(df, t);
}

/// exp(-AIC / 2) over the fits, summing to one; 0 for a criterion that is not finite. The same as
/// model_weights, into memory that is kept.
void take_weights(McpModResult& out) {
  double least = std::numeric_limits<double>::infinity();
  for (const DoseFit& fit : out.fits) {
    if (std::isfinite(fit.aic)) least = std::min(least, fit.aic);
  }
  double sum = 0.0;
  for (const DoseFit& fit : out.fits) {
    out.weights.push_back(std::isfinite(fit.aic) ? std::exp(-0.5 * (fit.aic - least)) : 0.0);
    sum += out.weights.back();
  }
  for (double& w : out.weights) w = sum > 0.0 ? w / sum : 0.0;
}

/// As new, but for the memory.
void clear(McpModResult& out) {
  out.status = McpModStatus::not_tested;
  out.reason = {};
  for (auto* values : {&out.t, &out.p_unadjusted, &out.p_adjusted, &out.weights}) values->clear();
  out.significant.clear();
  out.fits.clear();
  out.refused.clear();
  out.selected.reset();
  out.target_dose.reset();
}

/// T_m, added to `t`.
void add_statistics(const ContrastTest& test, std::span<const double> values,
                    std::span<const double> s, double sigma, std::vector<double>& t) {
  const std::size_t k = test.doses.size();
  ANGIOTRIAL_EXPECT(values.size() == k && s.size() == k * k, "an estimate a dose");
  for (std::size_t m = 0; m < test.names.size(); ++m) {
    const double* c = test.contrasts.data() + m * k;
    double sum = 0.0;
    for (std::size_t i = 0; i < k; ++i) sum += c[i] * values[i];
    t.push_back(sum / (sigma * std::sqrt(form(c, s, c, k))));
  }
}

/// Fits each shape of a significant candidate once, and picks.
void model(const McpModOptions& options, std::span<const Candidate> candidates,
           const DoseEstimates& data, DoseFitWorkspace& workspace, McpModResult& out) {
  std::vector<double>& best_t = workspace.buffers().best_t;
  best_t.clear();
  for (std::size_t m = 0; m < candidates.size(); ++m) {
    if (!out.significant[m]) continue;
    ShapeConstants constants = options.constants;
    if (candidates[m].table.count > 0) constants.table = candidates[m].table;
    const Shape shape = candidates[m].shape;
    const auto same = std::find_if(out.fits.begin(), out.fits.end(), [&](const DoseFit& fit) {
      return fit.shape == shape && (shape != Shape::table || fit.constants == constants);
    });
    if (same != out.fits.end()) {
      double& t = best_t[static_cast<std::size_t>(same - out.fits.begin())];
      t = std::max(t, out.t[m]);
      continue;
    }
    DoseFit fit = fit_shape(shape, data, constants, std::nullopt, workspace);
    if (!usable(fit.status)) {
      out.refused.push_back({shape, fit.status});
      continue;
    }
    out.fits.push_back(std::move(fit));
    best_t.push_back(out.t[m]);
  }
  if (out.fits.empty()) {
    out.status = McpModStatus::cannot_select;
    out.reason = reason_of(out.refused.back().status);
    return;
  }
  out.status = McpModStatus::selected;
  take_weights(out);
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

/// Says which of S and the candidates is at fault.
void refuse(ContrastTest& test, const ContrastTestDesign& design) {
  const std::size_t k = design.doses.size();
  std::vector<double> line(k);
  for (std::size_t i = 0; i < k; ++i) line[i] = static_cast<double>(i);
  test.status = optimal_contrast(line, design.covariance).empty()
                    ? ContrastStatus::invalid_covariance
                    : ContrastStatus::no_contrast;
}

}  // namespace

std::string_view reason_of(ContrastStatus status) {
  switch (status) {
    case ContrastStatus::planned:
      return "planned";
    case ContrastStatus::invalid_covariance:
      return "the covariance of the estimates is not finite, symmetric and positive definite";
    case ContrastStatus::no_contrast:
      return "a candidate is flat at the doses, or no contrast of it keeps the constraint";
  }
  return "unknown";
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
    if (c.empty()) {
      refuse(test, design);
      return test;
    }
    test.names.push_back(candidate.name);
    test.contrasts.insert(test.contrasts.end(), c.begin(), c.end());
  }
  test.correlation = correlation_of(test.contrasts, design.covariance, design.doses.size());
  test.critical_value = max_t_quantile(1.0 - design.alpha, test.matrix(), design.df, Sides::one);
  return test;
}

std::vector<double> contrast_statistics(const ContrastTest& test, std::span<const double> values,
                                        std::span<const double> s, double sigma) {
  std::vector<double> t;
  add_statistics(test, values, s, sigma, t);
  return t;
}

double contrast_test_power(const ContrastTest& test, std::span<const double> means,
                           std::span<const double> covariance, double sigma) {
  if (test.status != ContrastStatus::planned) return 0.0;
  const std::vector<double> delta = contrast_statistics(test, means, covariance, sigma);
  const std::vector<double> correlation =
      correlation_of(test.contrasts, covariance, test.doses.size());
  return 1.0 - max_t_probability(test.critical_value, {correlation, test.names.size()}, test.df,
                                 Sides::one, delta)
                   .value;
}

void mcp_mod(const ContrastTest& test, std::span<const Candidate> candidates,
             const DoseEstimates& data, const McpModOptions& options, DoseFitWorkspace& workspace,
             McpModResult& out) {
  clear(out);
  if (data.status != DoseDataStatus::usable) {
    out.reason = name_of(data.status);
    return;
  }
  if (test.status != ContrastStatus::planned) {
    out.reason = reason_of(test.status);
    return;
  }
  ANGIOTRIAL_EXPECT(candidates.size() == test.names.size() && data.doses == test.doses,
                    "the test was planned for these candidates and doses");
  add_statistics(test, data.estimates, data.covariance, data.sigma, out.t);
  bool any = false;
  for (const double t : out.t) {
    if (!std::isfinite(t)) {
      out.reason = reason_of(DoseFitStatus::not_estimable);
      return;
    }
    out.p_unadjusted.push_back(upper_tail(t, test.df));
    out.significant.push_back(t > test.critical_value);
    any = any || out.significant.back();
    if (options.adjusted_p) {
      out.p_adjusted.push_back(max_t_p_value(t, test.matrix(), test.df, Sides::one).value);
    }
  }
  out.status = McpModStatus::no_signal;
  if (!any) {
    out.reason = "no contrast passes the critical value: no dose-response signal";
    return;
  }
  model(options, candidates, data, workspace, out);
}

McpModResult mcp_mod(const ContrastTest& test, std::span<const Candidate> candidates,
                     const DoseEstimates& data, const McpModOptions& options,
                     DoseFitWorkspace& workspace) {
  McpModResult out;
  mcp_mod(test, candidates, data, options, workspace, out);
  return out;
}

McpModResult mcp_mod(const ContrastTest& test, std::span<const Candidate> candidates,
                     const DoseEstimates& data, const McpModOptions& options) {
  DoseFitWorkspace workspace;
  return mcp_mod(test, candidates, data, options, workspace);
}

}  // namespace angiotrial::analysis
