// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/trial_size.hpp>

#include <algorithm>
#include <cmath>

#include "design/looks.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double most_patients = 1.0e8;
constexpr double most_summed = 1.0e7;   ///< one by one
constexpr double coarsest_step = 0.02;  ///< between entries, in units of 1 / (phi lambda)

double positive_part(double x) { return std::max(x, 0.0); }

/// Antiderivative of i(t) = lambda t / (1 + phi lambda t), 0 at 0.
double integral(double rate, double dispersion, double t) {
  const double x = dispersion * rate * t;
  if (x < 1.0e-3) return rate * t * t * (0.5 - x / 3.0 + x * x / 4.0 - x * x * x / 5.0);
  return (t - std::log1p(x) / (dispersion * rate)) / dispersion;
}

// Euler and Maclaurin: sum of i(t_j) over t_j = low, low + h, .. high is the integral over h, half
// the ends, and h/12 and h^3/720 times the ends' first and third derivatives.
double sum_on_grid(double rate, double phi, double low, double high, double h) {
  const auto i = [&](double t) { return rate * t / (1.0 + phi * rate * t); };
  const auto first = [&](double t) {
    const double d = 1.0 + phi * rate * t;
    return rate / (d * d);
  };
  const auto third = [&](double t) {
    const double d = 1.0 + phi * rate * t;
    return 6.0 * phi * phi * rate * rate * rate / (d * d * d * d);
  };
  return (integral(rate, phi, high) - integral(rate, phi, low)) / h + 0.5 * (i(low) + i(high)) +
         h / 12.0 * (first(high) - first(low)) - h * h * h / 720.0 * (third(high) - third(low));
}

/// Patients who enter a step h apart: those followed for all of their time are alike, and those who
/// have been in for less stand on a grid.
double uniform_information(const CountTrial& trial, double rate, double n, double time, double h) {
  const double phi = trial.dispersion;
  const double entered = std::min(std::floor(time / h + 1.0e-12), n - 1.0);
  double first = 0.0, sum = 0.0;
  if (trial.follow_up && time >= *trial.follow_up) {
    first = std::min(std::floor((time - *trial.follow_up) / h + 1.0e-12), n - 1.0) + 1.0;
    sum = first * count_information(rate, *trial.follow_up, phi);
  }
  if (first > entered) return sum;
  const double longest = time - first * h, shortest = positive_part(time - entered * h);
  if (first == entered) return sum + count_information(rate, std::max(longest, 1.0e-300), phi);
  return sum + sum_on_grid(rate, phi, shortest, longest, h);
}

/// Sum of i(exposure) over an arm of n patients.
double arm_information(const CountTrial& trial, double rate, double n, double time) {
  const auto patients = static_cast<std::size_t>(n);
  const double phi = trial.dispersion;
  const double latest = patients > 1 ? trial.accrual : 0.0;
  const bool done = trial.follow_up && time - latest >= *trial.follow_up * (1.0 - 1.0e-12);
  if (latest == 0.0 || done) {
    const double t = trial.follow_up ? std::min(time, *trial.follow_up) : time;
    return n * count_information(rate, std::max(t, 1.0e-300), phi);
  }
  const double h = latest / (n - 1.0);
  if (trial.speed == 1.0 && phi * rate * h < coarsest_step) {
    return uniform_information(trial, rate, n, time, h);
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < patients; ++i) {
    const double share = static_cast<double>(i) / (n - 1.0);
    double t = positive_part(time - latest * std::pow(share, 1.0 / trial.speed));
    if (trial.follow_up) t = std::min(t, *trial.follow_up);
    sum += rate * t / (1.0 + phi * rate * t);
  }
  return sum;
}

/// The most patients whose information takes no more than `most_summed` terms.
double most_of(const CountTrial& trial) {
  if (trial.accrual == 0.0) return most_patients;
  const double rate = trial.control_rate * std::max(1.0, trial.rate_ratio);
  const double step = trial.dispersion * rate * trial.accrual / most_summed;
  return trial.speed == 1.0 && step < coarsest_step ? most_patients : most_summed;
}

