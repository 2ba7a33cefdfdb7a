// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/bullseye.hpp>
#include <angiotrial/heart/indices.hpp>
#include <angiotrial/heart/voxel_growth.hpp>
#include <angiotrial/trial/view.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace angiotrial::trial {
namespace {

constexpr double reference_rate_pressure = 15000.0;  // where the notes quote burden (P3)
constexpr double percent = 100.0;

/// RPP*_i = 1e4 Q_i E_max / (q1 E_rest)
double threshold_of(const heart::Oxygen& p, const heart::Ventricle& v, double flow) {
  return 1e4 * flow * v.maximal_extraction_fraction.value() /
         (p.demand_ml_per_min_per_g_per_10k_rpp.value() * p.rest_extraction_fraction.value());
}

double resting_demand(const heart::Oxygen& p, const heart::Ventricle& v) {
  return p.demand_ml_per_min_per_g_per_10k_rpp.value() * v.resting_rate_pressure.value() / 1e4;
}

std::vector<ViewSite> sites_of(const delivery::Administration& given,
                               std::span<const tissue::Depot> depots,
                               std::span<const double> placed) {
  std::vector<ViewSite> sites;
  for (std::size_t j = 0; j < given.sites.size(); ++j) {
    const delivery::Site& site = given.sites[j];
    sites.push_back({.position_mm = depots[j].position_mm,
                     .segment = site.segment,
                     .truly_ischaemic = site.truly_ischaemic,
                     .truly_viable = site.truly_viable,
                     .injected_cells = site.injected.value(),
                     .retained_cells = site.retained.value(),
                     .leaked_cells = site.leaked.value(),
                     .washed_out_cells = site.washed_out.value(),
                     .outside_cells = site.outside.value(),
                     .placed_cells = placed[j]});
  }
  return sites;
}

std::array<double, view_segments> segment_masses(const heart::Ventricle& v) {
  std::array<double, view_segments> mass{};
  for (std::size_t i = 0; i < v.size(); ++i) mass[v.segment[i] - 1U] += v.mass_of_g[i];
  return mass;
}

std::string artery_text(const char* name, const heart::Artery& artery) {
  std::array<char, 64> text{};
  if (artery.occluded) {
    std::snprintf(text.data(), text.size(), "%s occluded (CFI %.2f)", name,
                  artery.collateral_flow_index);
  } else {
    std::snprintf(text.data(), text.size(), "%s %.0f %% stenosis", name,
                  percent * artery.stenosis_diameter_fraction);
  }
  return text.data();
}

}  // namespace

View::View(const Conditions& conditions, const Treatable& patient, const ViewRequest& request)
    : conditions_(conditions),
      times_(request.days),
      replicate_(request.replicate),
      mask_(request.mask),
      model_(conditions.spec.tissue, times_),
      patient_(patient) {
  ANGIOTRIAL_EXPECT(request.arm < conditions.spec.arms.size() &&
                        conditions.spec.arms[request.arm].injected && !times_.empty(),
                    "a view needs an injected arm and a day");
  const random::Streams streams = streams_of_patient();
  if (!patient_.preparation.heart) {
    patient_.preparation.heart = voxel_heart(conditions_, patient_.candidate.patient, streams,
                                             conditions_.spec.run.voxel_spacing_mm, mask_);
  }
  heart_ = &*patient_.preparation.heart;
  PatientCourse course;
  treat(conditions_, patient_.candidate, patient_.preparation, conditions_.spec.arms[request.arm],
        streams, course);
  depots_ = aligned_depots(conditions_, heart_->organ, course.administration.depots);
  course_ = model_.grow(heart_->organ.domain, depots_);
  sites_ = sites_of(course.administration, depots_, course_.placed_cells);
  account_ = {course.bag.delivered_cells.value(), course.administration.killed_cells.value(),
              course.administration.unused_cells.value()};
  segment_mass_g_ = segment_masses(heart_->organ.ventricle);
  for (std::size_t day = 0; day < times_.size(); ++day) days_.push_back(describe_day(day));
}

random::Streams View::streams_of_patient() const {
  return conditions_.streams(replicate_, patient_.candidate.patient.id);
}

