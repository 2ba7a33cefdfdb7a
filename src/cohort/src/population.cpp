// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/cohort/population.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/batch.hpp>
#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace angiotrial::cohort {
namespace {

// Rows of C. Infarction and diabetes are liabilities behind a threshold.
enum Correlated { age, weight, diabetes, infarction, lvef, haemoglobin, conductance };
constexpr int n = Population::correlated;
using Matrix = std::array<std::array<double, n>, n>;

Matrix correlation_matrix(const Correlations& c) {
  Matrix m{};
  for (std::size_t i = 0; i < n; ++i) m[i][i] = 1.0;
  const auto set = [&m](Correlated i, Correlated j, double r) { m[i][j] = m[j][i] = r; };
  set(age, weight, c.age_weight);
  set(age, lvef, c.age_lvef);
  set(age, haemoglobin, c.age_haemoglobin);
  set(weight, diabetes, c.weight_diabetes);
  set(diabetes, haemoglobin, c.diabetes_haemoglobin);
  set(diabetes, conductance, c.diabetes_conductance);
  set(infarction, lvef, c.infarction_lvef);
  return m;
}

/// Lower Cholesky factor, or nothing when C is not positive definite.
std::optional<Matrix> cholesky(const Matrix& c) {
  Matrix l{};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = c[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= l[i][k] * l[j][k];
      if (i == j) {
        if (sum <= 1e-9) return std::nullopt;
        l[i][i] = std::sqrt(sum);
      } else {
        l[i][j] = sum / l[j][j];
      }
    }
  }
  return l;
}

/// exp(mu + s z) with the given mean and coefficient of variation.
double lognormal_mean_cv(double mean, double cv, double z) {
  const double s2 = std::log1p(cv * cv);
  return mean * std::exp(std::sqrt(s2) * z - 0.5 * s2);
}

}  // namespace

bool impossible(const Patient& patient) {
  const Chart& chart = patient.chart;
  const Traits& traits = patient.traits;
  const double bmi = chart.weight_kg.value() / (chart.height_m.value() * chart.height_m.value());
  const double mass_g = traits.lv_mass_g.value();
  const double volume_ml = traits.end_diastolic_volume_ml.value();
  const double output_l_per_min =
      volume_ml * chart.lvef_fraction.value() * traits.rest_heart_rate_bpm.value() / 1000.0;
  return bmi < 16.0 || bmi > 60.0 || mass_g < 0.4 * volume_ml || mass_g > 2.2 * volume_ml ||
         output_l_per_min < 2.0 || output_l_per_min > 14.0;
}

std::optional<std::string> refusal(const Correlations& correlations) {
  if (cholesky(correlation_matrix(correlations))) return std::nullopt;
  return "the correlations together are not positive definite";
}

Population::Population(const Parameters& parameters) : parameters_(parameters) {
  const auto factor = cholesky(correlation_matrix(parameters.correlations));
  ANGIOTRIAL_EXPECT(factor.has_value(), "the correlation matrix is positive definite");
  factor_ = *factor;
}

Patient Population::draw(const random::Streams& streams) const {
  constexpr std::uint32_t most_attempts = 1000;
  for (std::uint32_t occasion = 0; occasion < most_attempts; ++occasion) {
    const Patient patient = attempt(streams, occasion);
    if (!impossible(patient)) return patient;
  }
  diagnostics::violate("possible", "the population parameters describe no possible person");
}

