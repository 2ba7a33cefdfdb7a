// SPDX-License-Identifier: Apache-2.0
#include "plan/dose_data.hpp"

#include <angiotrial/analysis/counts/negative_binomial.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>

#include "plan/dose_rows.hpp"

namespace angiotrial::analysis {
namespace {

/// An indicator of each dose, then the covariates.
Design count_design(const DoseRows& rows, const std::vector<double>& doses) {
  Design design;
  for (std::size_t i = 0; i < rows.dose.size(); ++i) {
    for (const double d : doses) design.values.push_back(rows.dose[i] == d ? 1.0 : 0.0);
    for (std::size_t c = 0; c < rows.columns; ++c) {
      design.values.push_back(rows.covariates[i * rows.columns + c]);
    }
  }
  design.names.resize(doses.size() + rows.columns);
  return design;
}

/// Coefficients of the doses with their covariance.
DoseEstimates of_doses(const std::vector<double>& doses, std::span<const double> coefficients,
                       std::span<const double> covariance) {
  const std::size_t k = doses.size();
  std::vector<double> block;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) block.push_back(covariance[i * coefficients.size() + j]);
  }
  return given_estimates(doses, coefficients.first(k), block);
}

ZeroCount zero_rule(const DoseTerms& o, const Task& task) {
  if (o.zero_counts == ZeroRule::preset) {
    return task.preset() == Preset::recommended ? ZeroCount::add_half : ZeroCount::leave_out;
  }
  return o.zero_counts == ZeroRule::add_half ? ZeroCount::add_half : ZeroCount::leave_out;
}

/// Closed form: a rate a dose.
void poisson_rates(const DoseTerms& o, const DoseRows& rows, std::span<const double> exposure,
                   const Task& task, DoseTrial& out) {
  const ZeroCount rule = zero_rule(o, task);
  const DoseLogRates rates = log_rates_by_dose(rows.dose, rows.response, exposure, rule);
  out.estimates = rates.estimates;
  out.dispersion = rates.dispersion;
  out.conventions = std::string("log rates: Poisson, ") + (rule == ZeroCount::add_half
                                                               ? "half an event added at every dose"
                                                               : "doses without events left out");
  for (const double d : rates.without_events) {
    out.note += (out.note.empty() ? "no event at " : ", ") +
                (rows.labels.empty() ? "dose " + formats::shortest(d)
                                     : rows.labels[static_cast<std::size_t>(d)]);
  }
}

/// Counts by regression on doses and covariates; false with a refusal.
bool regress_counts(const DoseTerms& o, const RegressionData& data,
                    const std::vector<double>& doses, Task& task, DoseTrial& out) {
  const std::string hint =
      "a dose without events has no finite log rate: family = \"poisson\" without covariates and "
      "zero_counts = \"add_half\" keeps it";
  if (o.family == DoseFamily::poisson) {
    const LinearModel model{data.response,
                            data.design.values,
                            data.design.columns(),
                            Family::poisson,
                            {},
                            data.offset,
                            {}};
    const LinearFit fit = fit_linear_model(model);
    if (fit.status != LinearStatus::fitted) {
      task.refuse(std::string(name_of(fit.status)), hint);
      return false;
    }
    out.estimates = of_doses(doses, fit.coefficients,
                             coefficient_covariance(model, fit, LinearVariance::model));
    out.conventions = "log rates: Poisson regression, model variance";
    return true;
  }
  const std::vector<int> counts = counts_of(data, o.terms.response);
  if (!data.frame.ok()) return false;
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(
      {data.design.values, data.design.columns(), counts, data.offset, Aliased::refuse}, workspace);
  if (!usable(fit.status)) {
    task.refuse(std::string(name_of(fit.status)), fit.status == FitStatus::separated ? hint : "");
    return false;
  }
  if (fit.status == FitStatus::poisson_boundary) {
    out.note = "no more variable than Poisson: dispersion 0";
  }
  out.dispersion = fit.dispersion;
  out.estimates = of_doses(doses, fit.coefficients, fit.covariance_expected);
  out.conventions = "log rates: negative binomial regression, expected information";
  return true;
}

bool log_rates(const DoseTerms& o, DoseRows& rows, Task& task, DoseTrial& out) {
  out.rates = true;
  std::vector<double> doses = rows.dose;
  std::ranges::sort(doses);
  doses.erase(std::unique(doses.begin(), doses.end()), doses.end());
  if (doses.size() > most_doses || doses.size() < 2) {
    task.refuse(std::string(
        name_of(doses.size() < 2 ? DoseDataStatus::no_data : DoseDataStatus::too_many_doses)));
    return false;
  }
  std::vector<double> exposure(rows.dose.size(), 1.0);
  if (!o.terms.exposure.empty()) exposure = rows.frame.numbers(o.terms.exposure);
  RegressionData data{rows.frame, count_design(rows, doses), rows.response, {}, {}, {}, 0, false};
  for (std::size_t i = 0; i < exposure.size(); ++i) {
    if (!(exposure[i] > 0.0)) {
      rows.frame.add_problem(i, o.terms.exposure, exposure[i], "an exposure is above 0");
    }
    data.offset.push_back(std::log(exposure[i]));
  }
  (void)counts_of(data, o.terms.response);
  if (!rows.frame.ok()) return false;
  if (o.family == DoseFamily::poisson && rows.columns == 0) {
    poisson_rates(o, rows, exposure, task, out);
    if (out.estimates.status == DoseDataStatus::usable &&
        out.estimates.doses.front() != doses.front()) {
      task.refuse("no event on placebo or the reference: its log rate is minus infinity",
                  "zero_counts = \"add_half\" keeps it");
      return false;
    }
    return true;
  }
  return regress_counts(o, data, doses, task, out);
}

