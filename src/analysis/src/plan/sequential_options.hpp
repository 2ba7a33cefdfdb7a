// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/adaptive.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/task.hpp"

/// What every plan with looks says: when, and by which bounds.
namespace angiotrial::analysis {

enum class BoundChoice {
  preset,
  obrien_fleming_spending,
  pocock_spending,
  kim_demets,
  hwang_shih_decani,
  obrien_fleming,
  pocock,
  wang_tsiatis,
  haybittle_peto
};

struct LookOptions {
  std::vector<double> information{0.5, 1.0};
  BoundChoice bounds = BoundChoice::preset;
  double parameter = 0.0;
  double alpha = 0.0;  ///< 0: 0.025, or 0.05 in all where two-sided
};

/// The keys information, bounds, parameter and alpha.
void describe_looks(schema::Visitor& visit, LookOptions& looks);

/// Problems with bounds where there is one look, and with a parameter that the bounds do not have.
/// False if any.
bool check_looks(const LookOptions& looks, const Task& task);

/// The bounds that are meant once the preset has had its say.
[[nodiscard]] BoundChoice chosen_bounds(const LookOptions& looks, Preset preset);

/// The plan of a one-sided design; its rule and its futility are left to the caller.
[[nodiscard]] AdaptivePlan one_sided_plan(const LookOptions& looks, Preset preset);

/// The design, or none with a problem at the option that is to blame.
[[nodiscard]] std::optional<AdaptiveDesign> planned_design(AdaptivePlan plan, const Task& task);

/// `bounds: Hwang-Shih-DeCani spending, -4; information: 0.5, 1; level: 0.025`.
[[nodiscard]] std::string looks_in_words(const LookOptions& looks, const AdaptivePlan& plan,
                                         Preset preset);

/// The group of a row of look k, from 0: `look 1`.
[[nodiscard]] inline std::string look(std::size_t k) { return "look " + std::to_string(k + 1); }

/// Numbers for a text: `0.5, 1`.
[[nodiscard]] std::string listed(std::span<const double> numbers);

/// A row of this group, which the template then forgets.
void put_in(const Task& task, std::string group, std::string_view statistic,
            std::optional<double> value, std::string_view unit);

/// Problems with the tables of other endpoints than number `which`. False if any was said.
bool check_tables(const Task& task, std::span<const std::string_view> endpoints,
                  std::span<const bool> said, std::size_t which);

/// A problem for each name that has stood before. False if any.
bool names_differ(const Task& task, std::string_view key, const std::vector<std::string>& names);

/// A problem unless the list has `size` numbers.
bool has_size(const Task& task, std::string_view key, const std::vector<double>& list,
              std::size_t size);

}  // namespace angiotrial::analysis
