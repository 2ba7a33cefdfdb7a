// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/design/sample_size.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/distributions/non_central_t.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "multiplicity/quadrature.hpp"
#include "reference_distributions.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double least_df = 0.5;

void check(const PlanningErrors& errors) {
  ANGIOTRIAL_EXPECT(errors.alpha > 0.0 && errors.alpha < 0.5, "a one-sided level");
  ANGIOTRIAL_EXPECT(errors.power > errors.alpha && errors.power < 1.0, "a power");
}

double sum_of_quantiles(const PlanningErrors& errors) {
  check(errors);
  return quadrature::upper_quantile(errors.alpha) + quadrature::normal_quantile(errors.power);
}

double noncentrality(const MeansDesign& design, double total) {
  const double r = design.allocation;
  return design.difference / design.sd * std::sqrt(total * r) / (1.0 + r);
}

double square(double x) { return x * x; }

constexpr double great_noncentrality = 3.0e4;  ///< larger ones are too much for Boost's series

/// P((Z + delta) / sqrt(chi^2 / df) > critical), by quadrature over Z.
double power_of_great_effect(double df, double delta, double critical) {
  double sum = 0.0;
  quadrature::for_each_panel_node<16>(-9.0, 9.0, 2.0, [&](double z, double w) {
    const double least = df * square((z + delta) / critical);
    sum += w * quadrature::normal_density(z) * (1.0 - chi_square_tail(df, least));
  });
  return std::min(sum, 1.0);
}

}  // namespace

double power(const MeansDesign& design, double total, double alpha) {
  ANGIOTRIAL_EXPECT(design.sd > 0.0 && design.allocation > 0.0 && total > 2.0,
                    "a positive spread, and more than two patients");
  const double df = total - 2.0;
  const double critical = student_tail_quantile(df, alpha);
  const double delta = noncentrality(design, total);
  if (delta == 0.0) return alpha;
  if (delta > great_noncentrality) return power_of_great_effect(df, delta, critical);
  return cdf(complement(boost::math::non_central_t_distribution<double>(df, delta), critical));
}

double sample_size(const MeansDesign& design, const PlanningErrors& errors) {
  ANGIOTRIAL_EXPECT(design.difference > 0.0, "a positive difference");
  const double r = design.allocation;
  const double normal =
      square(sum_of_quantiles(errors) * design.sd * (1.0 + r) / design.difference) / r;
  // Below half a degree of freedom t has no tail to speak of: a power that is reached there needs
  // no more than the fewest patients.
  const double least = std::max(2.0 + least_df, 0.9 * normal);
  const auto missing = [&](double n) { return power(design, n, errors.alpha) - errors.power; };
  if (missing(least) >= 0.0) return least;
  return root(missing, least, 1.5 * normal + 20.0, 1.0e-12);
}

double sequential_drift(const MeansDesign& design, double total, double alpha) {
  const double delta = noncentrality(design, total);
  if (delta == 0.0) return 0.0;
  return quadrature::upper_quantile(alpha) +
         quadrature::normal_quantile(power(design, total, alpha));
}

BaselineEffect baseline_effect(double rho) {
  ANGIOTRIAL_EXPECT(rho >= -1.0 && rho <= 1.0, "a correlation");
  return {1.0 - rho * rho, 2.0 * (1.0 - rho)};
}

