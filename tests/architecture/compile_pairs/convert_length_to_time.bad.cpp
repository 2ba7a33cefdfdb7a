// SPDX-License-Identifier: Apache-2.0
// refused: no matching function|constraints not satisfied
#include <angiotrial/units/names.hpp>

using namespace angiotrial;

const auto days = units::Mm(36).to<units::Days>();
