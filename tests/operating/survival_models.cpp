// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/accelerated_failure.hpp>
#include <angiotrial/analysis/survival/cox.hpp>
#include <angiotrial/analysis/survival/log_rank.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Strata, covariates that change with time, rare events, and parametric times.
namespace angiotrial::operating {
namespace {

using namespace analysis;

double exponential(random::Stream& draw, double rate) { return -std::log(draw.uniform()) / rate; }

Procedure procedure(std::string name, std::string trial, double slack) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::move(trial);
  p.slack = slack;
  return p;
}

/// Four strata of hazards 0.4, 0.8, 1.2 and 1.6, arms alternating within each; censoring uniform on
/// 0.5 to 2.5.
struct Strata {
  std::vector<Observation> sample;
  std::vector<double> time, design;
  std::vector<int> event, arm, stratum;

  Strata(random::Stream& draw, const Setting& s, double log_ratio) {
    std::array<int, 4> seen{};
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const auto h = static_cast<std::size_t>(4.0 * draw.uniform());
      const int treated = seen[h]++ % 2;
      const double hazard = 0.4 * static_cast<double>(h + 1) * std::exp(log_ratio * treated);
      const double happens = exponential(draw, hazard), censored = 0.5 + 2.0 * draw.uniform();
      sample.push_back({std::min(happens, censored), happens <= censored});
      time.push_back(sample.back().time);
      event.push_back(sample.back().event ? 1 : 0);
      arm.push_back(treated);
      design.push_back(treated);
      stratum.push_back(static_cast<int>(h));
    }
  }
};

constexpr const char* strata_words =
    "exponential times in four strata of hazards 0.4 to 1.6, hazard ratio 0.5, censoring uniform "
    "on "
    "0.5 to 2.5";

double log_half(const Setting& s) { return s.null ? 0.0 : std::log(0.5); }

Procedure stratified_log_rank() {
  Procedure p = procedure("stratified log-rank", strata_words, 0.005);
  p.coverage = -1.0;
  p.run = [](random::Stream& draw, const Setting& s) {
    const Strata t(draw, s, log_half(s));
    const WeightedLogRank test = weighted_log_rank({t.sample, t.arm, 2, t.stratum});
    return Verdict{test.status != LogRankStatus::fitted, test.p_value < 0.05, true};
  };
  return p;
}

Procedure stratified_cox() {
  Procedure p = procedure("stratified Cox, Wald", strata_words, 0.005);
  p.run = [](random::Stream& draw, const Setting& s) {
    const Strata t(draw, s, log_half(s));
    thread_local CoxWorkspace workspace;
    const CoxFit& fit = fit_cox(
        {.stop = t.time, .event = t.event, .design = t.design, .columns = 1, .stratum = t.stratum},
        {}, workspace);
    if (fit.status != CoxStatus::fitted) return Verdict{true};
    return wald_verdict(fit.coefficients[0], fit.se[0], log_half(s));
  };
  return p;
}

/// Exponential times of hazard 1 or 1/2 seen on a grid of 1/20, as at weekly visits; censoring on
/// the grid, from 0.5 to 2.5.
struct Grid {
  static constexpr double step = 0.05;
  std::vector<double> time, design;
  std::vector<int> event;

  Grid(random::Stream& draw, const Setting& s) {
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double happens = std::ceil(exponential(draw, std::exp(log_half(s) * (i % 2))) / step);
      const double censored = 10.0 + std::floor(41.0 * draw.uniform());
      time.push_back(step * std::min(happens, censored));
      event.push_back(happens <= censored ? 1 : 0);
      design.push_back(i % 2);
    }
  }
};

/// What the ties estimate: the exact form the odds ratio of an event in a step, the same at every
/// step; the others the hazard ratio. Breslow's is some half a step's hazard, 2 %, too near 1.
double truth_on_grid(const Setting& s, CoxTies ties) {
  if (ties != CoxTies::exact) return log_half(s);
  const double hazard = Grid::step * std::exp(log_half(s));
  return std::log(std::expm1(hazard) / std::expm1(Grid::step));
}

Procedure tied(std::string name, CoxTies ties) {
  Procedure p = procedure(std::move(name),
                          "exponential times on a grid of 1/20 of the mean time, hazard ratio 0.5, "
                          "censoring uniform on 0.5 to 2.5",
                          0.005);
  p.run = [ties](random::Stream& draw, const Setting& s) {
    const Grid t(draw, s);
    thread_local CoxWorkspace workspace;
    const CoxFit& fit =
        fit_cox({.stop = t.time, .event = t.event, .design = t.design, .columns = 1},
                {.ties = ties}, workspace);
    if (fit.status != CoxStatus::fitted) return Verdict{true};
    return wald_verdict(fit.coefficients[0], fit.se[0], truth_on_grid(s, ties));
  };
  return p;
}

