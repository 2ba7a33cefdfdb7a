// SPDX-License-Identifier: Apache-2.0
#include "conduct.hpp"

#include <angiotrial/allocation/randomisation.hpp>
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

/// One replicate on its way: the allocator, the record and the counts.
class Conduct {
 public:
  Conduct(const Conditions& conditions, std::uint32_t replicate)
      : conditions_(conditions),
        spec_(conditions.spec),
        replicate_(replicate),
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
      screen(conditions_, replicate_, id, workspace_.candidate);
      record_.flow.count(workspace_.candidate);
      if (workspace_.candidate.outcome == Outcome::eligible) enrol(id);
    }
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

  /// Eligible: collected, randomised, treated and followed, in the order of the protocol.
  void enrol(std::uint32_t id) {
    const random::Streams streams = conditions_.streams(replicate_, id);
    const Candidate& candidate = workspace_.candidate;
    const bool early = spec_.protocol.harvest_before_randomisation;
    Preparation preparation;
    if (early) {
      preparation = prepare(conditions_, candidate, streams, true, true);
      if (!count_harvest(preparation, streams)) {
        append(conditions_, {candidate, preparation, std::nullopt, nullptr}, record_.observed);
        return;
      }
    }
    const std::array<int, 2> strata{candidate.patient.chart.diabetes ? 1 : 0,
                                    candidate.record.ccs_class};
    const auto arm = static_cast<std::size_t>(allocator_.next(id, strata));
    ++disposition().randomised;
    ++disposition().arms[arm].randomised;
    if (!early) {
      preparation = prepare(conditions_, candidate, streams, needs(arm, &study::Arm::mobilised),
                            needs(arm, &study::Arm::injected));
    }
    treat(arm, preparation, streams);
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
  bool count_harvest(const Preparation& preparation, const random::Streams& streams) {
    ++disposition().mobilised;
    note_harvest(*preparation.harvest);
    const bool usable =
        product::is_released(product::inspect(spec_.product, *preparation.harvest, streams));
    if (preparation.harvest->collected) ++disposition().completed_mobilisation;
    if (!usable) ++disposition().failed_harvest;
    return usable;
  }

  void treat(std::size_t arm, const Preparation& preparation, const random::Streams& streams) {
    const Candidate& candidate = workspace_.candidate;
    const study::Arm& plan = spec_.arms[arm];
    bool usable = true;
    if (!spec_.protocol.harvest_before_randomisation && plan.mobilised) {
      usable = count_harvest(preparation, streams);
    }
    const bool withdrawn = streams.at(random::Purpose::consent, 1)
                               .bernoulli(spec_.protocol.not_treated_fraction.value());
    if (!usable || (withdrawn && plan.injected)) {
      append(conditions_, {candidate, preparation, arm, nullptr}, record_.observed);
      count_reason(arm, "Not treated");
      return;
    }
    const PatientCourse course =
        simulate_patient(conditions_, candidate, preparation, plan, streams, workspace_);
    if (course.failed) {
      ++record_.flow.failed_patients;
      append(conditions_, {candidate, preparation, arm, nullptr}, record_.observed);
      count_reason(arm, "Not treated");
      return;
    }
    append(conditions_, {candidate, preparation, arm, &course}, record_.observed);
    count_follow_up(arm, preparation, course);
    note_latent(course);
    if (spec_.run.twins && plan.blinded) add_twins(arm, preparation, course, streams);
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

  void note_harvest(const product::Harvest& harvest) {
    Latent& latent = record_.latent;
    const double weight_kg = workspace_.candidate.patient.chart.weight_kg.value();
    latent.harvest_cells_per_kg.add(harvest.viable_cells.value() / weight_kg);
    const product::ArmDose* low = nullptr;
    const product::ArmDose* high = nullptr;
    for (const study::Arm& arm : spec_.arms) {
      if (arm.dose.dose_cells_per_kg.value() <= 0.0) continue;
      if (low == nullptr || arm.dose.dose_cells_per_kg < low->dose_cells_per_kg) low = &arm.dose;
      if (high == nullptr || arm.dose.dose_cells_per_kg > high->dose_cells_per_kg) high = &arm.dose;
    }
    const auto short_of = [&](const product::ArmDose* dose) {
      const product::Prescription wanted =
          product::prescribe(*dose, workspace_.candidate.patient.chart.weight_kg);
      return harvest.viable_cells < wanted.cells ? 100.0 : 0.0;
    };
    if (high == nullptr) return;
    latent.short_of_low_dose_percent.add(short_of(low));
    latent.short_of_dose_percent.add(short_of(high));
  }

  void note_latent(const PatientCourse& course) {
    Latent& latent = record_.latent;
    const Candidate& candidate = workspace_.candidate;
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

  /// Runs the treated patient under the reference arm and each other blinded arm.
  void add_twins(std::size_t assigned, const Preparation& preparation,
                 const PatientCourse& as_assigned, const random::Streams& streams) {
    const Candidate& candidate = workspace_.candidate;
    const std::size_t reference = reference_arm();
    // A blinded reference, even where the trial's own is open: cells are to be the only difference.
    const auto under = [&](std::size_t arm) {
      if (arm == assigned) return as_assigned;
      study::Arm blinded = spec_.arms[arm];
      blinded.blinded = true;
      return simulate_patient(conditions_, candidate, preparation, blinded, streams, workspace_);
    };
    const PatientCourse without = under(reference);
    std::size_t next = 0;
    for (std::size_t arm = 0; arm < spec_.arms.size(); ++arm) {
      if (arm == reference || !spec_.arms[arm].blinded) continue;
      const PatientCourse with = under(arm);
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
  allocation::Allocator allocator_;
  Workspace workspace_;
  TrialRecord record_;
};

}  // namespace

TrialRecord conduct(const Conditions& conditions, std::uint32_t replicate) {
  return Conduct(conditions, replicate).run();
}

}  // namespace angiotrial::trial
