// SPDX-License-Identifier: Apache-2.0
// refused: no match for 'operator\+'
#include <angiotrial/units/names.hpp>

using namespace angiotrial;

const auto sum = units::Cells(1) + units::Kilograms(2);
