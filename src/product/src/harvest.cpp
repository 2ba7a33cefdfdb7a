// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/product/harvest.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/transforms.hpp>

#include "expansion.hpp"
#include "kernels.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::product {
namespace {

using random::inverse_logit;
using random::logit;
using random::Purpose;
using random::Stream;

/// The draw of the mobilisation stream that sets the peak; potency may be correlated with it.
double peak_deviate(const random::Streams& streams) {
  return random::normal_quantile(streams.at(Purpose::mobilisation).at(0));
}

/// Fills the counts; true when the patient may go to the separator.
bool mobilise(const Mobilisation& p, const cohort::Patient& patient, const random::Streams& streams,
              Harvest& h) {
  Stream draws = streams.at(Purpose::mobilisation);
  const double peak =
      std::exp(log_peak_per_ul(p, patient.chart) + p.peak_sd_log.value() * draws.normal());
  const double baseline =
      p.baseline_cd34_cells_per_ul.value() * std::exp(p.baseline_sd_log.value() * draws.normal());
  const bool completed = draws.bernoulli(p.completion_fraction.value());
  const double count = blood_count_per_ul(p, baseline, peak, p.collection_days.value());
  h.baseline_cd34_cells_per_ul = units::CellsPerUl(baseline);
  h.blood_cd34_cells_per_ul = units::CellsPerUl(count);
  return completed && h.blood_cd34_cells_per_ul >= p.least_count_cells_per_ul;
}

/// logit CE2 = logit of the median + slope (Hb - Hb_ref) + SD z;  Y = CE2 C V_proc;
/// CD34+ share of the product = Y / (Y + other nucleated cells).
void collect(const Apheresis& p, const cohort::Patient& patient, const random::Streams& streams,
             Harvest& h) {
  Stream draws = streams.at(Purpose::apheresis);
  const double anaemia =
      (patient.chart.haemoglobin_g_per_dl - p.reference_haemoglobin_g_per_dl).value();
  const double efficiency = inverse_logit(logit(p.collection_efficiency_fraction.value()) +
                                          p.haemoglobin_effect_per_g_per_dl_log.value() * anaemia +
                                          p.collection_efficiency_sd_log.value() * draws.normal());
  const double processed_ml = p.blood_volumes * blood_volume_ml(patient.chart);
  const double cells = collected_cells(h.blood_cd34_cells_per_ul.value(), processed_ml, efficiency);
  const double others = p.nucleated_cells_per_ml.value() * processed_ml *
                        std::exp(p.nucleated_sd_log.value() * draws.normal());
  h.collected_cells = units::Cells(cells);
  h.input_cd34_fraction = units::Fraction(cells / (cells + others));
}

/// The aspirate; red-cell depletion comes before the separator.
void aspirate(const Marrow& p, const random::Streams& streams, Harvest& h) {
  Stream draws = streams.at(Purpose::marrow);
  const double first_pull =
      p.first_pull_cells_per_ml.value() * std::exp(p.concentration_sd_log.value() * draws.normal());
  h.collected_cells = units::Cells(aspirated_cells(p, first_pull));
  h.input_cd34_fraction = units::Fraction(std::min(
      1.0, p.input_cd34_fraction.value() * std::exp(p.input_cd34_sd_log.value() * draws.normal())));
}

double purity_of(const Separator& run, double input_share, double deviate) {
  return inverse_logit(logit(expected_purity(run, input_share)) +
                       run.purity_sd_log.value() * deviate);
}

/// N_sel = Y R g(Y);  viable cells leave selection with viability v0.
void select(const Parameters& p, const random::Streams& streams, Harvest& h) {
  const Separator& run = p.selection.run(p.device);
  Stream draws = streams.at(Purpose::selection);
  const double prepared =
      p.source == CellSource::marrow ? p.marrow.red_cell_depletion_recovery_fraction.value() : 1.0;
  const double input = h.collected_cells.value() * prepared;
  const double recovery = inverse_logit(logit(run.recovery_fraction.value()) +
                                        run.recovery_sd_log.value() * draws.normal());
  h.selected_cells = units::Cells(input * recovery * capacity_factor(run, input));
  h.purity_fraction =
      units::Fraction(purity_of(run, h.input_cd34_fraction.value(), draws.normal()));
  h.viability_fraction = units::Fraction(inverse_logit(
      logit(p.hold.viability_fraction.value()) + p.hold.viability_sd_log.value() * draws.normal()));
  h.viable_cells = h.viability_fraction.value() * h.selected_cells;
}

/// Culture of the viable cells, and reselection on the same kind of separator.
void expand(const Parameters& p, const random::Streams& streams, Harvest& h) {
  const Expanded e = expand_donor(p.expansion, h.viable_cells.value(), streams);
  h.expanded = true;
  h.expansion_fold = e.fold;
  h.purity_fraction =
      units::Fraction(purity_of(p.selection.run(p.device), e.cd34_share, e.purity_deviate));
  h.viable_cells *= e.fold;
}

/// V(t) = v0 exp(-k_T t), with a lot's own k_T.
void keep(const Hold& p, const random::Streams& streams, Harvest& h) {
  // Draw 3 of the selection stream: recovery, purity and viability come before it.
  const double lot = std::exp(p.loss_sd_log.value() *
                              random::normal_quantile(streams.at(Purpose::selection).at(3)));
  const double kept = std::exp(-hold_loss_per_hour(p) * lot * p.hold_hours.value());
  h.hold_hours = p.hold_hours;
  h.viability_fraction *= kept;
  h.viable_cells *= kept;
}

/// q = psi_exp psi_DM psi_age pi^b exp(SD eta),  eta = r z_mobilisation + sqrt(1 - r^2) z.
double potency_of(const Parameters& p, const cohort::Patient& patient,
                  const random::Streams& streams, const Harvest& h) {
  const Potency& q = p.potency;
  double eta = random::normal_quantile(streams.at(Purpose::potency).at(0));
  const double r = q.mobilisation_correlation;
  if (r != 0.0) eta = r * peak_deviate(streams) + std::sqrt(1.0 - r * r) * eta;
  const double decades = (patient.chart.age_years - q.reference_age_years).value() / 10.0;
  double potency = std::exp(q.age_effect_per_decade_log.value() * decades + q.sd_log.value() * eta);
  if (patient.chart.diabetes) potency *= q.diabetes_ratio;
  if (h.expanded) potency *= culture_potency(p.expansion);
  if (q.purity_exponent != 0.0) potency *= std::pow(h.purity_fraction.value(), q.purity_exponent);
  return potency;
}

}  // namespace

Harvest harvest(const Parameters& parameters, const cohort::Patient& patient,
                const random::Streams& streams) {
  ANGIOTRIAL_EXPECT(patient.chart.weight_kg.value() > 0.0 && patient.chart.height_m.value() > 0.0 &&
                        patient.chart.haemoglobin_g_per_dl.value() > 0.0,
                    "a chart holds weight, height and haemoglobin");
  Harvest h;
  if (parameters.source == CellSource::marrow) {
    aspirate(parameters.marrow, streams, h);
  } else {
    h.mobilised = mobilise(parameters.mobilisation, patient, streams, h);
    if (!h.mobilised) return h;
    collect(parameters.apheresis, patient, streams, h);
  }
  h.collected = true;
  select(parameters, streams, h);
  if (parameters.expand) expand(parameters, streams, h);
  keep(parameters.hold, streams, h);
  h.potency = potency_of(parameters, patient, streams, h);
  return h;
}

}  // namespace angiotrial::product