/// Everybody starts untreated and begins at a time of his own, exponential of rate 1; the hazard,
/// 1, is then multiplied by the ratio. A row before and a row after.
Procedure time_varying() {
  Procedure p = procedure("Cox, covariate that changes with time, Wald",
                          "treatment begins at an exponential time, hazard ratio 0.5 from then on; "
                          "censoring uniform on 1 to 3",
                          0.005);
  p.run = [](random::Stream& draw, const Setting& s) {
    std::vector<double> start, stop, design;
    std::vector<int> event;
    const auto add = [&](double from, double to, bool happens, double treated) {
      start.push_back(from);
      stop.push_back(to);
      event.push_back(happens ? 1 : 0);
      design.push_back(treated);
    };
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double begins = exponential(draw, 1.0), censored = 1.0 + 2.0 * draw.uniform();
      const double early = exponential(draw, 1.0);
      const double late = begins + exponential(draw, std::exp(log_half(s)));
      const double happens = early < begins ? early : late;
      const double end = std::min(happens, censored);
      add(0.0, std::min(begins, end), end <= begins && happens <= censored, 0.0);
      if (end > begins) add(begins, end, happens <= censored, 1.0);
    }
    thread_local CoxWorkspace workspace;
    const CoxFit& fit =
        fit_cox({.start = start, .stop = stop, .event = event, .design = design, .columns = 1}, {},
                workspace);
    if (fit.status != CoxStatus::fitted) return Verdict{true};
    return wald_verdict(fit.coefficients[0], fit.se[0], log_half(s));
  };
  return p;
}

/// One patient in seven has the event within the unit: at 20 an arm an arm without events is
/// common, and Firth's estimate finite there.
const CoxFit& fit_rare(random::Stream& draw, const Setting& s, double log_ratio) {
  std::vector<double> time, design;
  std::vector<int> event;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const double happens = exponential(draw, 0.15 * std::exp(log_ratio * (i % 2)));
    time.push_back(std::min(happens, 1.0));
    event.push_back(happens < 1.0 ? 1 : 0);
    design.push_back(i % 2);
  }
  thread_local CoxWorkspace workspace;
  CoxOptions options;
  options.firth = true;
  return fit_cox({.stop = time, .event = event, .design = design, .columns = 1}, options,
                 workspace);
}

/// Wald's interval is too wide where a group has hardly an event: it errs on the safe side.
Procedure firth(std::string name, bool likelihood_ratio) {
  Procedure p = procedure(std::move(name),
                          "exponential times of hazard 0.15 over one unit, hazard ratio 0.3", 0.01);
  if (likelihood_ratio) p.coverage = -1.0;
  p.run = [likelihood_ratio](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : std::log(0.3);
    const CoxFit& fit = fit_rare(draw, s, truth);
    if (fit.status != CoxStatus::fitted) return Verdict{true};
    if (likelihood_ratio) return Verdict{false, fit.likelihood_ratio.p_value < 0.05, true};
    return wald_verdict(fit.coefficients[0], fit.se[0], truth);
  };
  return p;
}

/// log T = effect arm + 0.3 base + sigma W, censoring uniform on 0.5 to 2.5.
Procedure accelerated(std::string name, FailureDistribution distribution) {
  const bool weibull = distribution == FailureDistribution::weibull;
  // Maximum likelihood counts neither the three coefficients nor sigma as spent: 3 / 168 of the
  // variance, and the normal reference.
  Procedure p = procedure(std::move(name),
                          std::string(weibull ? "Weibull" : "log-normal") +
                              " times, sigma 0.7, time ratio 1.5, a covariate",
                          0.01);
  p.run = [distribution, weibull](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : std::log(1.5);
    std::vector<Observation> sample;
    std::vector<double> design;
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double base = draw.normal(), arm = i % 2;
      const double w = weibull ? std::log(exponential(draw, 1.0)) : draw.normal();
      const double happens = std::exp(truth * arm + 0.3 * base + 0.7 * w);
      const double censored = 0.5 + 2.0 * draw.uniform();
      sample.push_back({std::min(happens, censored), happens <= censored});
      design.insert(design.end(), {1.0, arm, base});
    }
    const AcceleratedFailureFit fit = fit_accelerated_failure({sample, design, 3, distribution});
    if (fit.status != CoxStatus::fitted) return Verdict{true};
    return wald_verdict(fit.coefficients[1], fit.se[1], truth);
  };
  return p;
}

}  // namespace

std::vector<Procedure> survival_model_procedures() {
  return {
      stratified_log_rank(),
      stratified_cox(),
      tied("Cox, many ties, Efron, Wald", CoxTies::efron),
      tied("Cox, many ties, Breslow, Wald", CoxTies::breslow),
      tied("Cox, many ties, exact, Wald", CoxTies::exact),
      time_varying(),
      firth("Cox with Firth's penalty, few events, Wald", false),
      firth("Cox with Firth's penalty, few events, penalised likelihood ratio", true),
      accelerated("accelerated failure time, Weibull, Wald", FailureDistribution::weibull),
      accelerated("accelerated failure time, log-normal, Wald", FailureDistribution::lognormal)};
}

}  // namespace angiotrial::operating
