// SPDX-License-Identifier: Apache-2.0
#include "plan/frame_events.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>

/// What strategies for events do to the rows there are.
namespace angiotrial::analysis {

using formats::DataTable;

Frame::Events::Events(const FrameRequest& request, Frame& frame)
    : request_(request), frame_(frame) {
  const EventStrategies& chosen = request.analysis.estimand.events;
  const EventColumns& columns = request.plan.events;
  add_event("death", chosen.death, columns.death);
  add_event("revascularisation", chosen.revascularisation, columns.revascularisation);
  add_event("missed_injection", chosen.missed_injection, columns.missed_injection);
  add_event("rescue", chosen.rescue, columns.rescue);
  if (events_.empty()) return;
  if (const auto day = frame.need(request.plan.columns.day)) day_ = *day;
  if (!request.wants.response.empty()) response_ = frame.find(request.wants.response);
  if (!request.wants.visit.empty()) visit_ = frame.find(request.wants.visit);
  subject_of_ = frame.subject_;
  subject_row_of_ = frame.subject_row_;
}

void Frame::Events::add_event(const std::string& name, Strategy strategy,
                              const std::string& column) {
  if (strategy == Strategy::none || strategy == Strategy::treatment_policy) return;
  const std::string key = "analysis." + request_.analysis.name + ".estimand.events." + name;
  const auto tell = [&](std::string value, std::string rule, std::string hint) {
    request_.problems.push_back({"", 0, key, std::move(value), std::move(rule), std::move(hint)});
  };
  if (strategy == Strategy::principal_stratum) {
    tell("principal_stratum",
         "needs a model of who would have had the event on the other arm, and none is offered", "");
  } else if (strategy != Strategy::hypothetical && request_.wants.response.empty()) {
    tell(strategy == Strategy::composite ? "composite" : "while_on_treatment",
         "this method has no one response that another value could stand for", "");
  } else if (strategy == Strategy::composite && !request_.analysis.estimand.composite_value_given) {
    tell("composite", "needs the value that the response then has",
         "say it in [analysis." + request_.analysis.name + ".estimand] composite_value");
  } else if (column.empty()) {
    tell("", "the plan's [events] names no column with the day of this event", "events." + name);
  } else if (const auto place = frame_.need(column)) {
    events_.push_back({strategy, *place});
  }
}

void Frame::Events::apply() {
  if (events_.empty() || !frame_.ok()) return;
  read_filters();
  find_first_events();
  find_slots();
  if (!frame_.ok()) return;
  find_unseen();
  change_rows();
  if (frame_.ok()) add_rows();
}

bool Frame::Events::names_visits(std::string_view column) const {
  const std::string& own = request_.plan.columns.visit;
  return column == own || (column == request_.wants.visit && !column.empty()) ||
         column == own + "N" || column == request_.plan.columns.day || column == "AVISIT" ||
         column == "AVISITN" || column == "VISIT" || column == "VISITNUM";
}

bool Frame::Events::varies_within_subjects(const Place& place) const {
  std::vector<std::ptrdiff_t> first(frame_.subjects(), -1);
  for (std::size_t t = 0; t < subject_of_.size(); ++t) {
    std::ptrdiff_t& known = first[static_cast<std::size_t>(subject_of_[t])];
    if (known < 0) {
      known = static_cast<std::ptrdiff_t>(t);
    } else if (text_at(place, static_cast<std::size_t>(known)) != text_at(place, t)) {
      return true;
    }
  }
  return false;
}

void Frame::Events::read_filters() {
  using Of = Filter::Of;
  for (const std::string& text : request_.analysis.where) {
    auto condition = read_condition(text);
    if (!condition) continue;
    const Place place = frame_.find(condition->column);
    const std::string& column = condition->column;
    Of of = Of::subject;
    if (column == request_.wants.response) {
      of = Of::response;
    } else if (names_visits(column)) {
      of = Of::visit;
    } else if (!place.of_subject && varies_within_subjects(place)) {
      of = Of::record;
    }
    filters_.push_back({std::move(*condition), place, of});
  }
}

void Frame::Events::note_event(std::size_t subject, const Event& event, const std::string& cell,
                               int line) {
  if (cell.empty()) return;
  const auto day = formats::cell_number(cell);
  if (!day) {
    request_.problems.push_back(
        {event.day.of_subject ? frame_.subject_table_->file : frame_.table_->file, line,
         event.day.column->name, cell, "must be a study day", ""});
    return;
  }
  First& first = first_[subject];
  const bool sooner = *day < first.day;
  if (sooner || (*day == first.day && event.strategy == Strategy::composite)) {
    first = {*day, event.strategy};
  }
}

/// Events in the subject table, whose subjects need no row in the table.
void Frame::Events::note_subject_events() {
  const DataTable* subjects = frame_.subject_table_;
  if (subjects == nullptr) return;
  std::vector<std::ptrdiff_t> subject_at(subjects->rows(), -1);
  for (std::size_t t = 0; t < subject_of_.size(); ++t) {
    if (subject_row_of_[t] < 0) continue;
    subject_at[static_cast<std::size_t>(subject_row_of_[t])] = subject_of_[t];
    in_subject_table_[static_cast<std::size_t>(subject_of_[t])] = subject_row_of_[t];
  }
  const formats::DataColumn* key = subjects->find(request_.plan.columns.subject);
  for (std::size_t r = 0; r < subjects->rows(); ++r) {
    for (const Event& event : events_) {
      if (!event.day.of_subject || event.day.column->missing(r)) continue;
      if (subject_at[r] < 0) {
        subject_at[r] = static_cast<std::ptrdiff_t>(first_.size());
        first_.emplace_back();
        in_subject_table_.push_back(static_cast<std::ptrdiff_t>(r));
        frame_.subject_names_.push_back(key->text(r));
      }
      note_event(static_cast<std::size_t>(subject_at[r]), event, event.day.column->text(r),
                 subjects->lines[r]);
    }
  }
}

/// The first event of each subject: of the table, and of the subject table who have no row in it.
void Frame::Events::find_first_events() {
  first_.resize(frame_.subjects());
  in_subject_table_.assign(frame_.subjects(), -1);
  note_subject_events();
  for (std::size_t t = 0; t < subject_of_.size(); ++t) {
    for (const Event& event : events_) {
      if (event.day.of_subject) continue;
      note_event(static_cast<std::size_t>(subject_of_[t]), event, text_at(event.day, t),
                 frame_.table_->lines[t]);
    }
  }
  rows_of_.resize(first_.size());
  for (std::size_t t = 0; t < subject_of_.size(); ++t) {
    const auto s = static_cast<std::size_t>(subject_of_[t]);
    if (first_[s].strategy != Strategy::none) rows_of_[s].push_back(t);
  }
}

void Frame::Events::find_slots() {
  std::map<std::string, std::size_t> place_of;
  std::vector<bool> seen(frame_.subjects(), false);
  for (std::size_t i = 0; i < frame_.rows(); ++i) {
    const std::size_t t = frame_.rows_[i];
    std::string visit;
    if (visit_.column != nullptr) {
      visit = text_at(visit_, t);
      if (visit.empty()) continue;
    }
    const auto [at, fresh] = place_of.emplace(visit, slots_.size());
    if (fresh) slots_.push_back({visit, {}});
    Slot& slot = slots_[at->second];
    slot.rows.push_back(t);
    if (const auto day = number_at(day_, t)) slot.latest = std::max(slot.latest, *day);
    const auto s = static_cast<std::size_t>(frame_.subject_[i]);
    repeated_ = repeated_ || (seen[s] && visit_.column == nullptr);
    seen[s] = true;
  }
}

bool Frame::Events::fills() const {
  return std::ranges::any_of(
      events_, [](const Event& event) { return event.strategy != Strategy::hypothetical; });
}

Frame::Events::After Frame::Events::after_event(std::size_t row, double latest) const {
  const First& first = first_[static_cast<std::size_t>(frame_.subject_[row])];
  if (first.strategy == Strategy::none) return After::no;
  const std::size_t t = frame_.rows_[row];
  if (const auto at = number_at(day_, t)) return *at > first.day ? After::yes : After::no;
  if (response_.column == nullptr || !text_at(response_, t).empty()) return After::unknown;
  if (first.strategy == Strategy::hypothetical || !(first.day < latest)) return After::no;
  return After::unseen;
}

void Frame::Events::change_rows() {
  std::vector<bool> wanted(frame_.rows(), true);
  std::map<std::string, double> latest;
  for (const Slot& slot : slots_) latest[slot.visit] = slot.latest;
  formats::ProblemKind no_day(request_.problems);
  std::size_t without_value = 0;
  for (std::size_t i = 0; i < frame_.rows(); ++i) {
    const std::size_t t = frame_.rows_[i];
    const auto s = static_cast<std::size_t>(frame_.subject_[i]);
    const After after =
        after_event(i, latest[visit_.column != nullptr ? text_at(visit_, t) : std::string()]);
    if (after == After::unknown) {
      no_day.add({frame_.table_->file, frame_.line(i), request_.plan.columns.day, "",
                  "must be a study day", ""});
    }
    if (after == After::no || after == After::unknown) continue;
    if (const auto value = replacement(s, after == After::unseen)) {
      frame_.put_in_[t] = *value;
      continue;
    }
    wanted[i] = false;
    ++frame_.event_counts_.left_out;
    if (first_[s].strategy == Strategy::while_on_treatment) ++without_value;
  }
  no_day.finish();
  frame_.keep(wanted);
  if (without_value > 0) tell_without_value(without_value);
}

bool Frame::Events::has_visits() const {
  return visit_.column != nullptr || std::ranges::any_of(filters_, [](const Filter& filter) {
           return filter.of == Filter::Of::visit;
         });
}

/// Where the data hold one record a subject, and that lies after the event.
void Frame::Events::tell_without_value(std::size_t subjects) const {
  if (repeated_ || has_visits()) return;
  request_.problems.push_back(
      {"", 0, "analysis." + request_.analysis.name + ".estimand.events", "while_on_treatment",
       "takes the last value up to the event, and the data hold none of " +
           std::to_string(subjects) + " subjects with a record after it",
       "choose the visit by `where` from a table of all visits ([columns] visit names its column), "
       "or say hypothetical"});
}

std::optional<double> Frame::Events::replacement(std::size_t subject, bool unseen) {
  EventCounts& counts = frame_.event_counts_;
  if (first_[subject].strategy == Strategy::composite) {
    ++counts.composite;
    if (unseen) ++counts.composite_unseen;
    return request_.analysis.estimand.composite_value;
  }
  if (first_[subject].strategy != Strategy::while_on_treatment || repeated_) return std::nullopt;
  const auto value = last_value(subject);
  if (value) ++counts.last_value;
  if (value && unseen) ++counts.last_value_unseen;
  return value;
}

/// Of the records after the first day of treatment, up to the day of the event.
std::optional<double> Frame::Events::last_value(std::size_t subject) const {
  constexpr double first_day = 1.0;
  std::optional<double> value;
  double last = first_day;
  for (const std::size_t t : rows_of_[subject]) {
    const auto day = number_at(day_, t);
    if (!day || *day > first_[subject].day || *day <= first_day || *day < last) continue;
    if (response_.column == nullptr || !passes(t, false)) continue;
    const auto own = number_at(response_, t);
    if (!own) continue;
    if (value && *day == last && *own != *value) {
      request_.problems.push_back({frame_.table_->file, frame_.table_->lines[t],
                                   response_.column->name, formats::shortest(*own),
                                   "is the subject's second value on the last day up to its event",
                                   "narrow them down with `where`"});
    }
    value = own;
    last = *day;
  }
  return value;
}

std::string Frame::Events::text_at(const Place& place, std::size_t table_row) const {
  const std::ptrdiff_t at =
      place.of_subject ? subject_row_of_[table_row] : static_cast<std::ptrdiff_t>(table_row);
  return at < 0 ? std::string() : place.column->text(static_cast<std::size_t>(at));
}

std::optional<double> Frame::Events::number_at(const Place& place, std::size_t table_row) const {
  return formats::cell_number(text_at(place, table_row));
}

}  // namespace angiotrial::analysis
