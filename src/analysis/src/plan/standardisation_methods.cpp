// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/standardisation.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "plan/linear_fit.hpp"
#include "plan/method.hpp"

/// Standardisation upon linear and generalised linear models in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source ye{schema::Provenance::recalled,
                            "Ye T, Shao J, Yi Y, Zhao Q. Toward better practice of covariate "
                            "adjustment in analyzing randomized clinical trials. JASA 2023",
                            "10.1080/01621459.2022.2049278"};

enum class Working { gaussian, binomial, poisson };
constexpr std::array<std::string_view, 3> workings{"gaussian", "binomial", "poisson"};
enum class Scale { difference, ratio, odds_ratio };
constexpr std::array<std::string_view, 3> scales{"difference", "ratio", "odds_ratio"};

struct Standardisation {
  RegressionTerms terms;
  Working family = Working::gaussian;
  Scale scale = Scale::difference;
  std::string strata;
};

void describe(schema::Visitor& visit, Standardisation& o) {
  describe_terms(visit, o.terms);
  visit("family", o.family, workings, "working model, with its canonical link", ye);
  visit("scale", o.scale, scales, "how marginal means are compared", ye);
  visit("strata", o.strata, "column of the strata of a permuted-block randomisation; empty: simple",
        ye);
}

/// The working model with every patient put into each arm.
struct Standardised {
  FittedRegression model;
  std::vector<double> designs, predictions;
  MarginalMeans means;

  [[nodiscard]] const Frame& frame() const { return model.data.frame; }
  [[nodiscard]] int arms() const { return static_cast<int>(frame().arms().size()); }
};

StratumMeans stratum_means(const Task& task) {
  return task.preset() == Preset::r ? StratumMeans::as_published : StratumMeans::corrected;
}

/// None, with problems or a refusal.
std::optional<Standardised> standardised(const Standardisation& o, Task& task) {
  auto f = fit_regression(o.terms, static_cast<Family>(o.family), task);
  if (!f) return std::nullopt;
  if (f->data.repeated) {
    task.bad_option("method", "standardisation", "needs one row a subject");
    return std::nullopt;
  }
  if (f->fits_exactly()) {
    task.refuse(std::string(no_variation));
    return std::nullopt;
  }
  Standardised out{std::move(*f), {}, {}, {}};
  Frame& frame = out.model.data.frame;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    const auto own = out.model.data.design_in_arm(arm);
    out.designs.insert(out.designs.end(), own.begin(), own.end());
  }
  out.predictions = predict_arms(out.model.model, out.model.fit, out.designs, out.arms());
  Factor strata;
  if (!o.strata.empty()) strata = frame.factor(o.strata);
  if (!frame.ok()) return std::nullopt;
  if (std::ranges::find(strata.codes, -1) != strata.codes.end()) {
    frame.add_problem(o.strata, "", "a stratum is missing");
    return std::nullopt;
  }
  out.means = standardise({out.model.data.response, frame.arm(), out.predictions, out.arms(),
                           strata.codes, stratum_means(task)});
  if (out.means.status != MarginalStatus::computed) {
    task.refuse(std::string(name_of(out.means.status)));
    return std::nullopt;
  }
  if (out.means.thin_strata > 0) {
    task.out.row.note = "no variance removed for " + std::to_string(out.means.thin_strata) +
                        " of " + std::to_string(strata.levels.size()) +
                        " strata, which have fewer than two subjects in an arm";
  }
  return out;
}

/// Derivative of a marginal mean by the coefficients: mean of V(mu) x over the patients.
std::vector<double> gradient(const Standardised& s, std::size_t arm) {
  const std::size_t rows = s.frame().rows(), columns = s.model.model.columns;
  const auto arms = static_cast<std::size_t>(s.arms());
  std::vector<double> out(columns, 0.0);
  for (std::size_t i = 0; i < rows; ++i) {
    const double mu = s.predictions[i * arms + arm];
    const double slope = s.model.model.family == Family::gaussian   ? 1.0
                         : s.model.model.family == Family::binomial ? mu * (1.0 - mu)
                                                                    : mu;
    for (std::size_t c = 0; c < columns; ++c) {
      out[c] += slope * s.designs[(arm * rows + i) * columns + c] / static_cast<double>(rows);
    }
  }
  return out;
}

