// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/trial_dataset.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cmath>
#include <string>

/// A trial of ACT34-CMI's shape with known effects: three arms, visits at 3, 6, 9 and 12 months.
/// The models are the simplest that fill each table; they are no claim about patients.
namespace angiotrial::analysis::synthetic {

struct Truth {
  int per_arm = 56;
  double rate_ratio = 0.6;     ///< of both dose arms against placebo
  double dispersion = 0.5;     ///< of the diary counts
  double difference_s = 60.0;  ///< of exercise time
  double missing_fraction = 0.05;
};

/// One subject's draws. Occasion: 16 visit + kind.
class Draws {
 public:
  Draws(std::uint64_t seed, std::uint32_t subject) : streams_(seed, 0, subject) {}
  [[nodiscard]] double uniform(std::size_t visit, std::uint32_t kind) const {
    const auto occasion = static_cast<std::uint32_t>(visit) * 16 + kind;
    return streams_.at(random::Purpose::diary, occasion).at(0);
  }
  [[nodiscard]] double normal(std::size_t visit, std::uint32_t kind) const {
    return random::normal_quantile(uniform(visit, kind));
  }

 private:
  random::Streams streams_;
};

inline dataset::Subject subject(const dataset::Arm& arm, std::uint32_t id, const Draws& draw) {
  dataset::Subject s;
  s.usubjid = "SYN-" + std::to_string(1000 + id);
  s.subjid = std::to_string(1000 + id);
  s.arm = s.actarm = arm.name;
  s.age_years = units::Years(61.0 + 9.0 * draw.normal(0, 0));
  s.sex = draw.uniform(0, 1) < 0.87 ? dataset::Sex::male : dataset::Sex::female;
  s.weight_kg = units::Kilograms(90.0 + 12.0 * draw.normal(0, 2));
  s.randomised = s.intention_to_treat = s.full_analysis = s.safety = true;
  s.randomised_day = static_cast<int>(id);
  s.ccs_class = draw.uniform(0, 3) < 0.7 ? 3 : 4;
  s.exercise_time_s = units::Seconds(std::clamp(360.0 + 105.0 * draw.normal(0, 4), 90.0, 600.0));
  s.angina_per_week = units::PerWeek(std::exp(2.6 + 0.6 * draw.normal(0, 5)));
  s.lvef_percent = units::Percent(52.0 + 8.0 * draw.normal(0, 6));
  s.diabetes = draw.uniform(0, 7) < 0.55;
  s.prior_bypass = draw.uniform(0, 8) < 0.9;
  s.prior_pci = draw.uniform(0, 9) < 0.85;
  s.dose_cells_per_kg = arm.dose_cells_per_kg;
  return s;
}

inline void add_visit(dataset::TrialDataset& data, dataset::SubjectIndex i, std::size_t v,
                      bool dosed, const Truth& truth, const Draws& draw) {
  using namespace dataset;
  const auto visit = static_cast<VisitIndex>(v);
  const Subject& s = data.subjects[i];
  if (v > 0 && draw.uniform(v, 0) < truth.missing_fraction) return;
  const double base = s.angina_per_week->value();
  const double effect = v > 0 && dosed ? truth.rate_ratio : 1.0;
  const double mean = 4.0 * base * effect * (v > 0 ? 0.7 : 1.0);
  const int count = random::negative_binomial_quantile(draw.uniform(v, 1), mean, truth.dispersion);
  const double days = 20.0 + std::floor(9.0 * draw.uniform(v, 2));
  data.diary.push_back({i, codes::angina, visit, count, units::Days(days), base});
  data.diary.push_back({i, codes::nitroglycerin, visit, count / 2, units::Days(days), base / 2.0});
  const double start = s.exercise_time_s->value();
  const double gain = v > 0 ? 50.0 + (dosed ? truth.difference_s : 0.0) : 0.0;
  const double time = start + gain + 100.0 * draw.normal(v, 3);
  data.exercise.push_back({i, codes::exercise_time, visit, time, start});
  data.exercise.push_back({i, codes::time_to_angina, visit, 0.7 * time, 0.7 * start});
  data.exercise.push_back({i, codes::time_to_st, visit, 0.8 * time, 0.8 * start});
  data.exercise.push_back({i, codes::peak_met, visit, time / 60.0, start / 60.0});
  data.exercise.push_back(
      {i, codes::ccs_class, visit, 1.0 + std::floor(4.0 * draw.uniform(v, 4)), std::nullopt});
}

inline void add_safety(dataset::TrialDataset& data, dataset::SubjectIndex i, const Draws& draw) {
  using namespace dataset;
  const double event_day = 400.0 * draw.uniform(0, 10) / 0.1;
  const bool event = event_day < 365.0;
  for (const Code code : {codes::mace, codes::death}) {
    data.events.push_back({i, code, units::Days(event ? event_day : 365.0), !event, ""});
  }
  for (const std::string_view name :
       {visit_names::baseline, visit_names::after_collection, visit_names::after_injection}) {
    const auto visit = find_visit(data, name).value();
    data.labs.push_back(
        {i, codes::troponin, visit, std::exp(draw.normal(visit, 11) - 0.3), 1.0, 0.4});
    data.labs.push_back({i, codes::enzyme_nstemi, visit, draw.uniform(visit, 12) < 0.05 ? 1.0 : 0.0,
                         std::nullopt, std::nullopt});
  }
  const Subject& s = data.subjects[i];
  const double given = s.dose_cells_per_kg.value() * (0.8 + 0.25 * draw.uniform(0, 13));
  data.exposure.push_back({i, units::Cells(given * s.weight_kg->value()), s.weight_kg, 10,
                           units::Percent(90.0), units::Percent(80.0), units::UgPerKgPerDay(5.0),
                           5});
}

inline dataset::TrialDataset trial(std::uint64_t seed, const Truth& truth = {}) {
  dataset::TrialDataset data;
  data.study_id = "SYNTHETIC";
  data.arms = {{"placebo", units::CellsPerKg(0.0)},
               {"low", units::CellsPerKg(1.0e5)},
               {"high", units::CellsPerKg(5.0e5)}};
  data.visits = {{"Baseline", 0.0},
                 {"Month 3", 3.0},
                 {"Month 6", 6.0},
                 {"Month 9", 9.0},
                 {"Month 12", 12.0},
                 {std::string(dataset::visit_names::after_collection), 0.0},
                 {std::string(dataset::visit_names::after_injection), 0.0}};
  const auto subjects = static_cast<std::uint32_t>(3 * truth.per_arm);
  for (std::uint32_t i = 0; i < subjects; ++i) {
    const Draws draw(seed, i);
    const dataset::Arm& arm = data.arms[i % 3];
    data.subjects.push_back(subject(arm, i, draw));
    for (std::size_t v = 0; v < 5; ++v) add_visit(data, i, v, i % 3 != 0, truth, draw);
    add_safety(data, i, draw);
  }
  data.disposition.screened = 321;
  data.disposition.screen_failures = {{"too few episodes", 100}, {"exercise time", 47}};
  data.disposition.randomised = data.disposition.treated = static_cast<int>(subjects);
  for (const auto& arm : data.arms) {
    data.disposition.arms.push_back({arm.name,
                                     truth.per_arm,
                                     truth.per_arm,
                                     {{"Month 12", 50}},
                                     50,
                                     {{"withdrew", truth.per_arm - 50}}});
  }
  return data;
}

}  // namespace angiotrial::analysis::synthetic
