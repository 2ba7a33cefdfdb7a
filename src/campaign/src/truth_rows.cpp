// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/campaign/truth_rows.hpp>

#include <cmath>

namespace angiotrial::campaign {
namespace {

using analysis::Row;
using trial::Moments;

/// Mean and standard deviation of a latent quantity; empty when no patient had it.
void add_moments(std::vector<Row>& rows, Row row, const Moments& moments, const char* mean_name,
                 const char* sd_name) {
  row.statistic = mean_name;
  row.value = moments.n() > 0 ? std::optional(moments.mean()) : std::nullopt;
  rows.push_back(row);
  if (sd_name == nullptr) return;
  row.statistic = sd_name;
  row.value = moments.n() > 1 ? std::optional(std::sqrt(moments.variance())) : std::nullopt;
  rows.push_back(std::move(row));
}

Row truth(std::string paramcd, std::string param, std::string unit, std::string method) {
  Row row;
  row.source = "truth";
  row.scenario = "base";
  row.paramcd = std::move(paramcd);
  row.param = std::move(param);
  row.unit = std::move(unit);
  row.method = std::move(method);
  return row;
}

std::string visit_name(const study::StudySpec& spec, std::size_t visit) {
  return "Month " + std::to_string(spec.visits[visit].month);
}

void add_twins(std::vector<Row>& rows, const study::StudySpec& spec, const trial::Latent& latent) {
  const std::string method = "counterfactual twins: same patient, same random numbers, two arms";
  for (const trial::TwinEffect& twin : latent.twins) {
    const auto row = [&](std::string code, std::string what, std::string unit) {
      Row one = truth(std::move(code), std::move(what), std::move(unit), method);
      one.arm = spec.arms[twin.arm].name;
      one.arm_ref = spec.analysis.reference_arm;
      one.avisit = visit_name(spec, twin.visit);
      one.month = spec.visits[twin.visit].month;
      return one;
    };
    add_moments(rows, row("ETTDUR", "Total exercise time", "s"), twin.exercise_s,
                "mean_individual_effect", "sd_individual_effect");
    add_moments(rows, row("ANGWK", "Angina episodes per week", "1/week"), twin.angina_per_week,
                "mean_individual_effect", "sd_individual_effect");
    add_moments(rows, row("RPP", "Ischaemic threshold (rate-pressure product)", "%"),
                twin.threshold_gain_percent, "threshold_gain_percent", "sd_threshold_gain_percent");
  }
}

int decomposition_month(const study::StudySpec& spec) {
  for (const study::Visit& visit : spec.visits) {
    if (visit.month == 6) return 6;
  }
  return spec.visits.back().month;
}

void add_decompositions(std::vector<Row>& rows, const study::StudySpec& spec,
                        const trial::Latent& latent) {
  const int month = decomposition_month(spec);
  for (const trial::Decomposition& parts : latent.decompositions) {
    for (std::size_t step = 0; step < trial::decomposition_steps.size(); ++step) {
      const auto row = [&](std::string code, std::string what, std::string unit) {
        Row one = truth(std::move(code), std::move(what), std::move(unit),
                        "terms added cumulatively on the same enrolled patients, without cells");
        one.scenario = parts.scenario;
        one.group = trial::decomposition_steps[step];
        one.arm = spec.analysis.reference_arm;
        one.avisit = "Month " + std::to_string(month);
        one.month = month;
        return one;
      };
      add_moments(rows, row("ANGWK", "Angina episodes per week", "1/week"),
                  parts.angina_per_week[step], "mean", "sd");
      add_moments(rows, row("ETTCHG", "Change in total exercise time", "s"),
                  parts.exercise_change_s[step], "mean", "sd");
    }
  }
}

void add_process(std::vector<Row>& rows, const trial::Latent& latent) {
  const std::string all = "all enrolled or treated patients of the replicate";
  const auto add = [&](const char* code, const char* what, const char* unit, const Moments& moments,
                       bool with_sd) {
    add_moments(rows, truth(code, what, unit, all), moments, "mean", with_sd ? "sd" : nullptr);
  };
  add("RETAIN18", "Injected cells alive in the heart at 18 h", "%", latent.retention_18_h_percent,
      true);
  add("LUNGS", "Injected cells caught in the lungs", "%", latent.lung_percent, true);
  add("OFFTARG", "Sites that were not ischaemic or not viable", "sites", latent.sites_off_target,
      true);
  add("HARVKG", "Viable selected CD34+ cells per kg at hand", "cells/kg",
      latent.harvest_cells_per_kg, true);
  add("SHORTLOW", "Harvests that cannot reach the lowest dose", "%",
      latent.short_of_low_dose_percent, false);
  add("SHORTHI", "Harvests that cannot reach the highest dose", "%", latent.short_of_dose_percent,
      false);
  add("RPPBL", "Ischaemic threshold at enrolment", "bpm mmHg", latent.baseline_threshold, true);
  add("MBFSTRBL", "Myocardial blood flow at stress at enrolment", "mL/min/g",
      latent.baseline_stress_flow, true);
  add("CFRBL", "Coronary flow reserve at enrolment", "1", latent.baseline_flow_reserve, true);
  add("FFRBL", "Lowest fractional flow reserve at enrolment", "1",
      latent.baseline_fractional_flow_reserve, true);
  add("SILENT", "Share of ischaemic episodes without pain", "1", latent.silent_fraction, true);
}

void add_flow(std::vector<Row>& rows, const trial::TrialRecord& record) {
  const auto add = [&](std::string group, const char* statistic, const char* unit, double value) {
    Row row;
    row.scenario = "base";
    row.paramcd = "FLOW";
    row.param = "Screening";
    row.group = std::move(group);
    row.statistic = statistic;
    row.unit = unit;
    row.method = "count";
    row.value = value;
    rows.push_back(std::move(row));
  };
  const trial::Flow& flow = record.flow;
  add("candidates", "n", "patients", flow.candidates);
  add("referred", "n", "patients", flow.referred);
  add("not approached after review of the record", "n", "patients", flow.not_approached);
  add("consented", "n", "patients", flow.consented);
  int failures = 0;
  for (std::size_t i = 1; i < flow.screen_failures.size(); ++i) {
    failures += flow.screen_failures[i];
    add(std::string(allocation::name_of(static_cast<allocation::Verdict>(i))), "n", "patients",
        flow.screen_failures[i]);
  }
  add("screen failure after consent", "percent", "%",
      flow.consented > 0 ? 100.0 * failures / flow.consented : 0.0);
  const dataset::Disposition& disposition = record.observed.disposition;
  add("lost between mobilisation and randomisation", "percent", "%",
      disposition.mobilised > 0 ? 100.0 * disposition.failed_harvest / disposition.mobilised : 0.0);
}

}  // namespace

std::vector<Row> truth_rows(const study::StudySpec& spec, const trial::TrialRecord& record) {
  std::vector<Row> rows;
  add_flow(rows, record);
  add_process(rows, record.latent);
  add_twins(rows, spec, record.latent);
  add_decompositions(rows, spec, record.latent);
  return rows;
}

}  // namespace angiotrial::campaign
