// SPDX-License-Identifier: Apache-2.0
#include "conduct.hpp"

#include <angiotrial/allocation/randomisation.hpp>
#include <angiotrial/parallel/for_each_index.hpp>
#include <angiotrial/trial/simulate_patient.hpp>

#include "assemble_dataset.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

namespace angiotrial::trial {
namespace {

using Disposition = dataset::Disposition;

/// A patient between enrolment and the record. Slots are used again, so that their arrays are.
struct Enrolled {
  Candidate candidate;
  Preparation preparation;
  std::optional<std::size_t> arm;  ///< empty when lost before randomisation
  bool treated = false;
  std::vector<PatientCourse> courses;  ///< per arm: the assigned one, and those of twins
  Workspace workspace;
};

/// One replicate on its way: the allocator, the record and the counts. Patients are screened and
/// allocated one after the other, simulated some at a time, and recorded in their order again.
class Conduct {
 public:
  Conduct(const Conditions& conditions, std::uint32_t replicate, int threads)
      : conditions_(conditions),
        spec_(conditions.spec),
        replicate_(replicate),
        threads_(threads),
        slots_(threads == 1 ? 1 : 4 * static_cast<std::size_t>(threads)),
        allocator_(spec_.allocation.randomisation, ratios(spec_), spec_.identity.seed.value(),
                   replicate) {
    record_.observed = empty_dataset(conditions);
    for (const study::Arm& arm : spec_.arms) {
      dataset::ArmFlow flow;
      flow.arm = arm.name;
      for (const study::Visit& visit : spec_.visits) {
        flow.followed.emplace_back("Month " + std::to_string(visit.month), 0);
      }
      // Every reason is counted in every replicate, so that a mean over replicates is one.
      flow.discontinued = {{"Death", 0}, {"Withdrawal", 0}, {"Not treated", 0}};
      record_.observed.disposition.arms.push_back(std::move(flow));
    }
    start_twins();
  }

  TrialRecord run() {
    const auto most = static_cast<std::uint32_t>(spec_.protocol.most_candidates);
    std::uint32_t id = 0;
    for (; id < most && disposition().randomised < spec_.protocol.randomised; ++id) {
      screen(conditions_, replicate_, id, screened_);
      record_.flow.count(screened_);
      if (screened_.outcome != Outcome::eligible) continue;
      enrol(id);
      if (waiting_ == slots_.size()) treat_waiting();
    }
    treat_waiting();
    record_.enrolment_filled = disposition().randomised >= spec_.protocol.randomised;
    disposition().screened = record_.flow.consented;
    for (std::size_t i = 1; i < record_.flow.screen_failures.size(); ++i) {
      disposition().screen_failures.emplace_back(
          allocation::name_of(static_cast<allocation::Verdict>(i)),
          record_.flow.screen_failures[i]);
    }
    return std::move(record_);
  }

 private:
  static std::vector<int> ratios(const study::StudySpec& spec) {
    std::vector<int> ratio;
    for (const study::Arm& arm : spec.arms) ratio.push_back(arm.ratio);
    return ratio;
  }

  Disposition& disposition() { return record_.observed.disposition; }

  std::size_t reference_arm() const {
    const auto at = std::ranges::find(spec_.arms, spec_.analysis.reference_arm, &study::Arm::name);
    return static_cast<std::size_t>(at - spec_.arms.begin());
  }

  void start_twins() {
    if (!spec_.run.twins) return;
    for (std::size_t arm = 0; arm < spec_.arms.size(); ++arm) {
      if (arm == reference_arm() || !spec_.arms[arm].blinded) continue;
      for (std::size_t visit = 0; visit < spec_.visits.size(); ++visit) {
        record_.latent.twins.push_back({arm, visit, {}, {}, {}});
      }
    }
  }

