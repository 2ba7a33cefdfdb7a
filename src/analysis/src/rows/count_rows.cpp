// SPDX-License-Identifier: Apache-2.0
#include "rows/context.hpp"
#include "rows/ratio_rows.hpp"

#include <cmath>

/// Diary counts: weekly rates by arm, and rate ratios by negative binomial regression.
namespace angiotrial::analysis {
namespace {

using DiaryRows = std::vector<const dataset::DiaryRow*>;

/// The regression's buffers and which column belongs to which arm.
struct Regression {
  std::vector<double> design, offset;
  std::vector<int> counts;
  std::vector<std::size_t> column_of;  ///< by arm; 0 (the intercept) for the reference or no rows
  std::size_t columns = 0;
};

bool enters(const CountEndpoint& endpoint, const dataset::DiaryRow& row) {
  if (row.observed_days.value() <= 0.0) return false;
  if (!endpoint.baseline_covariate) return true;
  return row.base && *row.base + endpoint.baseline_shift_per_week.value() > 0.0;
}

/// Returns whether the reference arm has rows.
bool assign_columns(const Context& c, const CountEndpoint& endpoint, const DiaryRows& rows,
                    Regression& r) {
  std::vector<bool> present(c.arms, false);
  for (const auto* row : rows) {
    if (enters(endpoint, *row)) present[static_cast<std::size_t>(c.arm_of[row->subject])] = true;
  }
  const auto reference = static_cast<std::size_t>(c.reference);
  r.column_of.assign(c.arms, 0);
  r.columns = 1;
  for (std::size_t arm = 0; arm < c.arms; ++arm) {
    if (arm != reference && present[arm]) r.column_of[arm] = r.columns++;
  }
  if (endpoint.baseline_covariate) ++r.columns;
  return present[reference];
}

/// ln rate = intercept + arm + slope ln(baseline + shift), offset ln(days / 7).
bool build(const Context& c, const CountEndpoint& endpoint, const DiaryRows& rows, Regression& r) {
  r.design.clear();
  r.offset.clear();
  r.counts.clear();
  if (!assign_columns(c, endpoint, rows, r)) return false;
  for (const auto* row : rows) {
    if (!enters(endpoint, *row)) continue;
    const std::size_t at = r.design.size();
    r.design.resize(at + r.columns, 0.0);
    r.design[at] = 1.0;
    r.design[at + r.column_of[static_cast<std::size_t>(c.arm_of[row->subject])]] = 1.0;
    if (endpoint.baseline_covariate) {
      r.design[at + r.columns - 1] =
          std::log(*row->base + endpoint.baseline_shift_per_week.value());
    }
    r.offset.push_back(std::log(row->observed_days.value() / 7.0));
    r.counts.push_back(row->count);
  }
  return true;
}

void put_ratio(const Context& c, const NegativeBinomialFit& fit, std::size_t column, bool known,
               RowWriter& out) {
  std::optional<double> se, p;
  out.row.level = c.level;
  if (known) {
    const double b = fit.coefficients[column];
    se = fit.se_expected[column];
    p = normal_p_value(b / *se);
    put_ratio_of(b, "rate_ratio", out);
    put_ratio_of(b - c.half_width * *se, "lower", out);
    put_ratio_of(b + c.half_width * *se, "upper", out);
  } else {
    for (const std::string_view name : {"rate_ratio", "lower", "upper"}) {
      out.put(name, std::nullopt, "ratio");
    }
  }
  out.row.level.reset();
  out.put("se_log", se, "ln");
  out.put("p_value", p, "probability");
}

void put_ratios(Context& c, const CountEndpoint& endpoint, const DiaryRows& rows, Regression& r,
                RowWriter& out) {
  const bool has_reference = build(c, endpoint, rows, r);
  const NegativeBinomialFit* fit = nullptr;
  FitStatus status = FitStatus::too_few_rows;
  if (has_reference) {
    fit = &fit_negative_binomial({r.design, r.columns, r.counts, r.offset, Aliased::refuse},
                                 c.workspace);
    status = fit->status;
  }
  const bool good = usable(status);
  out.row.method =
      endpoint.baseline_covariate
          ? "negative binomial regression (NB2, joint ML, Wald, expected information), "
            "log baseline covariate, log days offset"
          : "negative binomial regression (NB2, joint ML, Wald, expected information), "
            "log days offset";
  out.row.conventions =
      "information: expected, dispersion held; interval: Wald on the log scale; reference: normal";
  for (std::size_t arm = 0; arm < c.arms; ++arm) {
    if (static_cast<int>(arm) == c.reference) continue;
    out.row.arm = c.arm_name(arm);
    out.row.arm_ref = c.plan.reference_arm;
    const std::size_t column = r.column_of[arm];
    put_ratio(c, good ? *fit : NegativeBinomialFit{}, column, good && column > 0, out);
  }
  out.row.arm.clear();
  out.put("n", static_cast<int>(r.counts.size()), "subjects");
  out.put("dispersion", good ? std::optional(fit->dispersion) : std::nullopt, "1");
  put_status(out, status);
  out.row.arm_ref.clear();
  out.row.conventions.clear();
}

void put_rates(const Context& c, const CountEndpoint& endpoint, const DiaryRows& rows,
               std::vector<double>& values, RowWriter& out) {
  out.row.method = "arithmetic mean of subjects' weekly rates";
  for (std::size_t arm = 0; arm < c.arms; ++arm) {
    values.clear();
    for (const auto* row : rows) {
      if (c.arm_of[row->subject] != static_cast<int>(arm)) continue;
      if (const auto rate = row->aval()) values.push_back(*rate);
    }
    out.row.arm = c.arm_name(arm);
    put_summary(out, values, endpoint.unit);
  }
}

}  // namespace

void count_rows(Context& c, RowWriter& out) {
  Regression regression;
  std::vector<double> values;
  for (const CountEndpoint& endpoint : c.plan.counts) {
    const auto rows = by_visit(c, c.data.diary, endpoint.paramcd, endpoint.estimand.population);
    out.row.paramcd = endpoint.paramcd;
    out.row.param = endpoint.param;
    out.row.estimand = text(endpoint.estimand);
    for (const PlannedVisit& visit : c.visits(endpoint.visits)) {
      at_visit(out, visit);
      put_rates(c, endpoint, rows[visit.index], values, out);
      if (endpoint.compare && visit.month > 0.0) {
        put_ratios(c, endpoint, rows[visit.index], regression, out);
      }
    }
  }
}

}  // namespace angiotrial::analysis
