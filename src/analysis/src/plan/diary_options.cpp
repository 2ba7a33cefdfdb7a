// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/bayes/posterior_diagnostics.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>
#include <cmath>

#include "plan/diary.hpp"

/// Options of diaries, functions of time, and what the rows say of them.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Source harrell{schema::Provenance::recalled,
                                 "Harrell FE. Regression Modeling Strategies, 2nd edition. "
                                 "Springer 2015, section 2.4.5",
                                 "10.1007/978-3-319-19425-7"};
constexpr std::array<std::string_view, 3> gap_names{"refuse", "break_chain", "previous_record"};
constexpr std::array<std::string_view, 3> dependences{"none", "proportional", "by_threshold"};
constexpr std::array<std::string_view, 4> time_names{"none", "linear", "log", "spline"};

double cube(double x) { return x > 0.0 ? x * x * x : 0.0; }

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

void describe_diary(schema::Visitor& visit, DiaryOptions& o) {
  describe_ordinal(visit, o.terms);
  visit("day", o.day, "column with the day of a record; empty: that of [columns]", analyst);
  visit("previous", o.previous,
        "column with the category before; empty: that of the subject's row of the day before",
        analyst);
  visit("baseline", o.baseline,
        "column with the category before the first day; empty: first rows begin chains only",
        analyst);
  visit("gaps", o.gaps, gap_names,
        "a record without one of the day before: refuse the data, begin a new chain there "
        "(transitions between consecutive days only), or take the record before, however old",
        analyst);
  visit("absorbing", o.absorbing, "categories that are never left", analyst);
  visit("dependence", o.dependence, dependences,
        "how the category before enters: not, with one coefficient, or with one a threshold",
        analyst);
  visit("time", o.time, time_names, "how the day enters; spline: restricted cubic", harrell);
  visit("knots", o.knots, {.least = -1e6, .most = 1e6},
        "days of the spline's knots; empty: the 5, 35, 65 and 95 % quantiles", harrell);
  visit("arm_by_time", o.arm_by_time, "whether the effect of the arm changes with the day",
        analyst);
  visit("occupancy", o.occupancy, "whether days in states and scores are computed", analyst);
  visit("days", o.days, {.least = -1e6, .most = 1e6},
        "first and last day of occupancy; empty: those of the transitions", analyst);
  visit("start", o.start, "category before the first day; empty: each subject's own first",
        analyst);
  visit("at", o.at, "covariates held at a value, such as \"AGE = 60\"; others: as observed",
        analyst);
  visit("day_states", o.day_states, "categories whose days count; empty: all above the lowest",
        analyst);
  visit("scores", o.scores, {.least = -1e9, .most = 1e9},
        "score of each category, such as its episodes; empty: the categories, if numbers", analyst);
}

TimeBasis::TimeBasis(TimeTerms terms, std::vector<double> knots, std::vector<double> days)
    : terms_(terms), knots_(std::move(knots)) {
  if (terms != TimeTerms::spline || !knots_.empty()) return;
  for (const double p : {0.05, 0.35, 0.65, 0.95}) knots_.push_back(sample_quantile(days, p));
}

std::size_t TimeBasis::columns() const {
  if (terms_ == TimeTerms::none) return 0;
  return terms_ == TimeTerms::spline ? knots_.size() - 1 : 1;
}

// With knots t_1 .. t_k: x, and for j = 1 .. k - 2
//   [(x - t_j)+^3 - (x - t_(k-1))+^3 (t_k - t_j) / (t_k - t_(k-1))
//                 + (x - t_k)+^3 (t_(k-1) - t_j) / (t_k - t_(k-1))] / (t_k - t_1)^2
void TimeBasis::append(double day, std::vector<double>& out) const {
  if (terms_ == TimeTerms::none) return;
  out.push_back(terms_ == TimeTerms::log ? std::log(day) : day);
  if (terms_ != TimeTerms::spline) return;
  const double last = knots_.back(), before = knots_[knots_.size() - 2];
  const double width = last - knots_.front();
  for (std::size_t j = 0; j + 2 < knots_.size(); ++j) {
    const double bend = cube(day - knots_[j]) -
                        cube(day - before) * (last - knots_[j]) / (last - before) +
                        cube(day - last) * (before - knots_[j]) / (last - before);
    out.push_back(bend / (width * width));
  }
}

std::string diary_conventions(const Diary& diary, const DiaryOptions& options, Preset preset) {
  const Categories& y = diary.data.y;
  std::string out = ordinal_conventions(options.terms, preset) + "; category before: ";
  out += dependences[static_cast<std::size_t>(options.dependence)];
  out += "; gaps: ";
  out += options.previous.empty() ? std::string(gap_names[static_cast<std::size_t>(options.gaps)])
                                  : "category before as given";
  out += "; time: ";
  out += time_names[static_cast<std::size_t>(options.time)];
  std::string knots;
  for (const double knot : diary.basis.knots()) knots += " " + formats::six_digits(knot);
  out += knots.empty() ? "" : ", knots at" + knots;
  if (!options.occupancy) return out;
  out += "; occupancy: mean over all subjects put on each arm, days " +
         formats::shortest(diary.first_day) + " to " + formats::shortest(diary.last_day) +
         ", from " + (options.start.empty() ? "each subject's first category" : options.start);
  if (!options.at.empty()) out += ", at " + joined(options.at);
  if (!options.scores.empty()) {
    out += ", scores:";
    for (std::size_t k = 0; k < y.names.size(); ++k) {
      out += " " + y.names[k] + " is " + formats::shortest(options.scores[k]);
    }
  }
  return out;
}

void put_diary_sizes(const Diary& diary, Task& task) {
  task.out.put("n", static_cast<int>(diary.first_row.size()), "subjects");
  task.out.put("transitions", static_cast<int>(diary.current.size()), "1");
  task.out.put("gaps", static_cast<int>(diary.gaps), "1");
  task.out.put("n_missing", static_cast<int>(diary.data.missing), "rows");
}

}  // namespace angiotrial::analysis
