// SPDX-License-Identifier: Apache-2.0
#include "plan/term_design.hpp"

#include <algorithm>
#include <cmath>

#include "plan/products.hpp"

namespace angiotrial::analysis {
namespace {

double mean_of(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

/// Midway between the values where there are two, else the mean.
double midway_of(std::span<const double> values) {
  if (values.empty()) return 0.0;
  const auto [low, high] = std::ranges::minmax(values);
  for (const double value : values) {
    if (value != low && value != high) return mean_of(values);
  }
  return 0.5 * (low + high);
}

/// What to subtract from numbers far from 0 for their spread, lest a column all but repeats the
/// intercept. Not the mean, which would take the column out of contrasts at the mean.
double origin_of(std::span<const double> values) {
  constexpr double far = 100.0;
  const double mean = mean_of(values);
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double sd =
      std::sqrt(squares / static_cast<double>(std::max<std::size_t>(values.size(), 1)));
  return sd > 0.0 && std::fabs(mean) > far * sd ? values.front() : 0.0;
}

/// The product of two sets of columns, the second running fastest.
std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out;
  out.reserve(a.size() * b.size());
  for (const double x : a) {
    for (const double y : b) out.push_back(x * y);
  }
  return out;
}

}  // namespace

TermDesign::TermDesign(Frame& frame, std::span<const std::string> terms,
                       std::span<const std::string> classes, const VisitCodes& visits,
                       Origins origins)
    : rows_(frame.rows()) {
  std::vector<std::vector<std::string>> known;
  for (const std::string& text : terms) {
    std::vector<std::string> parts = parts_of(text);
    std::vector<std::string> sorted = parts;
    std::ranges::sort(sorted);
    if (std::ranges::find(known, sorted) != known.end()) continue;  // named twice
    known.push_back(std::move(sorted));
    std::vector<std::size_t>& term = terms_.emplace_back();
    for (const std::string& part : parts) {
      term.push_back(add_variable(frame, part, classes, visits));
    }
  }
  name_columns();
  if (origins == Origins::moved) move_origins();
  check_products(frame, terms, {}, [&](const std::string& name) {
    const auto v = std::ranges::find(variables_, name, &Variable::name);
    return v != variables_.end() && !v->levels.empty();
  });
}

std::size_t TermDesign::add_variable(Frame& frame, const std::string& name,
                                     std::span<const std::string> classes,
                                     const VisitCodes& visits) {
  const auto found = std::ranges::find(variables_, name, &Variable::name);
  if (found != variables_.end()) return static_cast<std::size_t>(found - variables_.begin());
  const std::size_t place = variables_.size();
  Variable& made = variables_.emplace_back();
  made.name = name;
  if (name == "arm") {
    arm_ = static_cast<std::ptrdiff_t>(place);
    made.codes = frame.arm();
    made.levels = frame.arms();
    made.omitted = static_cast<int>(frame.reference());
  } else if (!visits.column.empty() && name == visits.column) {
    visit_ = static_cast<std::ptrdiff_t>(place);
    made.codes = visits.codes;
    made.levels = visits.names;
  } else if (!frame.is_category(name, classes)) {
    made.numbers = frame.numbers(name);
    made.mean = mean_of(made.numbers);
    made.midway = midway_of(made.numbers);
  } else {
    Factor factor = frame.factor(name);
    made.codes = std::move(factor.codes);
    made.levels = std::move(factor.levels);
  }
  return place;
}

/// Only where each product with the variable stands beside the product of its rest: then the
/// columns span what they did, and no contrast changes.
void TermDesign::move_origins() {
  std::vector<std::vector<std::size_t>> known{{}};
  for (std::vector<std::size_t> term : terms_) {
    std::ranges::sort(term);
    known.push_back(std::move(term));
  }
  const auto complete = [&](std::size_t v) {
    return std::ranges::all_of(known, [&](std::vector<std::size_t> rest) {
      const auto part = std::ranges::find(rest, v);
      if (part == rest.end()) return true;
      rest.erase(part);
      return std::ranges::find(known, rest) != known.end();
    });
  };
  for (std::size_t v = 0; v < variables_.size(); ++v) {
    Variable& variable = variables_[v];
    if (variable.numbers.empty() || !complete(v)) continue;
    variable.origin = origin_of(variable.numbers);
    if (variable.origin == 0.0) continue;
    for (double& value : variable.numbers) value -= variable.origin;
    variable.mean = mean_of(variable.numbers);
    variable.midway -= variable.origin;
  }
}

void TermDesign::name_columns() {
  names_.assign(1, "intercept");
  for (const auto& term : terms_) {
    std::vector<std::string> labels{""};
    for (const std::size_t v : term) {
      std::vector<std::string> next;
      for (const std::string& label : labels) {
        const std::string before = label.empty() ? "" : label + ":";
        const Variable& variable = variables_[v];
        if (!variable.numbers.empty() || variable.levels.empty()) {
          next.push_back(before + variable.name);
        }
        for (std::size_t l = 0; l < variable.levels.size(); ++l) {
          if (static_cast<int>(l) == variable.omitted) continue;
          next.push_back(before + variable.name + " " + variable.levels[l]);
        }
      }
      labels = std::move(next);
    }
    names_.insert(names_.end(), labels.begin(), labels.end());
  }
}

/// `equal`: categories at equal weights, not at those of the row.
TermDesign::Cells TermDesign::cells(std::size_t row, const At& at, bool equal,
                                    Numbers numbers) const {
  Cells out(variables_.size());
  for (std::size_t v = 0; v < variables_.size(); ++v) {
    const Variable& variable = variables_[v];
    if (!at.column.empty() && variable.name == at.column) {
      out[v] = {at.value - variable.origin};
      continue;
    }
    if (variable.levels.empty()) {
      out[v] = {numbers == Numbers::own       ? variable.numbers[row]
                : numbers == Numbers::at_mean ? variable.mean
                                              : variable.midway};
      continue;
    }
    int code = equal ? -1 : variable.codes[row];
    const auto place = static_cast<std::ptrdiff_t>(v);
    if (place == arm_ && at.arm >= 0) code = at.arm;
    if (place == visit_ && at.visit >= 0) code = at.visit;
    const int levels = static_cast<int>(variable.levels.size());
    for (int level = 0; level < levels; ++level) {
      if (level == variable.omitted) continue;
      out[v].push_back(code < 0 ? 1.0 / levels : (code == level ? 1.0 : 0.0));
    }
  }
  return out;
}

std::vector<double> TermDesign::evaluate(const Cells& cells) const {
  std::vector<double> out{1.0};
  out.reserve(columns());
  for (const auto& term : terms_) {
    std::vector<double> columns{1.0};
    for (const std::size_t v : term) columns = product(columns, cells[v]);
    out.insert(out.end(), columns.begin(), columns.end());
  }
  return out;
}

std::vector<double> TermDesign::values() const {
  std::vector<double> out;
  out.reserve(rows_ * columns());
  for (std::size_t i = 0; i < rows_; ++i) {
    const std::vector<double> own = row(i, {});
    out.insert(out.end(), own.begin(), own.end());
  }
  return out;
}

std::vector<double> TermDesign::row(std::size_t row, const At& at) const {
  return evaluate(cells(row, at, false, Numbers::own));
}

std::vector<double> TermDesign::mean(const At& at, GridWeights weights) const {
  // A full grid at equal weights is a product: each category enters at 1 / levels.
  if (weights == GridWeights::equal) return evaluate(cells(0, at, true, Numbers::at_mean));
  if (weights == GridWeights::marginal_means) return evaluate(cells(0, at, true, Numbers::midway));
  const bool equal = weights == GridWeights::least_squares_means;
  const Numbers numbers = equal ? Numbers::own : Numbers::at_mean;
  std::vector<double> out(columns(), 0.0);
  for (std::size_t i = 0; i < rows_; ++i) {
    const auto one = evaluate(cells(i, at, equal, numbers));
    for (std::size_t c = 0; c < out.size(); ++c) out[c] += one[c] / static_cast<double>(rows_);
  }
  return out;
}

}  // namespace angiotrial::analysis