bool given(const DoseTerms& o, DoseRows& rows, DoseTrial& out) {
  const std::vector<double> errors = rows.frame.numbers(o.standard_error);
  const std::size_t k = errors.size();
  out.estimates.status = DoseDataStatus::too_many_doses;
  if (k > most_doses) return true;
  std::vector<double> covariance(k * k, 0.0);
  for (std::size_t i = 0; i < k; ++i) {
    if (!(errors[i] > 0.0)) {
      rows.frame.add_problem(i, o.standard_error, errors[i], "a standard error is above 0");
    }
    covariance[i * (k + 1)] = errors[i] * errors[i];
  }
  if (!rows.frame.ok()) return false;
  out.estimates = given_estimates(rows.dose, rows.response, covariance);
  out.conventions = "estimates: given, independent, standard errors known";
  return true;
}

void means(const DoseRows& rows, DoseTrial& out) {
  out.estimates = summarise_doses(rows.dose, rows.response, rows.covariates, rows.columns);
  out.conventions =
      std::string("estimates: ") +
      (rows.columns == 0 ? "means" : "adjusted means at the means of the covariates") +
      ", common variance";
}

std::vector<double> sizes_of(const DoseRows& rows, const DoseTrial& trial, bool are_given) {
  const std::size_t k = trial.estimates.doses.size();
  std::vector<double> sizes(k, 0.0);
  for (std::size_t g = 0; g < k; ++g) {
    if (are_given) sizes[g] = 1.0 / trial.estimates.covariance[g * (k + 1)];
    for (const double d : rows.dose) {
      if (!are_given && d == trial.estimates.doses[g]) sizes[g] += 1.0;
    }
  }
  return sizes;
}

}  // namespace

std::optional<DoseTrial> dose_trial(const DoseTerms& o, DoseScale scale, Task& task) {
  auto rows = read_dose_rows(o, scale, task);
  if (!rows) return std::nullopt;
  DoseTrial out;
  out.rows = rows->frame.rows();
  out.missing = rows->missing;
  if (o.family == DoseFamily::gaussian) {
    means(*rows, out);
  } else if (!(o.family == DoseFamily::estimates ? given(o, *rows, out)
                                                 : log_rates(o, *rows, task, out))) {
    return std::nullopt;
  }
  task.out.row.conventions = out.conventions;
  if (out.estimates.status != DoseDataStatus::usable) {
    task.refuse(std::string(name_of(out.estimates.status)));
    return std::nullopt;
  }
  for (const double d : out.estimates.doses) {
    if (!rows->labels.empty()) out.labels.push_back(rows->labels[static_cast<std::size_t>(d)]);
  }
  out.sizes = sizes_of(*rows, out, o.family == DoseFamily::estimates);
  return out;
}

double DoseTrial::se(std::size_t group) const {
  return estimates.sigma * std::sqrt(estimates.covariance[group * (estimates.doses.size() + 1)]);
}

std::optional<double> DoseTrial::df() const {
  return std::isfinite(estimates.df) ? std::optional(estimates.df) : std::nullopt;
}

std::string DoseTrial::name(std::size_t group) const {
  return labels.empty() ? "dose " + formats::shortest(estimates.doses[group]) : labels[group];
}

void at_group(const DoseTrial& trial, std::size_t group, Task& task) {
  (trial.labels.empty() ? task.out.row.group : task.out.row.arm) = trial.name(group);
}

void at_no_group(Task& task) {
  task.out.row.group.clear();
  task.out.row.arm.clear();
}

void put_groups(const DoseTrial& trial, Task& task) {
  const auto value = [&](double x) { return trial.rates ? std::exp(x) : x; };
  const std::string& unit = task.analysis.unit;
  task.out.row.note = trial.note;
  for (std::size_t g = 0; g < trial.estimates.doses.size(); ++g) {
    const Effect e = wald(trial.estimates.estimates[g], trial.se(g), task.level(), trial.df());
    at_group(trial, g, task);
    task.out.row.level = task.level();
    task.out.put(trial.rates ? "rate" : "mean", value(e.estimate), unit);
    task.out.put("lower", value(e.lower), unit);
    task.out.put("upper", value(e.upper), unit);
    task.out.row.level.reset();
    task.out.put(trial.rates ? "se_log" : "se", e.se, trial.rates ? "ln" : unit);
  }
  at_no_group(task);
  task.out.row.note.clear();
  if (trial.dispersion > 0.0) task.out.put("dispersion", trial.dispersion, "1");
  if (const std::optional<double> df = trial.df()) {
    task.out.put("df", df, "1");
    task.out.put("sigma", trial.estimates.sigma, unit);
  }
  task.out.put("n", static_cast<int>(trial.rows), "rows");
  task.out.put("n_missing", static_cast<int>(trial.missing), "rows");
}

}  // namespace angiotrial::analysis
