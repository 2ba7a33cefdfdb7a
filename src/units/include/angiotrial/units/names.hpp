// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/units/quantity.hpp>

#include <array>
#include <string_view>

/// The units that parameters, records and data columns may carry, and the suffix each gives its
/// key. One row per unit; a key whose suffix is not its type's does not pass the schema test.
namespace angiotrial::units {

using Cells = Quantity<Unit{.cell = 1}>;
using CellsPerKg = Quantity<Unit{.cell = 1, .kg = -1}>;
using CellsPerUl = Quantity<Unit{.cell = 1, .mm = -3}>;  // 1 uL is 1 mm3
using CellsPerMl = Quantity<Unit{.cell = 1, .mm = -3, .den = 1000}>;
using Kilograms = Quantity<Unit{.kg = 1}>;
using Grams = Quantity<Unit{.kg = 1, .den = 1000}>;
using Milligrams = Quantity<Unit{.kg = 1, .den = 1000000}>;
using GramsPerMl = Quantity<Unit{.kg = 1, .mm = -3, .den = 1000000}>;
using Mm = Quantity<Unit{.mm = 1}>;
using Metres = Quantity<Unit{.mm = 1, .num = 1000}>;
using Um = Quantity<Unit{.mm = 1, .den = 1000}>;
using Mm3 = Quantity<Unit{.mm = 3}>;
using Ml = Quantity<Unit{.mm = 3, .num = 1000}>;
using Mm2PerDay = Quantity<Unit{.mm = 2, .day = -1}>;
using PerMm2 = Quantity<Unit{.mm = -2}>;
using Seconds = Quantity<Unit{.day = 1, .den = 86400}>;
using Minutes = Quantity<Unit{.day = 1, .den = 1440}>;
using Hours = Quantity<Unit{.day = 1, .den = 24}>;
using Days = Quantity<Unit{.day = 1}>;
using Weeks = Quantity<Unit{.day = 1, .num = 7}>;
using Months = Quantity<Unit{.day = 1, .num = 487, .den = 16}>;  // 365.25 / 12 days
using Years = Quantity<Unit{.day = 1, .num = 1461, .den = 4}>;
using PerHour = Quantity<Unit{.day = -1, .num = 24}>;
using PerDay = Quantity<Unit{.day = -1}>;
using PerWeek = Quantity<Unit{.day = -1, .den = 7}>;
using PerYear = Quantity<Unit{.day = -1, .num = 4, .den = 1461}>;
using Bpm = Quantity<Unit{.day = -1, .num = 1440}>;
using Mmhg = Quantity<Unit{.mmhg = 1}>;
using BpmMmhg = Quantity<Unit{.day = -1, .mmhg = 1, .num = 1440}>;  // rate-pressure product
using MlPerMinPerG = Quantity<Unit{.kg = -1, .mm = 3, .day = -1, .num = 1440000000}>;
using MlPerMinPerGPerMmhg =
    Quantity<Unit{.kg = -1, .mm = 3, .day = -1, .mmhg = -1, .num = 1440000000}>;
using MlPerMin = Quantity<Unit{.mm = 3, .day = -1, .num = 1440000}>;

// Without dimension, kept apart by kind.
using Fraction = Quantity<Unit{.kind = 1}>;     ///< 0 to 1
using Percent = Quantity<Unit{.kind = 2}>;      ///< 0 to 100
using Met = Quantity<Unit{.kind = 3}>;          ///< metabolic equivalents
using LogUnits = Quantity<Unit{.kind = 4}>;     ///< on the natural-log or logit scale
using UpperLimits = Quantity<Unit{.kind = 5}>;  ///< multiples of the upper limit of normal
using Millivolts = Quantity<Unit{.kind = 6}>;
using UgPerKgPerDay = Quantity<Unit{.kind = 7}>;  ///< drug dose
using GramsPerDl = Quantity<Unit{.kind = 8}>;     ///< haemoglobin
using BpmPerMet = Quantity<Unit{.kind = 9}>;
using MmhgPerMet = Quantity<Unit{.kind = 10}>;
using PerAttack = Quantity<Unit{.kind = 11}>;
using Mph = Quantity<Unit{.kind = 12}>;
/// Flow need, mL/min/g, per 10 000 bpm mmHg of rate-pressure product.
using MlPerMinPerGPer10kRpp = Quantity<Unit{.kind = 13}>;
using MilliPascalSeconds = Quantity<Unit{.kind = 14}>;  ///< dynamic viscosity
using Degrees = Quantity<Unit{.kind = 15}>;
using PerMinute = Quantity<Unit{.day = -1, .num = 1440, .kind = 16}>;  ///< mL O2 per mL of tissue
/// Krogh's diffusion coefficient times solubility: mL O2/(cm s mmHg).
using MlPerCmPerSPerMmhg = Quantity<Unit{.kind = 17}>;

struct Suffix {
  Unit unit;
  std::string_view suffix;  ///< how a key of this unit ends
  std::string_view label;   ///< how a reader sees the unit
};

inline constexpr std::array suffixes{
    Suffix{Cells::unit, "_cells", "cells"},
    Suffix{CellsPerKg::unit, "_cells_per_kg", "cells/kg"},
    Suffix{CellsPerUl::unit, "_cells_per_ul", "cells/uL"},
    Suffix{CellsPerMl::unit, "_cells_per_ml", "cells/mL"},
    Suffix{Kilograms::unit, "_kg", "kg"},
    Suffix{Grams::unit, "_g", "g"},
    Suffix{Milligrams::unit, "_mg", "mg"},
    Suffix{GramsPerMl::unit, "_g_per_ml", "g/mL"},
    Suffix{Mm::unit, "_mm", "mm"},
    Suffix{Metres::unit, "_m", "m"},
    Suffix{Um::unit, "_um", "um"},
    Suffix{Mm3::unit, "_mm3", "mm3"},
    Suffix{Ml::unit, "_ml", "mL"},
    Suffix{Mm2PerDay::unit, "_mm2_per_day", "mm2/day"},
    Suffix{PerMm2::unit, "_per_mm2", "1/mm2"},
    Suffix{Seconds::unit, "_s", "s"},
    Suffix{Minutes::unit, "_min", "min"},
    Suffix{Hours::unit, "_hours", "h"},
    Suffix{Days::unit, "_days", "days"},
    Suffix{Weeks::unit, "_weeks", "weeks"},
    Suffix{Months::unit, "_months", "months"},
    Suffix{Years::unit, "_years", "years"},
    Suffix{PerHour::unit, "_per_hour", "1/h"},
    Suffix{PerDay::unit, "_per_day", "1/day"},
    Suffix{PerWeek::unit, "_per_week", "1/week"},
    Suffix{PerYear::unit, "_per_year", "1/year"},
    Suffix{Bpm::unit, "_bpm", "bpm"},
    Suffix{Mmhg::unit, "_mmhg", "mmHg"},
    Suffix{BpmMmhg::unit, "_bpm_mmhg", "bpm mmHg"},
    Suffix{MlPerMinPerG::unit, "_ml_per_min_per_g", "mL/min/g"},
    Suffix{MlPerMinPerGPerMmhg::unit, "_ml_per_min_per_g_per_mmhg", "mL/min/g/mmHg"},
    Suffix{MlPerMin::unit, "_ml_per_min", "mL/min"},
    Suffix{Fraction::unit, "_fraction", "1"},
    Suffix{Percent::unit, "_percent", "%"},
    Suffix{Met::unit, "_met", "MET"},
    Suffix{LogUnits::unit, "_log", "ln"},
    Suffix{UpperLimits::unit, "_uln", "x ULN"},
    Suffix{Millivolts::unit, "_mv", "mV"},
    Suffix{UgPerKgPerDay::unit, "_ug_per_kg_per_day", "ug/kg/day"},
    Suffix{GramsPerDl::unit, "_g_per_dl", "g/dL"},
    Suffix{BpmPerMet::unit, "_bpm_per_met", "bpm/MET"},
    Suffix{MmhgPerMet::unit, "_mmhg_per_met", "mmHg/MET"},
    Suffix{PerAttack::unit, "_per_attack", "1/attack"},
    Suffix{Mph::unit, "_mph", "mph"},
    Suffix{MlPerMinPerGPer10kRpp::unit, "_ml_per_min_per_g_per_10k_rpp",
           "mL/min/g per 10 000 bpm mmHg"},
    Suffix{MilliPascalSeconds::unit, "_mpa_s", "mPa s"},
    Suffix{Degrees::unit, "_deg", "degrees"},
    Suffix{PerMinute::unit, "_per_minute", "1/min"},
    Suffix{MlPerCmPerSPerMmhg::unit, "_ml_per_cm_per_s_per_mmhg", "mL O2/(cm s mmHg)"},
};

/// The row of a unit; a unit without one does not compile where its name is needed.
template <Unit U>
consteval Suffix suffix_of() {
  for (const Suffix& row : suffixes) {
    if (row.unit == U) return row;
  }
  throw "this unit has no row in units/names.hpp";
}

}  // namespace angiotrial::units
