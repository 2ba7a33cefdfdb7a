// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

/// From the ischaemic threshold to what a patient feels, and what a year in a trial does to that.
namespace angiotrial::symptoms {

struct DailyLife {
  units::LogUnits bout_sd_log{0.18};
  units::LogUnits threshold_day_sd_log{0.085};
  double behaviour_exponent = 0.21;
  units::LogUnits fluctuation_sd_log{0.48};
  units::Weeks fluctuation_time_weeks{9.0};
  units::LogUnits threshold_coupling_log{0.06};
  units::LogUnits season_amplitude_log{0.15};
};

/// What happens to every blinded patient, before any cell is given.
struct Placebo {
  double reporting_median = 0.61;
  units::LogUnits reporting_sd_log{0.23};
  units::LogUnits learning_log{0.07};
  units::LogUnits learning_sd_log{0.08};
  units::Seconds tolerance_gain_s{28.0};
  units::LogUnits motivation_log{0.04};
  units::LogUnits motivation_sd_log{0.07};
  units::Fraction women_share_fraction{1.0};
};

/// Natural course of the threshold: collaterals, progression, changes of drugs.
struct Drift {
  units::LogUnits at_6_months_log{0.024};
  units::LogUnits sd_at_6_months_log{0.08};
  units::Months time_months{3.0};
};

struct Parameters {
  DailyLife daily_life;
  Placebo placebo;
  Drift drift;
};

void describe(schema::Visitor& visit, DailyLife& p);
void describe(schema::Visitor& visit, Placebo& p);
void describe(schema::Visitor& visit, Drift& p);
void describe(schema::Visitor& visit, Parameters& p);

}  // namespace angiotrial::symptoms
