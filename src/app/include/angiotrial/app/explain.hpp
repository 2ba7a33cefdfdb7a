// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/app/ending.hpp>
#include <angiotrial/schema/ledger.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace angiotrial::app {

/// Explains `key` from the given parameters: a full path, its last part or parts, or a table. One
/// match is told in full, several are listed; an unknown key ends in bad_input with its neighbours.
/// `arms.low.x` finds `arms.NAME.x`.
[[nodiscard]] Ending explain(const std::vector<schema::LedgerRow>& parameters,
                             std::string_view key);

/// Every parameter a study may set, those without a default included.
[[nodiscard]] std::vector<schema::LedgerRow> explainable();

/// The stations of a parameter on its way from the study file to the report, in order. Headline
/// parameters have a row of their own; for the rest it is the route of their table.
[[nodiscard]] std::vector<std::string> route_of(std::string_view path);

/// Paths that have a row of their own.
[[nodiscard]] std::vector<std::string> routed_paths();

}  // namespace angiotrial::app
