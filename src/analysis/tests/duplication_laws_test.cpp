// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/win_statistics.hpp>
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/analysis/linear/linear_model.hpp>
#include <angiotrial/analysis/mixed/mmrm.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>
#include <angiotrial/analysis/survival/competing_risks.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/analysis/survival/survival_summary.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

/// Every patient twice, the second time as a new patient: what is estimated stays, what is known
/// of it doubles.
namespace angiotrial::analysis {
namespace {

const double root_half = std::sqrt(0.5);

template <class T>
std::vector<T> twice(const std::vector<T>& values) {
  std::vector<T> out = values;
  out.insert(out.end(), values.begin(), values.end());
  return out;
}

/// Labels of patients: those of the copies are new ones.
std::vector<int> twice_apart(const std::vector<int>& labels) {
  std::vector<int> out = twice(labels);
  for (std::size_t i = labels.size(); i < out.size(); ++i) out[i] += 1000;
  return out;
}

void expect_equal(double value, double expected, double tolerance = 1e-9) {
  RC_ASSERT(std::fabs(value - expected) <= tolerance * std::max(1.0, std::fabs(expected)));
}

/// Every number of `value` is `factor` times that of `base`.
template <class Range>
void expect_scaled(const Range& value, const Range& base, double factor, double tolerance = 1e-9) {
  RC_ASSERT(value.size() == base.size());
  RC_ASSERT(!base.empty());
  for (std::size_t i = 0; i < base.size(); ++i) expect_equal(value[i], factor * base[i], tolerance);
}

std::uint64_t any_seed() { return *rc::gen::inRange<std::uint64_t>(1, 1000000); }

random::Stream stream(std::uint64_t seed) {
  return random::Stream(seed, 0, 0, random::Purpose::bootstrap, 0);
}

double exponential(random::Stream& draw, double rate) { return -std::log(draw.uniform()) / rate; }

// One row a patient ------------------------------------------------------------------------------

constexpr std::size_t columns = 3;  ///< an intercept, the arm and a covariate

/// An outcome of each kind.
struct Patients {
  std::vector<double> design, offset, normal, binary;
  std::vector<int> counts;

