// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/units/names.hpp>

using namespace angiotrial;

const auto sum = units::Cells(1) + units::Cells(2);
