// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/product/process_parameters.hpp>
#include <angiotrial/random/stream.hpp>

/// Culture of selected CD34+ cells.
namespace angiotrial::product {

/// What a culture holds: P and D of the equations.
struct Culture {
  double cd34_cells = 0.0;
  double differentiated_cells = 0.0;
};

/// How one donor's cells behave.
struct Tempo {
  double doubling_days = 1.0;
  double lag_days = 0.0;
};

/// Steps of the Runge-Kutta scheme; a test holds the error at this number below 1e-6.
inline constexpr int culture_steps = 32;

/// dP/dt = mu (2a - 1) P
/// dD/dt = 2 mu (1 - a) P + (rho mu - d) D
/// mu = (ln 2 / tau) (1 - (P + D)/N_max) after the lag, 0 before;  a = 1/2 + (a0 - 1/2)
/// exp(-t/tau_a)
///
/// Classical fourth-order Runge-Kutta from the end of the lag, in `steps` equal steps.
[[nodiscard]] Culture grow(const Expansion& p, double input_cells, Tempo donor,
                           int steps = culture_steps);

/// What culture and reselection make of one donor's cells.
struct Expanded {
  double fold = 1.0;            ///< viable CD34+ out over in: (P/P0) exp(s z - s^2/2) R'
  double cd34_share = 1.0;      ///< P / (P + D), put on the separator a second time
  double purity_deviate = 0.0;  ///< standard normal, for the purity of the second selection
};

/// Uses the stream expansion.
[[nodiscard]] Expanded expand_donor(const Expansion& p, double input_cells,
                                    const random::Streams& streams);

/// psi(t) = psi_min + (1 - psi_min) exp(-t/tau_psi): worth of a cell after t days of culture.
[[nodiscard]] double culture_potency(const Expansion& p);

}  // namespace angiotrial::product
