// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/units/names.hpp>

using namespace angiotrial;

const auto days = units::Hours(36).to<units::Days>();
