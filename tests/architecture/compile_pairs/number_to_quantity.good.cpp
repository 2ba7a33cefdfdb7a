// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/units/names.hpp>

using namespace angiotrial;

const units::CellsPerKg dose = units::CellsPerKg(1e5);
