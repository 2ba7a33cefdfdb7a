// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Published numbers as rows, and simulated ones set against them.
namespace angiotrial::report {

/// Whether two texts name the same trial: letters and digits agree, whatever their case.
[[nodiscard]] bool same_trial(std::string_view a, std::string_view b);

/// Every published number as rows with source `published`: its value, and `se`, `lower`, `upper`
/// where they were published. `scenario` holds the trial, `method` how we came by the number
/// (seen, derived, recalled), its use (calibrated to, held out), citation and identifier. Empty
/// when no evidence is about `study_id`: another trial's numbers say nothing about a design of the
/// user's own.
[[nodiscard]] std::vector<analysis::Row> published_rows(const std::string& study_id);

/// Whether parameters may have been fitted to a published row. Agreement with such a row is no
/// evidence for the model.
[[nodiscard]] bool is_fit_target(const analysis::Row& row);

/// Whether a published row was quoted from memory and not checked against its source.
[[nodiscard]] bool is_recalled(const analysis::Row& row);

/// `simulated` followed by what is drawn from it and from the published rows of the study:
///   * the published rows;
///   * statistic `published_se_distance`: (simulated - published) / published standard error;
///   * statistic `step`: what each step of the placebo arm's decomposition adds to the one before.
/// This is what results.json holds and what page and terminal are made of.
[[nodiscard]] std::vector<analysis::Row> complete_rows(const std::string& study_id,
                                                       std::vector<analysis::Row> simulated);

/// The same with published rows given by the caller.
[[nodiscard]] std::vector<analysis::Row> complete_rows(const std::string& study_id,
                                                       std::vector<analysis::Row> simulated,
                                                       const std::vector<analysis::Row>& published);

}  // namespace angiotrial::report
