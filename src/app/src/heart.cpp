// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/commands.hpp>
#include <angiotrial/app/output_folder.hpp>
#include <angiotrial/delivery/map_csv.hpp>
#include <angiotrial/delivery/surface.hpp>
#include <angiotrial/diagnostics/io_error.hpp>
#include <angiotrial/report/bullseye_svg.hpp>
#include <angiotrial/report/heart_files.hpp>
#include <angiotrial/report/results_json.hpp>
#include <angiotrial/study/read_study.hpp>
#include <angiotrial/trial/plan_study.hpp>
#include <angiotrial/trial/treatable.hpp>
#include <angiotrial/trial/view.hpp>
#include <angiotrial/version.hpp>

#include "heart_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace angiotrial::app {
namespace {

using diagnostics::Problem;

Ending refused(Exit code, const std::vector<Problem>& problems) {
  return {code, "", diagnostics::to_string(problems)};
}

std::optional<delivery::PlanKind> plan_named(const std::string& name) {
  if (name == "protocol") return delivery::PlanKind::protocol;
  if (name == "even") return delivery::PlanKind::even;
  if (name == "optimised") return delivery::PlanKind::optimised;
  if (name == "oracle") return delivery::PlanKind::oracle;
  return {};
}

/// The study with what the command line puts in its place.
study::StudySpec spec_of(const Heart& command, const study::Study& study) {
  study::StudySpec spec = study.spec;
  if (command.spacing_mm) spec.run.voxel_spacing_mm = units::Mm(*command.spacing_mm);
  if (const auto kind = plan_named(command.plan)) spec.delivery.planning.kind = *kind;
  if (command.compare_plans > 0) spec.delivery.planning.kind = delivery::PlanKind::optimised;
  return spec;
}

/// The arm asked for, or the first that gets cells; its problem if there is none.
diagnostics::Result<std::size_t> arm_of(const Heart& command, const study::StudySpec& spec) {
  std::vector<std::string> names;
  for (std::size_t arm = 0; arm < spec.arms.size(); ++arm) {
    const study::Arm& one = spec.arms[arm];
    names.push_back(one.name);
    const bool gets_cells = one.injected && one.dose.dose_cells_per_kg.value() > 0.0;
    if (command.arm ? one.name == *command.arm && one.injected : gets_cells) return arm;
  }
  const auto near = diagnostics::nearest(command.arm.value_or(""), names);
  return std::vector<Problem>{{command.study, 0, "--arm", command.arm.value_or(""),
                               "must name an arm of the study that is injected",
                               near ? "did you mean " + *near + "?" : ""}};
}

std::vector<units::Days> days_of(const Heart& command) {
  std::vector<int> days = command.days;
  days.push_back(0);  // what everything is compared with
  std::ranges::sort(days);
  const auto repeated = std::ranges::unique(days);
  days.erase(repeated.begin(), repeated.end());
  return {days.begin(), days.end()};
}

std::string plan_table(const std::vector<trial::PlanSummary>& rows) {
  std::string text =
      "Injection plans over " + std::to_string(rows.front().patients) +
      " patients; gain of the true RPP* in %, mean with 95 % interval\n\n"
      "  plan          gain                  over the protocol      sites  off target\n";
  for (const trial::PlanSummary& row : rows) {
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(),
                  "  %-12s %5.2f (%5.2f to %5.2f)  %+5.2f (%+5.2f to %+5.2f) %6.1f %11.1f\n",
                  row.kind.c_str(), row.gain_percent, row.gain_lower, row.gain_upper,
                  row.difference, row.difference_lower, row.difference_upper, row.sites,
                  row.sites_off_target);
    text += line.data();
  }
  return text +
         "\nOff target: in truth not ischaemic or not viable. Hearts at segment resolution,\n"
         "nominal cells, arteries known exactly from the angiogram. The oracle is the same\n"
         "search on the true heart; it plans without errors of catheter and retention, so\n"
         "in a patient luck can put another plan above it.\n" +
         std::string(report::notice) + "\n";
}

Ending too_few(const Heart& command) {
  const bool plans = command.compare_plans > 0;
  return refused(Exit::bad_input,
                 {{command.study, 0, plans ? "--compare-plans" : "--patient",
                   std::to_string(plans ? command.compare_plans : command.patient),
                   "the candidates of the study (protocol.most_candidates) hold fewer patients who "
                   "could be treated",
                   ""}});
}

std::string treatment_table(const trial::View& view) {
  std::string text =
      view.description() +
      "\n\n  treatment          RPP*  burden  stress flow  worst FFR  endo/epi  this model\n";
  for (const trial::TreatmentRow& row : view.compare_treatments()) {
    std::array<char, 200> line{};
    std::snprintf(line.data(), line.size(), "  %-16s %+5.1f%% %6.1f%% %12.2f %10.2f %9.2f  %s\n",
                  row.name.c_str(), row.threshold_change_percent, row.burden_percent,
                  row.stress_flow, row.worst_flow_reserve_fraction, row.endo_epi_ratio,
                  row.verdict.c_str());
    text += line.data();
  }
  return text +
         "\nburden: share of the left ventricle ischaemic at rate-pressure product 15 000.\n"
         "What stays after bypass is the disease of small vessels. A no-option patient has no\n"
         "artery that can be opened; a beta-blocker acts on heart rate, which is not seen here.\n" +
         std::string(report::notice) + "\n";
}

