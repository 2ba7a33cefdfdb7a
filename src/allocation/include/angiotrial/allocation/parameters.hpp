// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>
#include <angiotrial/units/names.hpp>

#include <array>
#include <string_view>

/// Who comes, who may enter, and who gets what.
namespace angiotrial::allocation {

/// Who reaches a trial centre at all: patients come when they are bad.
struct Referral {
  double slope = 2.0;
  units::PerWeek half_point_per_week{14.5};
  units::Fraction review_fraction{1.0};
  units::Fraction consent_fraction{0.8};
};

struct EntryRules {
  units::Years least_age_years{21.0};
  units::Years most_age_years{80.0};
  units::Fraction least_lvef_fraction{0.25};
  int least_ccs_class = 3;
  int diary_weeks = 4;
  units::PerWeek least_attacks_per_week{7.0};
  int exercise_tests = 2;
  units::Seconds shortest_test_s{180.0};
  units::Seconds longest_test_s{600.0};
  units::Fraction tests_agree_within_fraction{0.25};
  bool tests_limited_by_angina = true;
};

enum class Scheme { permuted_blocks, stratified_blocks, minimisation };
inline constexpr std::array<std::string_view, 3> scheme_names{"permuted_blocks",
                                                              "stratified_blocks", "minimisation"};

struct Randomisation {
  Scheme scheme = Scheme::permuted_blocks;
  int blocks_of_each_arm = 2;
  units::Fraction minimisation_coin_fraction{0.8};
};

struct Parameters {
  Referral referral;
  EntryRules entry;
  Randomisation randomisation;
};

void describe(schema::Visitor& visit, Referral& p);
void describe(schema::Visitor& visit, EntryRules& p);
void describe(schema::Visitor& visit, Randomisation& p);
void describe(schema::Visitor& visit, Parameters& p);

}  // namespace angiotrial::allocation