Patient Population::attempt(const random::Streams& streams, std::uint32_t occasion) const {
  // Draws 0-6 correlated deviates, 7-15 uniforms for yes-or-no traits, 16-29 independent deviates.
  std::array<double, 30> u{};
  random::fill_uniform(streams, random::Purpose::traits, occasion, u);
  std::array<double, n> z{}, y{};
  for (std::size_t i = 0; i < n; ++i) z[i] = random::normal_quantile(u[i]);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) y[i] += factor_[i][j] * z[j];
  }
  const auto normal = [&u](std::size_t draw) { return random::normal_quantile(u[draw]); };
  const auto liability = [&y](Correlated trait, units::Fraction share) {
    return random::normal_cdf(y[trait]) > 1.0 - share.value();
  };
  const Demography& who = parameters_.demography;
  const Disease& disease = parameters_.disease;

  Patient patient;
  patient.id = streams.patient();
  Chart& chart = patient.chart;
  chart.sex = u[7] < who.male_fraction.value() ? Sex::male : Sex::female;
  const bool man = chart.sex == Sex::male;
  chart.age_years = units::Years(
      std::clamp(who.age_mean_years.value() + who.age_sd_years.value() * y[age], 21.0, 95.0));
  chart.weight_kg =
      (man ? who.weight_mean_men_kg : who.weight_mean_women_kg) + who.weight_sd_kg * y[weight];
  chart.height_m =
      (man ? who.height_mean_men_m : who.height_mean_women_m) + who.height_sd_m * normal(16);
  chart.diabetes = liability(diabetes, disease.diabetes_fraction);
  chart.prior_infarction = liability(infarction, disease.prior_infarction_fraction);
  chart.prior_bypass = u[8] < disease.prior_bypass_fraction.value();
  chart.prior_pci = u[9] < disease.prior_pci_fraction.value();
  chart.kidney_disease = u[10] < disease.kidney_disease_fraction.value();
  chart.heart_failure = u[11] < disease.heart_failure_fraction.value();
  chart.lvef_fraction = units::Fraction(std::clamp(
      disease.lvef_mean_fraction.value() + disease.lvef_sd_fraction.value() * y[lvef], 0.15, 0.75));
  chart.haemoglobin_g_per_dl =
      (man ? disease.haemoglobin_men_g_per_dl : disease.haemoglobin_women_g_per_dl) +
      disease.haemoglobin_sd_g_per_dl * y[haemoglobin];
  const Drugs& drugs = parameters_.drugs;
  chart.beta_blocker = u[12] < drugs.beta_blocker_fraction.value();
  chart.calcium_channel_blocker = u[13] < drugs.calcium_channel_blocker_fraction.value();
  chart.long_acting_nitrate = u[14] < drugs.long_acting_nitrate_fraction.value();
  chart.ranolazine = u[15] < drugs.ranolazine_fraction.value();

  const LeftVentricle& lv = parameters_.left_ventricle;
  const ExerciseTraits& exercise = parameters_.exercise;
  const DailyLifeTraits& daily = parameters_.daily_life;
  Traits& traits = patient.traits;
  traits.lv_mass_g = units::Grams(std::max(
      50.0, (man ? lv.mass_men_g : lv.mass_women_g).value() + lv.mass_sd_g.value() * normal(17)));
  traits.end_diastolic_volume_ml =
      units::Ml(std::max(50.0, (man ? lv.volume_men_ml : lv.volume_women_ml).value() +
                                   lv.volume_sd_ml.value() * normal(18)));
  traits.conductance_factor =
      lognormal_mean_cv(lv.conductance_factor_mean, lv.conductance_factor_cv, y[conductance]);
  traits.capillary_density_relative =
      std::clamp(lv.capillary_density_mean + lv.capillary_density_sd * normal(19), 0.3, 1.2);
  traits.rest_heart_rate_bpm =
      units::Bpm(std::max(40.0, exercise.rest_heart_rate_bpm.value() +
                                    exercise.rest_heart_rate_sd_bpm.value() * normal(20)));
  traits.rest_systolic_mmhg =
      units::Mmhg(std::max(85.0, exercise.rest_systolic_mmhg.value() +
                                     exercise.rest_systolic_sd_mmhg.value() * normal(21)));
  traits.slope_factor = lognormal_mean_cv(1.0, exercise.slope_factor_cv, normal(22));
  traits.fatigue_met =
      units::Met(lognormal_mean_cv(exercise.fatigue_met.value(), exercise.fatigue_cv, normal(23)));
  traits.tolerance_s =
      exercise.tolerance_s * std::exp(exercise.tolerance_sd_log.value() * normal(24));
  traits.activity_distance_log =
      daily.activity_distance_log + daily.activity_distance_sd_log * normal(25);
  traits.exertion_bouts_per_week =
      daily.exertion_bouts_per_week * std::exp(daily.exertion_bouts_sd_log.value() * normal(26));
  traits.painful_fraction = units::Fraction(random::inverse_logit(
      random::logit(daily.painful_fraction.value()) + daily.painful_sd_log.value() * normal(27)));
  traits.non_ischaemic_pain_per_week =
      daily.non_ischaemic_pain_per_week *
      std::exp(daily.non_ischaemic_pain_sd_log.value() * normal(28));
  return patient;
}

}  // namespace angiotrial::cohort
