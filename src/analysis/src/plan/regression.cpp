// SPDX-License-Identifier: Apache-2.0
#include "plan/regression.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/repeated.hpp"

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr double most_count = 1e6;

std::vector<double> log_exposure(Frame& frame, const std::string& column) {
  if (column.empty()) return std::vector<double>(frame.rows(), 0.0);
  std::vector<double> offset = frame.numbers(column);
  for (std::size_t i = 0; i < offset.size(); ++i) {
    if (!(offset[i] > 0.0)) {
      frame.add_problem(i, column, offset[i], "an exposure is above 0");
    }
    offset[i] = std::log(offset[i]);
  }
  return offset;
}

std::size_t count_subjects(const Frame& frame) {
  std::vector<bool> seen(frame.subjects(), false);
  for (const int subject : frame.subject()) seen[static_cast<std::size_t>(subject)] = true;
  return static_cast<std::size_t>(std::ranges::count(seen, true));
}

}  // namespace

void describe_terms(schema::Visitor& visit, RegressionTerms& t) {
  visit("response", t.response, "column of the response", analyst);
  visit("exposure", t.exposure,
        "column of time at risk, whose logarithm is the offset, for counts and events; or none",
        analyst);
  visit("covariates", t.covariates,
        "terms besides the arm: columns, a:b for products, arm for the arm in a product", analyst);
  visit("classes", t.classes, "number columns to be taken as categories", analyst);
}

std::vector<double> RegressionData::design_in_arm(std::size_t arm) const {
  Frame moved = frame;
  moved.put_all_in(arm);
  return moved.design(covariates, classes).values;
}

std::optional<RegressionData> regression_data(const RegressionTerms& terms, Task& task) {
  if (terms.response.empty()) {
    task.bad_option("response", "", "must name the column of the response");
    return std::nullopt;
  }
  std::vector<std::string> categories = terms.covariates;
  categories.insert(categories.end(), terms.also_complete.begin(), terms.also_complete.end());
  const bool fine = task.check_classes(terms.classes, categories);
  std::vector<std::string> needed{terms.response};
  if (!terms.exposure.empty()) needed.push_back(terms.exposure);
  for (std::string& column : Frame::columns_of(terms.covariates)) {
    needed.push_back(std::move(column));
  }
  needed.insert(needed.end(), terms.also_complete.begin(), terms.also_complete.end());
  auto frame = task.frame({.response = terms.response, .visit = terms.visit, .columns = needed});
  if (!frame || !fine) return std::nullopt;
  const std::size_t missing = frame->keep_complete(needed);
  if (!frame->ok() || !frame->require_every_arm()) return std::nullopt;
  RegressionData data{std::move(*frame), {}, {}, {}, terms.covariates, terms.classes, missing};
  data.design = data.frame.design(terms.covariates, terms.classes);
  data.response = data.frame.response(terms.response);
  data.offset = log_exposure(data.frame, terms.exposure);
  data.subjects = count_subjects(data.frame);
  data.repeated = data.subjects < data.frame.rows();
  if (data.repeated && !require_one_arm_per_subject(data.frame)) return std::nullopt;
  if (!data.frame.ok()) return std::nullopt;
  return data;
}

bool check_exposure(const RegressionTerms& terms, Family family, const Task& task) {
  if (family == Family::poisson || terms.exposure.empty()) return true;
  task.bad_option("exposure", terms.exposure,
                  "is for counts, whose mean is in proportion to it: neither a continuous mean nor "
                  "the odds of a yes are");
  return false;
}

bool check_range(const RegressionData& data, const std::string& column, Family family) {
  for (std::size_t i = 0; i < data.response.size(); ++i) {
    const double y = data.response[i];
    if (family == Family::binomial && y != 0.0 && y != 1.0) {
      data.frame.add_problem(i, column, y, "must be 0 or 1");
    }
    if (family == Family::poisson && !(y >= 0.0)) {
      data.frame.add_problem(i, column, y, "a count is at least 0");
    }
  }
  return data.frame.ok();
}

namespace {

/// Smallest and largest value of a column over some rows.
struct Range {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  void add(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
};

/// What one column alone tells of responses of 0 and above; empty: not everything.
std::string told_by(const RegressionData& data, std::size_t column, Family family) {
  Range all, zero, above;
  for (std::size_t i = 0; i < data.response.size(); ++i) {
    const double x = data.design.values[i * data.design.columns() + column];
    all.add(x);
    (data.response[i] > 0.0 ? above : zero).add(x);
  }
  const std::string& name = data.design.names[column];
  if (!(all.least < all.most)) return {};
  if (family == Family::binomial) {
    const bool apart = zero.most <= above.least || above.most <= zero.least;
    return apart ? name + " alone tells responses of 0 from those above" : "";
  }
  const bool indicator = all.least == 0.0 && all.most == 1.0;
  if (above.most <= all.least)
    return indicator ? "none where " + name : "only at the least " + name;
  if (above.least >= all.most)
    return indicator ? "only where " + name : "only at the largest " + name;
  return {};
}

}  // namespace

std::string where_separated(const RegressionData& data, Family family) {
  std::string out;
  for (std::size_t c = 0; c < data.design.columns() && out.empty(); ++c) {
    out = told_by(data, c, family);
  }
  return (out.empty() ? "" : ": " + out) + " (" + data.frame.table().file + ")";
}

bool one_row_unless_said(const RegressionData& data, const std::string& errors) {
  if (!data.repeated) return true;
  Frame frame = data.frame;
  return frame.require_one_row_per_subject("or say errors = \"" + errors +
                                           "\" where subjects have several rows");
}

std::vector<int> counts_of(const RegressionData& data, const std::string& column) {
  std::vector<int> counts(data.response.size(), 0);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double y = data.response[i];
    if (y >= 0.0 && y <= most_count && y == std::floor(y)) {
      counts[i] = static_cast<int>(y);
    } else {
      data.frame.add_problem(i, column, y, "must be a count from 0 to 10^6");
    }
  }
  return counts;
}

void put_adjusted_mean(Task& task, std::string_view arm, const Effect& mean, std::string_view why) {
  const std::string note = task.out.row.note;
  if (!std::isfinite(mean.se)) {
    task.out.row.note += (note.empty() ? "refused: " : "; refused: ");
    task.out.row.note += why;
  }
  task.put_mean(arm, mean);
  task.out.row.note = note;
}

void put_counts(const RegressionData& data, Task& task) {
  task.out.put("n", static_cast<int>(data.frame.rows()), data.repeated ? "rows" : "subjects");
  task.out.put("n_missing", static_cast<int>(data.missing), data.repeated ? "rows" : "subjects");
}

}  // namespace angiotrial::analysis
