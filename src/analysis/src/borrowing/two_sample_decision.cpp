// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/two_sample_decision.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <cstddef>
#include <tuple>

#include "borrowing/binary_table.hpp"
#include "borrowing/count_table.hpp"
#include "borrowing/mixture_parts.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

constexpr double most_events = 20000.0;  ///< room of a table of counts

MixtureStatus check(const TwoSampleRule& r) {
  for (const Mixture* m : {&r.treatment, &r.control}) {
    const MixtureStatus status = check(*m);
    if (status != MixtureStatus::valid) return status;
  }
  if (r.treatment.family != r.control.family) return MixtureStatus::different_families;
  for (const double n : {r.treatment_size, r.control_size}) {
    if (!(n > 0.0) || !std::isfinite(n)) return MixtureStatus::invalid_data;
    const bool whole = std::floor(n) == n && n <= 2000.0;
    if (r.treatment.family == MixtureFamily::beta && !whole) return MixtureStatus::invalid_data;
  }
  if (r.criteria.empty()) return MixtureStatus::invalid_parameter;
  for (const DecisionCriterion& c : r.criteria) {
    if (!(c.probability > 0.0 && c.probability < 1.0) || !std::isfinite(c.difference)) {
      return MixtureStatus::invalid_parameter;
    }
  }
  return MixtureStatus::valid;
}

std::vector<double> poisson_masses(double mean, std::size_t count) {
  std::vector<double> out;
  for (std::size_t k = 0; k < count; ++k) {
    const auto events = static_cast<double>(k);
    out.push_back(mean > 0.0 ? std::exp(events * std::log(mean) - mean - std::lgamma(events + 1.0))
                             : (k == 0 ? 1.0 : 0.0));
  }
  return out;
}

/// ln of n over k, k = 0 .. n
std::vector<double> log_choose(double n) {
  std::vector<double> out;
  for (int k = 0; k <= static_cast<int>(n); ++k) {
    out.push_back(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0));
  }
  return out;
}

std::vector<double> binomial_masses(double p, const std::vector<double>& choose) {
  const double log_p = std::log(p);
  const double log_rest = std::log1p(-p);
  const auto n = static_cast<double>(choose.size() - 1);
  std::vector<double> out;
  for (std::size_t k = 0; k < choose.size(); ++k) {
    const auto r = static_cast<double>(k);
    double log_mass = choose[k];
    if (k > 0) log_mass += r * log_p;
    if (r < n) log_mass += (n - r) * log_rest;
    out.push_back(std::exp(log_mass));
  }
  return out;
}

/// Sum over controls of mass times P(treated at or beyond its critical count).
double sum_beyond(const std::vector<double>& treated, const std::vector<double>& controls,
                  const std::vector<int>& critical, bool smaller) {
  std::vector<double> tail(treated.size() + 1, 0.0);  // P(K >= k), or P(K < k) where smaller
  if (smaller) {
    for (std::size_t k = 0; k < treated.size(); ++k) tail[k + 1] = tail[k] + treated[k];
  } else {
    for (std::size_t k = treated.size(); k-- > 0;) tail[k] = tail[k + 1] + treated[k];
  }
  double sum = 0.0;
  for (std::size_t y = 0; y < controls.size(); ++y) {
    const int from = smaller ? critical[y] + 1 : critical[y];
    sum += controls[y] * tail[static_cast<std::size_t>(from)];
  }
  return sum;
}

}  // namespace

DecisionBoundary::DecisionBoundary(const TwoSampleRule& rule) : rule_(rule), status_(check(rule)) {
  if (status_ != MixtureStatus::valid) return;
  if (rule_.treatment.family == MixtureFamily::beta) find_binary();
  if (rule_.treatment.family == MixtureFamily::gamma) find_counts();
}

// The critical count rises with the controls' events: one walk up the staircase.
void DecisionBoundary::find_binary() {
  const int most_treated = static_cast<int>(rule_.treatment_size);
  const int most_controls = static_cast<int>(rule_.control_size);
  treated_choose_ = log_choose(rule_.treatment_size);
  control_choose_ = log_choose(rule_.control_size);
  const BinaryTable table(rule_);
  int at = rule_.smaller ? -1 : 0;
  for (int y = 0; y <= most_controls; ++y) {
    if (rule_.smaller) {
      while (at < most_treated && table.says_yes(at + 1, y)) ++at;
    } else {
      while (at <= most_treated && !table.says_yes(at, y)) ++at;
    }
    critical_events_.push_back(at);
  }
}