/// Whether residuals tell the variance of this arm's effect: a hundredth of it may be of rows that
/// fit themselves, as a patient alone in his centre.
bool has_residuals(const Standardised& s, std::size_t arm) {
  std::vector<double> weights = gradient(s, arm);
  const std::vector<double> reference = gradient(s, s.frame().reference());
  for (std::size_t c = 0; c < weights.size(); ++c) weights[c] -= reference[c];
  return share_of_self_fitting_rows(s.model.model, s.model.fit, weights) < 0.01;
}

/// The effects by arm, that of the reference left empty; none with a refusal.
std::optional<std::vector<Effect>> effects(const Standardised& s, Scale scale, Task& task) {
  const Frame& frame = s.frame();
  std::vector<Effect> out(frame.arms().size());
  for (std::size_t arm = 0; arm < out.size(); ++arm) {
    if (arm == frame.reference()) continue;
    const MarginalEffect e =
        marginal_effect(s.means, static_cast<int>(arm), static_cast<int>(frame.reference()),
                        static_cast<EffectScale>(scale), task.level());
    if (e.status != MarginalStatus::computed || !has_residuals(s, arm)) {
      const std::string which = frame.arms()[arm] + " and " + frame.arms()[frame.reference()];
      const bool outside = e.status == MarginalStatus::outside_scale;
      task.refuse(which + ": " + std::string(outside ? name_of(e.status) : no_variation),
                  outside ? "scale = \"difference\"" : "");
      return std::nullopt;
    }
    out[arm] = {e.estimate, e.se, e.lower, e.upper, e.p_value, std::nullopt};
  }
  return out;
}

void put_means(const Standardised& s, Task& task) {
  const auto arms = static_cast<std::size_t>(s.arms());
  const std::string note = task.out.row.note;
  double largest = 0.0;
  for (const double y : s.model.data.response) largest = std::max(largest, std::fabs(y));
  const double rounding = 1e-13 * largest;
  for (std::size_t a = 0; a < arms; ++a) {
    const double variance = s.means.covariance[a * arms + a];
    const bool known = variance > rounding * rounding;
    if (!known) task.out.row.note = "no standard error: no variation in this arm";
    const double se = known ? std::sqrt(variance) : std::numeric_limits<double>::quiet_NaN();
    task.put_mean(s.frame().arms()[a], wald(s.means.mean[a], se, task.level()), "marginal_mean");
    task.out.row.note = note;
  }
}

std::string conventions_of(const Standardisation& o, const Task& task) {
  std::string out = "variance: influence function (Ye, Shao, Yi and Zhao 2023); reference: normal";
  out += o.scale == Scale::difference ? "; interval: Wald"
                                      : "; interval: Wald, of ratios on the log scale";
  if (o.strata.empty()) return out;
  return out + (stratum_means(task) == StratumMeans::corrected
                    ? "; strata: permuted blocks, squared stratum means less their own variance"
                    : "; strata: permuted blocks, squared stratum means as published");
}

void run(const Standardisation& o, Task& task) {
  task.out.row.method = "standardisation (g-computation), working model " +
                        std::string(workings[static_cast<std::size_t>(o.family)]);
  task.out.row.conventions = conventions_of(o, task);
  const auto s = standardised(o, task);
  if (!s) return;
  const auto found = effects(*s, o.scale, task);
  if (!found) return;
  put_means(*s, task);
  const Frame& frame = s->frame();
  const std::string& against = frame.arms()[frame.reference()];
  for (std::size_t a = 0; a < found->size(); ++a) {
    if (a == frame.reference()) continue;
    if (o.scale == Scale::difference) {
      task.put_difference(frame.arms()[a], against, (*found)[a]);
    } else {
      task.put_ratio(frame.arms()[a], against, (*found)[a],
                     o.scale == Scale::ratio ? "mean_ratio" : "odds_ratio");
    }
  }
  task.out.row.note.clear();
  put_counts(s->model.data, task);
}

}  // namespace

std::vector<MethodEntry> standardisation_methods() {
  return {
      method<Standardisation>("standardisation", "marginal means and effects by g-computation")};
}

}  // namespace angiotrial::analysis
