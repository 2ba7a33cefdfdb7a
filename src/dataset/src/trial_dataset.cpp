// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/trial_dataset.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace angiotrial::dataset {
namespace {

using diagnostics::Problem;

template <class Row>
VisitIndex visit_of(const Row& row) {
  if constexpr (requires { row.visit; }) {
    return row.visit;
  } else {
    return 0;
  }
}

template <class Row>
Code paramcd_of(const Row& row) {
  if constexpr (requires { row.paramcd; }) {
    return row.paramcd;
  } else {
    return {};
  }
}

/// Collects problems of one data set; a row is named by its table and its number from 1.
class Checker {
 public:
  explicit Checker(const TrialDataset& data) : data_(data) {}

  void complain(std::string_view table, std::size_t row, std::string_view column, std::string value,
                std::string_view rule) {
    problems.push_back({.file = std::string(table),
                        .line = static_cast<int>(row) + 1,
                        .key = std::string(column),
                        .value = std::move(value),
                        .rule = std::string(rule),
                        .hint = ""});
  }

  /// The subject must exist; so must the visit.
  template <class Row>
  void place(std::string_view table, std::size_t i, const Row& row) {
    if (row.subject >= data_.subjects.size()) {
      complain(table, i, "USUBJID", std::to_string(row.subject), "no such row in ADSL");
    }
    if constexpr (requires { row.visit; }) {
      if (row.visit >= data_.visits.size()) {
        complain(table, i, "AVISIT", std::to_string(row.visit), "no such analysis visit");
      }
    }
  }

  void finite(std::string_view table, std::size_t i, std::string_view column,
              const std::optional<double>& value) {
    if (value && !std::isfinite(*value)) {
      complain(table, i, column, std::to_string(*value), "must be a finite number or missing");
    }
  }

  /// One row for each subject, parameter and visit.
  template <class Row>
  void unique(std::string_view table, const std::vector<Row>& rows) {
    using Key = std::tuple<SubjectIndex, Code, VisitIndex, std::size_t>;
    std::vector<Key> keys;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      keys.emplace_back(rows[i].subject, paramcd_of(rows[i]), visit_of(rows[i]), i);
    }
    std::sort(keys.begin(), keys.end());
    const auto same = [](const Key& a, const Key& b) {
      return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a)) ==
             std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b));
    };
    for (auto at = std::adjacent_find(keys.begin(), keys.end(), same); at != keys.end();
         at = std::adjacent_find(at + 1, keys.end(), same)) {
      complain(table, std::get<3>(at[1]), "PARAMCD", std::string(std::get<1>(*at).view()),
               "a second row for this subject, parameter and visit");
    }
  }

  std::vector<Problem> problems;

 private:
  const TrialDataset& data_;
};

void check_subjects(const TrialDataset& data, Checker& checker) {
  std::vector<std::pair<std::string, std::size_t>> ids;
  for (std::size_t i = 0; i < data.subjects.size(); ++i) {
    const Subject& s = data.subjects[i];
    ids.emplace_back(s.usubjid, i);
    if (s.randomised && !find_arm(data, s.arm)) {
      checker.complain("ADSL", i, "ARM", s.arm, "must name one of the arms");
    }
    if (!s.actarm.empty() && !find_arm(data, s.actarm)) {
      checker.complain("ADSL", i, "ACTARM", s.actarm, "must name one of the arms or be empty");
    }
    checker.finite("ADSL", i, "AGE", s.age_years.value());
  }
  std::sort(ids.begin(), ids.end());
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i].first == ids[i - 1].first) {
      checker.complain("ADSL", ids[i].second, "USUBJID", ids[i].first, "must be unique");
    }
  }
}

void check_diary(const TrialDataset& data, Checker& checker) {
  for (std::size_t i = 0; i < data.diary.size(); ++i) {
    const DiaryRow& row = data.diary[i];
    checker.place("ADDIARY", i, row);
    checker.finite("ADDIARY", i, "BASE", row.base);
    const double days = row.observed_days.value();
    if (row.count < 0) {
      checker.complain("ADDIARY", i, "COUNT", std::to_string(row.count), "must not be negative");
    }
    if (!(days >= 0.0) || !std::isfinite(days) || (days == 0.0 && row.count > 0)) {
      checker.complain("ADDIARY", i, "DAYSOBS", std::to_string(days),
                       "must be above 0 where something was counted");
    }
  }
  checker.unique("ADDIARY", data.diary);
}

template <class Row>
void check_values(std::string_view table, const std::vector<Row>& rows, Checker& checker) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    checker.place(table, i, rows[i]);
    checker.finite(table, i, "AVAL", rows[i].aval);
    checker.finite(table, i, "BASE", rows[i].base);
  }
  checker.unique(table, rows);
}

void check_events(const TrialDataset& data, Checker& checker) {
  for (std::size_t i = 0; i < data.events.size(); ++i) {
    checker.place("ADTTE", i, data.events[i]);
    const double days = data.events[i].aval.value();
    if (!(days >= 0.0) || !std::isfinite(days)) {
      checker.complain("ADTTE", i, "AVAL", std::to_string(days), "a time must not be below 0");
    }
  }
  checker.unique("ADTTE", data.events);
}

}  // namespace

std::optional<VisitIndex> find_visit(const TrialDataset& data, std::string_view avisit) {
  for (std::size_t i = 0; i < data.visits.size(); ++i) {
    if (data.visits[i].avisit == avisit) return static_cast<VisitIndex>(i);
  }
  return std::nullopt;
}

std::optional<std::size_t> find_arm(const TrialDataset& data, std::string_view name) {
  for (std::size_t i = 0; i < data.arms.size(); ++i) {
    if (data.arms[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<Problem> check(const TrialDataset& data) {
  Checker checker(data);
  check_subjects(data, checker);
  check_diary(data, checker);
  check_values("ADEFF", data.exercise, checker);
  check_values("ADLB", data.labs, checker);
  check_events(data, checker);
  for (std::size_t i = 0; i < data.exposure.size(); ++i) {
    checker.place("ADEX", i, data.exposure[i]);
    const auto& weight = data.exposure[i].dosing_weight_kg;
    if (weight && !(weight->value() > 0.0)) {
      checker.complain("ADEX", i, "DOSEWT", std::to_string(weight->value()), "must be above 0");
    }
  }
  checker.unique("ADEX", data.exposure);
  return std::move(checker.problems);
}

}  // namespace angiotrial::dataset
