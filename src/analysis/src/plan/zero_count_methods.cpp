// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/zero_inflated.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/count_data.hpp"
#include "plan/method.hpp"

/// Counts with a zero part of their own in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

enum class Counts { negative_binomial, poisson };
constexpr std::array<std::string_view, 2> count_names{"negative_binomial", "poisson"};

struct ZeroOptions {
  RegressionTerms terms;
  std::vector<std::string> zero_terms;
};

void describe_zero(schema::Visitor& visit, ZeroOptions& o, std::string_view meaning) {
  describe_terms(visit, o.terms);
  visit("zero_terms", o.zero_terms, meaning, analyst);
}

constexpr std::string_view structural =
    "terms of the logistic part, the chance of a structural zero, besides its intercept: columns, "
    "arm for the arm";

struct InflatedNegativeBinomial : ZeroOptions {};
struct InflatedPoisson : ZeroOptions {};
struct Hurdle : ZeroOptions {
  Counts counts = Counts::negative_binomial;
};

void describe(schema::Visitor& visit, InflatedNegativeBinomial& o) {
  describe_zero(visit, o, structural);
}
void describe(schema::Visitor& visit, InflatedPoisson& o) { describe_zero(visit, o, structural); }
void describe(schema::Visitor& visit, Hurdle& o) {
  describe_zero(visit, o,
                "terms of the logistic part, the chance of any event, besides its intercept: "
                "columns, arm for the arm");
  visit("counts", o.counts, count_names, "distribution of the positive counts, cut at 0", analyst);
}

std::string_view note_of(ZeroStatus status) {
  switch (status) {
    case ZeroStatus::poisson_boundary:
      return "no more variable than Poisson beside the zero part: dispersion 0";
    case ZeroStatus::no_excess_zeros:
      return "no more zeros than the counts explain: the fit without a zero part";
    default:
      return "";
  }
}

/// One analysis between its fit and its rows.
struct Fitted {
  const RegressionData& data;
  const ZeroCountModel& model;
  const ZeroCountFit& fit;
  const ArmContrasts& contrasts;
  const ColumnScale& zero_scale;
  std::span<const std::string> zero_terms;

  [[nodiscard]] const std::string& arm(std::size_t a) const { return data.frame.arms()[a]; }
  [[nodiscard]] const std::string& reference() const { return arm(data.frame.reference()); }
  [[nodiscard]] std::vector<double> zero_design_in_arm(std::size_t a) const {
    Frame moved = data.frame;
    moved.put_all_in(a);
    std::vector<double> design = moved.design(zero_terms, data.classes, false).values;
    zero_scale.apply(design);
    return design;
  }
};

/// Means of the arms, their ratios and differences: what both parts together say of the treatment.
void put_means(const Fitted& f, Task& task) {
  std::vector<double> designs, zero_designs;
  const std::size_t arms = f.data.frame.arms().size();
  for (std::size_t a = 0; a < arms; ++a) {
    const auto own = f.contrasts.centred(f.data.design_in_arm(a));
    const auto own_zero = f.zero_design_in_arm(a);
    designs.insert(designs.end(), own.begin(), own.end());
    zero_designs.insert(zero_designs.end(), own_zero.begin(), own_zero.end());
  }
  const MarginalMeans means =
      zero_count_means(f.model, f.fit, designs, zero_designs, static_cast<int>(arms));
  task.out.row.conventions =
      "both parts; standardised over all subjects, each at his own exposure; variance: delta "
      "method, covariates held; reference: normal; interval: Wald, of ratios on the log scale";
  put_marginal(f.data.frame, means, "marginal_count", true, task);
}

std::vector<double> mean_difference(const std::vector<double>& one,
                                    const std::vector<double>& other, std::size_t columns) {
  std::vector<double> out(columns, 0.0);
  for (std::size_t i = 0; i < one.size(); ++i) out[i % columns] += one[i] - other[i];
  for (double& value : out) value /= static_cast<double>(one.size() / columns);
  return out;
}