std::vector<double> View::conductance_gain(std::size_t day) const {
  std::vector<double> gain(heart_->organ.ventricle.size());
  voxel_conductance_gain(conditions_, heart_->organ, course_, depots_, day, gain);
  return gain;
}

ViewDay View::describe_day(std::size_t day) const {
  const heart::Parameters& p = conditions_.spec.heart;
  const heart::Ventricle& v = heart_->organ.ventricle;
  const std::vector<double> gain = conductance_gain(day);
  heart::Perfusion flow;
  heart::perfuse(p, v, gain, flow);
  ViewDay out;
  out.day = times_[day];
  out.threshold = flow.threshold.value();
  out.burden_at_15000 = flow.burden_at_15000;
  out.mean_stress_flow = flow.mean_hyperaemic_flow;
  out.mean_rest_flow = flow.mean_resting_flow;
  out.flow_reserve = flow.coronary_flow_reserve;
  out.endo_epi_ratio = flow.endo_epi_ratio;
  out.fractional_flow_reserve = flow.fractional_flow_reserve;
  out.microvascular_resistance = heart::microvascular_resistance(p, v, gain);
  for (std::size_t k = 0; k < out.burden_percent.size(); ++k) {
    out.burden_percent[k] =
        percent * heart::burden(p, v, flow, units::BpmMmhg(view_rate_pressure(k)));
  }
  out.density_gain_mm3 = course_.total_gain_mm3[day];
  for (const double drive : course_.depot_drive[day]) {
    out.mean_drive += drive / static_cast<double>(depots_.size());
  }
  const double demand = resting_demand(p.oxygen, v);
  std::vector<double> rest(v.size()), density(v.size()), raised(v.size()), ischaemic(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) {
    rest[i] = std::min(demand, flow.hyperaemic_flow[i]);
    density[i] = percent * course_.region_gain[day][i];
    raised[i] = percent * (gain[i] - 1.0);
    const double own = threshold_of(p.oxygen, v, flow.hyperaemic_flow[i]);
    ischaemic[i] = v.viable[i] != 0 && own < reference_rate_pressure ? percent : 0.0;
  }
  out.stress_flow = heart::segment_means(v, flow.hyperaemic_flow);
  out.rest_flow = heart::segment_means(v, rest);
  out.density_gain_percent = heart::segment_means(v, density);
  out.conductance_gain_percent = heart::segment_means(v, raised);
  out.ischaemic_percent = heart::segment_means(v, ischaemic);
  return out;
}

std::string View::description() const {
  const cohort::Patient& patient = patient_.candidate.patient;
  const heart::Ventricle& v = heart_->organ.ventricle;
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "%s, %.0f years, left ventricle %.0f g; ",
                patient.chart.sex == cohort::Sex::male ? "man" : "woman",
                patient.chart.age_years.value(), v.mass_g.value());
  return text.data() + artery_text("LAD", v.arteries[0]) + ", " +
         artery_text("LCX", v.arteries[1]) + ", " + artery_text("RCA", v.arteries[2]);
}

ViewLabels View::labels() const {
  const heart::Organ& organ = heart_->organ;
  ViewLabels labels;
  for (auto* of : {&labels.segment, &labels.territory, &labels.scar, &labels.depot}) {
    of->assign(organ.domain.level_mm.size(), 0);
  }
  for (std::size_t i = 0; i < organ.size(); ++i) {
    const std::size_t cell = organ.voxel[i];
    const std::size_t region = organ.domain.region[cell];
    labels.segment[cell] = organ.segment[i];
    labels.territory[cell] =
        static_cast<std::uint8_t>(1 + static_cast<int>(organ.ventricle.territory[region]));
    labels.scar[cell] = organ.ventricle.viable[region] != 0 ? 0 : 1;
    labels.depot[cell] = depot_at(cell);
  }
  return labels;
}