/// What the operator saw: the map, spread over the wall and averaged by segment.
std::string map_picture(const trial::Conditions& conditions, const trial::View& view) {
  const delivery::Parameters& p = conditions.spec.delivery;
  const auto means =
      delivery::segment_means(view.wall(), delivery::spread(p, view.wall(), view.map()));
  report::BullseyePanel voltage{"Unipolar voltage", "mV", {}};
  report::BullseyePanel shortening{"Local shortening", "%", {}};
  for (std::size_t s = 0; s < means.size(); ++s) {
    const bool empty = means[s].patches == 0;
    voltage.values[s] = empty ? std::nan("") : means[s].unipolar_mv.value();
    shortening.values[s] = empty ? std::nan("") : means[s].shortening_percent.value();
  }
  std::vector<report::BullseyePanel> panels{voltage};
  if (view.map().shortening_measured) panels.push_back(shortening);
  return report::bullseye_svg("Electromechanical map, patient " + std::to_string(view.patient_id()),
                              panels);
}

/// Everything into a folder beside, which takes the place of `dir` when it is complete.
std::size_t write_all(const trial::Conditions& conditions, const trial::View& view,
                      const report::HeartCaption& caption, const fs::path& dir) {
  fs::path partial = dir;
  partial += ".partial";
  fs::remove_all(partial);
  make_folder(partial);
  std::size_t images = 0;
  try {
    images = report::write_heart_images(view, caption, partial).size();
    report::OutputFiles files = report::heart_tables(view, caption);
    files.push_back({"map.csv", delivery::write_map_csv(view.map())});
    files.push_back({"map_bullseye.svg", map_picture(conditions, view)});
    report::write_output(partial, files);
    fs::rename(partial, dir);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(partial, ignored);
    throw;
  }
  return images;
}

fs::path folder_of(const Heart& command, const study::StudySpec& spec) {
  return command.out.value_or(default_folder(spec.identity.id) + "-heart");
}

Ending draw(const Heart& command, const trial::Conditions& conditions, const trial::View& view,
            std::size_t arm) {
  const fs::path dir = folder_of(command, conditions.spec);
  const report::HeartCaption caption{conditions.spec.identity.id, conditions.spec.arms[arm].name,
                                     conditions.spec.identity.seed.value(), std::string(version)};
  const std::size_t images = write_all(conditions, view, caption, dir);
  if (command.session.quiet) return {};
  std::string text = report::heart_summary(view, caption);
  if (command.verify) text += report::refinement_table(view);
  text +=
      "\n" + std::to_string(images) + " images, tables and bullseye.svg in " + dir.string() + "\n";
  return {Exit::success, text, ""};
}

}  // namespace

Ending perform(const Heart& command) {
  const auto study = study::read_study_file(command.study, command.seed, study::Resolution::voxel);
  if (!study) return refused(Exit::bad_input, study.problems());
  const study::StudySpec spec = spec_of(command, study.value());
  const auto arm = arm_of(command, spec);
  if (!arm) return refused(Exit::bad_input, arm.problems());
  if (!command.mask.empty() && spec.delivery.planning.kind == delivery::PlanKind::optimised) {
    return refused(Exit::bad_input, {{command.study, 0, "--mask", command.mask,
                                      "cannot go with plans that are optimised: their prior hearts "
                                      "are ellipsoids",
                                      "give another --plan"}});
  }
  const bool prints_only = command.compare_plans > 0 || command.compare_treatments;
  const fs::path dir = folder_of(command, spec);
  if (!prints_only && fs::exists(dir) && occupied(dir)) {
    return {Exit::outside_world, "",
            dir.string() + ": is not empty and is left as it is. Give another --out\n"};
  }
  const trial::Conditions conditions(spec);
  if (command.compare_plans > 0) {
    const auto rows =
        trial::compare_plans(conditions, command.compare_plans, command.session.threads);
    if (rows.front().patients < command.compare_plans) return too_few(command);
    return {Exit::success, plan_table(rows), ""};
  }
  auto patient = trial::find_treatable_one(conditions, 0, command.patient);
  if (!patient) {
    return too_few(command);
  }
  std::optional<heart::Mask> mask;
  auto problems = take_inputs(command, conditions, *patient, mask);
  if (problems.empty() && patient->preparation.placement->plan.sites.empty()) {
    problems.push_back({command.map.empty() ? command.study : command.map, 0, "", "",
                        "no point of the map qualifies for an injection", ""});
  }
  if (!problems.empty()) return refused(Exit::bad_data, problems);
  const trial::ViewRequest request{0, arm.value(), days_of(command), mask ? &*mask : nullptr};
  const trial::View view(conditions, *patient, request);
  if (command.compare_treatments) return {Exit::success, treatment_table(view), ""};
  return draw(command, conditions, view, arm.value());
}

}  // namespace angiotrial::app
