// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

/// Every number of the tissue model. Meanings, ranges and sources stand in parameters.cpp.
namespace angiotrial::tissue {

/// How long retained cells live: (1 - phi) 2^(-t/slow) + phi 2^(-t/fast).
struct Survival {
  units::Fraction fast_loss_fraction{0.35};
  units::Hours slow_half_life_hours{60.0};
  units::Hours fast_half_life_hours{6.0};
};

/// What cells give off, and how far it travels.
struct Secretion {
  /// q0 n_ref / (k c50), with n_ref = 1e6 cells/mL: c/c50 deep inside a wide field of fresh cells
  /// at 1e6 per mL of tissue. The one free ratio of the potency scale.
  double potency_ratio = 4.0;
  double hypoxia_fold = 2.0;
  units::Mmhg half_hypoxia_mmhg{12.0};
  units::Mmhg tissue_oxygen_mmhg{20.0};
  units::Mm decay_length_mm{0.6};
  units::PerHour factor_decay_per_hour{0.8};
};

/// The host's own factors: dH/dt = k_H g(c) (1 - H) - H/tau_H.
struct Relay {
  units::PerDay induction_per_day{0.5};
  units::Days persistence_days{10.0};
  double hill_exponent = 0.5;
};

/// Immature and mature microvessels, as densities relative to control myocardium.
struct Vessels {
  units::Fraction baseline_density_fraction{0.80};
  double density_ceiling = 2.0;
  units::PerDay growth_per_day{0.03};
  units::PerWeek maturation_per_week{0.35};
  units::PerWeek immature_loss_per_week{0.48};
  units::PerYear mature_loss_per_year{0.0};
  units::Fraction immature_conductance_fraction{0.3};
  double growth_hill_exponent = 1.5;
  double growth_half_response = 0.3;
  double endogenous_signal = 0.05;
  double direct_weight = 0.01;
  double maturation_half_response = 1.0;
  double maturation_from_cells = 0.0;
};

/// Remodelling of small arteries around the depots.
struct Arterioles {
  units::Mm arteriolar_reach_mm{12.0};
  units::Fraction arteriolar_ceiling_fraction{0.38};
  units::Weeks plateau_weeks{8.0};
};

/// Circulating CD34+ cells caught where the needle went (B8).
struct Homing {
  bool homing = false;
  double extraction = 1.0e-5;
  units::MlPerMinPerG resting_flow_ml_per_min_per_g{0.8};
  units::CellsPerUl circulating_cells_per_ul{2.5};
  double sdf_fold = 2.0;
  double sdf_gain = 1.0;
  units::Days sdf_persistence_days{4.0};
};

/// Death by crowding (E3): a switch.
struct Crowding {
  bool crowding = false;
  units::PerDay death_per_day{1.0};
  units::CellsPerMl half_density_cells_per_ml{3.0e7};
  double exponent = 2.0;
};

/// Malformed vessels above a local signal (E4): a switch.
struct Aberrant {
  bool aberrant = false;
  double threshold = 5000.0;
  double exponent = 4.0;
  units::Fraction shunt_fraction{0.5};
};

/// Factor taken up by vessels: k(x) = k_d [ (1 - u) + u rho(x)/rho_0 ], in three dimensions only.
struct Uptake {
  units::Fraction vessel_uptake_fraction{0.0};
};

/// Saturation of retention (E2): a switch, for delivery to call.
struct RetentionSaturation {
  bool saturation = false;
  units::Cells scale_cells{1.0e8};
};

struct Parameters {
  Survival survival;
  Secretion secretion;
  Relay relay;
  Vessels vessels;
  Arterioles arterioles;
  Homing homing;
  Crowding crowding;
  Aberrant aberrant;
  Uptake uptake;
  RetentionSaturation retention;
  int shells = 48;  ///< per depot, out to 3 SD and 6 decay lengths
};

void describe(schema::Visitor& visit, Survival& p);
void describe(schema::Visitor& visit, Secretion& p);
void describe(schema::Visitor& visit, Relay& p);
void describe(schema::Visitor& visit, Vessels& p);
void describe(schema::Visitor& visit, Arterioles& p);
void describe(schema::Visitor& visit, Homing& p);
void describe(schema::Visitor& visit, Crowding& p);
void describe(schema::Visitor& visit, Aberrant& p);
void describe(schema::Visitor& visit, Uptake& p);
void describe(schema::Visitor& visit, RetentionSaturation& p);
void describe(schema::Visitor& visit, Parameters& p);

}  // namespace angiotrial::tissue