  explicit Patients(std::uint64_t seed) {
    random::Stream draw = stream(seed);
    for (int i = 0; i < 60; ++i) {
      const double arm = i % 2, x = draw.normal(), weeks = 1.0 + draw.uniform();
      design.insert(design.end(), {1.0, arm, x});
      offset.push_back(std::log(weeks));
      normal.push_back(0.5 * x + arm + (1.0 + arm) * draw.normal());
      binary.push_back(draw.uniform() < 1.0 / (1.0 + std::exp(0.3 - 0.5 * x)) ? 1.0 : 0.0);
      const double mean = 3.0 * weeks * std::exp(0.4 * x - 0.3 * arm);
      counts.push_back(random::negative_binomial_quantile(draw.uniform(), mean, 0.7));
    }
  }
  [[nodiscard]] Patients twice_over() const {
    Patients out = *this;
    out.design = twice(design);
    out.offset = twice(offset);
    out.normal = twice(normal);
    out.binary = twice(binary);
    out.counts = twice(counts);
    return out;
  }
  [[nodiscard]] CountModel count_model() const {
    return {design, columns, counts, offset, Aliased::refuse};
  }
};

RC_GTEST_PROP(Duplication, negative_binomial_keeps_its_estimates_and_halves_variances, ()) {
  const Patients once(any_seed()), both = once.twice_over();
  NegativeBinomialWorkspace first, second;
  const NegativeBinomialFit& before = fit_negative_binomial(once.count_model(), first);
  RC_PRE(before.status == FitStatus::fitted);
  const NegativeBinomialFit& after = fit_negative_binomial(both.count_model(), second);
  RC_ASSERT(after.status == FitStatus::fitted);
  expect_scaled(after.coefficients, before.coefficients, 1.0);
  expect_equal(after.dispersion, before.dispersion, 1e-7);
  expect_equal(after.log_likelihood, 2.0 * before.log_likelihood);
  expect_scaled(after.se_expected, before.se_expected, root_half, 1e-8);
  expect_scaled(after.se_observed, before.se_observed, root_half, 1e-8);
  expect_scaled(after.se_robust, before.se_robust, root_half, 1e-8);
  expect_equal(after.se_log_theta, root_half * before.se_log_theta, 1e-7);
}

RC_GTEST_PROP(Duplication, negative_binomial_tests_double_their_likelihood_ratio, ()) {
  const Patients once(any_seed()), both = once.twice_over();
  constexpr std::array<std::size_t, 1> arm{1};
  const auto ratio = [&](const Patients& p) {
    NegativeBinomialWorkspace workspace;
    const NegativeBinomialFit fit = fit_negative_binomial(p.count_model(), workspace);
    RC_PRE(fit.status == FitStatus::fitted);
    return count_likelihood_ratio(p.count_model(), fit, arm, workspace).statistic;
  };
  expect_equal(ratio(both), 2.0 * ratio(once), 1e-7);
}

LinearModel linear_model(const Patients& p, Family family, const std::vector<double>& response) {
  LinearModel model;
  model.response = response;
  model.design = p.design;
  model.columns = columns;
  model.family = family;
  return model;
}

/// Estimates stay; the model's covariance times `model_factor`, White's half.
void expect_linear_law(const LinearModel& once, const LinearModel& both, double model_factor) {
  const LinearFit before = fit_linear_model(once), after = fit_linear_model(both);
  RC_PRE(before.status == LinearStatus::fitted);
  RC_ASSERT(after.status == LinearStatus::fitted);
  expect_scaled(after.coefficients, before.coefficients, 1.0);
  expect_equal(after.log_likelihood, 2.0 * before.log_likelihood);
  const auto covariances = [&](LinearVariance variance, double factor) {
    expect_scaled(coefficient_covariance(both, after, variance),
                  coefficient_covariance(once, before, variance), factor);
  };
  covariances(LinearVariance::model, model_factor);
  covariances(LinearVariance::hc0, 0.5);
}

/// sigma^2 is a residual sum of squares over rows less columns: the sum doubles, and the rows.
RC_GTEST_PROP(Duplication, least_squares_counts_its_degrees_of_freedom_again, ()) {
  const Patients once(any_seed()), both = once.twice_over();
  const LinearModel small = linear_model(once, Family::gaussian, once.normal);
  const LinearModel large = linear_model(both, Family::gaussian, both.normal);
  const double n = static_cast<double>(once.normal.size());
  const double sigma_squared = 2.0 * (n - columns) / (2.0 * n - columns);
  expect_linear_law(small, large, 0.5 * sigma_squared);
  expect_equal(fit_linear_model(large).sigma,
               std::sqrt(sigma_squared) * fit_linear_model(small).sigma);
  RC_ASSERT(fit_linear_model(large).degrees_of_freedom == 117);
}

RC_GTEST_PROP(Duplication, logistic_regression_halves_its_variances, ()) {
  const Patients once(any_seed()), both = once.twice_over();
  expect_linear_law(linear_model(once, Family::binomial, once.binary),
                    linear_model(both, Family::binomial, both.binary), 0.5);
}

RC_GTEST_PROP(Duplication, poisson_regression_halves_its_variances, ()) {
  const Patients once(any_seed()), both = once.twice_over();
  const std::vector<double> counts(once.counts.begin(), once.counts.end());
  const std::vector<double> more(both.counts.begin(), both.counts.end());
  LinearModel small = linear_model(once, Family::poisson, counts);
  LinearModel large = linear_model(both, Family::poisson, more);
  small.offset = once.offset;
  large.offset = both.offset;
  expect_linear_law(small, large, 0.5);
}

// Several rows a patient -------------------------------------------------------------------------

/// Four visits, about one in eight missing; a normal outcome and a count that share an intercept.
struct Visits {
  std::vector<double> design, normal, counts;
  std::vector<int> patient, visit;

