// SPDX-License-Identifier: Apache-2.0
#include "plan/one_way.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

/// Sums of squares about the arms' means, over n - k degrees of freedom.
void pool(OneWay& out) {
  const std::size_t arms = out.order.size();
  std::vector<double> mean(arms, 0.0), size(arms, 0.0);
  const auto& arm = out.data.frame.arm();
  for (std::size_t i = 0; i < arm.size(); ++i) {
    size[static_cast<std::size_t>(arm[i])] += 1.0;
    mean[static_cast<std::size_t>(arm[i])] += out.data.response[i];
  }
  for (std::size_t a = 0; a < arms; ++a) mean[a] /= size[a];
  double squares = 0.0;
  for (std::size_t i = 0; i < arm.size(); ++i) {
    const double left = out.data.response[i] - mean[static_cast<std::size_t>(arm[i])];
    squares += left * left;
  }
  for (const std::size_t a : out.order) {
    out.means.push_back(mean[a]);
    out.sizes.push_back(size[a]);
  }
  out.df = static_cast<double>(arm.size()) - static_cast<double>(arms);
  out.sigma = out.df > 0.0 ? std::sqrt(squares / out.df) : 0.0;
}

/// Whether the deviation within arms is more than the rounding of the responses.
bool varies(const OneWay& data) {
  constexpr double rounding = 1e-10;  // the same as in ancova
  double largest = 0.0;
  for (const double y : data.data.response) largest = std::max(largest, std::fabs(y));
  return data.sigma > rounding * largest;
}

}  // namespace

std::optional<OneWay> one_way(const std::string& response, bool reference_first, Task& task) {
  auto data = subject_data(response, {}, task);
  if (!data) return std::nullopt;
  OneWay out{std::move(*data), {}, {}, {}};
  const std::size_t reference = out.data.frame.reference();
  if (reference_first) out.order.push_back(reference);
  for (std::size_t a = 0; a < out.data.frame.arms().size(); ++a) {
    if (!reference_first || a != reference) out.order.push_back(a);
  }
  pool(out);
  if (varies(out)) return out;
  task.refuse("no variation within arms to compare their means by");
  return std::nullopt;
}

void put_comparison(const Comparison& c, double sign, Task& task) {
  const std::string& unit = task.analysis.unit;
  task.out.put("difference", sign * c.estimate, unit);
  put_interval(task, sign > 0.0 ? c.lower : -c.upper, sign > 0.0 ? c.upper : -c.lower, unit);
  task.out.put("se", c.se, unit);
  task.out.put("t", sign * c.t, "1");
  task.out.put("unadjusted_p_value", c.p_unadjusted, "probability");
}

void put_common(const OneWay& data, double critical_value, Task& task) {
  task.out.put("critical_value", critical_value, "1");
  task.out.put("sigma", data.sigma, task.analysis.unit);
  task.out.put("df", data.df, "1");
  put_subjects(data.data, task);
}

void reflect(OneWay& data) {
  for (double& mean : data.means) mean = -mean;
}

}  // namespace angiotrial::analysis
