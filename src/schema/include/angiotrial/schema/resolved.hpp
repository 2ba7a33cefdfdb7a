// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/ledger.hpp>

#include <string>
#include <vector>

namespace angiotrial::schema {

/// "study file, line 12" for a value the study set, else the provenance, citation and identifier of
/// the default.
[[nodiscard]] std::string origin(const LedgerRow& row);

/// Every parameter as used, as a study file: dotted paths become tables, and each line ends in a
/// comment with unit and origin. Read back, it gives identical values. Paths are expected to be
/// distinct, with keys written as TOML wants them (see dotted()).
[[nodiscard]] std::string to_toml(const std::vector<LedgerRow>& rows);

}  // namespace angiotrial::schema