  explicit Visits(std::uint64_t seed) {
    random::Stream draw = stream(seed);
    for (int i = 0; i < 40; ++i) {
      const double arm = i % 2, intercept = 0.6 * draw.normal();
      for (int v = 0; v < 4; ++v) {
        const double error = draw.normal(), u = draw.uniform();
        if (draw.uniform() < 0.125) continue;
        design.insert(design.end(), {1.0, arm, static_cast<double>(v)});
        normal.push_back(0.3 * v + 0.5 * arm + intercept + error);
        counts.push_back(random::poisson_quantile(u, 3.0 * std::exp(intercept - 0.3 * arm)));
        patient.push_back(i);
        visit.push_back(v);
      }
    }
  }
  [[nodiscard]] Visits twice_over() const {
    Visits out = *this;
    out.design = twice(design);
    out.normal = twice(normal);
    out.counts = twice(counts);
    out.patient = twice_apart(patient);
    out.visit = twice(visit);
    return out;
  }
  [[nodiscard]] GeeModel gee(WorkingCorrelation correlation) const {
    GeeModel model;
    model.mean.response = counts;
    model.mean.design = design;
    model.mean.columns = columns;
    model.mean.family = Family::poisson;
    model.mean.cluster = patient;
    model.correlation = correlation;
    model.visit = visit;
    return model;
  }
  [[nodiscard]] RepeatedModel mixed(CovarianceStructure structure) const {
    RepeatedModel model;
    model.response = normal;
    model.design = design;
    model.columns = columns;
    model.patient = patient;
    model.visit = visit;
    model.visits = 4;
    model.structure = structure;
    model.criterion = Criterion::ml;
    return model;
  }
};

RC_GTEST_PROP(Duplication, estimating_equations_halve_their_robust_variance, ()) {
  const Visits once(any_seed()), both = once.twice_over();
  const auto correlation =
      *rc::gen::element(WorkingCorrelation::independence, WorkingCorrelation::exchangeable,
                        WorkingCorrelation::autoregressive);
  const GeeModel small = once.gee(correlation), large = both.gee(correlation);
  const GeeFit before = fit_gee(small), after = fit_gee(large);
  RC_PRE(before.status == GeeStatus::fitted);
  RC_ASSERT(after.status == GeeStatus::fitted);
  RC_ASSERT(after.clusters == 2 * before.clusters);
  expect_scaled(after.coefficients, before.coefficients, 1.0, 1e-7);
  expect_equal(after.scale, before.scale, 1e-7);
  expect_equal(after.alpha, before.alpha, 1e-7);
  for (const GeeVariance variance : {GeeVariance::model, GeeVariance::robust}) {
    expect_scaled(gee_covariance(large, after, variance), gee_covariance(small, before, variance),
                  0.5, 1e-7);
  }
}

RC_GTEST_PROP(Duplication, mixed_models_by_full_likelihood_keep_beta_and_theta, ()) {
  const Visits once(any_seed()), both = once.twice_over();
  const auto structure =
      *rc::gen::element(CovarianceStructure::unstructured, CovarianceStructure::heterogeneous_ar1,
                        CovarianceStructure::toeplitz, CovarianceStructure::compound_symmetry);
  MixedWorkspace first, second;
  const MixedFit& before = fit_mixed_model(once.mixed(structure), first);
  RC_PRE(before.status == MixedStatus::fitted);
  const MixedFit& after = fit_mixed_model(both.mixed(structure), second);
  RC_ASSERT(after.status == MixedStatus::fitted);
  RC_ASSERT(after.patients == 2 * before.patients);
  RC_ASSERT(after.patterns == before.patterns);
  expect_equal(after.log_likelihood, 2.0 * before.log_likelihood);
  expect_scaled(after.coefficients, before.coefficients, 1.0, 1e-7);
  expect_scaled(after.theta, before.theta, 1.0, 1e-6);
  expect_scaled(after.covariance, before.covariance, 0.5, 1e-7);
}

// Times to an event ------------------------------------------------------------------------------

/// Times of two arms and two causes; `grid` of 0: without ties.
struct Times {
  std::vector<Observation> sample;
  std::vector<CompetingObservation> causes;
  std::vector<int> arm;

