// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angiotrial::formats {

enum class SasTime { none, date, date_time };

/// What a SAS format such as DATE9. or DATETIME20. says of a number.
[[nodiscard]] SasTime sas_time(std::string_view format);

/// ISO 8601 of days (date) or seconds (date_time) since 1960-01-01, fractions of a second dropped;
/// none outside the years 1582 to 9999, which SAS does not know either.
[[nodiscard]] std::optional<std::string> iso_of_sas(SasTime kind, double value);

}  // namespace angiotrial::formats
