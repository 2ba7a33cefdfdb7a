// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace angiotrial::app {

/// Now, as ISO 8601 in UTC.
[[nodiscard]] std::string today();

}  // namespace angiotrial::app
