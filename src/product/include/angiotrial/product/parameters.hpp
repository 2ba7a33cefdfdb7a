// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/product/process_parameters.hpp>
#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

/// The cell process from bone marrow to the bag: one group per step. Every member is described in
/// `src/parameters.cpp` or `src/process_parameters.cpp`; those rows are the documentation.
namespace angiotrial::product {

enum class CellSource { apheresis, marrow };
enum class HoldTemperature { refrigerated, room, body };

/// G-CSF to circulating CD34+ cells.
struct Mobilisation {
  units::UgPerKgPerDay gcsf_dose_ug_per_kg_per_day{5.0};
  int gcsf_days = 5;
  units::Days collection_days{5.0};
  units::CellsPerUl peak_cd34_cells_per_ul{22.3};
  units::UgPerKgPerDay reference_dose_ug_per_kg_per_day{5.0};
  double dose_exponent = 1.0;
  units::LogUnits age_effect_per_decade_log{-0.1};
  units::Years reference_age_years{62.0};
  double diabetes_ratio = 0.7;
  units::Fraction reference_diabetes_fraction{0.5};
  units::LogUnits peak_sd_log{0.65};
  units::CellsPerUl baseline_cd34_cells_per_ul{2.5};
  units::LogUnits baseline_sd_log{0.5};
  units::Days peak_days{4.4};
  double shape_exponent = 8.0;
  units::Days washout_half_life_days{1.0};
  units::Fraction completion_fraction{0.9943};
  units::CellsPerUl least_count_cells_per_ul{0.0};
};

/// Blood to the apheresis bag.
struct Apheresis {
  double blood_volumes = 2.5;
  units::Fraction collection_efficiency_fraction{0.50};
  units::LogUnits collection_efficiency_sd_log{0.6};
  units::LogUnits haemoglobin_effect_per_g_per_dl_log{0.148};
  units::GramsPerDl reference_haemoglobin_g_per_dl{14.0};
  units::CellsPerMl nucleated_cells_per_ml{5.24e6};
  units::LogUnits nucleated_sd_log{0.4};
};

/// Iliac crest to the aspirate, the other source.
struct Marrow {
  units::Ml aspirate_ml{359.0};
  int sites = 7;
  units::CellsPerMl first_pull_cells_per_ml{2.0e5};
  units::Ml dilution_ml{5.0};
  units::LogUnits concentration_sd_log{0.6};
  units::Fraction red_cell_depletion_recovery_fraction{0.683};
  units::Fraction input_cd34_fraction{0.0058};
  units::LogUnits input_cd34_sd_log{0.27};
};

/// From the finished product to the catheter laboratory.
struct Hold {
  units::Fraction viability_fraction{0.96};
  units::LogUnits viability_sd_log{0.6};
  HoldTemperature temperature = HoldTemperature::refrigerated;
  units::Hours hold_hours{20.0};
  units::PerHour loss_refrigerated_per_hour{0.0043};
  units::PerHour loss_room_per_hour{0.0085};
  units::PerHour loss_body_per_hour{0.2};
  units::LogUnits loss_sd_log{0.47};
};

/// What is done when a harvest cannot give the prescribed dose.
enum class ShortfallRule { give_what_there_is, fail };

/// The gate in front of the injection.
struct ReleaseTests {
  units::Fraction viability_floor_fraction{0.70};
  units::Fraction purity_floor_fraction{0.50};
  units::Fraction sterility_failure_fraction{0.002};
  units::Fraction count_error_fraction{0.05};
  ShortfallRule shortfall_rule = ShortfallRule::give_what_there_is;
};

/// What one cell is worth, relative to a fresh cell of a non-diabetic of the reference age.
struct Potency {
  double diabetes_ratio = 0.5;
  units::LogUnits age_effect_per_decade_log{-0.1};
  units::Years reference_age_years{60.0};
  units::LogUnits sd_log{0.8};
  double purity_exponent = 0.0;
  double mobilisation_correlation = 0.0;
};

struct Parameters {
  CellSource source = CellSource::apheresis;
  Device device = Device::isolex;
  bool expand = false;
  Mobilisation mobilisation;
  Apheresis apheresis;
  Marrow marrow;
  Selection selection;
  Expansion expansion;
  Hold hold;
  ReleaseTests release;
  Potency potency;
};

void describe(schema::Visitor& visit, Mobilisation& p);
void describe(schema::Visitor& visit, Apheresis& p);
void describe(schema::Visitor& visit, Marrow& p);
void describe(schema::Visitor& visit, Hold& p);
void describe(schema::Visitor& visit, ReleaseTests& p);
void describe(schema::Visitor& visit, Potency& p);
void describe(schema::Visitor& visit, Parameters& p);

}  // namespace angiotrial::product
