// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/numerics/helmholtz.hpp>

#include <vector>

/// The field while it changes,
///
///   dc/dt = div( D grad c ) - k c + s,   n . D grad c = 0 at walls
///
/// one implicit step at a time; each step is one quasi-steady solve with a larger decay.
namespace angiotrial::numerics {

enum class Scheme {
  backward_euler,  ///< order 1; source at the end of the step; fields stay positive
  midpoint         ///< order 2 (Crank-Nicolson); source at the middle of the step
};

class Transient {
 public:
  /// Expects step > 0, decay >= 0 and what Helmholtz expects.
  Transient(const Grid& grid, const Walls& walls, double diffusivity, double decay, double step,
            Scheme scheme);

  /// Carries `field` over one step. `tolerance` is that of the solve (helmholtz.hpp).
  Certificate advance(std::span<const double> source, std::span<double> field,
                      double tolerance = 1.0e-10, int threads = 1);

 private:
  double rate_;  ///< what one step adds to the decay
  Scheme scheme_;
  Helmholtz<double> solver_;
  std::vector<double> right_, next_;
};

}  // namespace angiotrial::numerics