/// Effects of the arm in each part. `weights` spans both parts.
void put_parts(const Fitted& f, Task& task) {
  std::vector<double> both = f.fit.coefficients;
  both.insert(both.end(), f.fit.zero_coefficients.begin(), f.fit.zero_coefficients.end());
  const std::size_t p = f.model.counts.columns, q = f.model.zero_columns;
  for (std::size_t a = 0; a < f.data.frame.arms().size(); ++a) {
    if (a == f.data.frame.reference()) continue;
    std::vector<double> weights = f.contrasts.pick(a);
    weights.resize(p + q, 0.0);
    task.out.row.group = "count part";
    task.put_ratio(f.arm(a), f.reference(),
                   contrast_effect(weights, both, f.fit.covariance, task.level(), std::nullopt),
                   "rate_ratio");
    const auto zero =
        mean_difference(f.zero_design_in_arm(a), f.zero_design_in_arm(f.data.frame.reference()), q);
    const bool differs = std::ranges::any_of(zero, [](double w) { return w != 0.0; });
    if (!differs || f.fit.status == ZeroStatus::no_excess_zeros) continue;
    weights.assign(p, 0.0);
    weights.insert(weights.end(), zero.begin(), zero.end());
    task.out.row.group = "zero part";
    task.put_ratio(f.arm(a), f.reference(),
                   contrast_effect(weights, both, f.fit.covariance, task.level(), std::nullopt),
                   "odds_ratio");
  }
  task.out.row.group.clear();
}

std::string words_of(ZeroStatus status, const Fitted& f) {
  std::string out(name_of(status));
  if (status == ZeroStatus::collinear) out += collinear_names(f.model.counts, f.data.design.names);
  if (status == ZeroStatus::separated) out += where_separated(f.data, Family::poisson);
  return out;
}

void run_zero(const ZeroOptions& o, ZeroPart part, Counts counts_are, Task& task) {
  RegressionTerms terms = o.terms;
  terms.also_complete = Frame::columns_of(o.zero_terms);
  auto data = regression_data(terms, task);
  if (!data || !one_row_a_subject(*data, "narrow it down with `where`", task)) return;
  const std::vector<int> counts = counts_of(*data, o.terms.response);
  Design zero = data->frame.design(o.zero_terms, o.terms.classes, false);
  if (!data->frame.ok()) return;
  const ArmContrasts contrasts(*data);
  const std::vector<double> design = contrasts.centred(data->design.values);
  const ColumnScale zero_scale(zero.values, zero.columns());
  zero_scale.apply(zero.values);
  const ZeroCountModel model{
      {design, data->design.columns(), counts, data->offset, Aliased::refuse},
      zero.values,
      zero.columns(),
      part,
      counts_are == Counts::negative_binomial};
  const ZeroCountFit fit = fit_zero_counts(model);
  const Fitted f{*data, model, fit, contrasts, zero_scale, o.zero_terms};
  task.out.row.conventions =
      std::string("counts: ") + (model.negative_binomial ? "negative binomial (NB2)" : "Poisson") +
      (part == ZeroPart::inflated ? "; zero part: log odds of a structural zero"
                                  : "; zero part: log odds of any event") +
      "; information: observed; interval: Wald on the log scale; reference: normal; effects: at "
      "the mean of the covariates";
  if (!usable(fit.status)) {
    task.refuse(words_of(fit.status, f));
    return;
  }
  task.out.row.note = note_of(fit.status);
  put_parts(f, task);
  if (model.negative_binomial) task.out.put("dispersion", fit.dispersion, "1");
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("iterations", fit.iterations);
  put_means(f, task);
  put_counts(*data, task);
  task.out.row.note.clear();
}

void run(const InflatedNegativeBinomial& o, Task& task) {
  task.out.row.method = "zero-inflated negative binomial regression (maximum likelihood)";
  run_zero(o, ZeroPart::inflated, Counts::negative_binomial, task);
}
void run(const InflatedPoisson& o, Task& task) {
  task.out.row.method = "zero-inflated Poisson regression (maximum likelihood)";
  run_zero(o, ZeroPart::inflated, Counts::poisson, task);
}
void run(const Hurdle& o, Task& task) {
  task.out.row.method = "hurdle regression of counts (maximum likelihood)";
  run_zero(o, ZeroPart::hurdle, o.counts, task);
}

}  // namespace

std::vector<MethodEntry> zero_count_methods() {
  return {method<InflatedNegativeBinomial>("zero_inflated_negative_binomial",
                                           "negative binomial counts with structural zeros"),
          method<InflatedPoisson>("zero_inflated_poisson", "Poisson counts with structural zeros"),
          method<Hurdle>("hurdle", "a logistic part for any event, counts cut at 0 for how many")};
}

}  // namespace angiotrial::analysis
