// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/code.hpp>

#include <string_view>

namespace angiotrial::dataset {

/// PARAM: what a parameter code stands for, with its unit; empty for a code that is not ours.
[[nodiscard]] std::string_view label_of(Code code);

}  // namespace angiotrial::dataset