bool valid(const CountTrial& t) {
  const auto positive = [](double x) { return x > 0.0 && std::isfinite(x); };
  return positive(t.control_rate) && positive(t.rate_ratio) && positive(t.null_ratio) &&
         t.dispersion >= 0.0 && std::isfinite(t.dispersion) && positive(t.allocation) &&
         t.accrual >= 0.0 && positive(t.end) && t.end > t.accrual * (1.0 - 1.0e-12) &&
         positive(t.speed) && (!t.follow_up || positive(*t.follow_up));
}

struct Arms {
  double control = 0.0, treatment = 0.0;
};
Arms arms_of(double total, double allocation) {
  return {std::ceil(total / (1.0 + allocation) - 1.0e-9),
          std::ceil(total * allocation / (1.0 + allocation) - 1.0e-9)};
}

/// The least whole total that is enough, as what it gives grows with the total: by doubling and
/// halving. None up to `most`.
template <class Enough>
std::optional<double> least_that(Enough&& enough, double most) {
  double high = 2.0;
  while (high < most && !enough(high)) high *= 2.0;
  if (high >= most) return std::nullopt;
  double low = 0.5 * high;
  while (high - low > 1.0) {
    const double middle = std::floor(0.5 * (low + high));
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

/// The largest whole total whose arms, each rounded up, make up no more than `size`.
double most_within(double size, double allocation) {
  double total = std::floor(size);
  while (total > 1.0) {
    const Arms arms = arms_of(total, allocation);
    if (arms.control + arms.treatment <= size) break;
    total -= 1.0;
  }
  return total;
}

}  // namespace

double information_at(const CountTrial& trial, double n_control, double n_treatment, double time) {
  const double c = arm_information(trial, trial.control_rate, n_control, time);
  const double t = arm_information(trial, trial.control_rate * trial.rate_ratio, n_treatment, time);
  return c > 0.0 && t > 0.0 ? 1.0 / (1.0 / c + 1.0 / t) : 0.0;
}

namespace {

double needed_information(const CountTrial& trial, const Looks& looks) {
  CountsDesign fixed;
  fixed.rate_ratio = trial.rate_ratio / trial.null_ratio;
  return count_design_information(fixed, looks.errors) * looks.inflation;
}

}  // namespace

std::optional<double> count_information_for(const CountTrial& trial, const PlanningErrors& errors,
                                            const AdaptiveDesign* looks) {
  if (!valid(trial) || !(trial.rate_ratio < trial.null_ratio)) return std::nullopt;
  const Looks all = looks_of(errors, looks);
  if (all.status != SizeStatus::planned) return std::nullopt;
  return needed_information(trial, all);
}

CountTrialSize plan_counts(const CountTrial& trial, const PlanningErrors& errors,
                           const AdaptiveDesign* looks, std::optional<double> size) {
  CountTrialSize out;
  const double most = most_of(trial);
  if (!valid(trial) || (size && !(*size >= 2.0 && *size <= most))) return out;
  const double effect = std::log(trial.null_ratio / trial.rate_ratio);
  out.status = SizeStatus::no_effect;
  if (!(effect > 0.0)) return out;
  const Looks all = looks_of(errors, looks);
  out.status = all.status;
  if (all.status != SizeStatus::planned) return out;
  out.needed = needed_information(trial, all);
  const double end = trial.follow_up ? trial.accrual + *trial.follow_up : trial.end;
  const auto enough = [&](double n) {
    const Arms a = arms_of(n, trial.allocation);
    return information_at(trial, a.control, a.treatment, end) >= out.needed;
  };
  const auto whole =
      size ? std::optional(most_within(*size, trial.allocation)) : least_that(enough, most);
  out.status = most < most_patients ? SizeStatus::too_many : SizeStatus::unreachable;
  if (!whole) return out;
  const Arms arms = arms_of(*whole, trial.allocation);
  out.n_control = arms.control;
  out.n_treatment = arms.treatment;
  out.reached = information_at(trial, arms.control, arms.treatment, end);
  if (size) out.needed = out.reached;
  for (std::size_t k = 0; k < all.critical.size(); ++k) {
    out.critical.push_back(-all.critical[k]);
    const double share = all.information[k];
    const auto missing = [&](double time) {
      return information_at(trial, arms.control, arms.treatment, time) - share * out.reached;
    };
    out.calendar.push_back(share >= 1.0 ? end : root_from_0(missing, end, 1.0e-12));
  }
  out.status = SizeStatus::planned;
  return out;
}

}  // namespace angiotrial::analysis
