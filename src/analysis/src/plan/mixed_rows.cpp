// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "plan/repeated.hpp"

/// Rows of mixed models.
namespace angiotrial::analysis {
namespace {

void add_refusal(RowWriter& out, std::string_view why) {
  out.row.note += (out.row.note.empty() ? "refused: " : "; refused: ") + std::string(why);
}

}  // namespace

void put_estimate(Task& task, std::string_view arm, std::string_view reference,
                  const Effect& effect, std::string_view name, std::string_view refusal) {
  RowWriter& out = task.out;
  const std::string note = out.row.note;
  const bool sound = refusal.empty() && std::isfinite(effect.se) && std::isfinite(effect.lower);
  if (!sound) add_refusal(out, refusal.empty() ? "the variance is not positive" : refusal);
  const auto put = [&](std::string_view statistic, double value, std::string_view unit) {
    out.put(statistic, sound ? std::optional(value) : std::nullopt, unit);
  };
  out.row.arm = arm;
  out.row.arm_ref = reference;
  out.row.level = task.level();
  out.put(name, effect.estimate, task.analysis.unit);
  put("lower", effect.lower, task.analysis.unit);
  put("upper", effect.upper, task.analysis.unit);
  out.row.level.reset();
  put("se", effect.se, task.analysis.unit);
  if (effect.df) put("df", *effect.df, "1");
  if (!reference.empty()) put("p_value", effect.p_value, "probability");
  out.row.arm.clear();
  out.row.arm_ref.clear();
  out.row.note = note;
}

void put_estimate(Task& task, std::string_view arm, std::string_view reference,
                  const MixedAnswer& answer, std::string_view name) {
  put_estimate(task, arm, reference, static_cast<const Effect&>(answer), name, answer.refusal);
}

void put_joint_test(Task& task, std::string_view group, const JointTest& test) {
  if (test.numerator_df == 0) return;
  RowWriter& out = task.out;
  out.row.group = group;
  const std::string note = out.row.note;
  const bool sound = std::isfinite(test.f) && std::isfinite(test.p_value);
  if (!sound) {
    add_refusal(out, test.rests_on_one ? rests_on_one_subject
                     : test.too_many_directions
                         ? "too few patients for a robust test of so many contrasts at once"
                         : "the variance is not positive");
  }
  const auto put = [&](std::string_view statistic, double value, std::string_view unit) {
    out.put(statistic, sound ? std::optional(value) : std::nullopt, unit);
  };
  put("f", test.f, "1");
  out.put("numerator_df", test.numerator_df);
  put("denominator_df", test.denominator_df, "1");
  put("p_value", test.p_value, "probability");
  out.row.group.clear();
  out.row.note = note;
}

void put_covariance(Task& task, const MixedFit& fit, std::span<const std::string> visits,
                    std::span<const std::string> groups) {
  const std::size_t m = visits.size();
  const std::string avisit = task.out.row.avisit;
  for (std::size_t g = 0; g < std::max<std::size_t>(1, groups.size()); ++g) {
    const double* sigma = fit.sigma.data() + g * m * m;
    const std::string of_group = groups.empty() ? "" : groups[g];
    for (std::size_t b = 0; b < m; ++b) {
      task.out.row.avisit = visits[b];
      task.out.row.group = of_group;
      task.out.put("residual_sd", std::sqrt(sigma[b * m + b]), task.analysis.unit);
      for (std::size_t a = 0; a < b; ++a) {
        task.out.row.group = of_group + (of_group.empty() ? "" : ": ") + "with " + visits[a];
        const double scale = std::sqrt(sigma[a * m + a] * sigma[b * m + b]);
        task.out.put("residual_correlation", sigma[b * m + a] / scale, "1");
      }
    }
  }
  task.out.row.avisit = avisit;
  task.out.row.group.clear();
}

std::vector<std::size_t> first_rows(const Frame& frame) {
  std::vector<bool> seen(frame.subjects(), false);
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    const auto s = static_cast<std::size_t>(frame.subject()[i]);
    if (!seen[s]) out.push_back(i);
    seen[s] = true;
  }
  return out;
}

std::size_t subjects_left(const Frame& frame) { return first_rows(frame).size(); }

void put_fit(Task& task, const MixedFit& fit, const Frame& frame, std::size_t missing) {
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("aic", fit.aic, "1");
  task.out.put("bic", fit.bic, "1");
  task.out.put("iterations", fit.iterations);
  task.out.put("largest_gradient", fit.largest_gradient, "1");
  task.out.put("n", static_cast<int>(subjects_left(frame)), "subjects");
  task.out.put("n_rows", static_cast<int>(frame.rows()), "rows");
  task.out.put("n_missing", static_cast<int>(missing), "rows");
}

}  // namespace angiotrial::analysis
