// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/heart/treatment.hpp>
#include <angiotrial/trial/view.hpp>

#include <algorithm>
#include <utility>

namespace angiotrial::trial {
namespace {

constexpr double percent = 100.0;

constexpr std::array<const char*, 3> vessels{"LAD", "LCX", "RCA"};

TreatmentRow row_of(const std::string& name, const heart::Perfusion& flow, double before,
                    std::string_view verdict) {
  return {name,
          percent * (flow.threshold.value() / before - 1.0),
          percent * flow.burden_at_15000,
          flow.mean_hyperaemic_flow,
          std::ranges::min(flow.fractional_flow_reserve),
          flow.endo_epi_ratio,
          std::string(verdict)};
}

}  // namespace

std::vector<View::Refinement> View::refine() const {
  const heart::Parameters& p = conditions_.spec.heart;
  const double voxel = conditions_.spec.run.voxel_spacing_mm.value();
  const double box = course_.box_spacing_mm;
  const std::vector<units::Days> last{times_.back()};
  std::vector<Refinement> rows;
  for (const auto& [voxel_mm, box_mm] :
       {std::pair{voxel, box}, std::pair{voxel, 2.0 * box}, std::pair{2.0 * voxel, box}}) {
    const VoxelHeart other = voxel_heart(conditions_, patient_.candidate.patient,
                                         streams_of_patient(), units::Mm(voxel_mm), mask_);
    tissue::VoxelOptions options;
    options.box_spacing_mm = box_mm;
    const tissue::VoxelCourse course =
        tissue::grow_voxel(conditions_.spec.tissue, other.organ.domain, depots_, last, options);
    std::vector<double> gain(other.organ.ventricle.size());
    voxel_conductance_gain(conditions_, other.organ, course, depots_, 0, gain);
    heart::Perfusion after;
    heart::perfuse(p, other.organ.ventricle, gain, after);
    const double before = other.perfusion.threshold.value();
    rows.push_back({voxel_mm, course.box_spacing_mm, course.total_gain_mm3[0], before,
                    percent * (after.threshold.value() / before - 1.0)});
  }
  return rows;
}

std::vector<TreatmentRow> View::compare_treatments() const {
  const heart::Parameters& p = conditions_.spec.heart;
  const heart::Ventricle& v = heart_->organ.ventricle;
  const heart::Comparators sizes;
  const double before = heart_->perfusion.threshold.value();
  std::vector<TreatmentRow> rows{row_of("none", heart_->perfusion, before, "")};
  heart::Perfusion flow;
  const auto add = [&](const std::string& name, const heart::Treated& treated,
                       heart::Treatment kind) {
    heart::perfuse(treated.parameters, treated.ventricle, {}, flow);
    rows.push_back(row_of(name, flow, before, heart::standing(kind).verdict));
  };
  const heart::Territory worst = heart::worst_vessel(heart_->perfusion);
  add("nitrate", heart::with_nitrate(sizes, p, v), heart::Treatment::nitrate);
  add("ranolazine", heart::with_ranolazine(sizes, p, v), heart::Treatment::ranolazine);
  add(std::string("PCI of the ") + vessels[static_cast<std::size_t>(worst)],
      heart::with_intervention(sizes, p, v, worst), heart::Treatment::intervention);
  add("bypass of all", heart::with_bypass(sizes, p, v), heart::Treatment::bypass);
  add("sinus reducer", heart::with_reducer(sizes, p, v), heart::Treatment::reducer);
  const std::size_t last = times_.size() - 1;
  const std::vector<double> gain = conductance_gain(last);
  heart::perfuse(p, v, gain, flow);
  rows.push_back(row_of("cells, last day", flow, before, "an input, calibrated to ACT34-CMI"));
  return rows;
}

}  // namespace angiotrial::trial
