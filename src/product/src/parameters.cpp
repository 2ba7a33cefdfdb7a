// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/product/parameters.hpp>

#include <array>
#include <string_view>

namespace angiotrial::product {
namespace {

using schema::Provenance;
using schema::Source;

constexpr std::array<std::string_view, 2> source_names{"apheresis", "marrow"};
constexpr std::array<std::string_view, 3> device_names{"isolex", "clinimacs", "isolex_marrow"};
constexpr std::array<std::string_view, 3> temperature_names{"refrigerated", "room", "body"};
constexpr std::array<std::string_view, 2> shortfall_names{"give_what_there_is", "fail"};

constexpr Source assumed{Provenance::assumed, "", ""};
constexpr Source protocol{Provenance::protocol, "ACT34-CMI, Losordo 2011 (Circ Res 109:428)",
                          "NCT00300053"};
constexpr std::string_view coronary_mobilisation =
    "Mobilisation in advanced coronary heart disease, n = 9 (J Clin Apher 2006)";
constexpr std::string_view coronary_mobilisation_doi = "10.1002/jca.20075";
constexpr std::string_view kinetics =
    "Kinetics of G-CSF mobilisation in healthy people, n = 22 (Transfus Med 1997;7:19)";
constexpr std::string_view donnenberg = "Donnenberg 2011, intra-operative CD34-enriched marrow";
constexpr std::string_view antonenas =
    "Antonenas 2006, temperature-related loss in fresh harvests, n = 46 (Cytotherapy)";
constexpr std::string_view donors = "Donor predictors of mobilisation (Blood 2008;112:2092)";
constexpr std::string_view jarajapu = "Jarajapu 2014, diabetic CD34+ cells (PLoS ONE)";
constexpr std::string_view jarajapu_id = "PMC3979711";

void describe_peak(schema::Visitor& visit, Mobilisation& p) {
  visit("peak_cd34_cells_per_ul", p.peak_cd34_cells_per_ul, {0.1, 500.0},
        "median peak count at the reference dose, age and share of diabetics; 22.3 gives the "
        "published median of 21 (10-40) on day 5",
        {Provenance::derived, coronary_mobilisation, coronary_mobilisation_doi});
  visit("reference_dose_ug_per_kg_per_day", p.reference_dose_ug_per_kg_per_day, {0.1, 30.0},
        "G-CSF dose at which that median was seen",
        {Provenance::seen, coronary_mobilisation, coronary_mobilisation_doi});
  visit("dose_exponent", p.dose_exponent, {0.0, 3.0},
        "exponent of the peak against the G-CSF dose (0.6-1.4)",
        {Provenance::derived, "21/uL at 5 against 52/uL at 10 ug/kg/day, Hill 2005 (JACC)",
         "PMID 16256862"});
  visit("age_effect_per_decade_log", p.age_effect_per_decade_log, {-1.0, 1.0},
        "change of the log peak with a decade of age; direction seen, size recalled",
        {Provenance::recalled, donors, ""});
  visit("reference_age_years", p.reference_age_years, {20.0, 90.0},
        "age at which the median peak holds", assumed);
  visit("diabetes_ratio", p.diabetes_ratio, {0.05, 3.0},
        "peak of a diabetic over a non-diabetic (0.4-1.0); direction seen, size recalled",
        {Provenance::recalled, "Fadini, diabetes and the marrow niche", "PMC4116251"});
  visit("reference_diabetes_fraction", p.reference_diabetes_fraction, {0.0, 1.0},
        "share of diabetics in the population of that median: it centres the diabetes effect",
        assumed);
  visit("peak_sd_log", p.peak_sd_log, {0.0, 2.0},
        "between-patient SD of the log peak given age and diabetes (0.5-0.85)",
        {Provenance::derived, "Hill 2005 (JACC), SEM 10.4 with n = 16", "PMID 16256862"});
}

}  // namespace

void describe(schema::Visitor& visit, Mobilisation& p) {
  visit("gcsf_dose_ug_per_kg_per_day", p.gcsf_dose_ug_per_kg_per_day, {0.1, 30.0},
        "daily subcutaneous G-CSF", protocol);
  visit("gcsf_days", p.gcsf_days, {1, 10}, "days with a G-CSF dose", protocol);
  visit("collection_days", p.collection_days, {0.0, 10.0},
        "from the first G-CSF dose to the collection", protocol);
  describe_peak(visit, p);
  visit("baseline_cd34_cells_per_ul", p.baseline_cd34_cells_per_ul, {0.01, 50.0},
        "median count before G-CSF (1-5)",
        {Provenance::seen, "Spevack, marrow progenitors after infarction (Coron Artery Dis 2006)",
         ""});
  visit("baseline_sd_log", p.baseline_sd_log, {0.0, 2.0},
        "between-patient SD of the log count before G-CSF",
        {Provenance::seen, "Spevack, marrow progenitors after infarction (Coron Artery Dis 2006)",
         ""});
  visit("peak_days", p.peak_days, {1.0, 10.0}, "time of the peak after the first dose (4.0-5.0)",
        {Provenance::derived, kinetics, ""});
  visit("shape_exponent", p.shape_exponent, {0.5, 40.0},
        "steepness n of the rise and fall of the count (5-15)",
        {Provenance::derived, kinetics, ""});
  visit("washout_half_life_days", p.washout_half_life_days, {0.05, 30.0},
        "half-life of the excess count once a day has passed since the last dose", assumed);
  visit("completion_fraction", p.completion_fraction, {0.0, 1.0},
        "share of patients who complete G-CSF: 173 of 174 in ACT34-CMI",
        {Provenance::derived, "Losordo 2011 (Circ Res 109:428)", "10.1161/CIRCRESAHA.111.245993"});
  visit("least_count_cells_per_ul", p.least_count_cells_per_ul, {0.0, 100.0},
        "count below which collection is not tried; 0 tries always, as no floor is published",
        assumed);
}

void describe(schema::Visitor& visit, Apheresis& p) {
  visit("blood_volumes", p.blood_volumes, {0.1, 8.0},
        "patient blood volumes processed; 2.5 is about 13.5 L (8-16) at 90 kg",
        {Provenance::recalled, "manuals of cardiac cell trials", ""});
  visit("collection_efficiency_fraction", p.collection_efficiency_fraction, {0.01, 0.99},
        "median CE2: cells collected over blood count times volume processed; 0.51 autologous "
        "(seen), 0.45 advised for separators of 2005-2010; 0.50 closes the phase I mass balance",
        {Provenance::derived, "Crude collection efficiency, 160 procedures (J Clin Apher 2025)",
         "10.1002/jca.70081"});
  visit("collection_efficiency_sd_log", p.collection_efficiency_sd_log, {0.0, 3.0},
        "SD of logit CE2 between procedures; 0.45 now, 0.8 on older separators",
        {Provenance::derived, "Mehta 2001, 177 procedures (Bone Marrow Transplant)", ""});
  visit("haemoglobin_effect_per_g_per_dl_log", p.haemoglobin_effect_per_g_per_dl_log, {-1.0, 1.0},
        "change of logit CE2 for 1 g/dL of haemoglobin: 1.23 points per haematocrit point at CE2 "
        "0.5, three haematocrit points per g/dL",
        {Provenance::derived,
         "Low haematocrit reduces collection efficiency "
         "(Transfusion 2022;62:1065)",
         ""});
  visit("reference_haemoglobin_g_per_dl", p.reference_haemoglobin_g_per_dl, {5.0, 20.0},
        "haemoglobin at which the median CE2 holds", assumed);
  visit("nucleated_cells_per_ml", p.nucleated_cells_per_ml, {1.0e4, 1.0e8},
        "other nucleated cells collected for each mL processed; gives the published CD34+ share of "
        "0.2 % at 21/uL",
        {Provenance::derived, "Zubair 2010, severe coronary disease, n = 22 (Cytotherapy 12:178)",
         "10.3109/14653240903493409"});
  visit("nucleated_sd_log", p.nucleated_sd_log, {0.0, 2.0},
        "between-procedure SD of the log of that number", assumed);
}

void describe(schema::Visitor& visit, Marrow& p) {
  constexpr std::string_view id = "PMC4165076";
  visit("aspirate_ml", p.aspirate_ml, {1.0, 2000.0}, "marrow aspirated in all (200-500)",
        {Provenance::seen, donnenberg, id});
  visit("sites", p.sites, {1, 100},
        "aspiration sites sharing that volume; 7 gives the published 1.65e7 CD34+ cells",
        {Provenance::derived, donnenberg, id});
  visit(
      "first_pull_cells_per_ml", p.first_pull_cells_per_ml, {1.0e3, 1.0e7},
      "median CD34+ concentration of the first millilitre at a site",
      {Provenance::recalled, "Dilution of marrow aspirates, 17 donors (BMT 1990)", "PMID 2207448"});
  visit(
      "dilution_ml", p.dilution_ml, {0.1, 100.0},
      "volume V_h drawn at a site when its concentration has fallen to half",
      {Provenance::recalled, "Dilution of marrow aspirates, 17 donors (BMT 1990)", "PMID 2207448"});
  visit("concentration_sd_log", p.concentration_sd_log, {0.0, 2.0},
        "between-patient SD of the log concentration", {Provenance::derived, donnenberg, id});
  visit("red_cell_depletion_recovery_fraction", p.red_cell_depletion_recovery_fraction, {0.01, 1.0},
        "CD34+ cells left after red-cell depletion", {Provenance::seen, donnenberg, id});
  visit("input_cd34_fraction", p.input_cd34_fraction, {1.0e-5, 0.5},
        "median CD34+ share after red-cell depletion", {Provenance::seen, donnenberg, id});
  visit("input_cd34_sd_log", p.input_cd34_sd_log, {0.0, 2.0}, "between-patient SD of the log share",
        {Provenance::seen, donnenberg, id});
}

void describe(schema::Visitor& visit, Hold& p) {
  constexpr Source hold{Provenance::derived, antonenas, ""};
  visit("viability_fraction", p.viability_fraction, {0.05, 0.999},
        "median viability after selection (0.90-0.99)",
        {Provenance::recalled, "product summaries of cell trials", ""});
  visit("viability_sd_log", p.viability_sd_log, {0.0, 3.0}, "SD of its logit between lots",
        {Provenance::recalled, "product summaries of cell trials", ""});
  visit("temperature", p.temperature, temperature_names,
        "refrigerated 2-8 C, room 18-24 C, body 37 C", protocol);
  visit("hold_hours", p.hold_hours, {0.0, 168.0},
        "from finished product to injection; collected on day 5, injected on day 6",
        {Provenance::assumed, "", ""});
  visit("loss_refrigerated_per_hour", p.loss_refrigerated_per_hour, {0.0, 1.0},
        "median rate of loss of viable CD34+ at 2-8 C; 9.4, 19.4, 28 % at 24, 48, 72 h", hold);
  visit("loss_room_per_hour", p.loss_room_per_hour, {0.0, 1.0},
        "the same at 18-24 C; 21.9, 30.7, 43.3 %", hold);
  visit("loss_body_per_hour", p.loss_body_per_hour, {0.0, 2.0},
        "the same at 37 C; none viable at 24 h", hold);
  visit("loss_sd_log", p.loss_sd_log, {0.0, 2.0}, "SD of the log rate between lots: a CV of 0.5",
        assumed);
}

void describe(schema::Visitor& visit, ReleaseTests& p) {
  constexpr Source recalled{Provenance::recalled, "release criteria of cardiac CD34+ trials", ""};
  visit("viability_floor_fraction", p.viability_floor_fraction, {0.0, 1.0},
        "viability below which a product fails", recalled);
  visit("purity_floor_fraction", p.purity_floor_fraction, {0.0, 1.0},
        "purity below which a product fails", recalled);
  visit("sterility_failure_fraction", p.sterility_failure_fraction, {0.0, 1.0},
        "share of products that fail the Gram stain or the endotoxin limit", assumed);
  visit("count_error_fraction", p.count_error_fraction, {0.0, 0.5},
        "SD of the true over the counted number in a bag, cut off at the dose tolerance", assumed);
  visit("shortfall_rule", p.shortfall_rule, shortfall_names,
        "what is done when the product cannot give the dose less its tolerance", assumed);
}

void describe(schema::Visitor& visit, Potency& p) {
  visit("diabetes_ratio", p.diabetes_ratio, {0.0, 3.0},
        "potency of a diabetic's cell over a non-diabetic's (0.2-0.9); existence seen, size judged",
        {Provenance::recalled, jarajapu, jarajapu_id});
  visit("age_effect_per_decade_log", p.age_effect_per_decade_log, {-1.0, 1.0},
        "change of the log potency with a decade of age", assumed);
  visit("reference_age_years", p.reference_age_years, {20.0, 90.0},
        "age at which a fresh non-diabetic cell has median potency 1", assumed);
  visit("sd_log", p.sd_log, {0.0, 3.0}, "between-patient SD of the log potency", assumed);
  visit("purity_exponent", p.purity_exponent, {0.0, 10.0},
        "potency is multiplied by purity to this power; 0 switches the effect off", assumed);
  visit("mobilisation_correlation", p.mobilisation_correlation, {-1.0, 1.0},
        "correlation of log potency and log peak count (judged 0-0.4); 0 switches it off", assumed);
}

void describe(schema::Visitor& visit, Parameters& p) {
  visit("source", p.source, source_names, "where the cells come from", protocol);
  visit("device", p.device, device_names,
        "magnetic separator; isolex_marrow is the Isolex fed with marrow", protocol);
  visit("expand", p.expand, "culture the cells before the hold", protocol);
  visit.group("mobilisation", p.mobilisation);
  visit.group("apheresis", p.apheresis);
  visit.group("marrow", p.marrow);
  visit.group("selection", p.selection);
  visit.group("expansion", p.expansion);
  visit.group("hold", p.hold);
  visit.group("release", p.release);
  visit.group("potency", p.potency);
}

}  // namespace angiotrial::product
