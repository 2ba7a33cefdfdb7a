// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/rubin.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "imputation/student_limits.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

bool valid(const Imputations& in) {
  const auto finite = [](double value) { return std::isfinite(value); };
  const auto variance = [](double value) { return std::isfinite(value) && value >= 0.0; };
  return std::all_of(in.estimate.begin(), in.estimate.end(), finite) &&
         std::all_of(in.variance.begin(), in.variance.end(), variance) && in.complete_df > 0.0 &&
         in.level > 0.0 && in.level < 1.0;
}

/// 1 / df = 1 / df_rubin + 1 / df_observed, df_observed = (v + 1) / (v + 3) v (1 - lambda).
double barnard_rubin(double df_rubin, double v, double lambda) {
  if (!std::isfinite(v)) return df_rubin;
  const double observed = (v + 1.0) / (v + 3.0) * v * (1.0 - lambda);
  return std::isfinite(df_rubin) ? 1.0 / (1.0 / df_rubin + 1.0 / observed) : observed;
}

void sum_up(const Imputations& in, RubinEstimate& out) {
  const auto m = static_cast<double>(in.estimate.size());
  // From the first, so that equal estimates have no variance between them, not even by rounding.
  for (const double q : in.estimate) out.estimate += (q - in.estimate[0]) / m;
  out.estimate += in.estimate[0];
  for (const double u : in.variance) out.within += u / m;
  for (const double q : in.estimate) {
    out.between += (q - out.estimate) * (q - out.estimate) / (m - 1.0);
  }
  out.total = out.within + (1.0 + 1.0 / m) * out.between;
}

}  // namespace

RubinEstimate pool_by_rubin(const Imputations& in) {
  ANGIOTRIAL_EXPECT(in.estimate.size() == in.variance.size(), "a variance an estimate");
  RubinEstimate out;
  if (!valid(in)) return out;
  out.status = RubinStatus::too_few;
  if (in.estimate.size() < 2) return out;
  sum_up(in, out);
  out.status = RubinStatus::without_variance;
  if (!(out.total > 0.0) || !std::isfinite(out.total)) return out;
  out.status = RubinStatus::pooled;
  const auto m = static_cast<double>(in.estimate.size());
  out.lambda = (1.0 + 1.0 / m) * out.between / out.total;
  out.df_rubin = out.lambda > 0.0 ? (m - 1.0) / (out.lambda * out.lambda) : infinite;
  out.df_barnard_rubin = barnard_rubin(out.df_rubin, in.complete_df, out.lambda);
  out.df = out.df_barnard_rubin;
  // r + 1 = 1 / (1 - lambda). The term in df stands for few imputations: none where they agree.
  if (out.lambda > 0.0) {
    out.missing_information = out.lambda + (1.0 - out.lambda) * 2.0 / (out.df + 3.0);
  }
  out.se = std::sqrt(out.total);
  const StudentLimits limits = student_limits(out.estimate, out.se, out.df, in.level);
  out.lower = limits.lower;
  out.upper = limits.upper;
  out.statistic = limits.statistic;
  out.p_value = limits.p_value;
  return out;
}

std::string_view name_of(RubinStatus status) {
  switch (status) {
    case RubinStatus::pooled:
      return "pooled";
    case RubinStatus::invalid_input:
      return "invalid input";
    case RubinStatus::too_few:
      return "fewer than two imputations";
    case RubinStatus::without_variance:
      return "no variance";
  }
  return "";
}

}  // namespace angiotrial::analysis
