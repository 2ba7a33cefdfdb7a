// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "counts/count_density.hpp"

#include <Eigen/Core>

namespace angiotrial::analysis {

/// A patient's counts: y, eta without the random intercept, mu = exp(eta).
struct PatientCounts {
  Eigen::Map<const Eigen::ArrayXd> y, eta, mu;
};

/// Nodes of the random intercept: what they add to eta, and its exponential.
struct NodeShifts {
  Eigen::ArrayXd shift, grow;
};

/// Log density of a patient's rows (down) at nodes (across), by eta and tau = ln phi.
struct NodeTerms {
  Eigen::ArrayXXd eta;              ///< dl / deta
  Eigen::ArrayXXd eta2, tau_eta;    ///< second derivatives, where asked for
  Eigen::ArrayXd value, tau, tau2;  ///< l, dl / dtau and d2l / dtau2, summed over rows
  Eigen::ArrayXd eta_sum;           ///< dl / deta, summed over rows

  // Buffers.
  Eigen::ArrayXXd m, w, d, l;
  Eigen::ArrayXd grown, logs;
};

/// Of the negative binomial with linear variance there are no second derivatives.
void fill_nodes(const density::Poisson& density, const PatientCounts& rows, const NodeShifts& nodes,
                bool second, NodeTerms& out);
void fill_nodes(const density::QuadraticNb& density, const PatientCounts& rows,
                const NodeShifts& nodes, bool second, NodeTerms& out);
void fill_nodes(const density::LinearNb& density, const PatientCounts& rows,
                const NodeShifts& nodes, bool second, NodeTerms& out);

}  // namespace angiotrial::analysis
