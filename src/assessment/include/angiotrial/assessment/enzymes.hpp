// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/assessment/parameters.hpp>
#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/random/stream.hpp>

namespace angiotrial::assessment {

/// Heart enzymes, in multiples of the upper limit of normal; CK-MB in ug/L.
struct EnzymeRecord {
  double troponin_baseline_uln = 0.0;
  double troponin_after_mobilisation_uln = 0.0;  ///< highest after G-CSF and collection
  double troponin_after_injection_uln = 0.0;     ///< highest of the samples at 8, 16 and 24 h
  double ck_mb_baseline = 0.0;
  double ck_mb_8_h = 0.0;
  double ck_mb_24_h = 0.0;
  bool nstemi_at_mobilisation = false;  ///< above 3 x ULN with symptoms
};

/// Troponin t hours after injury of one unit (B11), as a share of what was released, before
/// division by the volume of distribution:
///
///     dQ1/dt = -k1 Q1;  dQ2/dt = -k2 Q2;  dC/dt = k1 Q1 + k2 Q2 - k_el C
///     Q1(0) = f_cyt, Q2(0) = 1 - f_cyt, C(0) = 0
[[nodiscard]] double troponin_per_release(const Enzymes& parameters, units::Hours since_injury);

/// All enzyme samples of one patient. `injured_mass` comes from delivery; the cells do not enter.
/// Without an injection (open-label control) the two injection fields stay at baseline.
[[nodiscard]] EnzymeRecord measure_enzymes(const Enzymes& parameters,
                                           const cohort::Patient& patient, bool mobilised,
                                           bool injected, units::Milligrams injured_mass,
                                           const random::Streams& streams);

}  // namespace angiotrial::assessment
