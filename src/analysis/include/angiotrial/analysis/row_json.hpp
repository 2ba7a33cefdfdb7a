// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>
#include <angiotrial/formats/json.hpp>

namespace angiotrial::analysis {

/// Writes one row as an object of results.json: every field, in the order of Row, texts that do not
/// apply as "" and numbers that do not apply as null.
void write(formats::JsonWriter& json, const Row& row);

}  // namespace angiotrial::analysis
