// SPDX-License-Identifier: Apache-2.0
#include "plan/task.hpp"
#include "plan/did_you_mean.hpp"
#include "reference_distributions.hpp"

#include "rows/ratio_rows.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <boost/math/distributions/normal.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace angiotrial::analysis {
namespace {

using boost::math::normal;

/// Upper tail probability and the matching quantile, of t or of the normal.
double upper_tail(double x, const std::optional<double>& df) {
  using boost::math::complement;
  if (df && std::isfinite(*df)) return student_tail(*df, x);
  return cdf(complement(normal(), x));
}

double upper_quantile(double tail, const std::optional<double>& df) {
  using boost::math::complement;
  if (df && std::isfinite(*df)) return student_tail_quantile(*df, tail);
  return quantile(complement(normal(), tail));
}

}  // namespace

Effect wald(double estimate, double se, double level, std::optional<double> df) {
  const double half = upper_quantile(0.5 * (1.0 - level), df) * se;
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const double p = se > 0.0 ? 2.0 * upper_tail(std::fabs(estimate) / se, df) : none;
  return {estimate, se, estimate - half, estimate + half, p, df};
}

std::optional<Frame> Task::frame(FrameWants wants) const {
  use_data();
  auto found = Frame::of({plan, analysis, tables, problems, std::move(wants)});
  if (!found) return found;
  // A method that names its conventions only after it has seen the data has none here as yet.
  const bool unnamed = out.row.conventions.empty();
  if (unnamed) out.row.conventions = "counted before the fit";
  const auto tell = [&](const char* statistic, std::size_t count, std::string note) {
    if (count == 0) return;
    out.row.note = std::move(note);
    out.put(statistic, static_cast<double>(count), "rows");
    out.row.note.clear();
  };
  const auto unseen = [](std::size_t count) {
    return count == 0 ? std::string() : "; " + std::to_string(count) + " of them without a record";
  };
  const EventCounts& events = found->event_counts();
  tell("n_without_arm", found->without_arm(), "rows of subjects without an arm are left out");
  if (found->without_row() > 0) {
    out.row.note = "subjects of the population without a row that fulfils the conditions";
    out.put("n_without_row", static_cast<double>(found->without_row()), "subjects");
    out.row.note.clear();
  }
  tell("n_after_event", events.left_out, "rows after an event are left out, as its strategy says");
  tell("n_composite", events.composite,
       "responses after an event are the composite value" + unseen(events.composite_unseen));
  tell("n_last_value", events.last_value,
       "responses after an event are the last one up to it, while on treatment" +
           unseen(events.last_value_unseen));
  if (unnamed) out.row.conventions.clear();
  return found;
}

bool Task::check_classes(std::span<const std::string> classes,
                         std::span<const std::string> covariates) const {
  const std::size_t before = problems.size();
  const std::vector<std::string> known = Frame::columns_of(covariates);
  for (const std::string& name : classes) {
    if (std::ranges::find(known, name) != known.end()) continue;
    bad_option("classes", name, "must name a column of the covariates", did_you_mean(name, known));
  }
  return problems.size() == before;
}

bool Task::check_without_arm(std::string_view key, std::span<const std::string> terms) const {
  const std::size_t before = problems.size();
  for (const std::string& term : terms) {
    const std::string padded = ":" + term + ":";
    if (padded.find(":arm:") == std::string::npos) continue;
    bad_option(key, term, "must be of columns from before treatment, without the arm");
  }
  return problems.size() == before;
}

bool Task::check_order_of_arms(std::string_view key, const Frame& frame) const {
  const bool numbers = std::ranges::all_of(
      frame.arms(), [](const std::string& arm) { return formats::cell_number(arm).has_value(); });
  if (!plan.arms.empty() || numbers) return true;
  bad_option(key, "", "the order of the arms is not known",
             key == "dose" ? "list `arms` in the order of dose, or give `doses` or `dose`"
                           : "list `arms` in the order of these numbers");
  return false;
}

void Task::refuse(std::string reason, std::string hint) const {
  out.row.note = "refused: " + reason;
  const bool unnamed = out.row.conventions.empty();
  if (unnamed) out.row.conventions = "refused before the fit";
  out.put("status", std::nullopt, "");
  if (unnamed) out.row.conventions.clear();
  out.row.note.clear();
  refusals.push_back(
      {"", 0, "analysis." + analysis.name, analysis.method, std::move(reason), std::move(hint)});
}

void Task::bad_option(std::string_view key, std::string value, std::string rule,
                      std::string hint) const {
  problems.push_back({"", analysis.line, "analysis." + analysis.name + "." + std::string(key),
                      std::move(value), std::move(rule), std::move(hint)});
}

bool none_given(const Task& task, std::initializer_list<Setting> settings,
                std::string_view reader) {
  const std::size_t before = task.problems.size();
  for (const Setting& setting : settings) {
    if (setting.given) {
      task.bad_option(setting.key, "", "is used with " + std::string(reader) + " alone");
    }
  }
  return task.problems.size() == before;
}

void Task::put_difference(std::string_view arm, std::string_view reference, const Effect& effect,
                          std::string_view name, const std::string& prefix) const {
  out.row.arm = arm;
  out.row.arm_ref = reference;
  out.row.level = level();
  out.put(name, effect.estimate, analysis.unit);
  out.put(prefix + "lower", effect.lower, analysis.unit);
  out.put(prefix + "upper", effect.upper, analysis.unit);
  out.row.level.reset();
  out.put(prefix + "se", effect.se, analysis.unit);
  if (effect.df) out.put(prefix + "df", *effect.df, "1");
  out.put(prefix + "p_value", effect.p_value, "probability");
  out.row.arm.clear();
  out.row.arm_ref.clear();
}

void Task::put_ratio(std::string_view arm, std::string_view reference, const Effect& effect,
                     std::string_view name, const std::string& prefix) const {
  out.row.arm = arm;
  out.row.arm_ref = reference;
  out.row.level = level();
  put_ratio_of(effect.estimate, name, out);
  put_ratio_of(effect.lower, prefix + "lower", out);
  put_ratio_of(effect.upper, prefix + "upper", out);
  out.row.level.reset();
  out.put(prefix + "se_log", effect.se, "ln");
  if (effect.df) out.put(prefix + "df", *effect.df, "1");
  out.put(prefix + "p_value", effect.p_value, "probability");
  out.row.arm.clear();
  out.row.arm_ref.clear();
}

void Task::put_mean(std::string_view arm, const Effect& mean, std::string_view name) const {
  out.row.arm = arm;
  out.row.level = level();
  out.put(name, mean.estimate, analysis.unit);
  out.put("lower", mean.lower, analysis.unit);
  out.put("upper", mean.upper, analysis.unit);
  out.row.level.reset();
  out.put("se", mean.se, analysis.unit);
  out.row.arm.clear();
}

}  // namespace angiotrial::analysis
