// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

/// The machines of the process: the magnetic separator and the culture.
namespace angiotrial::product {

/// Which separator, fed from which source.
enum class Device { isolex, clinimacs, isolex_marrow };

/// What is known of one separator before a run.
struct Separator {
  units::Fraction recovery_fraction;
  units::LogUnits recovery_sd_log;          ///< on the logit scale
  units::Fraction purity_ceiling_fraction;  ///< purity of a rich input
  units::Fraction half_purity_fraction;     ///< CD34+ share of the input at half the ceiling
  units::LogUnits purity_sd_log;            ///< on the logit scale, run to run at a given input
  units::Cells capacity_cells;              ///< CD34+ cells that one run can bind
};

struct Isolex {
  Separator run{units::Fraction(0.55),   units::LogUnits(0.5), units::Fraction(0.94),
                units::Fraction(2.8e-4), units::LogUnits(0.5), units::Cells(6.0e8)};
};
struct Clinimacs {
  Separator run{units::Fraction(0.70),   units::LogUnits(0.5), units::Fraction(0.97),
                units::Fraction(5.0e-5), units::LogUnits(0.8), units::Cells(6.0e8)};
};
struct IsolexMarrow {
  Separator run{units::Fraction(0.443),  units::LogUnits(1.0),  units::Fraction(0.67),
                units::Fraction(2.8e-4), units::LogUnits(0.75), units::Cells(6.0e8)};
};

struct Selection {
  Isolex isolex;
  Clinimacs clinimacs;
  IsolexMarrow isolex_marrow;

  [[nodiscard]] const Separator& run(Device device) const {
    switch (device) {
      case Device::isolex:
        return isolex.run;
      case Device::clinimacs:
        return clinimacs.run;
      case Device::isolex_marrow:
        return isolex_marrow.run;
    }
    return isolex.run;
  }
};

/// Culture between selection and the hold, used when `expand` is set.
struct Expansion {
  units::Days culture_days{9.0};
  units::Hours doubling_hours{26.0};
  units::LogUnits doubling_sd_log{0.2};
  units::Hours lag_hours{40.0};
  units::Hours lag_sd_hours{8.0};
  units::Fraction self_renewal_fraction{0.965};
  units::Days self_renewal_days{5.0};
  double differentiated_division_ratio = 0.5;
  units::PerDay differentiated_loss_per_day{0.1};
  units::Cells capacity_cells{2.0e9};
  units::LogUnits donor_yield_sd_log{0.44};
  units::Fraction reselection_recovery_fraction{0.70};
  units::LogUnits reselection_sd_log{0.5};
  double potency_floor = 0.5;
  units::Days potency_days{9.8};
};

void describe(schema::Visitor& visit, Isolex& p);
void describe(schema::Visitor& visit, Clinimacs& p);
void describe(schema::Visitor& visit, IsolexMarrow& p);
void describe(schema::Visitor& visit, Selection& p);
void describe(schema::Visitor& visit, Expansion& p);

}  // namespace angiotrial::product
