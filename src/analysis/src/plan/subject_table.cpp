// SPDX-License-Identifier: Apache-2.0
#include "plan/subject_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/repeated.hpp"

namespace angiotrial::analysis {
namespace {

/// The first row of each subject that has one, subjects sorted by name.
std::vector<std::size_t> rows_by_name(const Frame& frame) {
  std::vector<std::size_t> first = first_rows(frame);
  std::ranges::sort(first, {}, [&](std::size_t i) -> const std::string& {
    return frame.subject_name(static_cast<std::size_t>(frame.subject()[i]));
  });
  return first;
}

/// A problem for each subject in which the column holds two values.
bool require_constant(Frame& frame, const std::string& column) {
  const Factor factor = frame.factor(column);
  std::vector<int> known(frame.subjects(), -2);
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    int& code = known[static_cast<std::size_t>(frame.subject()[i])];
    if (code == -2) code = factor.codes[i];
    if (code == factor.codes[i]) continue;
    const int own = factor.codes[i];
    frame.add_problem(i, column, own < 0 ? "" : factor.levels[static_cast<std::size_t>(own)],
                      "must hold one value a subject");
  }
  return frame.ok();
}

/// The reference first.
void name_arms(SubjectTable& table) {
  const Frame& frame = table.frame;
  table.arms.push_back(frame.arms()[frame.reference()]);
  for (std::size_t a = 0; a < frame.arms().size(); ++a) {
    if (a != frame.reference()) table.arms.push_back(frame.arms()[a]);
  }
  for (const int a : frame.arm()) {
    table.arm.push_back(static_cast<int>(frame.arm_column(static_cast<std::size_t>(a))));
  }
}

void tell_left_out(std::size_t subjects, Task& task) {
  if (subjects == 0) return;
  const std::string conventions = task.out.row.conventions;
  if (conventions.empty()) task.out.row.conventions = "counted before the fit";
  task.out.row.note =
      "subjects without a row at these visits are left out; a row with a missing response keeps "
      "one";
  task.out.put("n_without_visit", static_cast<double>(subjects), "subjects");
  task.out.row.note.clear();
  task.out.row.conventions = conventions;
}

}  // namespace

std::optional<SubjectTable> subject_table(const SubjectTableRequest& request, Task& task) {
  if (request.response.empty()) {
    task.bad_option("response", "", "must name the column of the response");
    return std::nullopt;
  }
  std::vector<std::string> needed{request.response, request.visit};
  needed.insert(needed.end(), request.baseline_columns.begin(), request.baseline_columns.end());
  std::erase(needed, "");
  auto frame =
      task.frame({.response = request.response, .visit = request.visit, .columns = needed});
  if (!frame) return std::nullopt;
  const std::size_t subjects = first_rows(*frame).size();
  const auto visits = keep_visits(*frame, request.visit, request.visits, request.order, task);
  if (!visits || !frame->require_every_arm()) return std::nullopt;
  tell_left_out(subjects - first_rows(*frame).size(), task);
  const std::vector<double> response = frame->response(request.response);
  bool fine = require_one_row_per_visit(*frame, *visits) && require_one_arm_per_subject(*frame);
  for (const std::string& column : request.baseline_columns) {
    fine = frame->ok() && require_constant(*frame, column) && fine;
  }
  if (!fine || !frame->ok()) return std::nullopt;
  const std::vector<std::size_t> first = rows_by_name(*frame);
  std::vector<std::size_t> place(frame->subjects(), 0);
  for (std::size_t p = 0; p < first.size(); ++p) {
    place[static_cast<std::size_t>(frame->subject()[first[p]])] = p;
  }
  SubjectTable table{std::move(*frame), visits->names, {}, {}, {}};
  const std::size_t m = table.visits.size();
  table.outcome.assign(first.size() * m, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < response.size(); ++i) {
    const std::size_t p = place[static_cast<std::size_t>(table.frame.subject()[i])];
    table.outcome[p * m + static_cast<std::size_t>(visits->codes[i])] = response[i];
  }
  table.frame.keep_in_order(first);
  name_arms(table);
  return table;
}

Design baseline_design(SubjectTable& table, std::span<const std::string> terms,
                       std::span<const std::string> classes) {
  Design out;
  Frame& frame = table.frame;
  for (const std::string& column : Frame::columns_of(terms)) {
    const Factor factor = frame.factor(column);
    for (std::size_t i = 0; i < factor.codes.size() && frame.ok(); ++i) {
      if (factor.codes[i] < 0) {
        frame.add_problem(i, column, "", "a covariate of a subject may not be missing here");
      }
    }
  }
  if (!frame.ok()) return out;
  const Design whole = frame.design(terms, classes, false);
  out.names.assign(whole.names.begin() + 1, whole.names.end());
  for (std::size_t i = 0; i < whole.values.size(); ++i) {
    if (i % whole.columns() != 0) out.values.push_back(whole.values[i]);
  }
  return out;
}

}  // namespace angiotrial::analysis
