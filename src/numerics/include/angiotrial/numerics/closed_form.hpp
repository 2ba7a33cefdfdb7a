// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace angiotrial::numerics {

/// Pressure P >= 0 at which supply meets saturable use,
///
///   F (Pa - P) = M P/(P + P50)
///
/// such as the oxygen balance of a voxel. F > 0 and M >= 0 in amounts per pressure and amounts,
/// Pa >= 0 and P50 > 0 pressures. Between 0 and Pa; full precision however scarce the supply.
[[nodiscard]] double balanced_pressure(double supply, double arterial, double demand, double half);

}  // namespace angiotrial::numerics
