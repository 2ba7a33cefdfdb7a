// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/campaign/campaign.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::campaign {
namespace {

/// Quantile of type 7 (R's default) of sorted values.
double quantile(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

/// Mean over replicates, its Monte Carlo standard error sd / sqrt(R), and quantiles. Replicates in
/// which the statistic could not be estimated are left out.
analysis::Row summarise(analysis::Row row, const std::vector<double>& values) {
  row.value.reset();
  if (values.empty()) return row;
  const auto r = static_cast<double>(values.size());
  double sum = 0.0;
  for (const double value : values) sum += value;
  const double mean = sum / r;
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  row.value = mean;
  if (values.size() > 1) row.mcse = std::sqrt(squares / (r - 1.0) / r);
  std::vector<double> sorted = values;
  std::ranges::sort(sorted);
  row.q025 = quantile(sorted, 0.025);
  row.q500 = quantile(sorted, 0.5);
  row.q975 = quantile(sorted, 0.975);
  return row;
}

/// Share of replicates that reject at 5 %, two-sided: power, or type I error under the null.
analysis::Row power(analysis::Row row, const std::vector<double>& p_values) {
  constexpr double alpha = 0.05;
  row.statistic = "power";
  row.level = 1.0 - alpha;
  row.unit = "probability";
  const auto r = static_cast<double>(p_values.size());
  const auto rejected =
      static_cast<double>(std::ranges::count_if(p_values, [](double p) { return p < alpha; }));
  row.value = rejected / r;
  row.mcse = std::sqrt(*row.value * (1.0 - *row.value) / r);
  return row;
}

}  // namespace

std::size_t Aggregate::find(const analysis::Row& row, std::size_t expected) {
  if (expected < series_.size() && analysis::same_statistic(series_[expected].row, row)) {
    return expected;
  }
  for (std::size_t i = 0; i < series_.size(); ++i) {
    if (analysis::same_statistic(series_[i].row, row)) return i;
  }
  series_.push_back({row, {}});
  return series_.size() - 1;
}

void Aggregate::add(const Replicate& replicate) {
  ANGIOTRIAL_EXPECT(replicate.index == static_cast<std::uint32_t>(replicates_),
                    "replicates are gathered in the order of their index");
  for (std::size_t i = 0; i < replicate.rows.size(); ++i) {
    const analysis::Row& row = replicate.rows[i];
    Series& series = series_[find(row, i)];
    if (row.value && std::isfinite(*row.value)) series.values.push_back(*row.value);
  }
  ++replicates_;
  patients_ += replicate.patients;
  failed_patients_ += replicate.failed_patients;
  unfilled_ += replicate.enrolment_filled ? 0 : 1;
}

std::vector<analysis::Row> Aggregate::rows() const {
  std::vector<analysis::Row> rows;
  rows.reserve(series_.size());
  for (const Series& series : series_) {
    if (replicates_ == 1) {
      rows.push_back(series.row);
      continue;
    }
    rows.push_back(summarise(series.row, series.values));
    if (series.row.statistic == "p_value" && !series.values.empty()) {
      rows.push_back(power(series.row, series.values));
    }
  }
  return rows;
}

}  // namespace angiotrial::campaign
