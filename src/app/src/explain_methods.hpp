// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angiotrial::app {

/// `methods`: what an analysis of a plan may be. The name of a method: its options with their
/// meaning. Nothing for any other key.
[[nodiscard]] std::optional<std::string> explain_method(std::string_view key);

}  // namespace angiotrial::app
