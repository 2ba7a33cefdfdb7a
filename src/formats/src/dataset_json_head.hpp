// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/data_table.hpp>
#include <angiotrial/formats/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace angiotrial::formats::dataset_json {

/// How the values of a column stand in the file.
enum class ValueType { text, integer, real, number_text, boolean };

/// What a file says of its data set before the rows.
struct Head {
  DataTable table;  ///< columns without cells
  std::vector<ValueType> types;
  std::int64_t records = 0;
};

/// Checks the object's attributes of Dataset-JSON 1.1, `rows` aside.
[[nodiscard]] diagnostics::Result<Head> read_head(const JsonValue& object, const std::string& file);

}  // namespace angiotrial::formats::dataset_json
