// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

#include <string>
#include <vector>

/// What is to be analysed, as data: endpoints, estimands, level, reference arm. The defaults are
/// those of ACT34-CMI (NCT00300053). Each struct is described in plan.cpp.
namespace angiotrial::analysis {

/// Who is analysed: the ADSL flag that must be set.
enum class Population { randomised, intention_to_treat, full_analysis, safety };

/// The attributes of ICH E9(R1) besides the treatments, which are the arms compared.
struct Estimand {
  Population population = Population::full_analysis;
  std::string variable;
  std::string intercurrent_events;  ///< strategy
  std::string summary_measure;
};

/// `population; variable; intercurrent events; summary measure`, as printed in a row.
[[nodiscard]] std::string text(const Estimand& estimand);

/// Where `visits` is asked for: names separated by `;`, or `all` for Baseline and each visit that
/// has a month. Arms are compared at visits after baseline only.
struct CountEndpoint {
  std::string paramcd = "ANGWK";
  std::string param = "Angina episodes per week";
  std::string unit = "1/week";
  std::string visits = "all";
  bool compare = true;             ///< fit a rate ratio of each arm against the reference
  bool baseline_covariate = true;  ///< log(baseline + shift); the offset is always log(days)
  units::PerWeek baseline_shift_per_week{0.0};  ///< above 0 where a baseline may be 0
  Estimand estimand;
};

enum class Variance { model, hc3 };

struct ContinuousEndpoint {
  std::string paramcd = "ETTDUR";
  std::string change_paramcd = "ETTCHG";  ///< code of the change rows; empty: no change rows
  std::string param = "Total exercise time";
  std::string unit = "s";
  std::string visits = "all";
  bool compare = true;  ///< ANCOVA of the value, baseline as covariate
  Variance variance = Variance::model;
  Estimand estimand;
};

/// An ordinal scale, reported as the percentage in each category.
struct CategoryEndpoint {
  std::string paramcd = "CCSCLS";
  std::string param = "CCS angina class";
  int least = 0;
  int most = 4;
  std::string visits = "all";
  Estimand estimand;
};

struct EventEndpoint {
  std::string paramcd = "MACE";
  std::string param = "Major adverse cardiac event";
  units::Months horizon_months{12.0};  ///< where the Kaplan-Meier estimate is read
  Estimand estimand;
};

/// Percentages of subjects above multiples of the upper limit, by arm and together.
struct LabEndpoint {
  std::string paramcd = "TROPI";
  std::string param = "Troponin";
  units::UpperLimits first_limit_uln{1.0};
  units::UpperLimits second_limit_uln{3.0};
  std::string visits = "Baseline;After collection;After injection";
  Estimand estimand;
};

/// The percentage of subjects with a finding: a laboratory parameter that is 1 (yes) or 0 (no).
struct FindingEndpoint {
  std::string paramcd = "ENZNSTMI";
  std::string param = "Enzyme rise fitting NSTEMI";
  std::string visits = "After collection;After injection";
  Estimand estimand;
};

struct AnalysisPlan {
  AnalysisPlan();  ///< the endpoints of ACT34-CMI

  std::string reference_arm = "placebo";
  units::Fraction level_fraction{0.95};
  /// A subject given less than this share of the planned dose counts as short of dose.
  units::Fraction least_dose_fraction{0.90};
  std::vector<CountEndpoint> counts;
  std::vector<ContinuousEndpoint> continuous;
  std::vector<CategoryEndpoint> categories;
  std::vector<EventEndpoint> events;
  std::vector<LabEndpoint> labs;
  std::vector<FindingEndpoint> findings;
};

void describe(schema::Visitor& visit, Estimand& p);
void describe(schema::Visitor& visit, CountEndpoint& p);
void describe(schema::Visitor& visit, ContinuousEndpoint& p);
void describe(schema::Visitor& visit, CategoryEndpoint& p);
void describe(schema::Visitor& visit, EventEndpoint& p);
void describe(schema::Visitor& visit, LabEndpoint& p);
void describe(schema::Visitor& visit, FindingEndpoint& p);
/// Each endpoint is a group named by its code: `counts.ANGWK`, `events.MACE`.
void describe(schema::Visitor& visit, AnalysisPlan& p);

}  // namespace angiotrial::analysis
