// SPDX-License-Identifier: Apache-2.0
#include "plan/subject_data.hpp"

#include <algorithm>
#include <map>

namespace angiotrial::analysis {

std::optional<SubjectData> subject_data(const std::string& response,
                                        const std::vector<std::string>& columns, const Task& task,
                                        bool needs_arm) {
  if (response.empty()) {
    task.bad_option("response", "", "must name the column of the response");
    return std::nullopt;
  }
  std::vector<std::string> needed{response};
  needed.insert(needed.end(), columns.begin(), columns.end());
  auto frame = task.frame({.needs_arm = needs_arm, .response = response, .columns = needed});
  if (!frame) return std::nullopt;
  const std::size_t missing = frame->keep_complete(needed);
  if (!frame->ok() || !frame->require_one_row_per_subject()) return std::nullopt;
  if (needs_arm && !frame->require_every_arm()) return std::nullopt;
  SubjectData data{std::move(*frame), {}, missing};
  data.response = data.frame.response(response);
  if (!data.frame.ok()) return std::nullopt;
  return data;
}

Strata strata_of(Frame& frame, const std::vector<std::string>& columns) {
  Strata out;
  out.codes.assign(frame.rows(), 0);
  if (columns.empty()) {
    out.names.emplace_back("");
    return out;
  }
  std::vector<Factor> factors;
  for (const std::string& column : columns) factors.push_back(frame.factor(column));
  std::map<std::vector<int>, std::vector<std::size_t>> found;
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    std::vector<int> key;
    for (const Factor& factor : factors) key.push_back(factor.codes[i]);
    if (std::ranges::find(key, -1) == key.end()) {
      found[key].push_back(i);
    } else {
      out.codes[i] = -1;
    }
  }
  for (const auto& [key, rows] : found) {
    for (const std::size_t i : rows) out.codes[i] = out.count();
    std::string name;
    for (std::size_t f = 0; f < factors.size(); ++f) {
      name += (f == 0 ? "" : ", ") + columns[f] + " " +
              factors[f].levels[static_cast<std::size_t>(key[f])];
    }
    out.names.push_back(std::move(name));
  }
  return out;
}

TwoArms two_arms(const Frame& frame, std::size_t arm) {
  TwoArms out;
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    const auto a = static_cast<std::size_t>(frame.arm()[i]);
    if (a != arm && a != frame.reference()) continue;
    out.rows.push_back(i);
    out.active.push_back(a == arm ? 1 : 0);
  }
  return out;
}

void put_interval(Task& task, double lower, double upper, std::string_view unit,
                  const std::string& prefix) {
  task.out.row.level = task.level();
  task.out.put(prefix + "lower", lower, unit);
  task.out.put(prefix + "upper", upper, unit);
  task.out.row.level.reset();
}

void put_subjects(const SubjectData& data, Task& task) {
  task.out.put("n", static_cast<double>(data.frame.rows()), "subjects");
  task.out.put("n_missing", static_cast<double>(data.missing), "subjects");
}

}  // namespace angiotrial::analysis
