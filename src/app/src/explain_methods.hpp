// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angiotrial::app {

/// `methods`: what an analysis of a plan may be. The name of a method: its options with their
/// meaning. Nothing for any other key.
[[nodiscard]] std::optional<std::string> explain_method(std::string_view key);

/// A key of a plan or of every analysis, by its path, its last part or its table; or an option of
/// methods, with the methods that have it. Nothing for any other key.
[[nodiscard]] std::optional<std::string> explain_plan_key(std::string_view key);

/// Page of docs/reference on a method; empty for an unknown one.
[[nodiscard]] std::string_view page_of(std::string_view method);

}  // namespace angiotrial::app
