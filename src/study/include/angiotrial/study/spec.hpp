// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/allocation/parameters.hpp>
#include <angiotrial/analysis/plan.hpp>
#include <angiotrial/assessment/parameters.hpp>
#include <angiotrial/cohort/parameters.hpp>
#include <angiotrial/delivery/parameters.hpp>
#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/product/parameters.hpp>
#include <angiotrial/product/prescription.hpp>
#include <angiotrial/symptoms/parameters.hpp>
#include <angiotrial/tissue/parameters.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A study as read: protocol, arms, and every parameter of the model.
namespace angiotrial::study {

/// [study]
struct Identity {
  std::string id = "STUDY";
  std::string title;
  std::optional<std::uint64_t> seed;  ///< always there after reading
};

/// [arms.NAME]; the dose keys of product::ArmDose stand in the same table.
struct Arm {
  std::string name;
  product::ArmDose dose;
  int ratio = 1;          ///< share in the randomisation
  bool blinded = true;    ///< patient and assessor do not know
  bool mobilised = true;  ///< G-CSF and collection
  bool injected = true;   ///< mapping and injection, of cells or of diluent
};

/// [protocol]
struct Protocol {
  int randomised = 168;
  int most_candidates = 1000000;
  units::PerDay candidates_per_day{16.0};
  units::Days start_after_winter_peak_days{76.0};
  int centres = 26;
  bool harvest_before_randomisation = true;
  units::Weeks screening_to_injection_weeks{2.0};
  int diary_weeks = 4;
  units::Months horizon_months{12.0};
  units::Fraction not_treated_fraction{0.006};
};

/// [visits.NAME]
struct Visit {
  int month = 6;
};

/// [scenarios.NAME]: the placebo arm explained another way (docs/how-to/placebo-scenarios.md).
struct Scenario {
  std::string name;
  double reporting_median = 0.61;
  units::LogUnits fluctuation_sd_log{0.48};
  units::PerWeek half_point_per_week{14.5};
  units::PerWeek exertion_bouts_per_week{110.0};
};

/// How finely the hearts of treated patients are resolved: segments and spherical shells, or a
/// three-dimensional left ventricle.
enum class Resolution { radial, voxel };
inline constexpr std::array<std::string_view, 2> resolution_names{"radial", "voxel"};

[[nodiscard]] constexpr std::string_view name_of(Resolution resolution) {
  return resolution_names[static_cast<std::size_t>(resolution)];
}

/// [run]
struct Run {
  Resolution resolution = Resolution::radial;
  units::Mm voxel_spacing_mm{1.0};
  bool twins = true;
  bool decomposition = true;
  units::Fraction most_failed_patients_fraction{0.01};
};

struct StudySpec {
  Identity identity;
  Protocol protocol;
  std::vector<Arm> arms;
  std::vector<Visit> visits;
  std::vector<Scenario> scenarios;
  Run run;
  cohort::Parameters cohort;
  product::Parameters product;
  delivery::Parameters delivery;
  tissue::Parameters tissue;
  heart::Parameters heart;
  symptoms::Parameters symptoms;
  assessment::Parameters assessment;
  allocation::Parameters allocation;
  analysis::AnalysisPlan analysis;
};

}  // namespace angiotrial::study
