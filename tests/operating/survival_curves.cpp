// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/competing_risks.hpp>
#include <angiotrial/analysis/survival/recurrent.hpp>
#include <angiotrial/analysis/survival/survival_summary.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Intervals of one arm's curves: survival at a time, its median, incidence, mean count of events.
/// "Null" and "alternative" are two arms with different curves; there is no test.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr double z95 = 1.959963984540054;

double exponential(random::Stream& draw, double rate) { return -std::log(draw.uniform()) / rate; }

Procedure procedure(std::string name, std::string trial) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::move(trial);
  p.error = -1.0;
  p.slack = 0.005;
  return p;
}

const char* const survival_words =
    "one arm, exponential times of hazard 1 or 0.5, censoring uniform on 0.5 to 2.5";

double hazard_of(const Setting& s) { return s.null ? 1.0 : 0.5; }

std::vector<Observation> draw_arm(random::Stream& draw, const Setting& s) {
  std::vector<Observation> sample;
  for (int i = 0; i < s.per_arm; ++i) {
    const double event = exponential(draw, hazard_of(s));
    const double censored = 0.5 + 2.0 * draw.uniform();
    sample.push_back({std::min(event, censored), event <= censored});
  }
  return sample;
}

/// An interval that is not there (no event before) is refused.
Procedure at_a_time(std::string name, SurvivalInterval interval, double slack) {
  Procedure p = procedure(std::move(name), survival_words);
  p.slack = slack;
  p.run = [interval](random::Stream& draw, const Setting& s) {
    constexpr double time = 0.8;
    const auto sample = draw_arm(draw, s);
    const auto curve = kaplan_meier(sample);
    const SurvivalEstimate e = survival_at(curve, time, 0.95, interval);
    if (!e.lower || !e.upper) return Verdict{true};
    const double truth = std::exp(-hazard_of(s) * time);
    return Verdict{false, false, *e.lower <= truth && truth <= *e.upper};
  };
  return p;
}

/// Where the curve's limits reach one half (Brookmeyer and Crowley 1982); no limit is infinite.
Procedure median() {
  Procedure p = procedure("median survival, Brookmeyer-Crowley, log-log", survival_words);
  p.run = [](random::Stream& draw, const Setting& s) {
    const auto sample = draw_arm(draw, s);
    const auto curve = kaplan_meier(sample);
    double last = 0.0;
    for (const Observation& o : sample) last = std::max(last, o.time);
    const SurvivalQuantile q = survival_quantile(curve, last, 0.5, 0.95, SurvivalInterval::log_log);
    const double truth = std::log(2.0) / hazard_of(s);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return Verdict{false, false,
                   q.lower.value_or(infinity) <= truth && truth <= q.upper.value_or(infinity)};
  };
  return p;
}

/// F_1(t) = r_1 / r (1 - exp(-r t)) of constant cause-specific hazards r_1 and r_2, r their sum.
/// log(-log F) is normal, as plans report it.
Procedure incidence() {
  Procedure p = procedure("cumulative incidence (Aalen-Johansen), log-log",
                          "one arm, two causes of hazards 0.6 or 0.3, and 0.5; censoring uniform "
                          "on 0.5 to 2.5");
  p.slack = 0.01;
  p.run = [](random::Stream& draw, const Setting& s) {
    constexpr double time = 1.0, other = 0.5;
    const double own = s.null ? 0.6 : 0.3, rate = own + other;
    std::vector<CompetingObservation> sample;
    for (int i = 0; i < s.per_arm; ++i) {
      const double event = exponential(draw, rate), u = draw.uniform();
      const double censored = 0.5 + 2.0 * draw.uniform();
      const int cause = u < own / rate ? 1 : 2;
      sample.push_back({std::min(event, censored), event <= censored ? cause : 0});
    }
    const CumulativeIncidence curve = cumulative_incidence(sample, 2);
    if (curve.status != CompetingStatus::fitted) return Verdict{true};
    const IncidenceEstimate e = incidence_at(curve, 1, time);
    if (!(e.incidence > 0.0 && e.incidence < 1.0 && e.variance > 0.0)) return Verdict{true};
    const auto twice = [](double f) { return std::log(-std::log(f)); };
    const double truth = own / rate * -std::expm1(-rate * time);
    const double half =
        z95 * std::sqrt(e.variance) / std::fabs(e.incidence * std::log(e.incidence));
    return Verdict{false, false, std::fabs(twice(e.incidence) - twice(truth)) <= half};
  };
  return p;
}

/// Events at rate 1.5 or 0.75 times a gamma factor of mean 1 and variance 0.5, in a follow-up of
/// 0.5 to 1.5; the mean number at 1, on its own scale as plans report it.
Procedure mean_count() {
  Procedure p = procedure("mean cumulative count of recurrent events, robust, plain",
                          "one arm, Poisson events with a gamma factor of variance 0.5 a patient");
  // A patient's count has skewness 1.3 or so; Hall's expansion of a studentised mean then loses
  // 0.8 / n of the coverage of a plain interval, 0.9 points at 84, and only half are followed so
  // long.
  p.slack = 0.015;
  p.run = [](random::Stream& draw, const Setting& s) {
    const double mean = s.null ? 1.5 : 0.75;
    std::vector<double> start, stop;
    std::vector<int> event, subject;
    for (int i = 0; i < s.per_arm; ++i) {
      const double factor = 0.5 * (exponential(draw, 1.0) + exponential(draw, 1.0));
      const double end = 0.5 + draw.uniform();
      double from = 0.0;
      for (double to = exponential(draw, mean * factor);; to += exponential(draw, mean * factor)) {
        start.push_back(from);
        stop.push_back(std::min(to, end));
        event.push_back(to < end ? 1 : 0);
        subject.push_back(i);
        if (to >= end) break;
        from = to;
      }
    }
    const auto function = mean_cumulative_function(
        {.start = start, .stop = stop, .event = event, .subject = subject});
    if (function.status != SurvivalStatus::fitted) return Verdict{true};
    const MeanCumulativePoint at = mean_cumulative_at(function, 1.0);
    if (!(at.se > 0.0)) return Verdict{true};
    return Verdict{false, false, std::fabs(at.mean - mean) <= z95 * at.se};
  };
  return p;
}

}  // namespace

std::vector<Procedure> survival_curve_procedures() {
  using enum SurvivalInterval;
  // The plain and the logarithmic scale are skewed where few are left; the others less.
  return {at_a_time("Kaplan-Meier at a time, log-log (Greenwood)", log_log, 0.005),
          at_a_time("Kaplan-Meier at a time, log (Greenwood)", log, 0.015),
          at_a_time("Kaplan-Meier at a time, plain (Greenwood)", plain, 0.015),
          at_a_time("Kaplan-Meier at a time, logit (Greenwood)", logit, 0.005),
          at_a_time("Kaplan-Meier at a time, arcsine (Greenwood)", arcsine, 0.005),
          median(),
          incidence(),
          mean_count()};
}

}  // namespace angiotrial::operating