std::uint8_t View::depot_at(std::size_t cell) const {
  const tissue::Domain& domain = heart_->organ.domain;
  const auto nx = static_cast<std::size_t>(domain.cells[0]);
  const auto ny = static_cast<std::size_t>(domain.cells[1]);
  const std::array<std::size_t, 3> at{cell % nx, cell / nx % ny, cell / (nx * ny)};
  for (std::size_t j = 0; j < depots_.size(); ++j) {
    // (x - x_j)' Sigma^-1 (x - x_j) <= 1, Sigma = diag(SD along^2, across^2, across^2)
    const tissue::Depot& depot = depots_[j];
    double along = 0.0, square = 0.0;
    for (std::size_t k = 0; k < 3; ++k) {
      const double offset = domain.first_centre_mm[k] +
                            domain.spacing_mm * static_cast<double>(at[k]) - depot.position_mm[k];
      along += offset * depot.fibre[k];
      square += offset * offset;
    }
    const double sd_across = depot.sd_mm.value() / std::cbrt(depot.elongation);
    const double sd_along = sd_across * depot.elongation;
    const double across2 = std::max(0.0, square - along * along);
    if (along * along / (sd_along * sd_along) + across2 / (sd_across * sd_across) <= 1.0) {
      return static_cast<std::uint8_t>(j + 1);
    }
  }
  return 0;
}

std::array<std::array<double, 3>, 4> View::landmarks_mm() const {
  const tissue::Domain& d = heart_->organ.domain;
  const auto nx = static_cast<std::size_t>(d.cells[0]), ny = static_cast<std::size_t>(d.cells[1]);
  double lowest = 0.0, highest = 0.0, radius = 0.0;
  for (const std::uint32_t cell : heart_->organ.voxel) {
    const double x = d.first_centre_mm[0] + d.spacing_mm * static_cast<double>(cell % nx);
    const double y = d.first_centre_mm[1] + d.spacing_mm * static_cast<double>(cell / nx % ny);
    const double z = d.first_centre_mm[2] + d.spacing_mm * static_cast<double>(cell / (nx * ny));
    lowest = std::min(lowest, z);
    highest = std::max(highest, z);
    radius = std::max(radius, std::hypot(x, y));
  }
  const double half = 0.5 * d.spacing_mm;
  const double across = std::sqrt(3.0) / 2.0;  // sin 120 degrees
  return {{{0.0, 0.0, lowest - half},
           {0.0, 0.0, highest + half},
           {-0.5 * radius, across * radius, 0.0},
           {-0.5 * radius, -across * radius, 0.0}}};
}

ViewFields View::fields(std::size_t day) const {
  const heart::Organ& organ = heart_->organ;
  const heart::Parameters& p = conditions_.spec.heart;
  const std::vector<units::Days> one{times_[day]};
  tissue::VoxelOptions options;
  options.keep_fields = true;
  tissue::VoxelCourse course =
      tissue::grow_voxel(conditions_.spec.tissue, organ.domain, depots_, one, options);
  ViewFields out;
  out.signal = std::move(course.fields[0].signal);
  out.cells_per_mm3 = std::move(course.fields[0].cells_per_mm3);
  out.vessel_density = std::move(course.fields[0].density_gain);
  out.stress_flow.assign(organ.domain.level_mm.size(), 0.0F);
  out.rest_flow.assign(organ.domain.level_mm.size(), 0.0F);

  const std::vector<double> gain = conductance_gain(day);
  heart::Perfusion flow;
  heart::perfuse(p, organ.ventricle, gain, flow);
  std::vector<float> stress(organ.size());
  heart::voxel_flow(p, organ, gain, flow.distal_pressure_mmhg, stress);
  const auto demand = static_cast<float>(resting_demand(p.oxygen, organ.ventricle));
  const auto baseline =
      static_cast<float>(conditions_.spec.tissue.vessels.baseline_density_fraction.value());
  // In place, cell by cell: muscle voxels ascend.
  std::size_t next = 0;
  for (std::size_t cell = 0; cell < out.vessel_density.size(); ++cell) {
    const bool muscle = next < organ.size() && organ.voxel[next] == cell;
    float& density = out.vessel_density[cell];
    density = muscle ? baseline * (1.0F + density) : 0.0F;
    if (!muscle) continue;
    out.stress_flow[cell] = stress[next];
    out.rest_flow[cell] = std::min(demand, stress[next]);
    ++next;
  }
  return out;
}

}  // namespace angiotrial::trial
