// SPDX-License-Identifier: Apache-2.0
#include "plan/repeated.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::size_t most_visits = 64;

std::optional<CovarianceStructure> structure_named(std::string_view name) {
  const auto found = std::ranges::find(structure_names, name);
  if (found == structure_names.end()) return std::nullopt;
  return static_cast<CovarianceStructure>(found - structure_names.begin());
}

}  // namespace

void describe_covariance(schema::Visitor& visit, CovarianceOptions& o) {
  visit("covariance", o.covariance, structure_names,
        "covariance of a subject's measurements; spatial_exponential and random_slope need times",
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
      task.bad_option("fallback", name, "is not a covariance",
                      diagnostics::nearest(name, known).value_or(""));
      return std::nullopt;
    }
    out.push_back(*structure);
  }
  return out;
}

bool needs_time(CovarianceStructure structure) {
  return structure == CovarianceStructure::spatial_exponential ||
         structure == CovarianceStructure::random_slope;
}

bool order_matters(CovarianceStructure structure) {
  return structure != CovarianceStructure::unstructured &&
         structure != CovarianceStructure::compound_symmetry &&
         structure != CovarianceStructure::heterogeneous_compound_symmetry &&
         !needs_time(structure);
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

void refuse_fit(const MixedFit& fit, std::span<const std::string> columns, const Task& task) {
  std::string which;
  for (const std::size_t column : fit.aliased) {
    if (column < columns.size()) which += (which.empty() ? ": " : ", ") + columns[column];
  }
  const bool covariance = fit.status == MixedStatus::not_estimable ||
                          fit.status == MixedStatus::singular_covariance ||
                          fit.status == MixedStatus::not_converged;
  task.refuse(std::string(name_of(fit.status)) + which,
              covariance ? "declare simpler covariances in `fallback`" : "");
}

std::optional<VisitCodes> keep_visits(Frame& frame, const std::string& column,
                                      const std::vector<std::string>& listed, bool ordered,
                                      const Task& task) {
  if (column.empty()) {
    task.bad_option("visit", "", "must name the column of the visit");
    return std::nullopt;
  }
  const Factor found = frame.factor(column);
  if (!frame.ok()) return std::nullopt;
  VisitCodes out{column, listed.empty() ? found.levels : listed, {}};
  for (const std::string& name : listed) {
    if (std::ranges::find(found.levels, name) == found.levels.end()) {
      task.bad_option("visits", name, "the data have no such visit",
                      diagnostics::nearest(name, found.levels).value_or(""));
      return std::nullopt;
    }
  }
  if (std::set<std::string>(out.names.begin(), out.names.end()).size() != out.names.size()) {
    task.bad_option("visits", "", "must name each visit once");
    return std::nullopt;
  }
  const bool numbers = std::ranges::all_of(
      out.names, [](const std::string& name) { return formats::cell_number(name).has_value(); });
  if (ordered && listed.empty() && out.names.size() > 2 && !numbers) {
    task.bad_option("visits", "",
                    "must list the visits in the order of time, since they are not numbers");
    return std::nullopt;
  }
  if (out.names.empty() || out.names.size() > most_visits) {
    task.bad_option("visit", column, "must hold 1 to 64 visits");
    return std::nullopt;
  }
  std::vector<bool> wanted(frame.rows());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const int code = found.codes[i];
    if (code < 0 && listed.empty()) frame.add_problem(i, column, "", "a row needs a visit");
    wanted[i] =
        code >= 0 && std::ranges::find(out.names, found.levels[static_cast<std::size_t>(code)]) !=
                         out.names.end();
  }
  if (!frame.ok()) return std::nullopt;
  frame.keep(wanted);
  code_again(frame, out);
  return out;
}

void code_again(Frame& frame, VisitCodes& visits) {
  const Factor found = frame.factor(visits.column);
  std::vector<int> code(found.levels.size(), -1);
  for (std::size_t l = 0; l < code.size(); ++l) {
    code[l] =
        static_cast<int>(std::ranges::find(visits.names, found.levels[l]) - visits.names.begin());
  }
  visits.codes.resize(frame.rows());
  for (std::size_t i = 0; i < visits.codes.size(); ++i) {
    visits.codes[i] = code[static_cast<std::size_t>(found.codes[i])];
  }
}

bool require_one_row_per_visit(const Frame& frame, const VisitCodes& visits) {
  std::set<std::pair<int, int>> seen;
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    if (seen.emplace(frame.subject()[i], visits.codes[i]).second) continue;
    frame.add_problem(i, visits.column, visits.names[static_cast<std::size_t>(visits.codes[i])],
                      "subject " +
                          frame.subject_name(static_cast<std::size_t>(frame.subject()[i])) +
                          " has two rows at this visit",
                      "narrow them down with `where`");
  }
  return frame.ok();
}

bool require_one_arm_per_subject(const Frame& frame) {
  std::map<int, int> arm;
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    const auto [known, fresh] = arm.emplace(frame.subject()[i], frame.arm()[i]);
    if (known->second == frame.arm()[i]) continue;
    frame.add_problem(i, "arm", frame.arms()[static_cast<std::size_t>(frame.arm()[i])],
                      "subject " +
                          frame.subject_name(static_cast<std::size_t>(frame.subject()[i])) +
                          " stands in two arms");
  }
  return frame.ok();
}

}  // namespace angiotrial::analysis
