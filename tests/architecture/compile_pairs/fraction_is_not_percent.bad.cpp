// SPDX-License-Identifier: Apache-2.0
// refused: could not convert
#include <angiotrial/units/names.hpp>

using namespace angiotrial;

double keep(units::Fraction share) { return share.value(); }
const double kept = keep(units::Percent(50));
