// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "plan/did_you_mean.hpp"
#include "plan/repeated.hpp"

/// Visits of repeated measurements: which ones, and their order in time.
namespace angiotrial::analysis {
namespace {

constexpr std::size_t most_visits = 64;

/// The column with the number of a visit, as CDISC names it: AVISITN, VISITNUM.
std::string number_column(const Frame& frame, const std::string& visit) {
  for (const char* ending : {"N", "NUM"}) {
    if (frame.has(visit + ending)) return visit + ending;
  }
  return "";
}

/// The number of each visit from its column; none where a visit has two, or none.
std::optional<std::map<std::string, double>> numbers_of(Frame& frame, const Factor& found,
                                                        const std::string& column) {
  if (column.empty() || !frame.is_number(column)) return std::nullopt;
  const std::vector<double> values = frame.numbers(column);
  std::map<std::string, double> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (found.codes[i] < 0 || std::isnan(values[i])) continue;
    const std::string& name = found.levels[static_cast<std::size_t>(found.codes[i])];
    if (out.emplace(name, values[i]).first->second != values[i]) return std::nullopt;
  }
  if (out.size() < found.levels.size()) return std::nullopt;
  return out;
}

/// Visits that are not numbers, in the order of their own number; false where that has two at once.
bool order_by_number(std::vector<std::string>& names, const std::map<std::string, double>& number) {
  std::ranges::stable_sort(names, {}, [&](const std::string& name) { return number.at(name); });
  return std::ranges::adjacent_find(names, [&](const std::string& a, const std::string& b) {
           return number.at(a) == number.at(b);
         }) == names.end();
}

void check_listed(const Factor& found, const std::vector<std::string>& listed, const Task& task) {
  for (const std::string& name : listed) {
    if (std::ranges::find(found.levels, name) != found.levels.end()) continue;
    task.bad_option("visits", name, "the data have no such visit",
                    did_you_mean(name, found.levels));
  }
  if (std::set<std::string>(listed.begin(), listed.end()).size() != listed.size()) {
    task.bad_option("visits", "", "must name each visit once");
  }
}

/// All visits found, in the order of time; a problem where it matters and nothing tells it.
std::vector<std::string> all_visits(Frame& frame, const Factor& found, VisitOrder order,
                                    const Task& task) {
  std::vector<std::string> names = found.levels;
  if (std::ranges::all_of(
          names, [](const std::string& name) { return formats::cell_number(name).has_value(); })) {
    return names;
  }
  const std::string column = number_column(frame, found.column);
  const auto number = numbers_of(frame, found, column);
  if (number && order_by_number(names, *number)) return names;
  if (names.size() > (order == VisitOrder::of_covariance ? 2U : 1U) && order != VisitOrder::free) {
    std::string rule = "must list the visits in the order of time, since they are not numbers";
    if (!column.empty()) rule += ", and " + column + " is not one number for each";
    task.bad_option("visits", "", rule);
  }
  return found.levels;
}

}  // namespace

std::optional<VisitCodes> keep_visits(Frame& frame, const std::string& column,
                                      const std::vector<std::string>& listed, VisitOrder order,
                                      const Task& task) {
  if (column.empty()) {
    task.bad_option("visit", "", "must name the column of the visit");
    return std::nullopt;
  }
  const Factor found = frame.factor(column);
  if (!frame.ok()) return std::nullopt;
  check_listed(found, listed, task);
  VisitCodes out{column, listed.empty() ? all_visits(frame, found, order, task) : listed, {}};
  if (out.names.empty() || out.names.size() > most_visits) {
    task.bad_option("visit", column, "must hold 1 to 64 visits");
  }
  std::vector<bool> wanted(frame.rows());
  formats::ProblemKind none(frame.problems());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const int code = found.codes[i];
    if (code < 0 && listed.empty()) {
      none.add({frame.table().file, frame.line(i), column, "", "a row needs a visit", ""});
    }
    wanted[i] =
        code >= 0 && std::ranges::find(out.names, found.levels[static_cast<std::size_t>(code)]) !=
                         out.names.end();
  }
  none.finish();
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

}  // namespace angiotrial::analysis
