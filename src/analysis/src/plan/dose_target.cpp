// SPDX-License-Identifier: Apache-2.0
#include "plan/dose_target.hpp"

#include <angiotrial/analysis/dose/target_dose.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>
#include <cmath>

#include "plan/dose_candidates.hpp"

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::array<std::string_view, 2> interval_kinds{"profile", "delta"};

std::optional<double> if_finite(double x) {
  return std::isfinite(x) ? std::optional(x) : std::nullopt;
}

void put_interval(std::string_view name, const DoseInterval& i, std::string_view kind, Task& task) {
  task.out.row.level = task.level();
  if (i.status == DoseIntervalStatus::computed) {
    if (!std::isfinite(i.upper)) task.out.row.note = "no upper limit up to the largest dose";
    task.out.put(name, i.estimate, "dose");
    task.out.put(std::string(name) + "_lower", i.lower, "dose");
    task.out.put(std::string(name) + "_upper", if_finite(i.upper), "dose");
  } else {
    task.out.row.note = std::string(name_of(i.status)) + " (" + std::string(kind) + ")";
    task.out.put(std::string(name) + "_lower", std::nullopt, "dose");
    task.out.put(std::string(name) + "_upper", std::nullopt, "dose");
  }
  task.out.row.level.reset();
  task.out.row.note.clear();
}

/// The dose by itself, where the interval has none.
void put_alone(std::string_view name, std::optional<double> dose, Task& task) {
  if (!dose) task.out.row.note = "the curve does not reach the effect up to the largest dose";
  task.out.put(name, dose, "dose");
  task.out.row.note.clear();
}

void put_target(const TargetPlan& o, const ModelledDose& m, Task& task) {
  const auto& selected = m.result.selected;
  if (!selected || !m.result.target_dose) {
    put_alone("target_dose", m.result.target_dose, task);
    return;
  }
  const DoseFit& fit = m.result.fits[*selected];
  const DoseInterval interval = o.interval == DoseIntervalKind::delta
                                    ? target_dose_delta(fit, m.data, *m.effect, task.level())
                                    : target_dose_profile(fit, m.data, *m.effect, task.level());
  if (interval.status != DoseIntervalStatus::computed) {
    put_alone("target_dose", m.result.target_dose, task);
  }
  put_interval("target_dose", interval, interval_kinds[static_cast<std::size_t>(o.interval)], task);
}

void put_effective(const TargetPlan& o, const ModelledDose& m, Task& task) {
  const DoseFit& fit = m.result.fits[*m.result.selected];
  const auto dose = effective_dose(fit, o.fraction, m.data.doses.back());
  const DoseInterval interval = effective_dose_delta(fit, m.data, o.fraction, task.level());
  if (!dose || interval.status != DoseIntervalStatus::computed) {
    put_alone("effective_dose", dose, task);
  }
  if (dose) put_interval("effective_dose", interval, "delta", task);
}

}  // namespace

void describe_target(schema::Visitor& visit, TargetPlan& o) {
  visit("target_effect", o.effect, {.least = 0.0},
        "gain over placebo that the target dose is to have, in the direction of benefit, on the "
        "scale of the estimates (counts: of log rates); 0: no target dose",
        analyst);
  visit("target_ratio", o.ratio, {.least = 0.0},
        "the same for counts, as a ratio of rates to placebo; 0: none", analyst);
  visit("effective_fraction", o.fraction, {.least = 0.0, .most = 1.0},
        "also the smallest dose with this fraction of the largest effect, such as 0.9; 0: none",
        analyst);
  visit("target_interval", o.interval, interval_kinds,
        "of the target dose within the selected shape: profile likelihood, or the delta method",
        analyst);
}

std::optional<TargetEffect> target_effect(const TargetPlan& o, const DoseTerms& terms,
                                          const Task& task) {
  const double sign = terms.better == Better::increase ? 1.0 : -1.0;
  if (o.ratio == 0.0) {
    return TargetEffect{o.effect > 0.0 ? std::optional(sign * o.effect) : std::nullopt};
  }
  const double log_ratio = std::log(o.ratio);
  const bool counts =
      terms.family == DoseFamily::poisson || terms.family == DoseFamily::negative_binomial;
  if (!counts || o.effect > 0.0 || !(sign * log_ratio > 0.0)) {
    task.bad_option("target_ratio", formats::shortest(o.ratio),
                    "is of counts, without target_effect, below 1 where a benefit lowers the rate "
                    "and above 1 where it raises it");
    return std::nullopt;
  }
  return TargetEffect{log_ratio};
}

void put_targets(const TargetPlan& o, const ModelledDose& m, Task& task) {
  if (m.result.selected) task.out.row.group = plan_name(m.result.fits[*m.result.selected].shape);
  if (m.effect) put_target(o, m, task);
  if (o.fraction > 0.0 && m.result.selected) put_effective(o, m, task);
  task.out.row.group.clear();
}

}  // namespace angiotrial::analysis
