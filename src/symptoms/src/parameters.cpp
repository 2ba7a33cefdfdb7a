// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/symptoms/parameters.hpp>

namespace angiotrial::symptoms {
namespace {

using schema::Provenance;
using schema::Source;

constexpr Source fit{Provenance::fitted,
                     "prototype fit to 12 trial summaries (ACT34-CMI, RENEW and others), rounded",
                     ""};
constexpr Source chosen{Provenance::chosen,
                        "set so that the shipped ACT34-CMI study meets its placebo targets; prior "
                        "from a prototype fit",
                        ""};

}  // namespace

void describe(schema::Visitor& visit, DailyLife& p) {
  visit("bout_sd_log", p.bout_sd_log, {0.01, 1.0},
        "sig_a: spread of the peak of an exertion bout around its habitual level", fit);
  visit("threshold_day_sd_log", p.threshold_day_sd_log, {0.0, 0.5},
        "sd_day: day-to-day standard deviation of the ischaemic threshold",
        {Provenance::seen, "Waters 1985 J Am Coll Cardiol 6:1011 (8.4 % over 7 tests, n 28)", ""});
  visit("behaviour_exponent", p.behaviour_exponent, {0.0, 1.0},
        "gam: share of a gain in threshold that is spent on doing more", fit);
  visit("fluctuation_sd_log", p.fluctuation_sd_log, {0.0, 1.5},
        "sd_u: standard deviation of good and bad spells", fit);
  visit("fluctuation_time_weeks", p.fluctuation_time_weeks, {0.1, 520.0},
        "tau_u: correlation time of good and bad spells (no direct measurement found)", fit);
  visit("threshold_coupling_log", p.threshold_coupling_log, {0.0, 0.5},
        "chi: fall of ln RPP* on the treadmill per unit of u", fit);
  visit("season_amplitude_log", p.season_amplitude_log, {0.0, 1.0},
        "log-amplitude of the seasonal course, peak in winter",
        {Provenance::recalled, "coronary disease seasonality literature", ""});
}

void describe(schema::Visitor& visit, Placebo& p) {
  visit("reporting_median", p.reporting_median, {0.05, 1.5},
        "rep: median factor on reported episodes in a blinded arm (sham meta-analysis: -53 %, "
        "24-71, Palma 2022)",
        chosen);
  visit("reporting_sd_log", p.reporting_sd_log, {0.0, 1.5}, "rep: spread between patients", fit);
  visit(
      "learning_log", p.learning_log, {-0.2, 0.5},
      "learn: mean fall of ln h with practice (Smokler 1973, Starling 1984: longer exercise at an "
      "unchanged threshold)",
      chosen);
  visit("learning_sd_log", p.learning_sd_log, {0.0, 0.5}, "learn: spread between patients", fit);
  visit("tolerance_gain_s", p.tolerance_gain_s, {-60.0, 200.0},
        "exp_tol: extra time between angina and stopping under expectation", chosen);
  visit("motivation_log", p.motivation_log, {-0.2, 0.5},
        "exp_fat: mean rise of ln MET_fat under expectation", chosen);
  visit("motivation_sd_log", p.motivation_sd_log, {0.0, 0.5}, "exp_fat: spread between patients",
        fit);
  visit("women_share_fraction", p.women_share_fraction, {0.0, 1.0},
        "share of the expectation terms that women show (AGENT-3/4: negligible in women)",
        {Provenance::assumed, "1 = as men; JACC 2007, direction seen, size not reached",
         "10.1016/j.jacc.2007.06.010"});
}

void describe(schema::Visitor& visit, Drift& p) {
  visit("at_6_months_log", p.at_6_months_log, {-0.3, 0.3},
        "mean change of ln RPP* by natural course at 6 months", chosen);
  visit("sd_at_6_months_log", p.sd_at_6_months_log, {0.0, 0.5},
        "standard deviation of that change at 6 months; grows with the square root of time", fit);
  visit("time_months", p.time_months, {0.1, 60.0}, "time constant of the mean drift",
        {Provenance::assumed, "", ""});
}

void describe(schema::Visitor& visit, Parameters& p) {
  visit.group("daily_life", p.daily_life);
  visit.group("placebo", p.placebo);
  visit.group("drift", p.drift);
}

}  // namespace angiotrial::symptoms
