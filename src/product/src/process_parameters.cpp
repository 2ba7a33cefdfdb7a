// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/product/process_parameters.hpp>

#include <string_view>

namespace angiotrial::product {
namespace {

using schema::Provenance;
using schema::Source;

/// Where the numbers of one separator come from.
struct SeparatorSources {
  Source recovery, recovery_sd, purity, input, purity_sd, capacity;
};

void describe_run(schema::Visitor& visit, Separator& p, const SeparatorSources& from) {
  visit("recovery_fraction", p.recovery_fraction, {0.01, 0.99},
        "median share of the input CD34+ cells recovered", from.recovery);
  visit("recovery_sd_log", p.recovery_sd_log, {0.0, 3.0}, "SD of its logit between runs",
        from.recovery_sd);
  visit("purity_ceiling_fraction", p.purity_ceiling_fraction, {0.05, 0.9999},
        "purity from a rich input, pi_max", from.purity);
  visit("half_purity_fraction", p.half_purity_fraction, {1.0e-6, 0.1},
        "CD34+ share of the input at which purity is half of pi_max", from.input);
  visit("purity_sd_log", p.purity_sd_log, {0.0, 3.0},
        "SD of logit purity between runs with the same input", from.purity_sd);
  visit("capacity_cells", p.capacity_cells, {1.0e6, 1.0e11},
        "CD34+ cells one run can bind; recovery falls in proportion above it", from.capacity);
}

constexpr std::string_view runs_240 = "Factors affecting purification with Isolex 300i, 240 runs";
constexpr std::string_view zubair =
    "Zubair 2010, severe coronary disease, 0.2 % before and 82.5 % after Isolex (Cytotherapy)";
constexpr std::string_view transfusion =
    "Isolation of CD34+ cells by automated immunomagnetic selection, 51 runs (Transfusion 2000)";
constexpr std::string_view donnenberg = "Donnenberg 2011, intra-operative CD34-enriched marrow";
constexpr std::string_view donnenberg_id = "PMC4165076";
constexpr std::string_view keever = "Keever-Taylor 2012, BMT CTN 0303 (BBMT 18:690)";
constexpr Source capacity{Provenance::seen,
                          "Out-of-specification CliniMACS evaluation, 643 runs (Cytotherapy 2008)",
                          "10.1080/14653240701787650"};
constexpr Source assumed{Provenance::assumed, "", ""};

}  // namespace

void describe(schema::Visitor& visit, Isolex& p) {
  constexpr std::string_view doi = "10.1046/j.1537-2995.2000.40010035.x";
  describe_run(visit, p.run,
               {.recovery = {Provenance::seen, runs_240, ""},
                .recovery_sd = {Provenance::seen, runs_240, ""},
                .purity = {Provenance::derived, runs_240, ""},
                .input = {Provenance::derived, zubair, "10.3109/14653240903493409"},
                .purity_sd = {Provenance::derived, transfusion, doi},
                .capacity = assumed});
}

void describe(schema::Visitor& visit, Clinimacs& p) {
  constexpr Source recalled{Provenance::recalled, keever, ""};
  describe_run(visit, p.run,
               {.recovery = recalled,
                .recovery_sd = recalled,
                .purity = recalled,
                .input = assumed,
                .purity_sd = recalled,
                .capacity = capacity});
}

void describe(schema::Visitor& visit, IsolexMarrow& p) {
  describe_run(visit, p.run,
               {.recovery = {Provenance::seen, donnenberg, donnenberg_id},
                .recovery_sd = {Provenance::seen, donnenberg, donnenberg_id},
                .purity = {Provenance::derived, donnenberg, donnenberg_id},
                .input = assumed,
                .purity_sd = {Provenance::derived, donnenberg, donnenberg_id},
                .capacity = assumed});
}

void describe(schema::Visitor& visit, Selection& p) {
  visit.group("isolex", p.isolex);
  visit.group("clinimacs", p.clinimacs);
  visit.group("isolex_marrow", p.isolex_marrow);
}

void describe(schema::Visitor& visit, Expansion& p) {
  constexpr Source recalled{Provenance::recalled, "culture of adult CD34+ cells with cytokines",
                            ""};
  constexpr Source fitted{
      Provenance::fitted,
      "Saucourt 2019, automated expansion: 17.1 to 59.4 million CD34+ in about 9 days", ""};
  visit("culture_days", p.culture_days, {0.0, 30.0}, "length of the culture",
        {Provenance::seen, "Saucourt 2019 (Stem Cells Transl Med)", ""});
  visit("doubling_hours", p.doubling_hours, {8.0, 200.0},
        "median time between divisions in log phase (20-36)", recalled);
  visit("doubling_sd_log", p.doubling_sd_log, {0.0, 1.0}, "SD of its log between donors", recalled);
  visit("lag_hours", p.lag_hours, {0.0, 240.0}, "mean time before the first division (24-60)",
        recalled);
  visit("lag_sd_hours", p.lag_sd_hours, {0.0, 100.0}, "its SD between donors", recalled);
  visit("self_renewal_fraction", p.self_renewal_fraction, {0.0, 1.0},
        "share a of daughter cells that stay CD34+, extrapolated to the start of the culture",
        fitted);
  visit("self_renewal_days", p.self_renewal_days, {0.1, 100.0},
        "time constant of the fall of that share to one half", recalled);
  visit("differentiated_division_ratio", p.differentiated_division_ratio, {0.0, 2.0},
        "division rate of differentiated over CD34+ cells; with the loss below it gives a CD34+ "
        "share near 0.33 on day 7 (published 0.2-0.6)",
        {Provenance::assumed, "", ""});
  visit("differentiated_loss_per_day", p.differentiated_loss_per_day, {0.0, 5.0},
        "death of differentiated cells", assumed);
  visit("capacity_cells", p.capacity_cells, {1.0e6, 1.0e12},
        "cells of both kinds at which division stops", assumed);
  visit("donor_yield_sd_log", p.donor_yield_sd_log, {0.0, 2.0},
        "SD of the log of a donor factor of mean 1, for a CV of 0.62 of the net fold", fitted);
  visit("reselection_recovery_fraction", p.reselection_recovery_fraction, {0.01, 0.99},
        "median share recovered by the second selection", recalled);
  visit("reselection_sd_log", p.reselection_sd_log, {0.0, 3.0}, "SD of its logit between runs",
        recalled);
  visit("potency_floor", p.potency_floor, {0.0, 1.0},
        "potency of a long-cultured over a fresh cell; no direct human data", assumed);
  visit("potency_days", p.potency_days, {0.1, 200.0},
        "time constant of the loss of potency: 0.7 of a fresh cell is left at 9 days, the mean of "
        "a beta(5, 2) prior",
        assumed);
}

}  // namespace angiotrial::product
