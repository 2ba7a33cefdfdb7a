// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/tissue/parameters.hpp>

namespace angiotrial::tissue {

using schema::Provenance;

void describe(schema::Visitor& visit, Survival& p) {
  visit("fast_loss_fraction", p.fast_loss_fraction, {.least = 0.0, .most = 0.95},
        "share of retained cells that die with the fast half-life",
        {Provenance::derived,
         "Mueller-Ehmsen, survival of injected myocytes in rat heart, J Mol Cell Cardiol 2002; "
         "human CD34+ retention at 18 h, Vrtovec, Circulation 2013; range 0.1-0.6",
         "10.1006/jmcc.2001.1491"});
  visit("slow_half_life_hours", p.slow_half_life_hours, {.least = 12.0, .most = 2000.0},
        "half-life of the retained cells that last",
        {Provenance::seen,
         "Mitchell, injected 111In-labelled EPC in dog, J Nucl Med 2010: 60 +- 21 h endocardial",
         "PMID 20150266"});
  visit("fast_half_life_hours", p.fast_half_life_hours, {.least = 4.0, .most = 24.0},
        "half-life of the retained cells that die early",
        {Provenance::derived,
         "Mueller-Ehmsen, J Mol Cell Cardiol 2002: 0.57 alive at 1 h, 0.24 at 24 h",
         "10.1006/jmcc.2001.1491"});
}

void describe(schema::Visitor& visit, Secretion& p) {
  visit("potency_ratio", p.potency_ratio, {.least = 0.0, .most = 1.0e4},
        "c/c50 deep inside a wide field of fresh cells at 1e6 per mL of tissue, well oxygenated: "
        "q0 n_ref/(k c50), driven by local cell density",
        {Provenance::chosen,
         "so that 1e5 CD34+ per kg, 85 kg, 10 sites, 20 % retained give 70 % of the highest host "
         "response in the core, as the Hill fit to Iwasaki, Circulation 2006, does per gram",
         "Circulation 2006;113:1311"});
  visit("hypoxia_fold", p.hypoxia_fold, {.least = 1.0, .most = 10.0},
        "secretion in anoxia over that in well-oxygenated tissue",
        {Provenance::recalled, "HIF literature: direction known, size 1-4 from memory", ""});
  visit("half_hypoxia_mmhg", p.half_hypoxia_mmhg, {.least = 1.0, .most = 40.0},
        "oxygen pressure of half the hypoxic rise in secretion",
        {Provenance::seen, "Jiang, HIF-1 and oxygen, Am J Physiol 1996: 1.5-2 % O2",
         "10.1152/ajpcell.1996.271.4.C1172"});
  visit("tissue_oxygen_mmhg", p.tissue_oxygen_mmhg, {.least = 0.0, .most = 100.0},
        "oxygen pressure of the injected tissue at resolution radial; voxel has it from flow", {});
  visit("decay_length_mm", p.decay_length_mm, {.least = 0.05, .most = 3.0},
        "distance over which the factor field falls by e, sqrt(D/k); 0.3-2 in sensitivity",
        {Provenance::derived,
         "Owen, Cancer Res 2011 (0.32 mm); Connor, J R Soc Interface 2015 (0.56 mm)",
         "Cancer Res 2011;71:2826"});
  visit("factor_decay_per_hour", p.factor_decay_per_hour, {.least = 0.2, .most = 10.0},
        "decay of the factor in tissue",
        {Provenance::seen, "Connor, J R Soc Interface 2015, as coded: half-life 52 min", ""});
}

void describe(schema::Visitor& visit, Relay& p) {
  visit("induction_per_day", p.induction_per_day, {.least = 0.0, .most = 10.0},
        "highest rate at which cells switch on the host's own factors", {});
  visit("persistence_days", p.persistence_days, {.least = 0.5, .most = 100.0},
        "time constant with which the host's factors fade",
        {Provenance::derived,
         "Cho, host tissues sustain humoral effects, J Exp Med 2007: host factors raised beyond "
         "14 days; range 5-20",
         "J Exp Med 2007;204:3257"});
  visit("hill_exponent", p.hill_exponent, {.least = 0.2, .most = 4.0},
        "steepness of the host response to the local potency",
        {Provenance::derived, "fit to Iwasaki, three doses in rat, Circulation 2006: 0.35-0.9",
         "Circulation 2006;113:1311"});
}

namespace {

void describe_growth(schema::Visitor& visit, Vessels& p) {
  visit("growth_hill_exponent", p.growth_hill_exponent, {.least = 0.2, .most = 6.0},
        "steepness of vessel growth in the local signal",
        {Provenance::recalled, "fits to endothelial assays, 1-2", ""});
  visit("growth_half_response", p.growth_half_response, {.least = 1.0e-3, .most = 10.0},
        "signal of half the highest growth, on the scale of the host response (0 to 1)", {});
  visit("endogenous_signal", p.endogenous_signal, {.least = 0.0, .most = 10.0},
        "signal at rest, which holds the baseline density: only what exceeds its growth counts",
        {});
  visit("direct_weight", p.direct_weight, {.least = 0.0, .most = 10.0},
        "signal per c/c50 of the cells' own factors, beside the host's",
        {Provenance::assumed,
         "small: at 100 pg VEGF per 1e6 cells and day the increment is 0.5-2.5 pM against a "
         "threshold of 11 pM (Qutub and Popel, BMC Syst Biol 2009)",
         "PMC2672076"});
  visit("maturation_half_response", p.maturation_half_response, {.least = 1.0e-3, .most = 1.0e3},
        "Ang-1-like factor of half the highest maturation, in units of its level at rest", {});
  visit("maturation_from_cells", p.maturation_from_cells, {.least = 0.0, .most = 10.0},
        "Ang-1-like factor that cells add per c/c50; 0 as the maturation rate was fitted with "
        "cells present",
        {});
}

}  // namespace

void describe(schema::Visitor& visit, Vessels& p) {
  visit("baseline_density_fraction", p.baseline_density_fraction, {.least = 0.1, .most = 1.5},
        "capillary density of the ischaemic zone relative to control",
        {Provenance::derived, "human morphometry, several series: 0.6-1.0",
         "10.1016/j.ejheart.2005.10.016"});
  visit("density_ceiling", p.density_ceiling, {.least = 0.2, .most = 10.0},
        "density relative to control at which growth stops",
        {Provenance::assumed,
         "between +50 % without pathology (overloaded rat muscle) and x2.3 (VEGF-B in pig)", ""});
  visit("growth_per_day", p.growth_per_day, {.least = 0.0, .most = 1.0},
        "specific growth rate of microvessels at saturating signal",
        {Provenance::derived,
         "capillary-to-fibre ratio 1.38 to 2.07 in 14 days of muscle overload: ln(1.5)/14; "
         "0.015-0.05",
         ""});
  visit("maturation_per_week", p.maturation_per_week, {.least = 0.0, .most = 10.0},
        "rate at which immature microvessels mature",
        {Provenance::derived,
         "fit to counts at 1, 2, 4, 8 weeks, beagle infarct with marrow cells, J Clin Exp "
         "Cardiolog 2012; 0.25-0.5",
         "J Clin Exp Cardiolog 2012;3:193"});
  visit("immature_loss_per_week", p.immature_loss_per_week, {.least = 0.0, .most = 10.0},
        "rate at which immature microvessels regress without signal",
        {Provenance::derived, "the same fit, confounded with its input; 0.1-1.0",
         "J Clin Exp Cardiolog 2012;3:193"});
  visit("mature_loss_per_year", p.mature_loss_per_year, {.least = 0.0, .most = 50.0},
        "rate at which new mature microvessels are pruned; 0: they stay",
        {Provenance::recalled, "Dor, EMBO J 2002: vessels persist after 4 weeks of signal", ""});
  visit("immature_conductance_fraction", p.immature_conductance_fraction,
        {.least = 0.0, .most = 1.0}, "functional density of an immature vessel over a mature one",
        {});
  describe_growth(visit, p);
}

void describe(schema::Visitor& visit, Arterioles& p) {
  visit("arteriolar_reach_mm", p.arteriolar_reach_mm, {.least = 0.5, .most = 60.0},
        "SD of the kernel within which small arteries remodel around a depot",
        {Provenance::chosen,
         "10-12 with sites about 12 mm apart; capillary growth alone cannot give the published "
         "effect. Against it: VEGF165 in dog gave capillaries x4.4, arterioles unchanged",
         ""});
  visit("arteriolar_ceiling_fraction", p.arteriolar_ceiling_fraction, {.least = 0.0, .most = 1.0},
        "highest relative gain of arteriolar conductance",
        {Provenance::chosen,
         "within 0.30-0.40 (collateral growth in animals, recalled), so that the low dose of "
         "ACT34-CMI meets its target",
         ""});
  visit("plateau_weeks", p.plateau_weeks, {.least = 0.5, .most = 52.0},
        "time to 95 % of the arteriolar response",
        {Provenance::recalled, "collateral growth in animals, 4-12 weeks", ""});
}

void describe(schema::Visitor& visit, Homing& p) {
  visit("homing", p.homing, "circulating CD34+ cells settle where the needle went",
        {Provenance::assumed, "", ""});
  visit("extraction", p.extraction, {.least = 0.0, .most = 1.0e-2},
        "share of passing CD34+ cells that stays, at rest",
        {Provenance::assumed,
         "1e-4 is the plausible bound (UF 20); G-CSF alone without effect (Hill, JACC 2005) "
         "speaks for less in chronic stable angina",
         "PMID 16256862"});
  visit("resting_flow_ml_per_min_per_g", p.resting_flow_ml_per_min_per_g,
        {.least = 0.0, .most = 5.0}, "blood flow of the injected tissue at rest", {});
  visit("circulating_cells_per_ul", p.circulating_cells_per_ul, {.least = 0.0, .most = 500.0},
        "CD34+ cells in blood",
        {Provenance::seen, "Spevack, Coron Artery Dis 2006, controls; 1-5", ""});
  visit("sdf_fold", p.sdf_fold, {.least = 1.0, .most = 100.0},
        "SDF-1 just after the needle over that at rest", {});
  visit("sdf_gain", p.sdf_gain, {.least = 0.0, .most = 100.0},
        "rise of extraction with the relative rise of SDF-1", {});
  visit("sdf_persistence_days", p.sdf_persistence_days, {.least = 0.1, .most = 100.0},
        "time constant with which SDF-1 falls back",
        {Provenance::recalled, "rodent infarct, 2-7 days", ""});
}

void describe(schema::Visitor& visit, Crowding& p) {
  visit("crowding", p.crowding, "cells die faster where they are dense",
        {Provenance::assumed, "", ""});
  visit("death_per_day", p.death_per_day, {.least = 0.0, .most = 100.0},
        "highest extra rate of death", {});
  visit("half_density_cells_per_ml", p.half_density_cells_per_ml, {.least = 1.0e3, .most = 1.0e12},
        "cell density of half the extra death",
        {Provenance::derived,
         "Ehsan and George, Tissue Eng A 2013: oxygen use of an avascular pool of 1 mm radius; "
         "2e6-1e9",
         "PMC3638538"});
  visit("exponent", p.exponent, {.least = 0.5, .most = 10.0},
        "steepness; an inverted dose response needs 2 or more", {});
}

void describe(schema::Visitor& visit, Aberrant& p) {
  visit("aberrant", p.aberrant, "a high local signal malforms new vessels",
        {Provenance::assumed, "", ""});
  visit("threshold", p.threshold, {.least = 1.0e-2, .most = 1.0e9},
        "c/c50 at which half the new vessels are malformed",
        {Provenance::recalled,
         "Ozawa, J Clin Invest 2004: 70-100 ng VEGF per 1e6 cells and day, about 850 times the "
         "output of CD34+ cells (uncertainty 15), times 6 for c/c50 in a depot",
         "10.1172/JCI18420"});
  visit("exponent", p.exponent, {.least = 0.5, .most = 20.0}, "steepness of the threshold", {});
  visit("shunt_fraction", p.shunt_fraction, {.least = 0.0, .most = 1.0},
        "share of flow through malformed vessels that bypasses the tissue", {});
}

void describe(schema::Visitor& visit, Uptake& p) {
  visit("vessel_uptake_fraction", p.vessel_uptake_fraction, {.least = 0.0, .most = 0.95},
        "share of the factor's decay at rest that is uptake by vessels and follows their density; "
        "voxel resolution only; 0.08-0.8 from permeability times surface",
        {Provenance::derived,
         "VEGF permeability 4e-8 to 4e-7 cm/s (BMC Syst Biol 2008; Owen, Cancer Res 2011: 1.7e-7, "
         "giving 0.34) times 450 cm2 of capillary wall per cm3 (2400 per mm2, 6 um), over a decay "
         "of 0.8 per hour; 0: off",
         "BMC Syst Biol 2008;2:77"});
}

void describe(schema::Visitor& visit, RetentionSaturation& p) {
  visit("saturation", p.saturation, "the retained share falls with the number injected",
        {Provenance::assumed, "", ""});
  visit("scale_cells", p.scale_cells, {.least = 1.0, .most = 1.0e15},
        "cells injected at one site that halve the retained share; above 1e8 expected",
        {Provenance::assumed, "", ""});
}

void describe(schema::Visitor& visit, Parameters& p) {
  visit.group("survival", p.survival);
  visit.group("secretion", p.secretion);
  visit.group("relay", p.relay);
  visit.group("vessels", p.vessels);
  visit.group("arterioles", p.arterioles);
  visit.group("homing", p.homing);
  visit.group("crowding", p.crowding);
  visit.group("aberrant", p.aberrant);
  visit.group("uptake", p.uptake);
  visit.group("retention", p.retention);
  visit("shells", p.shells, {.least = 8.0, .most = 4096.0},
        "spherical shells per depot at radial resolution",
        {Provenance::assumed, "error of the total gain measured in docs/rooms/tissue.md", ""});
}

}  // namespace angiotrial::tissue
