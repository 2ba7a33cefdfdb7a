// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace angiotrial::dataset {

/// The day of an ISO 8601 date (2011-02-28), of which a time may follow (T12:30); none for
/// any other text, an incomplete date, a day that the calendar does not have, or a year outside
/// 1800 to 2999.
[[nodiscard]] std::optional<std::chrono::sys_days> day_of_iso(std::string_view text);

}  // namespace angiotrial::dataset
