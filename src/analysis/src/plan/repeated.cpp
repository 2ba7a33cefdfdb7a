// SPDX-License-Identifier: Apache-2.0
#include "plan/repeated.hpp"
#include "plan/did_you_mean.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

std::optional<CovarianceStructure> structure_named(std::string_view name) {
  const auto found = std::ranges::find(structure_names, name);
  if (found == structure_names.end()) return std::nullopt;
  return static_cast<CovarianceStructure>(found - structure_names.begin());
}

}  // namespace

void describe_covariance(schema::Visitor& visit, CovarianceOptions& o) {
  visit("covariance", o.covariance, structure_names,
        "covariance of a subject's measurements; spatial_exponential and random_slope need times: "
        "mmrm alone",
        analyst);
  visit("fallback", o.fallback,
        "covariances to try in this order where the one before has no answer; the note of each row "
        "says which was used",
        analyst);
  visit("criterion", o.criterion, criterion_names, "restricted or full maximum likelihood",
        analyst);
}

std::optional<std::vector<CovarianceStructure>> fallbacks_of(const CovarianceOptions& o,
                                                             const Task& task) {
  std::vector<CovarianceStructure> out;
  for (const std::string& name : o.fallback) {
    const auto structure = structure_named(name);
    if (!structure) {
      const std::vector<std::string> known(structure_names.begin(), structure_names.end());
      task.bad_option("fallback", name, "is not a covariance", did_you_mean(name, known));
      continue;
    }
    out.push_back(*structure);
  }
  if (out.size() < o.fallback.size()) return std::nullopt;
  return out;
}

bool order_matters(CovarianceStructure structure) {
  return structure != CovarianceStructure::unstructured &&
         structure != CovarianceStructure::compound_symmetry &&
         structure != CovarianceStructure::heterogeneous_compound_symmetry &&
         !needs_times(structure);
}

std::string fall_back_note(const MixedFit& fit) {
  if (fit.attempts.size() < 2) return "";
  std::string tried;
  for (const MixedAttempt& attempt : fit.attempts) {
    if (attempt.status == MixedStatus::fitted) continue;
    tried += (tried.empty() ? "" : ", ") + std::string(name_of(attempt.structure)) + " (" +
             std::string(name_of(attempt.status)) + ")";
  }
  return "covariance " + std::string(name_of(fit.structure)) +
         ", the plan's fall-back, in place of " + tried;
}

void refuse_fit(const MixedFit& fit, std::span<const std::string> columns, const Task& task,
                bool may_fall_back) {
  std::string which;
  for (const std::size_t column : fit.aliased) {
    if (column < columns.size()) which += (which.empty() ? ": " : ", ") + columns[column];
  }
  const bool covariance = fit.status == MixedStatus::not_estimable ||
                          fit.status == MixedStatus::singular_covariance ||
                          fit.status == MixedStatus::not_converged;
  task.refuse(std::string(name_of(fit.status)) + which,
              covariance && may_fall_back ? "declare simpler covariances in `fallback`" : "");
}

bool require_one_row_per_visit(const Frame& frame, const VisitCodes& visits) {
  std::set<std::pair<int, int>> seen;
  formats::ProblemKind twice(frame.problems());
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    if (seen.emplace(frame.subject()[i], visits.codes[i]).second) continue;
    const auto subject = static_cast<std::size_t>(frame.subject()[i]);
    twice.add({frame.table().file, frame.line(i), visits.column,
               visits.names[static_cast<std::size_t>(visits.codes[i])],
               "subject " + frame.subject_name(subject) + " has two rows at this visit",
               "narrow them down with `where`"});
  }
  twice.finish();
  return frame.ok();
}

bool require_one_arm_per_subject(const Frame& frame) {
  std::map<int, int> arm;
  formats::ProblemKind two(frame.problems());
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    const auto [known, fresh] = arm.emplace(frame.subject()[i], frame.arm()[i]);
    if (known->second == frame.arm()[i]) continue;
    const auto subject = static_cast<std::size_t>(frame.subject()[i]);
    two.add({frame.table().file, frame.line(i), "arm",
             frame.arms()[static_cast<std::size_t>(frame.arm()[i])],
             "subject " + frame.subject_name(subject) + " stands in two arms", ""});
  }
  two.finish();
  return frame.ok();
}

}  // namespace angiotrial::analysis
