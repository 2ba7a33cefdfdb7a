// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/allocation/parameters.hpp>

namespace angiotrial::allocation {
namespace {

using schema::Provenance;
using schema::Source;

constexpr Source fit{Provenance::fitted,
                     "prototype fit to 12 trial summaries (ACT34-CMI, RENEW and others), rounded",
                     ""};
constexpr Source act34{Provenance::protocol, "ACT34-CMI registry record; Losordo 2011 Circ Res",
                       "NCT00300053"};
constexpr Source recalled{Provenance::recalled, "ACT34-CMI entry rules as recalled", "NCT00300053"};
constexpr Source assumed{Provenance::assumed, "", ""};

}  // namespace

void describe(schema::Visitor& visit, Referral& p) {
  visit("slope", p.slope, {0.0, 20.0},
        "kap: steepness of referral against the log of present attacks", fit);
  visit("half_point_per_week", p.half_point_per_week, {0.1, 100.0},
        "R0: attacks per week at which half are referred", fit);
  visit("review_fraction", p.review_fraction, {0.0, 1.0},
        "share of the referred whose class and last exercise test are on record and are looked at "
        "before consent: most of the selection happens there (RENEW, ACT34-CMI)",
        assumed);
  visit("consent_fraction", p.consent_fraction, {0.01, 1.0}, "share of the referred who consent",
        assumed);
}

void describe(schema::Visitor& visit, EntryRules& p) {
  visit("least_age_years", p.least_age_years, {18.0, 120.0}, "youngest age", act34);
  visit("most_age_years", p.most_age_years, {18.0, 120.0}, "oldest age", act34);
  visit("least_lvef_fraction", p.least_lvef_fraction, {0.0, 0.9}, "lowest ejection fraction",
        recalled);
  visit("least_ccs_class", p.least_ccs_class, {1, 4}, "lowest CCS class", act34);
  visit("diary_weeks", p.diary_weeks, {1, 26}, "length of the screening diary",
        {Provenance::seen, "successor trial CardiAMP CMI and RENEW: 4 weeks", "NCT01508910"});
  visit("least_attacks_per_week", p.least_attacks_per_week, {0.0, 100.0},
        "fewest attacks per week in the screening diary", recalled);
  visit("exercise_tests", p.exercise_tests, {1, 5}, "number of screening exercise tests",
        {Provenance::seen, "RENEW: two tests within 3 weeks", "NCT01508910"});
  visit("shortest_test_s", p.shortest_test_s, {0.0, 1200.0}, "shortest exercise time that enters",
        recalled);
  visit("longest_test_s", p.longest_test_s, {0.0, 1200.0}, "longest exercise time that enters",
        recalled);
  visit("tests_agree_within_fraction", p.tests_agree_within_fraction, {0.0, 1.0},
        "largest difference of two screening tests, as a share of the longer one",
        {Provenance::assumed, "AGENT-3 used 20 %", "NCT00346437"});
  visit("tests_limited_by_angina", p.tests_limited_by_angina,
        "whether every screening test must be ended by angina", recalled);
}

void describe(schema::Visitor& visit, Randomisation& p) {
  visit("scheme", p.scheme, scheme_names, "how arms are assigned", {Provenance::assumed, "", ""});
  visit("blocks_of_each_arm", p.blocks_of_each_arm, {1, 50},
        "how often each arm, times its ratio, stands in a block", assumed);
  visit("minimisation_coin_fraction", p.minimisation_coin_fraction, {0.5, 1.0},
        "probability of following the minimisation rule", assumed);
}

void describe(schema::Visitor& visit, Parameters& p) {
  visit.group("referral", p.referral);
  visit.group("entry", p.entry);
  visit.group("randomisation", p.randomisation);
}

}  // namespace angiotrial::allocation
