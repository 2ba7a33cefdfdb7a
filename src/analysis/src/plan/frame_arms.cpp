// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "plan/did_you_mean.hpp"
#include "plan/frame.hpp"
#include "plan/frame_columns.hpp"

/// Which arms an analysis compares, and which of them a row is in.
namespace angiotrial::analysis {

using formats::DataColumn;

namespace {

std::string digits_of(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c >= '0' && c <= '9'; });
  return out;
}

}  // namespace

/// Arms of the rows left, and of subjects of the population that have no row at all.
std::vector<std::string> Frame::arms_found(const FrameRequest& request, const Place& place) const {
  std::set<std::string> found;
  for (std::size_t i = 0; i < rows(); ++i) found.insert(text(place, i));
  const std::string& flag = request.analysis.estimand.population;
  if (place.of_subject && request.analysis.where.empty()) {
    const DataColumn* in = flag.empty() ? nullptr : subject_table_->find(flag);
    for (std::size_t i = 0; i < subject_table_->rows(); ++i) {
      if (in == nullptr || in->text(i) == "Y") found.insert(place.column->text(i));
    }
  }
  found.erase("");
  std::vector<std::string> arms(found.begin(), found.end());
  std::ranges::sort(arms, by_number_or_text);
  return arms;
}

/// Of each arm its subjects, each with a row of the table that holds the arm.
std::map<std::string, std::map<std::string, std::size_t>> Frame::subjects_by_arm(
    const Place& place) const {
  std::map<std::string, std::map<std::string, std::size_t>> out;
  for (const std::string& arm : arms_) out[arm];
  for (std::size_t i = 0; i < rows(); ++i) {
    const auto found = out.find(text(place, i));
    if (found == out.end()) continue;
    found->second.emplace(subject_names_[static_cast<std::size_t>(subject_[i])],
                          static_cast<std::size_t>(at(place, i)));
  }
  return out;
}

/// A problem for arms that differ only in case or blanks, unless the plan lists both.
void Frame::check_spelling_of_arms(const Place& place) const {
  const auto variants = spelt_twice(arms_);
  for (const auto& [name, other] : variants) {
    std::size_t rows_of_name = 0, rows_of_other = 0, first = 0;
    for (std::size_t i = rows(); i-- > 0;) {
      const std::string own = text(place, i);
      if (own == name) ++rows_of_name;
      if (own != other) continue;
      ++rows_of_other;
      first = i;
    }
    const std::string rule =
        "differs from \"" + name + "\" (rows: " + std::to_string(rows_of_name) +
        ") only in case or blanks; rows of it: " + std::to_string(rows_of_other);
    const std::string hint = "mend the data, or list the plan's `arms`";
    if (rows_of_other > 0) {
      add_problem(first, arm_column_name_, '"' + other + '"', rule, hint);
    } else {
      add_problem(arm_column_name_, '"' + other + '"', rule, hint);
    }
  }
}

/// A problem for an arm of one subject whose name is all but another's, unless the plan lists it.
/// Names that differ in a digit are taken for doses, and short ones for letters.
void Frame::check_lone_arms(const Place& place) const {
  constexpr std::size_t least_letters = 4;
  const auto counts = subjects_by_arm(place);
  for (const auto& [name, members] : counts) {
    if (members.size() != 1 || name.size() < least_letters) continue;
    std::vector<std::string> others;
    for (const auto& [other, their_members] : counts) {
      const bool large = their_members.size() > 1 && other.size() >= least_letters;
      if (large && digits_of(other) == digits_of(name)) others.push_back(other);
    }
    const std::string hint = did_you_mean(name, others);
    if (hint.empty()) continue;
    const formats::DataTable& table = place.of_subject ? *subject_table_ : *table_;
    problems_->push_back({table.file, table.lines[members.begin()->second], arm_column_name_, name,
                          "is the arm of one subject alone",
                          hint + " else list the plan's `arms`"});
  }
}

/// The arm of each row, into `arm_`; rows without one go.
bool Frame::code_arms(const Place& place) {
  formats::ProblemKind unknown(*problems_);
  std::vector<bool> wanted(rows_.size(), true);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const std::string name = text(place, i);
    const auto found = std::ranges::find(arms_, name);
    arm_[i] = static_cast<int>(found - arms_.begin());
    if (name.empty()) {
      wanted[i] = false;  // not randomised
      ++without_arm_;
    } else if (found == arms_.end()) {
      unknown.add({table_->file, line(i), arm_column_name_, name, "is not one of the plan's arms",
                   did_you_mean(name, arms_)});
    }
  }
  unknown.finish();
  if (ok()) keep(wanted);
  return ok();
}

bool Frame::name_arms(const FrameRequest& request) {
  if (!request.wants.needs_arm) return ok();
  const auto place = need(arm_column_name_);
  if (!place || !ok()) return false;
  arms_ = request.plan.arms;
  if (arms_.empty()) {
    arms_ = arms_found(request, *place);
    check_spelling_of_arms(*place);
    if (ok()) check_lone_arms(*place);
  }
  if (!ok() || !code_arms(*place)) return false;
  if (arms_.size() < 2) {
    add_problem(arm_column_name_, arms_.empty() ? "" : arms_.front(),
                "must hold at least two arms to compare");
    return false;
  }
  const std::string& reference = request.plan.reference_arm;
  const auto at = reference.empty() ? arms_.begin() : std::ranges::find(arms_, reference);
  if (at == arms_.end()) {
    request.problems.push_back({"", 0, "reference_arm", reference, "the data have no such arm",
                                did_you_mean(reference, arms_)});
    return false;
  }
  reference_ = static_cast<std::size_t>(at - arms_.begin());
  return true;
}

}  // namespace angiotrial::analysis
