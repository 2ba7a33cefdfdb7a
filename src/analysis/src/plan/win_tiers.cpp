// SPDX-License-Identifier: Apache-2.0
#include "plan/win_tiers.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace angiotrial::analysis {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> out;
  for (std::string word; stream >> word;) out.push_back(word);
  return out;
}

bool read_better(const std::string& word, TierText& tier) {
  const bool time = tier.kind == TierKind::event_time;
  if (word == "higher" || (time && (word == "later" || word == "longer"))) {
    tier.better = WinDirection::higher;
  } else if (word == "lower" || (time && (word == "earlier" || word == "shorter"))) {
    tier.better = WinDirection::lower;
  } else {
    return false;
  }
  return true;
}

/// One pair of a keyword and its word; what is wrong with it, or nothing.
std::string read_pair(const std::string& key, const std::string& word, TierText& tier) {
  const bool time = tier.kind == TierKind::event_time;
  if (time && (key == "event" || key == "censored")) {
    tier.event = word;
    tier.censored = key == "censored";
    return "";
  }
  if (key == "better") {
    if (read_better(word, tier)) return "";
    return time ? "better is longer, later, shorter or earlier" : "better is higher or lower";
  }
  if (key == "margin") {
    const auto number = formats::cell_number(word);
    if (!number || !(*number >= 0.0) || !std::isfinite(*number)) {
      return "margin is a number of at least 0";
    }
    tier.margin = *number;
    return "";
  }
  return "knows no word `" + key + "` here";
}

/// 1 or Y for a mark, 0 or N for none; empty may be none in a column of letters. -1: neither.
std::vector<int> marks_of(Frame& frame, const std::string& column, bool empty_is_none) {
  const Factor factor = frame.factor(column);
  const bool letters =
      empty_is_none && (std::ranges::find(factor.levels, "Y") != factor.levels.end() ||
                        std::ranges::find(factor.levels, "N") != factor.levels.end());
  std::vector<int> out(frame.rows(), -1);
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    if (factor.codes[i] < 0) {
      out[i] = letters ? 0 : -1;
      continue;
    }
    const std::string& level = factor.levels[static_cast<std::size_t>(factor.codes[i])];
    if (level == "1" || level == "Y") {
      out[i] = 1;
    } else if (level == "0" || level == "N") {
      out[i] = 0;
    } else {
      frame.add_problem(i, column, level, "marks an event with 1 or Y, none with 0 or N");
    }
  }
  return out;
}

void read_columns(const TierText& tier, Frame& frame, TierData& data) {
  data.values.push_back(frame.numbers(tier.column));
  data.events.emplace_back();
  if (tier.kind == TierKind::value) return;
  std::vector<int>& events = data.events.back();
  events = marks_of(frame, tier.event, !tier.censored);
  for (std::size_t i = 0; i < events.size(); ++i) {
    double& time = data.values.back()[i];
    if (events[i] < 0) time = nan;
    events[i] = std::isnan(time) ? 0 : tier.censored ? 1 - events[i] : events[i];
  }
}

/// Rows in which every tier has a value.
std::vector<bool> complete_rows(const TierData& data, std::size_t rows) {
  std::vector<bool> out(rows, true);
  for (const auto& values : data.values) {
    for (std::size_t i = 0; i < rows; ++i) {
      if (std::isnan(values[i])) out[i] = false;
    }
  }
  return out;
}

template <class Value>
void keep_rows(std::vector<Value>& values, const std::vector<bool>& wanted) {
  std::size_t to = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (wanted[i]) values[to++] = values[i];
  }
  values.resize(to);
}

bool settle_missing(TierMissing missing, Frame& frame, TierData& data, const Task& task) {
  const std::vector<bool> complete = complete_rows(data, frame.rows());
  const auto gaps = std::ranges::count(complete, false);
  if (gaps == 0 || missing == TierMissing::tie) return true;
  if (missing == TierMissing::refuse) {
    task.bad_option("missing", "refuse",
                    std::to_string(gaps) + " subjects have no value of some tier",
                    "tie leaves their pairs undecided on that tier, exclude drops them");
    return false;
  }
  frame.keep(complete);
  for (auto& values : data.values) keep_rows(values, complete);
  for (auto& events : data.events) keep_rows(events, complete);
  return true;
}

}  // namespace

std::optional<TierText> read_tier(const std::string& text, std::string& problem) {
  const std::vector<std::string> words = words_of(text);
  TierText tier;
  if (words.size() < 2 || (words[0] != "time" && words[0] != "value")) {
    problem = "begins with `time COLUMN` or `value COLUMN`";
    return std::nullopt;
  }
  tier.kind = words[0] == "time" ? TierKind::event_time : TierKind::value;
  tier.column = words[1];
  bool direction = false;
  std::size_t at = 2;
  for (; at + 1 < words.size(); at += 2) {
    if (words[at] == "inclusive") break;
    problem = read_pair(words[at], words[at + 1], tier);
    if (!problem.empty()) return std::nullopt;
    direction = direction || words[at] == "better";
  }
  if (at + 1 == words.size() && words[at] == "inclusive") {
    tier.at_margin = true;
  } else if (at < words.size()) {
    problem = words[at] == "inclusive" ? "ends with `inclusive`, if that word is used"
                                       : "`" + words[at] + "` needs a word after it";
    return std::nullopt;
  }
  if (tier.kind == TierKind::event_time && tier.event.empty()) {
    problem = "a time needs `event COLUMN` or `censored COLUMN`";
    return std::nullopt;
  }
  if (!direction) {
    problem = "must say what is better: `better higher` or `better lower`";
    return std::nullopt;
  }
  return tier;
}

void TierData::keep(const TwoArms& two, Kept& kept) const {
  kept = {};
  for (std::size_t t = 0; t < texts.size(); ++t) {
    kept.values.push_back(two.of(values[t]));
    kept.events.push_back(events[t].empty() ? std::vector<int>() : two.of(events[t]));
  }
  for (std::size_t t = 0; t < texts.size(); ++t) {
    kept.tiers.push_back({texts[t].kind, kept.values[t], kept.events[t], texts[t].better,
                          texts[t].margin, texts[t].at_margin});
  }
}

std::optional<TierData> tier_data(const std::vector<std::string>& tiers, TierMissing missing,
                                  Frame& frame, const Task& task) {
  TierData data;
  const std::size_t before = task.problems.size();
  if (tiers.empty()) {
    task.bad_option("tiers", "", "must list the outcomes, the most important first",
                    "\"time DTHDY event DTHFL better later\", \"value CHG better higher\"");
  }
  for (const std::string& text : tiers) {
    std::string problem;
    const auto tier = read_tier(text, problem);
    if (tier) {
      data.texts.push_back(*tier);
    } else {
      task.bad_option("tiers", text, problem);
    }
  }
  if (task.problems.size() != before) return std::nullopt;
  for (const TierText& tier : data.texts) read_columns(tier, frame, data);
  if (!frame.ok() || !settle_missing(missing, frame, data, task)) return std::nullopt;
  return data;
}

}  // namespace angiotrial::analysis