  Times(std::uint64_t seed, double grid) {
    random::Stream draw = stream(seed);
    for (int i = 0; i < 40; ++i) {
      double time = exponential(draw, i % 2 == 1 ? 0.6 : 1.0);
      double censored = 0.3 + 2.0 * draw.uniform();
      if (grid > 0.0) {
        time = grid * std::ceil(time / grid);
        censored = grid * std::ceil(censored / grid);
      }
      const bool event = time <= censored;
      const int cause = draw.uniform() < 0.6 ? 1 : 2;
      sample.push_back({std::min(time, censored), event});
      causes.push_back({sample.back().time, event ? cause : 0});
      arm.push_back(i % 2);
    }
  }
};

double any_grid() { return *rc::gen::element(0.0, 0.1, 0.4); }

RC_GTEST_PROP(Duplication, kaplan_meier_keeps_its_curve_and_halves_greenwood, ()) {
  const Times t(any_seed(), any_grid());
  const auto before = kaplan_meier(t.sample), after = kaplan_meier(twice(t.sample));
  RC_ASSERT(!before.empty());
  RC_ASSERT(after.size() == before.size());
  for (std::size_t k = 0; k < before.size(); ++k) {
    RC_ASSERT(after[k].time == before[k].time);
    RC_ASSERT(after[k].at_risk == 2 * before[k].at_risk);
    expect_equal(after[k].survival, before[k].survival, 1e-13);
    if (std::isinf(before[k].greenwood)) {
      RC_ASSERT(std::isinf(after[k].greenwood));
    } else {
      expect_equal(after[k].greenwood, 0.5 * before[k].greenwood, 1e-12);
    }
  }
}

RC_GTEST_PROP(Duplication, restricted_means_halve_their_variance, ()) {
  const Times t(any_seed(), any_grid());
  const RestrictedMean before = restricted_mean(t.sample, 1.0);
  const RestrictedMean after = restricted_mean(twice(t.sample), 1.0);
  RC_PRE(before.status == SurvivalStatus::fitted && before.se > 0.0);
  expect_equal(after.mean, before.mean, 1e-12);
  expect_equal(after.se, root_half * before.se, 1e-12);
}

/// Of group 1 where all are there twice: d events among n become 2 d among 2 n, so that
/// d (n - d) / (n - 1) becomes 2 d (2 n - 2 d) / (2 n - 1).
double doubled_variance(const Times& t) {
  double variance = 0.0;
  for (const SurvivalPoint& point : kaplan_meier(t.sample)) {
    double in_one = 0.0;
    for (std::size_t i = 0; i < t.sample.size(); ++i) {
      in_one += t.sample[i].time >= point.time ? t.arm[i] : 0;
    }
    const double n = point.at_risk, d = point.events, share = in_one / n;
    variance += 4.0 * d * (n - d) / (2.0 * n - 1.0) * share * (1.0 - share);
  }
  return variance;
}

RC_GTEST_PROP(Duplication, log_rank_doubles_observed_and_expected, ()) {
  const Times t(any_seed(), any_grid());
  const auto sample = twice(t.sample);
  const auto arm = twice(t.arm);
  const WeightedLogRank before = weighted_log_rank({t.sample, t.arm});
  const WeightedLogRank after = weighted_log_rank({sample, arm});
  RC_PRE(before.status == LogRankStatus::fitted);
  expect_scaled(after.observed, before.observed, 2.0, 1e-12);
  expect_scaled(after.expected, before.expected, 2.0, 1e-12);
  const double variance = doubled_variance(t), score = after.observed[1] - after.expected[1];
  expect_equal(after.variance[3], variance, 1e-11);
  expect_equal(after.z, score / std::sqrt(variance));
  expect_equal(log_rank(sample, arm, 2).chi_squared, score * score / variance);
}

RC_GTEST_PROP(Duplication, aalen_johansen_keeps_its_curves, ()) {
  const Times t(any_seed(), any_grid());
  const CumulativeIncidence before = cumulative_incidence(t.causes, 2);
  const CumulativeIncidence after = cumulative_incidence(twice(t.causes), 2);
  RC_ASSERT(before.status == CompetingStatus::fitted);
  RC_ASSERT(after.status == CompetingStatus::fitted);
  RC_ASSERT(after.time == before.time);
  expect_scaled(after.event_free, before.event_free, 1.0, 1e-12);
  expect_scaled(after.incidence, before.incidence, 1.0, 1e-12);
  const std::vector<double> times{0.2, 0.6, 1.0};
  expect_scaled(jackknife_errors(twice(t.causes), after, times),
                jackknife_errors(t.causes, before, times), root_half);
}

// Pairs of patients ------------------------------------------------------------------------------

/// A time to an event, then a measurement in whole numbers; 3 to 20 patients an arm.
struct Pairs {
  std::vector<double> time, value;
  std::vector<int> event, treated;

