// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/condition.hpp"
#include "plan/frame.hpp"

/// Strategies for events after randomisation (ICH E9(R1), A.3.2) at work on rows.
///
/// Of several events of a subject the first in time decides; on the same day a composite one. What
/// lies after it is left out (hypothetical), becomes the composite value, or becomes the last value
/// up to the day of the event (while on treatment). The latter two are also given where a subject
/// has no record: for a visit, or the one record of the analysis, that others had as late as after
/// the event. Conditions on the response and on visits do not keep such a subject out.
namespace angiotrial::analysis {

class Frame::Events {
 public:
  /// Adds problems with the strategies themselves.
  Events(const FrameRequest& request, Frame& frame);

  /// Once rows are those of the population, the conditions and the arms.
  void apply();

 private:
  /// The event of a subject that comes first.
  struct First {
    double day = std::numeric_limits<double>::infinity();
    Strategy strategy = Strategy::none;
  };
  struct Event {
    Strategy strategy;
    Place day;
  };
  /// Rows that a subject has one of: those of a visit, or all.
  struct Slot {
    std::string visit;
    std::vector<std::size_t> rows;  ///< of the table
    double latest = -std::numeric_limits<double>::infinity();
  };
  struct Filter {
    Condition condition;
    Place place;
    enum class Of { record, subject, visit, response } of;
  };
  struct Added {
    std::size_t subject, slot;
    int arm;
    double response;
  };

  void add_event(const std::string& name, Strategy strategy, const std::string& column);
  void read_filters();
  [[nodiscard]] bool names_visits(std::string_view column) const;
  [[nodiscard]] bool varies_within_subjects(const Place& place) const;
  void find_first_events();
  void note_subject_events();
  void note_event(std::size_t subject, const Event& event, const std::string& cell, int line);
  void find_slots();
  [[nodiscard]] bool fills() const;  ///< whether some subject's missing records are replaced
  /// Where a row lies: before the event of its subject, after it, without a record after it, or
  /// on a day not told.
  enum class After { no, yes, unseen, unknown };
  [[nodiscard]] After after_event(std::size_t row, double latest) const;
  void change_rows();
  [[nodiscard]] bool has_visits() const;  ///< whether visits are told apart
  void tell_without_value(std::size_t subjects) const;
  [[nodiscard]] std::optional<double> replacement(std::size_t subject, bool unseen);
  [[nodiscard]] std::optional<double> last_value(std::size_t subject) const;
  void find_unseen();
  void look_at_unseen(std::size_t subject, const std::vector<bool>& has);
  [[nodiscard]] bool eligible(std::size_t subject) const;
  [[nodiscard]] bool holds_for(std::size_t subject, const Filter& filter) const;
  [[nodiscard]] bool in_population(std::size_t subject) const;
  [[nodiscard]] std::optional<int> arm_of(std::size_t subject) const;
  [[nodiscard]] bool seen_before_event(std::size_t subject, const Slot& slot) const;
  void add_rows();
  [[nodiscard]] std::string cell_for(const Added& added, const formats::DataColumn& column);
  [[nodiscard]] std::optional<std::string> own_value(std::size_t subject,
                                                     const formats::DataColumn& column) const;
  [[nodiscard]] std::string common(std::size_t slot, const formats::DataColumn& column);

  // Cells of a row of the whole table, and of all rows of a subject.
  [[nodiscard]] std::string text_at(const Place& place, std::size_t table_row) const;
  [[nodiscard]] std::optional<double> number_at(const Place& place, std::size_t table_row) const;
  [[nodiscard]] bool passes(std::size_t table_row, const Filter& filter) const;
  [[nodiscard]] bool passes(std::size_t table_row, bool visits_too) const;

  const FrameRequest& request_;
  Frame& frame_;
  std::vector<Event> events_;
  Place day_, response_, visit_;
  std::vector<Filter> filters_;
  std::vector<int> subject_of_;                 ///< of every row of the table
  std::vector<std::ptrdiff_t> subject_row_of_;  ///< likewise
  std::vector<First> first_;                    ///< by subject
  std::vector<std::ptrdiff_t> in_subject_table_;
  std::vector<std::vector<std::size_t>> rows_of_;  ///< of subjects with an event, in the table
  std::vector<Slot> slots_;
  bool repeated_ = false;  ///< a subject has several rows, and no column tells its visits
  std::vector<Added> added_;
  std::map<std::pair<std::size_t, const formats::DataColumn*>, std::string> common_;
};

}  // namespace angiotrial::analysis