  /// Eligible: collected and randomised, in the order of the protocol; then waits for treatment.
  void enrol(std::uint32_t id) {
    Enrolled& one = slots_[waiting_++];
    std::swap(one.candidate, screened_);
    one.arm.reset();
    one.treated = false;
    const random::Streams streams = conditions_.streams(replicate_, id);
    const bool early = spec_.protocol.harvest_before_randomisation;
    bool usable = true;
    if (early) {
      one.preparation = prepare(conditions_, one.candidate, streams, true, true);
      if (!count_harvest(one, streams)) return;
    }
    const std::array<int, 2> strata{one.candidate.patient.chart.diabetes ? 1 : 0,
                                    one.candidate.record.ccs_class};
    const auto arm = static_cast<std::size_t>(allocator_.next(id, strata));
    one.arm = arm;
    ++disposition().randomised;
    ++disposition().arms[arm].randomised;
    const study::Arm& plan = spec_.arms[arm];
    if (!early) {
      one.preparation =
          prepare(conditions_, one.candidate, streams, needs(arm, &study::Arm::mobilised),
                  needs(arm, &study::Arm::injected));
      if (plan.mobilised) usable = count_harvest(one, streams);
    }
    const bool withdrawn = streams.at(random::Purpose::consent, 1)
                               .bernoulli(spec_.protocol.not_treated_fraction.value());
    one.treated = usable && !(withdrawn && plan.injected);
  }

  /// Whether the arm, or one of the arms of its twins, needs a procedure.
  bool needs(std::size_t arm, bool study::Arm::* procedure) const {
    const bool twins = spec_.run.twins && spec_.arms[arm].blinded;
    return spec_.arms[arm].*procedure ||
           (twins && std::ranges::any_of(spec_.arms, [&](const study::Arm& other) {
              return other.blinded && other.*procedure;
            }));
  }

  /// Counts mobilisation and collection; whether there is a product that may be used.
  bool count_harvest(const Enrolled& one, const random::Streams& streams) {
    const product::Harvest& harvest = *one.preparation.harvest;
    ++disposition().mobilised;
    note_harvest(harvest, one.candidate.patient.chart.weight_kg);
    const bool usable = product::is_released(product::inspect(spec_.product, harvest, streams));
    if (harvest.collected) ++disposition().completed_mobilisation;
    if (!usable) ++disposition().failed_harvest;
    return usable;
  }

  /// Simulates those who wait, each on its own, and writes them down in their order.
  void treat_waiting() {
    parallel::for_each_index(waiting_, threads_, [this](std::size_t i) {
      if (slots_[i].treated) simulate(slots_[i]);
      return true;
    });
    for (std::size_t i = 0; i < waiting_; ++i) write_down(slots_[i]);
    waiting_ = 0;
  }

  /// The assigned arm, and for twins the reference arm and each other blinded one.
  void simulate(Enrolled& one) const {
    const random::Streams streams = conditions_.streams(replicate_, one.candidate.patient.id);
    prepare_heart(conditions_, one.candidate, streams, one.preparation);
    one.courses.assign(spec_.arms.size(), {});
    const bool twins = spec_.run.twins && spec_.arms[*one.arm].blinded;
    for (std::size_t arm = 0; arm < spec_.arms.size(); ++arm) {
      study::Arm plan = spec_.arms[arm];
      if (arm != *one.arm) {
        if (!twins || (!plan.blinded && arm != reference_arm())) continue;
        // A blinded reference, even where the trial's own is open: cells are the only difference.
        plan.blinded = true;
      }
      one.courses[arm] = simulate_patient(conditions_, one.candidate, one.preparation, plan,
                                          streams, one.workspace);
    }
    one.preparation.heart.reset();
  }

  void write_down(const Enrolled& one) {
    const PatientCourse* course = one.treated ? &one.courses[*one.arm] : nullptr;
    if (course != nullptr && course->failed) {
      ++record_.flow.failed_patients;
      course = nullptr;
    }
    append(conditions_, {one.candidate, one.preparation, one.arm, course}, record_.observed);
    if (!one.arm) return;
    if (course == nullptr) {
      count_reason(*one.arm, "Not treated");
      return;
    }
    count_follow_up(*one.arm, one.preparation, *course);
    note_latent(one.candidate, *course);
    if (spec_.run.twins && spec_.arms[*one.arm].blinded) add_twins(one.courses);
  }

  void count_reason(std::size_t arm, std::string_view reason) {
    auto& reasons = disposition().arms[arm].discontinued;
    ++std::ranges::find(reasons, reason, &std::pair<std::string, int>::first)->second;
  }

