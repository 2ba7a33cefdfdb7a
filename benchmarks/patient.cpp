// SPDX-License-Identifier: Apache-2.0
// Questions: how many candidates does one core screen in a second, how many treated patients does
// it carry from the bag to the last visit, and in which room does the time go?
//
// Every benchmark runs through the same patients of the shipped ACT34-CMI defaults, ten sites,
// depots of SD 2.52 mm, decay length 0.6 mm, visits at 3, 6 and 12 months, 48 shells (tabulated).
#include <angiotrial/heart/anatomy.hpp>
#include <angiotrial/heart/growth.hpp>
#include <angiotrial/random/batch.hpp>
#include <angiotrial/trial/simulate_patient.hpp>
#include <angiotrial/trial/trial.hpp>

#include <benchmark/benchmark.h>

#include <utility>
#include <vector>

namespace angiotrial {
namespace {

study::StudySpec shipped_defaults() {
  study::StudySpec spec;
  spec.identity.seed = 20110706;
  for (const auto& [name, dose] : {std::pair{"placebo", 0.0}, {"low", 1e5}, {"high", 5e5}}) {
    study::Arm arm;
    arm.name = name;
    arm.dose.dose_cells_per_kg = units::CellsPerKg(dose);
    spec.arms.push_back(arm);
  }
  for (const int month : {3, 6, 12}) spec.visits.push_back({month});
  spec.run.decomposition = false;
  spec.run.twins = false;
  return spec;
}

const trial::Conditions& conditions() {
  static const trial::Conditions shared(shipped_defaults());
  return shared;
}

/// One eligible patient with everything that later rooms need.
struct Enrolled {
  trial::Candidate candidate;
  trial::Preparation preparation;
  random::Streams streams;
};

const std::vector<Enrolled>& enrolled() {
  static const std::vector<Enrolled> patients = [] {
    std::vector<Enrolled> found;
    trial::Candidate candidate;
    for (std::uint32_t id = 0; found.size() < 64; ++id) {
      trial::screen(conditions(), 0, id, candidate);
      if (candidate.outcome != trial::Outcome::eligible) continue;
      const random::Streams streams = conditions().streams(0, id);
      found.push_back(
          {candidate, trial::prepare(conditions(), candidate, streams, true, true), streams});
    }
    return found;
  }();
  return patients;
}

template <class Work>
void per_patient(benchmark::State& state, const Work& work) {
  std::size_t i = 0;
  for (auto _ : state) work(enrolled()[i++ % enrolled().size()]);
  state.SetItemsProcessed(state.iterations());
}

void screen_candidates(benchmark::State& state) {
  trial::Candidate candidate;
  std::uint32_t id = 0;
  for (auto _ : state) {
    trial::screen(conditions(), 0, id++, candidate);
    benchmark::DoNotOptimize(candidate.outcome);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(screen_candidates);

void treated_patient_bag_to_12_months(benchmark::State& state) {
  trial::Workspace workspace;
  per_patient(state, [&](const Enrolled& one) {
    const trial::Preparation preparation =
        trial::prepare(conditions(), one.candidate, one.streams, true, true);
    benchmark::DoNotOptimize(trial::simulate_patient(conditions(), one.candidate, preparation,
                                                     conditions().spec.arms[1], one.streams,
                                                     workspace));
  });
}
BENCHMARK(treated_patient_bag_to_12_months);

void one_trial_of_168(benchmark::State& state) {
  const trial::Trial trial(shipped_defaults());
  std::uint32_t replicate = 0;
  for (auto _ : state) benchmark::DoNotOptimize(trial.conduct(replicate++));
}
BENCHMARK(one_trial_of_168)->Unit(benchmark::kMillisecond);

void room_cohort(benchmark::State& state) {
  std::uint32_t id = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(conditions().population.draw(conditions().streams(0, id++)));
  }
}
BENCHMARK(room_cohort);

void room_heart_build_and_perfuse(benchmark::State& state) {
  heart::Ventricle ventricle;
  heart::Perfusion perfusion;
  per_patient(state, [&](const Enrolled& one) {
    heart::build_into(conditions().spec.heart, one.candidate.patient, one.streams, ventricle);
    heart::perfuse(conditions().spec.heart, ventricle, {}, perfusion);
    benchmark::DoNotOptimize(perfusion.threshold);
  });
}
BENCHMARK(room_heart_build_and_perfuse);

void room_product(benchmark::State& state) {
  per_patient(state, [&](const Enrolled& one) {
    const product::Harvest harvest =
        product::harvest(conditions().spec.product, one.candidate.patient, one.streams);
    benchmark::DoNotOptimize(product::fill_bag(conditions().spec.product,
                                               conditions().spec.arms[1].dose, harvest,
                                               one.candidate.patient, one.streams));
  });
}
BENCHMARK(room_product);

void room_delivery_map_and_plan(benchmark::State& state) {
  per_patient(state, [&](const Enrolled& one) {
    const auto map =
        delivery::measure(conditions().spec.delivery, one.preparation.placement->wall, one.streams);
    benchmark::DoNotOptimize(delivery::plan(conditions().spec.delivery, map));
  });
}
BENCHMARK(room_delivery_map_and_plan);

std::vector<trial::PatientCourse> courses() {
  std::vector<trial::PatientCourse> all;
  trial::Workspace workspace;
  for (const Enrolled& one : enrolled()) {
    all.push_back(trial::simulate_patient(conditions(), one.candidate, one.preparation,
                                          conditions().spec.arms[1], one.streams, workspace));
  }
  return all;
}

void room_tissue(benchmark::State& state) {
  const auto all = courses();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        tissue::grow(conditions().growth, all[i++ % all.size()].administration.depots));
  }
}
BENCHMARK(room_tissue);

void room_heart_after_growth_three_visits(benchmark::State& state) {
  const auto all = courses();
  std::vector<tissue::VesselCourse> vessels;
  for (const trial::PatientCourse& one : all) {
    vessels.push_back(tissue::grow(conditions().growth, one.administration.depots));
  }
  std::vector<double> gain;
  heart::Perfusion perfusion;
  std::size_t i = 0;
  for (auto _ : state) {
    const std::size_t k = i++ % all.size();
    if (vessels[k].depots.empty()) continue;  // a product that failed its release tests
    const heart::Ventricle& ventricle = enrolled()[k].candidate.ventricle;
    const auto weights =
        heart::deposition_weights(conditions().spec.heart, ventricle, vessels[k],
                                  all[k].administration.depots, conditions().reach);
    gain.resize(ventricle.size());
    for (std::size_t visit = 0; visit < 3; ++visit) {
      heart::conductance_gain(conditions().spec.heart, weights, vessels[k], visit, gain);
      heart::perfuse(conditions().spec.heart, ventricle, gain, perfusion);
    }
    benchmark::DoNotOptimize(perfusion.threshold);
  }
}
BENCHMARK(room_heart_after_growth_three_visits);

void room_symptoms_and_assessment_three_visits(benchmark::State& state) {
  const std::vector<double> gain(3, 0.08);
  per_patient(state, [&](const Enrolled& one) {
    benchmark::DoNotOptimize(trial::follow(conditions(), conditions().spec.symptoms, one.candidate,
                                           one.preparation.follow_up, gain, true, one.streams));
  });
}
BENCHMARK(room_symptoms_and_assessment_three_visits);

/// The random numbers of one heart and one map, to compare with their rooms: about 300 normals for
/// the microregions, and 30 for the traits.
void random_numbers_of_one_heart(benchmark::State& state) {
  std::vector<double> draws(300);
  std::uint32_t id = 0;
  for (auto _ : state) {
    random::fill_normal(conditions().streams(0, id++), random::Purpose::microregions, 0, draws);
    benchmark::DoNotOptimize(draws.data());
  }
}
BENCHMARK(random_numbers_of_one_heart);

}  // namespace
}  // namespace angiotrial
