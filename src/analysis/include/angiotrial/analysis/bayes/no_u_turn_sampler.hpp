// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

/// The No-U-Turn sampler (Hoffman and Gelman 2014, JMLR 15:1593) with multinomial choice along the
/// trajectory and the generalised criterion (Betancourt 2017, arXiv 1701.02434, appendix A).
namespace angiotrial::analysis {

/// log density up to a constant at `position`; writes its gradient, as long as the position.
/// -infinity or NaN outside the support: such a trajectory ends and counts as divergent.
using LogDensity =
    std::function<double(std::span<const double> position, std::span<double> gradient)>;

enum class SamplerStatus {
  sampled = 0,
  invalid_input = 1,  ///< no dimension, draws or chains; more than 65 535 iterations a chain
  no_start = 2,       ///< density or gradient not finite at a starting point
  no_step_size = 3    ///< no step size keeps the energy: the gradient is not that of the density
};
[[nodiscard]] std::string_view name_of(SamplerStatus status);

enum class MassMatrix { diagonal, dense };

struct NoUTurnSettings {
  int chains = 4;
  int warmup = 1000;  ///< step size by dual averaging, mass matrix over windows that double
  int draws = 1000;   ///< a chain, after warm-up
  double target_acceptance = 0.8;  ///< in (0, 1)
  int maximum_depth = 10;          ///< at most 2^depth - 1 leapfrog steps
  MassMatrix mass = MassMatrix::diagonal;
  double largest_energy_error = 1000.0;  ///< beyond it a trajectory is divergent
};

/// Which random numbers: key of angiotrial::random, purpose `posterior_sampling`; the chain stands
/// in the place of the patient and the iteration in that of the occasion.
struct SamplerSeed {
  std::uint64_t seed;
  std::uint32_t replicate = 0;
};

struct NoUTurnStart {
  std::span<const double> positions;   ///< chains x dimension
  std::span<const double> covariance;  ///< first inverse mass, dimension x dimension; empty: unit
};

struct NoUTurnSample {
  SamplerStatus status = SamplerStatus::invalid_input;
  std::size_t dimension = 0;
  std::size_t chains = 0;
  std::size_t draws = 0;
  std::vector<double> values;       ///< chains x draws x dimension
  std::vector<double> log_density;  ///< chains x draws
  std::vector<double> step_size;    ///< by chain, after warm-up
  int divergences = 0;              ///< after warm-up
  int deepest = 0;                  ///< tree depth reached after warm-up
  int saturated = 0;                ///< draws whose tree reached maximum_depth
  double acceptance = 0.0;          ///< mean after warm-up
  std::size_t gradients = 0;        ///< evaluations in all

  /// One coordinate: chains x draws.
  [[nodiscard]] std::vector<double> coordinate(std::size_t index) const;
};

/// A refusal is a status; only mismatched sizes violate the contract. The same seed gives the same
/// bytes.
[[nodiscard]] NoUTurnSample sample_no_u_turn(const LogDensity& density, std::size_t dimension,
                                             const NoUTurnStart& start,
                                             const NoUTurnSettings& settings, SamplerSeed seed);

}  // namespace angiotrial::analysis
