// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/tipping_point.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>

#include "plan/did_you_mean.hpp"
#include "plan/imputation_rows.hpp"
#include "plan/method.hpp"

/// The tipping point in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr double most_delta = 1e9;
constexpr schema::Range delta_range{.least = -most_delta, .most = most_delta};

enum class Moved { others, reference, all };
constexpr std::array<std::string_view, 3> moved_names{"others", "reference", "all"};

struct TippingPoint {
  ImputationOptions common;
  std::string at;
  Moved moved = Moved::others;
  double limit = 0.0;
  int points = 11;
  std::vector<double> deltas, deltas_reference;
};

void describe(schema::Visitor& visit, TippingPoint& o) {
  describe_imputation(visit, o.common);
  visit("at", o.at, "visit whose difference is asked about; empty: the last", analyst);
  visit("moved", o.moved, moved_names,
        "whose imputed values delta moves: arms other than the reference, the reference, or all",
        analyst);
  visit("limit", o.limit, delta_range, "delta goes from 0 to here; of either sign, not 0", analyst);
  visit("points", o.points, {.least = 2, .most = 1001}, "rows of the table, from 0 to the limit",
        analyst);
  visit("deltas", o.deltas, delta_range,
        "of a second table, over both arms: moves of the arm compared; needs deltas_reference",
        analyst);
  visit("deltas_reference", o.deltas_reference, delta_range,
        "of the same table: moves of the reference arm", analyst);
}

/// 1 at every visit of the arms that move; arms x visits.
std::vector<double> direction(const SubjectTable& table, const auto& moves) {
  std::vector<double> out;
  for (std::size_t a = 0; a < table.arms.size(); ++a) {
    out.insert(out.end(), table.visits.size(), moves(a) ? 1.0 : 0.0);
  }
  return out;
}

void put_row(const TippingRow& row, const std::string& group, const SubjectTable& table,
             std::size_t arm, Task& task) {
  task.out.row.group = group;
  put_estimate(task, table.arms[arm], table.arms[0], wald(row.estimate, row.se, task.level()),
               "difference");
  task.out.row.group.clear();
}

/// Both arms moved; false where the table was refused.
bool put_two_way(const TippingPoint& o, const IncompleteTrial& trial, const ImputationData& data,
                 int visit, std::size_t arm, ImputationWorkspace& workspace, Task& task) {
  const SubjectTable& table = data.table;
  const auto first = direction(table, [&](std::size_t a) { return a == arm; });
  const auto second = direction(table, [](std::size_t a) { return a == 0; });
  const DeltaTable both =
      tabulate_deltas(trial,
                      {visit, static_cast<int>(arm), first, second, o.common.delta_scope, o.deltas,
                       o.deltas_reference, 1.0 - task.level()},
                      workspace);
  if (both.status != TippingStatus::found) {
    task.refuse(std::string(name_of(both.status)));
    return false;
  }
  for (std::size_t i = 0; i < both.rows.size(); ++i) {
    const double own = o.deltas[i / o.deltas_reference.size()];
    const double reference = o.deltas_reference[i % o.deltas_reference.size()];
    put_row(both.rows[i],
            "delta " + formats::six_digits(own + 0.0) + ", reference " +
                formats::six_digits(reference + 0.0),
            table, arm, task);
  }
  return true;
}

bool put_tipping(const TippingPoint& o, const IncompleteTrial& trial, const ImputationData& data,
                 int visit, std::size_t arm, ImputationWorkspace& workspace, Task& task) {
  const SubjectTable& table = data.table;
  const auto moving = direction(table, [&](std::size_t a) {
    return o.moved == Moved::all || (o.moved == Moved::reference) == (a == 0);
  });
  const TippingResult result =
      find_tipping_point(trial,
                         {visit, static_cast<int>(arm), moving, o.common.delta_scope, o.limit,
                          o.points, 1.0 - task.level()},
                         workspace);
  const bool found = result.status == TippingStatus::found;
  if (!found && result.status != TippingStatus::none_in_range) {
    if (result.status == TippingStatus::not_imputed) {
      refuse_imputation(result.imputation, nullptr, data, task);
    } else {
      task.refuse(std::string(name_of(result.status)));
    }
    return false;
  }
  task.out.row.arm = table.arms[arm];
  task.out.row.arm_ref = table.arms[0];
  const std::string note = task.out.row.note;
  if (!found) {
    task.out.row.note = note + (note.empty() ? "" : "; ") + "the conclusion holds up to delta " +
                        formats::shortest(o.limit);
  }
  task.out.put("tipping_delta", found ? std::optional(result.tipping.delta) : std::nullopt,
               task.analysis.unit);
  task.out.row.note = note;
  task.out.row.arm.clear();
  task.out.row.arm_ref.clear();
  for (const TippingRow& row : result.table) {  // + 0.0: nought has no sign
    put_row(row, "delta " + formats::six_digits(row.delta + 0.0), table, arm, task);
  }
  return o.deltas.empty() || put_two_way(o, trial, data, visit, arm, workspace, task);
}

/// The visit asked about, or the last; below 0 with a problem.
int visit_at(const TippingPoint& o, const SubjectTable& table, const Task& task) {
  if (o.at.empty()) return static_cast<int>(table.visits.size()) - 1;
  const auto found = std::ranges::find(table.visits, o.at);
  if (found != table.visits.end()) return static_cast<int>(found - table.visits.begin());
  task.bad_option("at", o.at, "is not one of the visits analysed",
                  did_you_mean(o.at, table.visits));
  return -1;
}

void run(const TippingPoint& o, Task& task) {
  task.out.row.method = "tipping point of conditional mean imputation";
  if (o.limit == 0.0) {
    task.bad_option("limit", "0", "must be a delta other than 0");
    return;
  }
  if (o.deltas.empty() != o.deltas_reference.empty()) {
    task.bad_option("deltas", "", "needs deltas_reference, and that needs deltas");
    return;
  }
  const auto data = imputation_data(o.common, task);
  if (!data) return;
  const int visit = visit_at(o, data->table, task);
  if (visit < 0) return;
  ImputationWorkspace workspace;
  const IncompleteTrial trial = data->trial(o.common, task.level());
  const ImputationResult& result = impute_conditional_means(trial, workspace);
  if (result.status != ImputationStatus::imputed) {
    refuse_imputation(result.status, &result, *data, task);
    return;
  }
  const std::string avisit = task.out.row.avisit;
  task.out.row.avisit = data->table.visits[static_cast<std::size_t>(visit)];
  task.out.row.conventions =
      imputation_words(o.common, result.fit) + "; variance: jackknife; reference: normal; delta: " +
      std::string(scope_names[static_cast<std::size_t>(o.common.delta_scope)]) +
      ", arms moved: " + std::string(moved_names[static_cast<std::size_t>(o.moved)]);
  task.out.row.note = fall_back_note(result.fit);
  bool fine = true;
  for (std::size_t arm = 1; fine && arm < data->table.arms.size(); ++arm) {
    fine = put_tipping(o, trial, *data, visit, arm, workspace, task);
  }
  if (fine) task.out.put("n", static_cast<int>(data->table.subjects()), "subjects");
  task.out.row.avisit = avisit;
  task.out.row.note.clear();
}

}  // namespace

std::vector<MethodEntry> tipping_methods() {
  return {method<TippingPoint>("tipping_point",
                               "how far imputed values must move until the conclusion changes")};
}

}  // namespace angiotrial::analysis
