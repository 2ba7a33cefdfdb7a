// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace angiotrial::app {

/// studies/first-steps.toml as it was when the program was built.
extern const std::string_view study_template;

}  // namespace angiotrial::app
