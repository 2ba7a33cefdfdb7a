// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace angiotrial::numerics {

/// Sweeps of the cyclic Chebyshev method. With rho the spectral radius of Jacobi's iteration, n
/// full sweeps shrink the error by at least
///
///   2 r^n/(1 + r^(2n)),   r = [rho/(1 + sqrt(1 - rho^2))]^2
///
/// (Varga, Matrix Iterative Analysis, chapter 5). Least n for a reduction below `target` in (0, 1).
[[nodiscard]] int sweeps_for(double rho, double target);

/// Weights of 2n half sweeps: 1, 1/(1 - rho^2/2), then 1/(1 - rho^2 w/4) of the one before.
[[nodiscard]] std::vector<float> half_sweep_weights(double rho, int sweeps);

}  // namespace angiotrial::numerics
