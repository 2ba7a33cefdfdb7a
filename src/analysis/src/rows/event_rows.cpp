// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/survival.hpp>
#include <angiotrial/formats/number_text.hpp>

#include "rows/context.hpp"

/// Time to event: Kaplan-Meier by arm at the horizon, log-rank tests.
namespace angiotrial::analysis {
namespace {

/// Observations of one parameter, with their arm.
struct Sample {
  std::vector<Observation> observations;
  std::vector<int> arm;
};

Sample collect(const Context& c, const EventEndpoint& endpoint) {
  Sample sample;
  const dataset::Code code(endpoint.paramcd);
  for (const dataset::EventRow& row : c.data.events) {
    if (row.paramcd != code || c.arm_of[row.subject] < 0) continue;
    if (!c.contains(row.subject, endpoint.estimand.population)) continue;
    sample.observations.push_back({row.aval.value(), !row.censored});
    sample.arm.push_back(c.arm_of[row.subject]);
  }
  return sample;
}

std::optional<double> percent_event(std::optional<double> survival) {
  return survival ? std::optional(100.0 * (1.0 - *survival)) : std::nullopt;
}

void put_arm(const Context& c, const EventEndpoint& endpoint, const Sample& sample, int arm,
             RowWriter& out) {
  std::vector<Observation> own;
  int events = 0;
  const double horizon = endpoint.horizon_months.to<units::Days>().value();
  for (std::size_t i = 0; i < sample.arm.size(); ++i) {
    if (sample.arm[i] != arm) continue;
    own.push_back(sample.observations[i]);
    events += own.back().event && own.back().time <= horizon ? 1 : 0;
  }
  const auto curve = kaplan_meier(own);
  const auto at = survival_at(curve, horizon, c.level, SurvivalInterval::log_log);
  out.put("n", static_cast<int>(own.size()), "subjects");
  out.put("count", events, "subjects");
  const bool empty = own.empty();
  out.put("percent", empty ? std::nullopt : percent_event(at.survival), "%");
  out.put("se", empty ? std::nullopt : std::optional(100.0 * at.se), "%");
  out.row.level = c.level;
  out.put("lower", percent_event(at.upper), "%");
  out.put("upper", percent_event(at.lower), "%");
  out.row.level.reset();
}

void put_test(const LogRank& test, RowWriter& out) {
  const bool known = test.p_value.has_value();
  out.put("chi_squared", known ? std::optional(test.chi_squared) : std::nullopt, "1");
  out.put("p_value", test.p_value, "probability");
}

/// All arms at once, then each against the reference.
void put_tests(const Context& c, const Sample& sample, RowWriter& out) {
  out.row.method = "log-rank test";
  out.row.conventions = "variance: hypergeometric; reference: chi-squared";
  out.row.arm.clear();
  put_test(log_rank(sample.observations, sample.arm, static_cast<int>(c.arms)), out);
  for (std::size_t arm = 0; arm < c.arms; ++arm) {
    if (static_cast<int>(arm) == c.reference) continue;
    Sample pair;
    for (std::size_t i = 0; i < sample.arm.size(); ++i) {
      if (sample.arm[i] != static_cast<int>(arm) && sample.arm[i] != c.reference) continue;
      pair.observations.push_back(sample.observations[i]);
      pair.arm.push_back(sample.arm[i] == c.reference ? 0 : 1);
    }
    out.row.arm = c.arm_name(arm);
    out.row.arm_ref = c.plan.reference_arm;
    put_test(log_rank(pair.observations, pair.arm, 2), out);
    out.row.arm_ref.clear();
  }
}

}  // namespace

void event_rows(Context& c, RowWriter& out) {
  for (const EventEndpoint& endpoint : c.plan.events) {
    const Sample sample = collect(c, endpoint);
    const double month = endpoint.horizon_months.value();
    out.row.paramcd = endpoint.paramcd;
    out.row.param = endpoint.param;
    out.row.estimand = text(endpoint.estimand);
    out.row.avisit = "Month ";
    out.row.avisit += formats::shortest(month);
    out.row.month = month;
    out.row.method = "Kaplan-Meier, Greenwood, log-log interval";
    out.row.conventions = "variance: Greenwood; interval: log-log; reference: normal";
    for (std::size_t arm = 0; arm < c.arms; ++arm) {
      out.row.arm = c.arm_name(arm);
      put_arm(c, endpoint, sample, static_cast<int>(arm), out);
    }
    put_tests(c, sample, out);
  }
}

}  // namespace angiotrial::analysis