  void count_follow_up(std::size_t arm, const Preparation& preparation,
                       const PatientCourse& course) {
    ++disposition().treated;
    dataset::ArmFlow& flow = disposition().arms[arm];
    ++flow.treated;
    for (std::size_t k = 0; k < course.visits.size(); ++k) {
      flow.followed[k].second += course.visits[k].attended ? 1 : 0;
    }
    const assessment::FollowUp& follow_up = preparation.follow_up;
    if (follow_up.death) {
      count_reason(arm, "Death");
    } else if (follow_up.withdrawal) {
      count_reason(arm, "Withdrawal");
    } else {
      ++flow.completed;
    }
  }

  void note_harvest(const product::Harvest& harvest, units::Kilograms weight) {
    Latent& latent = record_.latent;
    latent.harvest_cells_per_kg.add(harvest.viable_cells.value() / weight.value());
    const product::ArmDose* low = nullptr;
    const product::ArmDose* high = nullptr;
    for (const study::Arm& arm : spec_.arms) {
      if (arm.dose.dose_cells_per_kg.value() <= 0.0) continue;
      if (low == nullptr || arm.dose.dose_cells_per_kg < low->dose_cells_per_kg) low = &arm.dose;
      if (high == nullptr || arm.dose.dose_cells_per_kg > high->dose_cells_per_kg) high = &arm.dose;
    }
    const auto short_of = [&](const product::ArmDose* dose) {
      const product::Prescription wanted = product::prescribe(*dose, weight);
      return harvest.viable_cells < wanted.cells ? 100.0 : 0.0;
    };
    if (high == nullptr) return;
    latent.short_of_low_dose_percent.add(short_of(low));
    latent.short_of_dose_percent.add(short_of(high));
  }

  void note_latent(const Candidate& candidate, const PatientCourse& course) {
    Latent& latent = record_.latent;
    latent.baseline_threshold.add(candidate.perfusion.threshold.value());
    latent.baseline_stress_flow.add(candidate.perfusion.mean_hyperaemic_flow);
    latent.baseline_flow_reserve.add(candidate.perfusion.coronary_flow_reserve);
    latent.baseline_fractional_flow_reserve.add(
        std::ranges::min(candidate.perfusion.fractional_flow_reserve));
    latent.silent_fraction.add(1.0 - candidate.patient.traits.painful_fraction.value());
    if (course.administration.administered_cells.value() <= 0.0) return;
    latent.retention_18_h_percent.add(100.0 * delivery::alive_share(course.administration,
                                                                    spec_.tissue.survival,
                                                                    units::Hours(18.0))
                                                  .value());
    latent.lung_percent.add(
        100.0 * delivery::lung_share(course.administration, spec_.delivery.retention).value());
    latent.sites_off_target.add(course.administration.sites_off_target);
  }

  /// What each other blinded arm would have given this patient over the reference arm.
  void add_twins(const std::vector<PatientCourse>& courses) {
    const std::size_t reference = reference_arm();
    const PatientCourse& without = courses[reference];
    std::size_t next = 0;
    for (std::size_t arm = 0; arm < spec_.arms.size(); ++arm) {
      if (arm == reference || !spec_.arms[arm].blinded) continue;
      const PatientCourse& with = courses[arm];
      if (with.failed || without.failed) {
        next += spec_.visits.size();
        continue;
      }
      for (std::size_t k = 0; k < spec_.visits.size(); ++k, ++next) {
        TwinEffect& effect = record_.latent.twins[next];
        effect.threshold_gain_percent.add(
            100.0 * std::expm1(with.threshold_gain_log[k] - without.threshold_gain_log[k]));
        const assessment::VisitRecord& a = with.visits[k];
        const assessment::VisitRecord& b = without.visits[k];
        if (!a.attended || !b.attended || a.diary->days_observed == 0) continue;
        effect.exercise_s.add(a.exercise->total_s.value() - b.exercise->total_s.value());
        effect.angina_per_week.add(a.diary->episodes_per_week() - b.diary->episodes_per_week());
      }
    }
  }

  const Conditions& conditions_;
  const study::StudySpec& spec_;
  std::uint32_t replicate_;
  int threads_;
  std::vector<Enrolled> slots_;
  allocation::Allocator allocator_;
  std::size_t waiting_ = 0;
  Candidate screened_;
  TrialRecord record_;
};

}  // namespace

TrialRecord conduct(const Conditions& conditions, std::uint32_t replicate, int threads) {
  return Conduct(conditions, replicate, threads).run();
}

}  // namespace angiotrial::trial
