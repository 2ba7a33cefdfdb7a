// SPDX-License-Identifier: Apache-2.0
#include "plan/planned_contrasts.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <cmath>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::size_t most_planned = 50;

/// The arms whose weights have this sign: `0.5 low + 0.5 high`.
std::string side(std::span<const double> weights, const std::vector<std::string>& arms,
                 double sign) {
  std::string out;
  for (std::size_t a = 0; a < arms.size(); ++a) {
    const double weight = sign * weights[a];
    if (!(weight > 0.0)) continue;
    if (!out.empty()) out += " + ";
    if (weight != 1.0) out += formats::shortest(weight) + " ";
    out += arms[a];
  }
  return out;
}

}  // namespace

std::vector<double> PlannedContrast::of(std::span<const std::vector<double>> rows) const {
  std::vector<double> out(rows.front().size(), 0.0);
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += weights[a] * rows[a][c];
  }
  return out;
}

void describe_contrasts(schema::Visitor& visit, std::vector<double>& numbers) {
  visit(contrasts_key, numbers, {.least = -1e6, .most = 1e6},
        "contrasts besides those of each arm with the reference: row by row a number for each arm, "
        "in the order of `arms`, that sum to 0",
        analyst);
}

bool check_contrast_rows(std::span<const double> numbers, std::size_t arms, std::size_t most,
                         const Task& task) {
  if (numbers.size() % arms != 0 || numbers.size() / arms > most) {
    task.bad_option(contrasts_key, std::to_string(numbers.size()) + " numbers",
                    "must be 1 to " + std::to_string(most) + " rows of " + std::to_string(arms) +
                        ", the number of arms");
    return false;
  }
  for (std::size_t first = 0; first < numbers.size(); first += arms) {
    double sum = 0.0, size = 0.0;
    for (const double weight : numbers.subspan(first, arms)) {
      sum += weight;
      size += std::fabs(weight);
    }
    if (size > 0.0 && std::fabs(sum) <= 1e-9 * size) continue;
    task.bad_option(contrasts_key, "row " + std::to_string(first / arms + 1),
                    "must sum to 0, and not be all 0");
    return false;
  }
  return true;
}

std::optional<std::vector<PlannedContrast>> planned_contrasts(std::span<const double> numbers,
                                                              const Frame& frame,
                                                              const Task& task) {
  std::vector<PlannedContrast> out;
  if (numbers.empty()) return out;
  const std::size_t arms = frame.arms().size();
  if (!check_contrast_rows(numbers, arms, most_planned, task) ||
      !task.check_order_of_arms(contrasts_key, frame)) {
    return std::nullopt;
  }
  for (std::size_t first = 0; first < numbers.size(); first += arms) {
    const auto row = numbers.subspan(first, arms);
    out.push_back(
        {{row.begin(), row.end()}, side(row, frame.arms(), 1.0), side(row, frame.arms(), -1.0)});
  }
  return out;
}

}  // namespace angiotrial::analysis