void DecisionBoundary::find_counts() {
  // Room for true rates up to twice the priors' 0.999 quantiles.
  largest_rate_ = 2.0 * std::max(quantile(rule_.treatment, 0.999), quantile(rule_.control, 0.999));
  const auto room = [&](double size) {
    const double most = largest_rate_ * size;
    return std::ceil(most + 9.0 * std::sqrt(most) + 20.0);
  };
  if (!(std::max(room(rule_.treatment_size), room(rule_.control_size)) <= most_events)) {
    status_ = MixtureStatus::invalid_data;
    return;
  }
  const int most_treated = static_cast<int>(room(rule_.treatment_size));
  const int most_controls = static_cast<int>(room(rule_.control_size));
  // Posteriors of the largest counts end below this rate.
  double end = 0.0;
  for (const auto& [prior, size, most] :
       {std::tuple{&rule_.treatment, rule_.treatment_size, most_treated},
        std::tuple{&rule_.control, rule_.control_size, most_controls}}) {
    const ArmData data{static_cast<double>(most), size};
    end = std::max(end, mixtures::range_of(update(*prior, data).posterior).high);
  }
  double difference = 0.0;
  for (const DecisionCriterion& c : rule_.criteria) difference = std::max(difference, c.difference);
  CountTable table(rule_, end + difference);
  int at = rule_.smaller ? -1 : 0;
  for (int y = 0; y <= most_controls; ++y) {
    table.next_control();
    if (rule_.smaller) {
      while (at < most_treated && table.says_yes(at + 1)) ++at;
    } else {
      while (at <= most_treated && !table.says_yes(at)) ++at;
    }
    critical_events_.push_back(at);
  }
}

double DecisionBoundary::critical_mean(double control_mean) const {
  ANGIOTRIAL_EXPECT(
      status_ == MixtureStatus::valid && rule_.treatment.family == MixtureFamily::normal,
      "a rule for means");
  const Mixture controls = update(rule_.control, {control_mean, rule_.control_size}).posterior;
  const double se = rule_.treatment.sigma / std::sqrt(rule_.treatment_size);
  double critical = rule_.smaller ? std::numeric_limits<double>::infinity()
                                  : -std::numeric_limits<double>::infinity();
  for (const DecisionCriterion& c : rule_.criteria) {
    const auto at = monotone_root(
        [&](double treated) {
          const Mixture posterior =
              update(rule_.treatment, {treated, rule_.treatment_size}).posterior;
          const double above = probability_of_difference(posterior, controls, c.difference);
          return (rule_.smaller ? 1.0 - above : above) - c.probability;
        },
        mean(controls) + c.difference, se);
    if (!at) return std::numeric_limits<double>::quiet_NaN();
    critical = rule_.smaller ? std::min(critical, *at) : std::max(critical, *at);
  }
  return critical;
}

double DecisionBoundary::normal_success(double treatment, double control) const {
  const double se_t = rule_.treatment.sigma / std::sqrt(rule_.treatment_size);
  const double se_c = rule_.control.sigma / std::sqrt(rule_.control_size);
  double sum = 0.0;
  quadrature::for_each_panel_node<16>(-8.3, 8.3, 1.7, [&](double z, double w) {
    const double beyond = (treatment - critical_mean(control + z * se_c)) / se_t;
    sum += w * quadrature::normal_density(z) *
           quadrature::normal_cdf(rule_.smaller ? -beyond : beyond);
  });
  return sum;
}

double DecisionBoundary::success(double treatment, double control) const {
  ANGIOTRIAL_EXPECT(status_ == MixtureStatus::valid, "a rule that was not refused");
  if (rule_.treatment.family == MixtureFamily::normal) return normal_success(treatment, control);
  if (rule_.treatment.family == MixtureFamily::beta) {
    ANGIOTRIAL_EXPECT(treatment >= 0.0 && treatment <= 1.0 && control >= 0.0 && control <= 1.0,
                      "true rates in [0, 1]");
    return sum_beyond(binomial_masses(treatment, treated_choose_),
                      binomial_masses(control, control_choose_), critical_events_, rule_.smaller);
  }
  ANGIOTRIAL_EXPECT(
      treatment >= 0.0 && control >= 0.0 && std::max(treatment, control) <= largest_rate_,
      "true rates inside the table");
  const double most = largest_rate_ * rule_.treatment_size;
  const auto treated_room =
      static_cast<std::size_t>(std::ceil(most + 9.0 * std::sqrt(most) + 20.0));
  return sum_beyond(poisson_masses(treatment * rule_.treatment_size, treated_room + 1),
                    poisson_masses(control * rule_.control_size, critical_events_.size()),
                    critical_events_, rule_.smaller);
}

}  // namespace angiotrial::analysis
