// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/ancova.hpp>

#include "rows/context.hpp"

/// Treadmill times: means and changes by arm, and differences by analysis of covariance; classes.
namespace angiotrial::analysis {
namespace {

using ExerciseRows = std::vector<const dataset::ExerciseRow*>;

enum class Measure { value, change };

void put_means(const Context& c, const ContinuousEndpoint& endpoint, const ExerciseRows& rows,
               Measure measure, std::vector<double>& values, RowWriter& out) {
  const bool change = measure == Measure::change;
  out.row.method = "arithmetic mean";
  out.row.paramcd = change ? endpoint.change_paramcd : endpoint.paramcd;
  out.row.param = change ? endpoint.param + ", change from baseline" : endpoint.param;
  for (std::size_t arm = 0; arm < c.arms; ++arm) {
    values.clear();
    for (const auto* row : rows) {
      if (c.arm_of[row->subject] != static_cast<int>(arm)) continue;
      if (const auto value = change ? row->chg() : row->aval) values.push_back(*value);
    }
    out.row.arm = c.arm_name(arm);
    put_summary(out, values, endpoint.unit);
  }
}

/// The rows with a value and a baseline, as an ANCOVA wants them.
struct Covered {
  std::vector<double> response, base;
  std::vector<int> arm;
};

AncovaFit fit(const Context& c, const ContinuousEndpoint& endpoint, const ExerciseRows& rows,
              Covered& data) {
  data.response.clear();
  data.base.clear();
  data.arm.clear();
  for (const auto* row : rows) {
    if (!row->aval || !row->base) continue;
    data.response.push_back(*row->aval);
    data.base.push_back(*row->base);
    data.arm.push_back(c.arm_of[row->subject]);
  }
  return fit_ancova({data.response, data.arm, static_cast<int>(c.arms), c.reference, data.base, 1,
                     endpoint.variance, c.level});
}

template <class Member>
std::optional<double> part(const std::optional<LinearEstimate>& estimate, Member member) {
  return estimate ? std::optional(*estimate.*member) : std::nullopt;
}

/// With the baseline as covariate, the contrast of values and that of changes are one number; it
/// stands under both codes.
void put_differences(const Context& c, const ContinuousEndpoint& endpoint, const AncovaFit& fit,
                     std::size_t n, Measure measure, RowWriter& out) {
  const bool change = measure == Measure::change;
  out.row.paramcd = change ? endpoint.change_paramcd : endpoint.paramcd;
  out.row.param = change ? endpoint.param + ", change from baseline" : endpoint.param;
  out.row.method = endpoint.variance == Variance::hc3
                       ? "ANCOVA (least squares, baseline covariate, HC3, t)"
                       : "ANCOVA (least squares, baseline covariate, t)";
  out.row.conventions =
      endpoint.variance == Variance::hc3
          ? "variance: HC3; reference: t, n - p; adjusted means: at the mean baseline"
          : "variance: model; reference: t, n - p; adjusted means: at the mean baseline";
  for (std::size_t arm = 0; arm < c.arms; ++arm) {
    out.row.arm = c.arm_name(arm);
    if (!change) {
      out.put("adjusted_mean", part(fit.adjusted_means[arm], &LinearEstimate::estimate),
              endpoint.unit);
    }
    if (static_cast<int>(arm) == c.reference) continue;
    const auto& contrast = fit.contrasts[arm];
    out.row.arm_ref = c.plan.reference_arm;
    out.row.level = c.level;
    out.put("difference", part(contrast, &LinearEstimate::estimate), endpoint.unit);
    out.put("lower", part(contrast, &LinearEstimate::lower), endpoint.unit);
    out.put("upper", part(contrast, &LinearEstimate::upper), endpoint.unit);
    out.row.level.reset();
    out.put("se", part(contrast, &LinearEstimate::se), endpoint.unit);
    out.put("p_value", part(contrast, &LinearEstimate::p_value), "probability");
    out.row.arm_ref.clear();
  }
  out.row.arm.clear();
  out.row.arm_ref = c.plan.reference_arm;
  out.put("n", static_cast<int>(n), "subjects");
  put_status(out, fit.status);
  out.row.arm_ref.clear();
  out.row.conventions.clear();
}

void put_visit(const Context& c, const ContinuousEndpoint& endpoint, const ExerciseRows& rows,
               bool after_baseline, Covered& data, RowWriter& out) {
  std::vector<double>& values = data.response;
  put_means(c, endpoint, rows, Measure::value, values, out);
  const bool change = after_baseline && !endpoint.change_paramcd.empty();
  if (change) put_means(c, endpoint, rows, Measure::change, values, out);
  if (!endpoint.compare || !after_baseline) return;
  const AncovaFit ancova = fit(c, endpoint, rows, data);
  put_differences(c, endpoint, ancova, data.response.size(), Measure::value, out);
  if (change) put_differences(c, endpoint, ancova, data.response.size(), Measure::change, out);
}

void put_categories(const Context& c, const CategoryEndpoint& endpoint, const ExerciseRows& rows,
                    std::size_t arm, RowWriter& out) {
  std::vector<int> counts(static_cast<std::size_t>(endpoint.most - endpoint.least + 1), 0);
  int known = 0;
  for (const auto* row : rows) {
    if (c.arm_of[row->subject] != static_cast<int>(arm) || !row->aval) continue;
    const double category = *row->aval - endpoint.least;
    if (!(category >= 0.0 && category < static_cast<double>(counts.size()))) continue;
    ++counts[static_cast<std::size_t>(category)];
    ++known;
  }
  for (int level = endpoint.least; level <= endpoint.most; ++level) {
    out.row.group = "class ";
    out.row.group += std::to_string(level);
    out.put_share(counts[static_cast<std::size_t>(level - endpoint.least)], known, "subjects");
  }
}

}  // namespace

void continuous_rows(Context& c, RowWriter& out) {
  Covered data;
  for (const ContinuousEndpoint& endpoint : c.plan.continuous) {
    const auto rows = by_visit(c, c.data.exercise, endpoint.paramcd, endpoint.estimand.population);
    out.row.estimand = text(endpoint.estimand);
    for (const PlannedVisit& visit : c.visits(endpoint.visits)) {
      at_visit(out, visit);
      put_visit(c, endpoint, rows[visit.index], visit.month > 0.0, data, out);
    }
  }
}

void category_rows(Context& c, RowWriter& out) {
  for (const CategoryEndpoint& endpoint : c.plan.categories) {
    const auto rows = by_visit(c, c.data.exercise, endpoint.paramcd, endpoint.estimand.population);
    out.row.paramcd = endpoint.paramcd;
    out.row.param = endpoint.param;
    out.row.method = "share of known";
    out.row.estimand = text(endpoint.estimand);
    for (const PlannedVisit& visit : c.visits(endpoint.visits)) {
      at_visit(out, visit);
      for (std::size_t arm = 0; arm < c.arms; ++arm) {
        out.row.arm = c.arm_name(arm);
        put_categories(c, endpoint, rows[visit.index], arm, out);
      }
    }
  }
}

}  // namespace angiotrial::analysis