// Closed-form root of the cubic likelihood equation, as Farrington and Manning give it.
std::pair<double, double> restricted_rates(const RatesDesign& design) {
  const double p1 = design.treatment;
  const double p2 = design.control;
  const double m = design.margin;
  const double theta = 1.0 / design.allocation;  // control over treatment
  if (m == 0.0) {
    const double pooled = (p1 + theta * p2) / (1.0 + theta);
    return {pooled, pooled};
  }
  const double a = 1.0 + theta;
  const double b = -(1.0 + theta + p1 + theta * p2 + m * (theta + 2.0));
  const double c = m * m + m * (2.0 * p1 + theta + 1.0) + p1 + theta * p2;
  const double d = -p1 * m * (1.0 + m);
  const double v = square(b / (3.0 * a)) * b / (3.0 * a) - b * c / (6.0 * a * a) + d / (2.0 * a);
  const double u = std::copysign(std::sqrt(square(b / (3.0 * a)) - c / (3.0 * a)), v);
  const double angle = u == 0.0 ? 0.0 : std::acos(std::clamp(v / (u * u * u), -1.0, 1.0));
  const double w = (std::numbers::pi + angle) / 3.0;
  const double restricted = 2.0 * u * std::cos(w) - b / (3.0 * a);
  return {restricted, restricted - m};
}

double sample_size(const RatesDesign& design, const PlanningErrors& errors) {
  check(errors);
  const auto inside = [](double p) { return p > 0.0 && p < 1.0; };
  ANGIOTRIAL_EXPECT(inside(design.treatment) && inside(design.control), "rates inside (0, 1)");
  const double effect = design.treatment - design.control - design.margin;
  ANGIOTRIAL_EXPECT(effect != 0.0, "a planned difference away from the margin");
  const double r = design.allocation;
  const auto spread = [&](double p1, double p2) {
    return std::sqrt(p1 * (1.0 - p1) + r * p2 * (1.0 - p2));
  };
  const auto [p1, p2] = restricted_rates(design);
  const double treated = square(
      (quadrature::upper_quantile(errors.alpha) * spread(p1, p2) +
       quadrature::normal_quantile(errors.power) * spread(design.treatment, design.control)) /
      effect);
  return treated * (1.0 + r) / r;
}

double schoenfeld_events(double hazard_ratio, const PlanningErrors& errors, double allocation) {
  ANGIOTRIAL_EXPECT(hazard_ratio > 0.0 && hazard_ratio != 1.0, "a hazard ratio away from 1");
  return square(sum_of_quantiles(errors) * (1.0 + allocation) / std::log(hazard_ratio)) /
         allocation;
}

double freedman_events(double hazard_ratio, const PlanningErrors& errors) {
  ANGIOTRIAL_EXPECT(hazard_ratio > 0.0 && hazard_ratio != 1.0, "a hazard ratio away from 1");
  return square(sum_of_quantiles(errors) * (1.0 + hazard_ratio) / (1.0 - hazard_ratio));
}

// A patient who entered s ago has had an event with lambda / (lambda + eta) (1 - e^-(lambda+eta)
// s).
double event_probability(const SurvivalDesign& design, double hazard, double time) {
  ANGIOTRIAL_EXPECT(hazard > 0.0 && design.accrual > 0.0 && time >= 0.0,
                    "a hazard, an accrual time and a calendar time");
  const double rate = hazard + design.dropout_hazard;
  const double entered = std::min(time, design.accrual);
  // Integral over entry times u of 1 - e^-rate (time - u), divided by the accrual time.
  const double survivors = (std::exp(-rate * (time - entered)) - std::exp(-rate * time)) / rate;
  return hazard / rate * (entered - survivors) / design.accrual;
}

namespace {

double mean_event_probability(const SurvivalDesign& design, double time) {
  return 0.5 * (event_probability(design, design.control_hazard, time) +
                event_probability(design, design.control_hazard * design.hazard_ratio, time));
}

}  // namespace

double subjects_for_events(const SurvivalDesign& design, double events) {
  return events / mean_event_probability(design, design.accrual + design.follow_up);
}

double time_of_events(const SurvivalDesign& design, double subjects, double events) {
  const double end = design.accrual + design.follow_up;
  const auto excess = [&](double t) {
    return subjects * mean_event_probability(design, t) - events;
  };
  if (excess(end) <= 0.0 && excess(end) > -1.0e-9 * events) return end;
  double high = end;
  for (int i = 0; i < 60 && excess(high) < 0.0; ++i) high *= 2.0;
  ANGIOTRIAL_EXPECT(excess(high) >= 0.0, "more patients than events that can come");
  return root(excess, 1.0e-9 * end, high, 1.0e-12);
}

