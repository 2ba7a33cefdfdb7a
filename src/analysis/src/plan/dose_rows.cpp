// SPDX-License-Identifier: Apache-2.0
#include "plan/dose_rows.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::array<std::string_view, 4> families{"gaussian", "poisson", "negative_binomial",
                                                   "estimates"};
constexpr std::array<std::string_view, 2> directions{"increase", "decrease"};
constexpr std::array<std::string_view, 3> zero_rules{"preset", "leave_out", "add_half"};

bool speaks_of_arm(const std::string& term) {
  return term == "arm" || term.starts_with("arm:") || term.find(":arm") != std::string::npos;
}

/// Keys that contradict one another.
bool check_terms(const DoseTerms& o, DoseScale scale, const Task& task) {
  const std::size_t before = task.problems.size();
  if (o.terms.response.empty()) {
    task.bad_option("response", "", "must name the column of the response");
  }
  if (!o.dose.empty() && !o.doses.empty()) {
    task.bad_option("doses", "", "doses come from the column `dose` or from `doses`, not both");
  }
  if (scale == DoseScale::dose && o.dose.empty() && o.doses.empty()) {
    task.bad_option("dose", "",
                    "must name the column of the dose, or `doses` must give the dose of each arm");
  }
  task.check_classes(o.terms.classes, o.terms.covariates);
  const bool counts = o.family == DoseFamily::poisson || o.family == DoseFamily::negative_binomial;
  if (!counts && !o.terms.exposure.empty()) {
    task.bad_option("exposure", o.terms.exposure,
                    "is of counts: family poisson or negative_binomial");
  }
  if ((o.family == DoseFamily::estimates) == o.standard_error.empty()) {
    task.bad_option("standard_error", o.standard_error,
                    "names the column of standard errors where family is estimates, and only then");
  }
  if (o.family != DoseFamily::poisson || !o.terms.covariates.empty()) {
    none_given(task, {{"zero_counts", o.zero_counts != ZeroRule::preset}},
               "family = \"poisson\" without covariates");
  }
  if (o.family == DoseFamily::estimates && !o.terms.covariates.empty()) {
    task.bad_option("covariates", o.terms.covariates.front(),
                    "estimates are adjusted already: no covariates");
  }
  for (const std::string& term : o.terms.covariates) {
    if (speaks_of_arm(term)) {
      task.bad_option("covariates", term, "a dose-response has no terms of the arm");
    }
  }
  return task.problems.size() == before;
}

/// Arms in their order, the reference first.
void number_arms(DoseRows& rows) {
  const Frame& frame = rows.frame;
  const auto reference = static_cast<double>(frame.reference());
  for (const int arm : frame.arm()) {
    const auto a = static_cast<double>(arm);
    rows.dose.push_back(a == reference ? 0.0 : a < reference ? a + 1.0 : a);
  }
  rows.labels.push_back(frame.arms()[frame.reference()]);
  for (std::size_t a = 0; a < frame.arms().size(); ++a) {
    if (a != frame.reference()) rows.labels.push_back(frame.arms()[a]);
  }
}

bool find_doses(const DoseTerms& o, DoseScale scale, DoseRows& rows, const Task& task) {
  Frame& frame = rows.frame;
  if (!o.dose.empty()) {
    rows.dose = frame.numbers(o.dose);
    for (std::size_t i = 0; i < rows.dose.size() && frame.ok(); ++i) {
      if (!(rows.dose[i] >= 0.0)) {
        frame.add_problem(i, o.dose, rows.dose[i], "a dose is 0 or above");
      }
    }
    return frame.ok();
  }
  if (!frame.require_every_arm()) return false;
  if (o.doses.empty()) {
    if (scale != DoseScale::arm && frame.arms().size() > 2 &&
        !task.check_order_of_arms("dose", frame)) {
      return false;
    }
    number_arms(rows);
    return true;
  }
  if (o.doses.size() != frame.arms().size()) {
    task.bad_option("doses", std::to_string(o.doses.size()) + " doses",
                    "must hold one dose for each of the " + std::to_string(frame.arms().size()) +
                        " arms, in their order");
    return false;
  }
  if (!task.check_order_of_arms("doses", frame)) return false;
  for (const int arm : frame.arm()) {
    rows.dose.push_back(o.doses[static_cast<std::size_t>(arm)]);
  }
  return true;
}

/// Covariates about their means, so that estimates are at the means.
void centre(const Design& design, std::size_t n, DoseRows& rows) {
  rows.columns = design.columns() - 1;
  rows.covariates.resize(n * rows.columns);
  for (std::size_t c = 0; c < rows.columns; ++c) {
    double mean = 0.0;
    for (std::size_t i = 0; i < n; ++i) mean += design.values[i * design.columns() + c + 1];
    mean /= static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i) {
      rows.covariates[i * rows.columns + c] = design.values[i * design.columns() + c + 1] - mean;
    }
  }
}

}  // namespace

std::optional<DoseRows> read_dose_rows(const DoseTerms& o, DoseScale scale, Task& task) {
  if (!check_terms(o, scale, task)) return std::nullopt;
  std::vector<std::string> needed{o.terms.response};
  for (const std::string* column : {&o.dose, &o.terms.exposure, &o.standard_error}) {
    if (!column->empty()) needed.push_back(*column);
  }
  for (std::string& column : Frame::columns_of(o.terms.covariates)) {
    needed.push_back(std::move(column));
  }
  const bool of_subjects = o.family != DoseFamily::estimates;
  auto frame = task.frame({.needs_arm = o.dose.empty(),
                           .needs_subject = of_subjects,
                           .response = o.terms.response,
                           .columns = needed});
  if (!frame) return std::nullopt;
  const std::size_t missing = frame->keep_complete(needed);
  if (!frame->ok()) return std::nullopt;
  if (of_subjects && !frame->require_one_row_per_subject()) {
    return std::nullopt;
  }
  DoseRows rows{std::move(*frame), {}, {}, {}, 0, missing, {}};
  if (!find_doses(o, scale, rows, task)) return std::nullopt;
  if (!o.terms.covariates.empty() && rows.frame.rows() > 0) {
    centre(rows.frame.design(o.terms.covariates, o.terms.classes, false), rows.frame.rows(), rows);
  }
  rows.response = rows.frame.response(o.terms.response);
  if (!rows.frame.ok()) return std::nullopt;
  return rows;
}

void describe_dose_terms(schema::Visitor& visit, DoseTerms& o, DoseScale scale) {
  describe_terms(visit, o.terms);
  visit("family", o.family, families,
        "gaussian: means; poisson, negative_binomial: log rates of counts; estimates: `response` "
        "holds an estimate a dose (mean, log rate, log odds) and `standard_error` its error",
        analyst);
  visit("standard_error", o.standard_error, "column of standard errors of given estimates",
        analyst);
  visit("zero_counts", o.zero_counts, zero_rules,
        "Poisson without covariates, where a dose has no event: leave the dose out, or add half an "
        "event at every dose; preset: add_half, but leave_out for \"r\" and \"sas\"",
        analyst);
  if (scale == DoseScale::arm) return;
  if (scale == DoseScale::dose) {
    visit("better", o.better, directions, "whether a benefit raises or lowers the response",
          analyst);
  }
  visit("dose", o.dose, "column of the dose, placebo 0; empty: `doses`", analyst);
  visit("doses", o.doses, {.least = 0.0},
        scale == DoseScale::dose ? "dose of each arm, in the order of the arms"
                                 : "dose of each arm, in the order of the arms; empty, without "
                                   "`dose`: arms rise in their order",
        analyst);
}

}  // namespace angiotrial::analysis
