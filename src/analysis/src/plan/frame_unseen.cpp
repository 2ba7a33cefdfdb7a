// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>

#include "plan/frame_events.hpp"

/// Subjects whom an event kept from a record: rows for them, with the value of the strategy.
namespace angiotrial::analysis {

using formats::DataColumn;
using formats::DataTable;

bool Frame::Events::passes(std::size_t table_row, const Filter& filter) const {
  return filter.condition.holds(text_at(filter.place, table_row)).value_or(false);
}

/// Whether the row fulfils the conditions but those on the response, and on visits unless wanted.
bool Frame::Events::passes(std::size_t table_row, bool visits_too) const {
  return std::ranges::all_of(filters_, [&](const Filter& filter) {
    if (filter.of == Filter::Of::response) return true;
    if (filter.of == Filter::Of::visit && !visits_too) return true;
    return passes(table_row, filter);
  });
}

/// A condition on what a subject is, or on which of its records count: these are not needed.
bool Frame::Events::holds_for(std::size_t subject, const Filter& filter) const {
  using Of = Filter::Of;
  if (filter.of == Of::response || filter.of == Of::visit || filter.of == Of::record) return true;
  if (filter.place.of_subject) {
    const std::ptrdiff_t at = in_subject_table_[subject];
    return at >= 0 &&
           filter.condition.holds(filter.place.column->text(static_cast<std::size_t>(at)))
               .value_or(false);
  }
  return std::ranges::any_of(rows_of_[subject], [&](std::size_t t) { return passes(t, filter); });
}

bool Frame::Events::in_population(std::size_t subject) const {
  const std::string& flag = request_.analysis.estimand.population;
  if (flag.empty()) return true;
  const Place place = frame_.find(flag);
  const std::ptrdiff_t at = in_subject_table_[subject];
  if (place.of_subject) {
    return at >= 0 && place.column->text(static_cast<std::size_t>(at)) == "Y";
  }
  return std::ranges::any_of(rows_of_[subject],
                             [&](std::size_t t) { return text_at(place, t) == "Y"; });
}

std::optional<int> Frame::Events::arm_of(std::size_t subject) const {
  if (!request_.wants.needs_arm) return 0;
  const Place place = frame_.find(frame_.arm_column_name_);
  const std::ptrdiff_t at = in_subject_table_[subject];
  std::string name;
  if (place.of_subject && at >= 0) name = place.column->text(static_cast<std::size_t>(at));
  for (const std::size_t t : rows_of_[subject]) {
    if (name.empty()) name = text_at(place, t);
  }
  const auto found = std::ranges::find(frame_.arms_, name);
  if (found == frame_.arms_.end()) return std::nullopt;
  return static_cast<int>(found - frame_.arms_.begin());
}

bool Frame::Events::eligible(std::size_t subject) const {
  return in_population(subject) && std::ranges::all_of(filters_, [&](const Filter& filter) {
           return holds_for(subject, filter);
         });
}

/// Whether the record was made before the event and left out by a condition since.
bool Frame::Events::seen_before_event(std::size_t subject, const Slot& slot) const {
  const bool by_visit = has_visits();
  return std::ranges::any_of(rows_of_[subject], [&](std::size_t t) {
    const auto day = number_at(day_, t);
    if (!day || *day > first_[subject].day) return false;
    if (!by_visit) return passes(t, true);
    if (visit_.column != nullptr && text_at(visit_, t) != slot.visit) return false;
    return std::ranges::all_of(filters_, [&](const Filter& filter) {
      return filter.of != Filter::Of::visit || passes(t, filter);
    });
  });
}

void Frame::Events::look_at_unseen(std::size_t subject, const std::vector<bool>& has) {
  const std::optional<int> arm = arm_of(subject);
  if (!arm || !eligible(subject)) return;
  for (std::size_t k = 0; k < slots_.size(); ++k) {
    if (has[k] || !(first_[subject].day < slots_[k].latest)) continue;
    if (repeated_) {
      if (first_[subject].strategy != Strategy::composite) continue;
      request_.problems.push_back(
          {frame_.table_->file, 0, request_.plan.columns.subject, frame_.subject_name(subject),
           "has the event and no row after it to take the composite value",
           "give rows without a response for the visits missed, or use a method with `visit`"});
      continue;
    }
    if (seen_before_event(subject, slots_[k])) continue;
    if (const auto value = replacement(subject, true)) added_.push_back({subject, k, *arm, *value});
  }
}

/// Events that others' records came after, and that left their subject without one.
void Frame::Events::find_unseen() {
  if (!fills()) return;
  std::map<std::string, std::size_t> place_of;
  for (std::size_t k = 0; k < slots_.size(); ++k) place_of[slots_[k].visit] = k;
  std::vector<std::vector<bool>> has(first_.size());
  for (std::size_t i = 0; i < frame_.rows(); ++i) {
    const auto s = static_cast<std::size_t>(frame_.subject_[i]);
    if (first_[s].strategy == Strategy::none) continue;
    const std::size_t t = frame_.rows_[i];
    const auto day = number_at(day_, t);
    if (repeated_ && day && *day <= first_[s].day) continue;
    const auto at = place_of.find(visit_.column != nullptr ? text_at(visit_, t) : std::string());
    if (at == place_of.end()) continue;
    has[s].resize(slots_.size(), false);
    has[s][at->second] = true;
  }
  for (std::size_t s = 0; s < first_.size(); ++s) {
    const Strategy strategy = first_[s].strategy;
    if (strategy == Strategy::none || strategy == Strategy::hypothetical) continue;
    has[s].resize(slots_.size(), false);
    look_at_unseen(s, has[s]);
  }
}

/// What all rows of a slot have in a column; empty where they differ.
std::string Frame::Events::common(std::size_t slot, const DataColumn& column) {
  const auto [at, fresh] = common_.try_emplace({slot, &column});
  if (!fresh) return at->second;
  const std::vector<std::size_t>& rows = slots_[slot].rows;
  std::string text = column.text(rows.front());
  for (const std::size_t t : rows) {
    if (column.text(t) != text) text.clear();
  }
  at->second = text;
  return text;
}

/// The one value of a subject in a column: of the rows that fulfil the conditions, else of all.
std::optional<std::string> Frame::Events::own_value(std::size_t subject,
                                                    const DataColumn& column) const {
  for (const bool all : {false, true}) {
    std::string own;
    for (const std::size_t t : rows_of_[subject]) {
      if (!all && !passes(t, false)) continue;
      const std::string cell = column.text(t);
      if (cell.empty() || cell == own) continue;
      if (!own.empty()) return std::nullopt;
      own = cell;
    }
    if (!own.empty()) return own;
  }
  return std::nullopt;
}

/// The cell of an added row: the subject's own where it has one value, else that of the visit.
std::string Frame::Events::cell_for(const Added& added, const DataColumn& column) {
  if (column.name == request_.plan.columns.subject) return frame_.subject_name(added.subject);
  if (column.name == request_.wants.response || column.name == request_.plan.columns.day) return "";
  if (&column == visit_.column) return slots_[added.slot].visit;
  if (!names_visits(column.name)) {
    if (auto own = own_value(added.subject, column)) return *own;
  }
  return common(added.slot, column);
}

void Frame::Events::add_rows() {
  if (added_.empty()) return;
  auto grown = std::make_shared<DataTable>(*frame_.table_);
  for (const Added& added : added_) {
    for (std::size_t c = 0; c < grown->columns.size(); ++c) {
      DataColumn& column = grown->columns[c];
      const std::string cell = cell_for(added, frame_.table_->columns[c]);
      if (column.kind == DataColumn::Kind::text) {
        column.texts.push_back(cell);
      } else {
        column.numbers.push_back(
            formats::cell_number(cell).value_or(std::numeric_limits<double>::quiet_NaN()));
      }
    }
    const auto& own = rows_of_[added.subject];
    frame_.rows_.push_back(grown->lines.size());
    grown->lines.push_back(own.empty() ? 0 : frame_.table_->lines[own.front()]);
    frame_.subject_.push_back(static_cast<int>(added.subject));
    frame_.subject_row_.push_back(in_subject_table_[added.subject]);
    frame_.arm_.push_back(added.arm);
    frame_.put_in_.push_back(added.response);
  }
  frame_.grown_ = std::move(grown);
  frame_.table_ = frame_.grown_.get();
}

}  // namespace angiotrial::analysis