SubjectsAndEvents lachin_foulkes(const SurvivalDesign& design, const PlanningErrors& errors) {
  check(errors);
  const double end = design.accrual + design.follow_up;
  const double control = design.control_hazard;
  const double treated = control * design.hazard_ratio;
  const double pooled = 0.5 * (control + treated);
  // Variance of the log hazard of one patient: 1 / P(event), under the null and the alternative.
  const double null = 4.0 / event_probability(design, pooled, end);
  const double alternative =
      2.0 / event_probability(design, control, end) + 2.0 / event_probability(design, treated, end);
  SubjectsAndEvents out;
  out.subjects = square((quadrature::upper_quantile(errors.alpha) * std::sqrt(null) +
                         quadrature::normal_quantile(errors.power) * std::sqrt(alternative)) /
                        std::log(design.hazard_ratio));
  out.events = out.subjects * mean_event_probability(design, end);
  return out;
}

double count_information(double rate, double exposure, double dispersion) {
  ANGIOTRIAL_EXPECT(rate > 0.0 && exposure > 0.0 && dispersion >= 0.0, "a count distribution");
  return rate * exposure / (1.0 + dispersion * rate * exposure);
}

// Antiderivative of i(t): t / phi - ln(1 + phi lambda t) / (phi^2 lambda); lambda t^2 / 2 at phi =
// 0.
double expected_count_information(double rate, double dispersion, double accrual,
                                  double follow_up) {
  if (accrual == 0.0) return count_information(rate, follow_up, dispersion);
  ANGIOTRIAL_EXPECT(rate > 0.0 && dispersion >= 0.0 && accrual > 0.0 && follow_up >= 0.0,
                    "a count distribution and exposures");
  const double end = follow_up + accrual;
  // Small phi lambda t: the difference of logarithms loses digits; quadrature does not.
  if (dispersion * rate * end < 1.0e-2) {
    double sum = 0.0;
    quadrature::for_each_node<16>(follow_up, end, [&](double t, double w) {
      sum += w * count_information(rate, t, dispersion);
    });
    return sum / accrual;
  }
  const double log_ratio =
      std::log1p(dispersion * rate * accrual / (1.0 + dispersion * rate * follow_up));
  return (accrual - log_ratio / (dispersion * rate)) / (dispersion * accrual);
}

double count_design_information(const CountsDesign& design, const PlanningErrors& errors) {
  ANGIOTRIAL_EXPECT(
      design.rate_ratio > 0.0 && design.null_ratio > 0.0 && design.rate_ratio != design.null_ratio,
      "a rate ratio away from the null");
  return square(sum_of_quantiles(errors) / std::log(design.rate_ratio / design.null_ratio));
}

double count_patients(const CountsDesign& design, const PlanningErrors& errors) {
  const auto inverse = [&](double rate) {
    return 1.0 /
           expected_count_information(rate, design.dispersion, design.accrual, design.follow_up);
  };
  const double r = design.allocation;
  return count_design_information(design, errors) * (1.0 + r) *
         (inverse(design.control_rate) + inverse(design.control_rate * design.rate_ratio) / r);
}

double patients_per_arm(const CountsDesign& design, const PlanningErrors& errors) {
  CountsDesign equal = design;
  equal.allocation = 1.0;
  return 0.5 * count_patients(equal, errors);
}

double blinded_patients_per_arm(double pooled_rate, double dispersion, double rate_ratio,
                                double exposure, const PlanningErrors& errors) {
  CountsDesign design;
  design.control_rate = 2.0 * pooled_rate / (1.0 + rate_ratio);
  design.rate_ratio = rate_ratio;
  design.dispersion = dispersion;
  design.follow_up = exposure;
  return patients_per_arm(design, errors);
}

}  // namespace angiotrial::analysis
