// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/ordinal/markov_ordinal.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plan/ordinal_terms.hpp"

/// Transitions of a first-order Markov model from the rows of a diary, and the courses along which
/// occupancy is asked.
namespace angiotrial::analysis {

enum class Gaps { refuse, break_chain, previous_record };
enum class TimeTerms { none, linear, log, spline };

struct DiaryOptions {
  OrdinalTerms terms;
  std::string day, previous, baseline, start;
  std::vector<std::string> absorbing, day_states, at;
  std::vector<double> scores, knots, days;
  Gaps gaps = Gaps::refuse;
  PreviousState dependence = PreviousState::proportional;
  TimeTerms time = TimeTerms::linear;
  bool arm_by_time = false;
  bool occupancy = true;
};

void describe_diary(schema::Visitor& visit, DiaryOptions& options);

/// Functions of the day: columns of a design.
class TimeBasis {
 public:
  TimeBasis() = default;
  /// `knots`: of a restricted cubic spline; empty: the 5, 35, 65 and 95 % quantiles of `days`.
  TimeBasis(TimeTerms terms, std::vector<double> knots, std::vector<double> days);

  [[nodiscard]] std::size_t columns() const;
  [[nodiscard]] const std::vector<double>& knots() const { return knots_; }
  void append(double day, std::vector<double>& out) const;

 private:
  TimeTerms terms_ = TimeTerms::none;
  std::vector<double> knots_;
};

/// What is summed over categories and days.
struct DayScore {
  std::string group;
  std::string unit;
  std::vector<double> scores;  ///< by category
};

struct Diary {
  explicit Diary(OrdinalData rows) : data(std::move(rows)) {}

  OrdinalData data;
  TimeBasis basis;
  bool arm_by_time = false;
  std::vector<int> absorbing;
  std::vector<std::size_t> by_threshold;
  std::size_t columns = 0;
  PreviousState dependence = PreviousState::proportional;
  ThresholdSign sign = ThresholdSign::at_most;

  // A transition each.
  std::vector<int> previous, current, subject;
  std::vector<double> day, covariates;
  std::vector<std::size_t> transition_row;  ///< of `data`

  // A subject each, in order of appearance: where its course starts.
  std::vector<std::size_t> first_row;
  std::vector<int> first_state;

  std::vector<double> row_day;             ///< of the rows of `data`
  std::size_t gaps = 0;                    ///< where a record does not follow on the day before
  std::ptrdiff_t first_gap = -1;           ///< row of `data`
  double first_day = 0.0, last_day = 0.0;  ///< of occupancy

  /// Covariates of a day from a row of both designs: proportional, time, arm by time, nominal.
  void append_covariates(std::span<const double> proportional, std::span<const double> nominal,
                         double at_day, std::vector<double>& out) const;
  [[nodiscard]] MarkovTransitions transitions() const;
  [[nodiscard]] ParameterPlaces places() const;
  /// Log odds ratios of the arms; at the first and the last day where they change with time.
  [[nodiscard]] std::vector<ArmContrast> contrasts() const;
  /// `status: columns` for a refusal.
  [[nodiscard]] std::string refusal_of(const CumulativeFit& fit) const;
  /// Parameters of the arms, products with time included.
  [[nodiscard]] std::vector<std::size_t> arm_parameters() const;
};

/// None, with problems or a refusal.
[[nodiscard]] std::optional<Diary> read_diary(const DiaryOptions& options, Task& task);

/// Courses of all subjects put into `arm`, equal ones given once.
struct Courses {
  std::size_t times = 0;
  std::size_t subjects = 0;
  std::vector<double> covariates, start, weights;

  [[nodiscard]] MarkovCourses view() const { return {times, covariates, start, weights}; }
};
/// The courses of each arm and the scores summed along them; both empty where not asked for.
struct Asked {
  std::vector<Courses> courses;
  std::vector<DayScore> scores;
};
/// None, with a problem, for a bad option or a covariate that changes over a subject's days.
[[nodiscard]] std::optional<Asked> asked_of(const Diary& diary, const DiaryOptions& options,
                                            const Task& task);
/// Conventions of occupancy and of transitions.
[[nodiscard]] std::string diary_conventions(const Diary& diary, const DiaryOptions& options,
                                            Preset preset);
void put_diary_sizes(const Diary& diary, Task& task);

}  // namespace angiotrial::analysis
