// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace angiotrial::schema {

/// Advice on an unknown key, given the known ones with their unit suffixes (empty where there is
/// no unit): the same quantity in another unit or without one, else the nearest spelling, else "".
[[nodiscard]] std::string key_hint(std::string_view key,
                                   const std::vector<std::pair<std::string, std::string>>& known);

}  // namespace angiotrial::schema
