// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/explain.hpp>

#include <array>

namespace angiotrial::app {
namespace {

struct Route {
  std::string_view path;  ///< of a parameter, or the table that it stands in
  std::vector<std::string_view> stations;
};

constexpr std::string_view everywhere =
    "study.resolved.toml and the parameter table of report.html, under this name";

const std::array routes{
    Route{"arms.NAME.dose_cells_per_kg",
          {"product: prescription = dose x min(weight, weight_cap_kg), at most cap_cells",
           "product: bag = the prescription with its counting error, or what the harvest can give",
           "delivery: divided evenly over delivery.injection.sites; loss in the catheter, "
           "retention, washout leave a depot at each site",
           "tissue: cells and potency of each depot drive vessel growth",
           "heart: vessels raise flow, and flow the ischaemic threshold",
           "symptoms, assessment: the threshold sets attacks per week and exercise time",
           "data set: planned dose in CD34DOSE and dose_cells_per_kg of ADSL and ADEX; cells given "
           "in CD34TOT and CD34KG of ADEX",
           "report: the arm's name and dose head every table"}},
    Route{"delivery.injection.sites",
          {"delivery: number of needle sites planned on the electromechanical map; each gets an "
           "equal part of the bag",
           "tissue: one depot at each site",
           "assessment: injured muscle of all sites adds up to the enzyme rise",
           "data set: NINJ of ADEX; troponin and CK-MB of ADLB"}},
    Route{"delivery.retention.retained_fraction",
          {"delivery: median share of injected cells that stays at a site; patient and site vary",
           "tissue: cells of each depot", "results.json: truth row RETAIN18 (alive at 18 h)"}},
    Route{"product.mobilisation.peak_cd34_cells_per_ul",
          {"product: blood count on the day of collection, then cells collected and selected",
           "product: a harvest too small for the prescription makes a bag short of dose",
           "data set: CD34A of ADLB, CD34TOT of ADEX", "results.json: rows SHORTLOW, SHORTHI"}},
    Route{"tissue.secretion.potency_ratio",
          {"tissue: factor concentration around each depot, over the one of half response",
           "tissue: vessel growth and arteriolar drive at each visit",
           "heart: flow and ischaemic threshold", "symptoms, assessment: attacks, exercise time"}},
    Route{"tissue.arterioles.arteriolar_reach_mm",
          {"heart: distance from a depot over which small arteries remodel",
           "heart: resistance of every region in reach, and so the ischaemic threshold",
           "symptoms, assessment: attacks, exercise time",
           "results.json: truth rows of twins (mean_individual_effect, threshold gain)"}},
    Route{"symptoms.placebo.reporting_median",
          {"symptoms: factor on the attacks that a blinded patient writes down, in every arm",
           "data set: COUNT and AVAL of ADDIARY",
           "results.json: step 6 of the placebo arm's decomposition"}},
    Route{"allocation.referral.half_point_per_week",
          {"allocation: how bad angina must feel before a physician refers the patient",
           "trial: who is screened, and so how far the placebo arm falls back to its mean",
           "results.json: screening flow (FLOW), step 2 of the decomposition"}},
    Route{"protocol.randomised",
          {"trial: candidates are screened until so many are randomised",
           "data set: rows of ADSL with RANDFL = Y",
           "results.json: every n, and the width of every interval"}},
    Route{"study.seed",
          {"random: key of every draw; the counter says which replicate, patient and purpose",
           "manifest.json, run.json and the report's first page"}},
    // Tables: what holds for every other parameter in them.
    Route{"schema", {"study: how the file is read"}},
    Route{"study", {"dataset: STUDYID (after SIMULATED-); report: headings and default folder"}},
    Route{"protocol",
          {"trial: order and timing of screening, injection and visits",
           "data set: dates, visits and disposition in ADSL"}},
    Route{"arms",
          {"allocation and trial: who gets what, and who knows",
           "data set: ARM and ACTARM in every table"}},
    Route{"visits", {"trial: when each patient is seen", "data set: AVISIT in every table"}},
    Route{"scenarios",
          {"trial: the placebo arm run again with other values",
           "results.json: truth rows under the scenario's name"}},
    Route{"run",
          {"trial: what is worked out beside the trial itself",
           "results.json: truth rows (twins, decomposition); exit code 4"}},
    Route{"cohort",
          {"cohort: traits of every candidate, before anything is done",
           "data set: baseline columns of ADSL; unseen traits shape all that follows"}},
    Route{"product",
          {"product: harvest and bag of each patient", "delivery: cells in the needle",
           "data set: ADEX (CD34TOT, VIAB, PURITY, GCSF) and CD34A of ADLB"}},
    Route{"delivery",
          {"delivery: where the needle goes, what stays, what is injured", "tissue: depots",
           "data set: NINJ of ADEX, enzymes of ADLB"}},
    Route{"tissue",
          {"tissue: survival, factors and vessels around each depot",
           "heart: flow gained at each visit"}},
    Route{"heart",
          {"heart: anatomy, flow and ischaemic threshold of each patient",
           "symptoms, assessment: attacks per week, exercise time"}},
    Route{"symptoms",
          {"symptoms: attacks from the threshold; learning, tolerance, reporting",
           "data set: ADDIARY and ADEFF"}},
    Route{"assessment",
          {"assessment: treadmill, diary, class, enzymes and events as recorded",
           "data set: ADDIARY, ADEFF, ADTTE and ADLB"}},
    Route{"allocation",
          {"allocation: referral, eligibility and randomisation",
           "data set: RANDFL, ARM and strata in ADSL; FLOW rows of results.json"}},
    Route{"analysis",
          {"analysis: which statistics are worked out of the data set, and how",
           "results.json: rows with source simulated"}},
};

bool covers(const Route& route, std::string_view path) {
  return path == route.path || (path.starts_with(route.path) && path[route.path.size()] == '.');
}

}  // namespace

std::vector<std::string> route_of(std::string_view path) {
  std::vector<std::string> stations;
  for (const Route& route : routes) {
    if (!covers(route, path)) continue;
    stations.assign(route.stations.begin(), route.stations.end());
    break;
  }
  stations.emplace_back(everywhere);
  return stations;
}

std::vector<std::string> routed_paths() {
  std::vector<std::string> paths;
  for (const Route& route : routes) {
    if (route.path.find('.') != std::string_view::npos) paths.emplace_back(route.path);
  }
  return paths;
}

}  // namespace angiotrial::app
