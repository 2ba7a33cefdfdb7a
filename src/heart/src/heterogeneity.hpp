// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "shape.hpp"

#include <span>

/// How flow varies between microregions. Private.
namespace angiotrial::heart {

/// Coefficient of variation of conductance between microregions of this mass:
///   independent   RD(m) = microregion_cv (m/m_ref)^(1-D)
///   fractal       RD(m) = RD(1 g) (m/1 g)^(1-D)
/// with the fractal stopped at microregion_mass_g.
[[nodiscard]] double dispersion(const Parameters& parameters, double mass_g);

/// Turns independent standard normals, one for each microregion, into standard normals of
/// covariance C(r) = (1 + (r/r0)^2)^(-beta/2) over the distances between the places of a nominal
/// heart with as many patches; leaves them alone unless heterogeneity is fractal.
void correlate(const Parameters& parameters, const Rings& rings, std::span<double> normals);

}  // namespace angiotrial::heart
