// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "counts/count_density.hpp"

#include <Eigen/Core>

namespace angiotrial::analysis {

/// A buffer that gives each patient its arrays. Their shapes differ, so that arrays of Eigen would
/// ask the heap at every patient.
class NodeMemory {
 public:
  /// For so many arrays of at most so many numbers. What was taken before is lost.
  void reserve(Eigen::Index arrays, Eigen::Index numbers) {
    if (buffer_.size() < arrays * padded(numbers)) buffer_.resize(arrays * padded(numbers));
  }
  /// From here on for another patient.
  void restart() { taken_ = 0; }
  [[nodiscard]] double* take(Eigen::Index numbers) {
    double* const first = buffer_.data() + taken_;
    taken_ += padded(numbers);
    return first;
  }

 private:
  /// To whole lines of 64 bytes: arrays are aligned as the buffer is.
  static Eigen::Index padded(Eigen::Index numbers) { return (numbers + 7) / 8 * 8; }

  Eigen::ArrayXd buffer_;
  Eigen::Index taken_ = 0;
};

using NodeArray = Eigen::Map<Eigen::ArrayXd, Eigen::AlignedMax>;
using NodeTable = Eigen::Map<Eigen::ArrayXXd, Eigen::AlignedMax>;

/// A patient's counts: y, eta without the random intercept, mu = exp(eta).
struct PatientCounts {
  Eigen::Map<const Eigen::ArrayXd> y, eta, mu;
};

/// Nodes of the random intercept: what they add to eta, and its exponential.
struct NodeShifts {
  NodeArray shift, grow;
};

/// Log density of a patient's rows (down) at nodes (across), by eta and tau = ln phi.
struct NodeTerms {
  NodeTerms(Eigen::Index rows, Eigen::Index points, NodeMemory& memory);
  /// Most arrays that one takes.
  static constexpr Eigen::Index arrays = 13;

  NodeTable eta;               ///< dl / deta
  NodeTable eta2, tau_eta;     ///< second derivatives, where asked for
  NodeArray value, tau, tau2;  ///< l, dl / dtau and d2l / dtau2, summed over rows
  NodeArray eta_sum;           ///< dl / deta, summed over rows

  // Buffers.
  NodeTable m, w, d, l;
  NodeArray grown, logs;
};

/// Of the negative binomial with linear variance there are no second derivatives.
void fill_nodes(const density::Poisson& density, const PatientCounts& rows, const NodeShifts& nodes,
                bool second, NodeTerms& out);
void fill_nodes(const density::QuadraticNb& density, const PatientCounts& rows,
                const NodeShifts& nodes, bool second, NodeTerms& out);
void fill_nodes(const density::LinearNb& density, const PatientCounts& rows,
                const NodeShifts& nodes, bool second, NodeTerms& out);

}  // namespace angiotrial::analysis
