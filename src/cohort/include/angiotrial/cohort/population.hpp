// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/parameters.hpp>
#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/random/stream.hpp>

#include <array>

namespace angiotrial::cohort {

/// Draws candidates. Correlated normal deviates
///
///     y = L z,  L L' = C  (C from Correlations)
///
/// become age, weight, haemoglobin, ejection fraction, conductance and the liabilities of diabetes
/// and infarction; the rest is independent of them. A draw that no person could be (see
/// impossible()) is rejected and drawn again under the next occasion of the same stream.
class Population {
 public:
  /// Expects refusal(correlations) to be empty and parameters inside their described ranges.
  explicit Population(const Parameters& parameters);

  /// Candidate number `streams.patient()` of replicate `streams.replicate()`.
  [[nodiscard]] Patient draw(const random::Streams& streams) const;

  [[nodiscard]] const Parameters& parameters() const { return parameters_; }

  static constexpr int correlated = 7;

 private:
  [[nodiscard]] Patient attempt(const random::Streams& streams, std::uint32_t occasion) const;
  Parameters parameters_;
  std::array<std::array<double, correlated>, correlated> factor_{};
};

/// True when weight, height, volumes and output together cannot belong to a living adult: body mass
/// index outside 16-60 kg/m2, a wall mass to cavity volume ratio outside 0.4-2.2 g/mL, or a resting
/// cardiac output outside 2-14 L/min (limits assumed, deliberately wide).
[[nodiscard]] bool impossible(const Patient& patient);

}  // namespace angiotrial::cohort