  explicit Pairs(std::uint64_t seed) {
    random::Stream draw = stream(seed);
    for (const int arm : {0, 1}) {
      const int patients = 3 + static_cast<int>(18.0 * draw.uniform());
      for (int i = 0; i < patients; ++i) {
        time.push_back(std::min(exponential(draw, 0.6), 1.0));
        event.push_back(time.back() < 1.0 ? 1 : 0);
        value.push_back(std::floor(6.0 * draw.uniform()) + arm);
        treated.push_back(arm);
      }
    }
  }
  [[nodiscard]] Pairs twice_over() const {
    Pairs out = *this;
    out.time = twice(time);
    out.value = twice(value);
    out.event = twice(event);
    out.treated = twice(treated);
    return out;
  }
  [[nodiscard]] WinStatistics compare() const {
    const std::array<WinTier, 2> tiers{{{TierKind::event_time, time, event, WinDirection::higher},
                                        {TierKind::value, value, {}, WinDirection::higher}}};
    WinWorkspace workspace;
    WinOptions options;
    options.variance = WinVariance::plug_in;
    return win_statistics({treated, tiers, {}, 1}, options, workspace);
  }
  [[nodiscard]] std::vector<double> values_of(int arm) const {
    std::vector<double> out;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (treated[i] == arm) out.push_back(value[i] - 3.0 * time[i]);
    }
    return out;
  }
};

RC_GTEST_PROP(Duplication, win_statistics_stay_and_pairs_are_four_times_as_many, ()) {
  const Pairs pairs(any_seed());
  const WinStatistics before = pairs.compare(), after = pairs.twice_over().compare();
  RC_ASSERT(before.status == WinStatus::compared);
  RC_ASSERT(after.counts.wins == 4 * before.counts.wins);
  RC_ASSERT(after.counts.losses == 4 * before.counts.losses);
  RC_ASSERT(after.counts.ties == 4 * before.counts.ties);
  RC_PRE(before.win_ratio && before.win_ratio->inference && before.win_odds.inference);
  const auto law = [](const WinEstimate& large, const WinEstimate& small) {
    expect_equal(large.estimate, small.estimate, 1e-12);
    expect_equal(large.inference->se, root_half * small.inference->se, 1e-12);
  };
  law(*after.win_ratio, *before.win_ratio);
  law(after.net_benefit, before.net_benefit);
  law(after.win_odds, before.win_odds);
}

RC_GTEST_PROP(Duplication, wilcoxon_keeps_the_probability_and_the_shift, ()) {
  const Pairs pairs(any_seed());
  const std::vector<double> x = pairs.values_of(1), y = pairs.values_of(0);
  const WilcoxonResult before = wilcoxon(x, y), after = wilcoxon(twice(x), twice(y));
  RC_ASSERT(before.status == RankStatus::fitted);
  RC_ASSERT(after.ties);
  expect_equal(after.u, 4.0 * before.u, 1e-12);
  expect_equal(after.probability, before.probability, 1e-12);
  expect_equal(after.hodges_lehmann, before.hodges_lehmann, 1e-12);
}

}  // namespace
}  // namespace angiotrial::analysis
