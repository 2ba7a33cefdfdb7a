// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/units/names.hpp>

using namespace angiotrial;

double keep(units::Fraction share) { return share.value(); }
const double kept = keep(units::Fraction(0.5));
