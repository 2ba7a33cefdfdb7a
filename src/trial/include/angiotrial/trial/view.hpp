// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/trial/treatable.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// One patient's heart in three dimensions, for pictures: plain fields that need no room of science
/// to be read.
namespace angiotrial::trial {

struct ViewRequest {
  std::uint32_t replicate = 0;
  std::size_t arm = 0;                ///< of the study
  std::vector<units::Days> days;      ///< ascending, from 0
  const heart::Mask* mask = nullptr;  ///< that the patient adopted, if any
};

inline constexpr std::size_t view_segments = 17;

/// Rate-pressure products at which burden is tabulated: 6000 to 20 000.
[[nodiscard]] constexpr double view_rate_pressure(std::size_t index) {
  return 6000.0 + 500.0 * static_cast<double>(index);
}

/// One injection: where it went and what became of its cells.
struct ViewSite {
  std::array<double, 3> position_mm{};
  int segment = 0;
  bool truly_ischaemic = false, truly_viable = true;
  double injected_cells = 0.0, retained_cells = 0.0, leaked_cells = 0.0, washed_out_cells = 0.0;
  double outside_cells = 0.0;
  double placed_cells = 0.0;  ///< counted again on the grid
};

/// The bag: viable cells in it, lost in the catheter, and left for want of sites.
struct ViewAccount {
  double bag = 0.0, killed = 0.0, unused = 0.0;
};

/// The heart on one day. Segment arrays begin with segment 1.
struct ViewDay {
  units::Days day;
  double threshold = 0.0;  ///< RPP*
  double burden_at_15000 = 0.0;
  double mean_stress_flow = 0.0, mean_rest_flow = 0.0, flow_reserve = 0.0, endo_epi_ratio = 0.0;
  std::array<double, 3> fractional_flow_reserve{};   ///< LAD, LCX, RCA
  std::array<double, 3> microvascular_resistance{};  ///< IMR, units of the index
  std::array<double, 29> burden_percent{};           ///< at view_rate_pressure
  double density_gain_mm3 = 0.0;                     ///< over the whole wall
  double mean_drive = 0.0;                           ///< of arterioles, over depots
  std::array<double, view_segments> stress_flow{}, rest_flow{}, density_gain_percent{},
      conductance_gain_percent{}, ischaemic_percent{};  ///< burden at RPP 15 000, of the segment
};

/// Values on the cells of the box, x fastest; 0 where there is no muscle.
struct ViewFields {
  std::vector<float> stress_flow, rest_flow, vessel_density, signal, cells_per_mm3;
};

/// Labels of the cells of the box.
struct ViewLabels {
  std::vector<std::uint8_t> segment;    ///< 1 to 17, 0 off the muscle
  std::vector<std::uint8_t> territory;  ///< 1 LAD, 2 LCX, 3 RCA
  std::vector<std::uint8_t> scar;       ///< 1 in scar
  std::vector<std::uint8_t> depot;      ///< number of the depot whose core this is, from 1
};

/// A treatment on the same heart.
struct TreatmentRow {
  std::string name;
  double threshold_change_percent = 0.0;     ///< of RPP*
  double burden_percent = 0.0;               ///< ischaemic share at RPP 15 000
  double stress_flow = 0.0;                  ///< mean hyperaemic, mL/min/g
  double worst_flow_reserve_fraction = 0.0;  ///< FFR of the worst vessel
  double endo_epi_ratio = 0.0;
  std::string verdict;  ///< how the model fared against trials of this treatment
};

class View {
 public:
  /// Expects an arm of the study that is injected and at least one day.
  View(const Conditions& conditions, const Treatable& patient, const ViewRequest& request);
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  [[nodiscard]] std::uint32_t patient_id() const { return patient_.candidate.patient.id; }
  [[nodiscard]] bool is_masked() const { return mask_ != nullptr; }
  [[nodiscard]] std::string description() const;  ///< sex, age, mass, arteries, in one line
  [[nodiscard]] const std::array<int, 3>& cells() const { return heart_->organ.domain.cells; }
  [[nodiscard]] double spacing_mm() const { return heart_->organ.domain.spacing_mm; }
  [[nodiscard]] const std::array<double, 3>& first_centre_mm() const {
    return heart_->organ.domain.first_centre_mm;
  }
  [[nodiscard]] std::size_t muscle_voxels() const { return heart_->organ.size(); }
  [[nodiscard]] const std::array<double, view_segments>& segment_mass_g() const {
    return segment_mass_g_;
  }
  [[nodiscard]] const std::vector<ViewSite>& sites() const { return sites_; }
  [[nodiscard]] const ViewAccount& account() const { return account_; }
  [[nodiscard]] const std::vector<ViewDay>& days() const { return days_; }
  [[nodiscard]] double box_spacing_mm() const { return course_.box_spacing_mm; }
  [[nodiscard]] double worst_residual() const { return course_.worst_residual; }
  [[nodiscard]] double worst_balance_error() const { return course_.worst_balance_error; }

  [[nodiscard]] const delivery::ElectromechanicalMap& map() const {
    return patient_.preparation.placement->map;
  }

  [[nodiscard]] const delivery::Endocardium& wall() const {
    return patient_.preparation.placement->wall;
  }

  [[nodiscard]] ViewLabels labels() const;
  /// Apex, base centre, anterior and inferior insertion of the right ventricle, mm: the last two
  /// on the epicardium at the equator, at 120 and 240 degrees.
  [[nodiscard]] std::array<std::array<double, 3>, 4> landmarks_mm() const;
  /// Solved again for one day, so that the fields of one day are held at a time.
  [[nodiscard]] ViewFields fields(std::size_t day) const;

  /// This heart on its last day as shipped, with boxes twice as coarse, and with voxels twice as
  /// coarse, in this order.
  struct Refinement {
    double voxel_mm = 0.0, box_mm = 0.0;
    double density_gain_mm3 = 0.0, threshold = 0.0, threshold_gain_percent = 0.0;
  };
  [[nodiscard]] std::vector<Refinement> refine() const;

  /// Drugs, stent, bypass, reducer and cells side by side on this heart. A beta-blocker acts on
  /// heart rate alone, which perfusion does not see, and is left out.
  [[nodiscard]] std::vector<TreatmentRow> compare_treatments() const;

 private:
  [[nodiscard]] random::Streams streams_of_patient() const;
  [[nodiscard]] std::uint8_t depot_at(std::size_t cell) const;
  [[nodiscard]] ViewDay describe_day(std::size_t day) const;
  [[nodiscard]] std::vector<double> conductance_gain(std::size_t day) const;

  const Conditions& conditions_;
  std::vector<units::Days> times_;
  std::uint32_t replicate_;
  const heart::Mask* mask_;
  tissue::VoxelModel model_;
  Treatable patient_;
  const VoxelHeart* heart_ = nullptr;  ///< in patient_
  std::vector<tissue::Depot> depots_;
  tissue::VoxelCourse course_;
  std::array<double, view_segments> segment_mass_g_{};
  std::vector<ViewSite> sites_;
  ViewAccount account_;
  std::vector<ViewDay> days_;
};

}  // namespace angiotrial::trial
