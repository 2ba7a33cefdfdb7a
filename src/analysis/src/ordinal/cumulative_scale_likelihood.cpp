// SPDX-License-Identifier: Apache-2.0
#include "ordinal/cumulative_scale_likelihood.hpp"

#include "ordinal/cumulative_link.hpp"

#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Where the parts of the parameters begin.
struct Layout {
  Index thresholds, beta, zeta, size;

  explicit Layout(const CumulativeScaleModel& model)
      : thresholds(model.location.categories - 1),
        beta(thresholds * (1 + static_cast<Index>(model.location.nominal_columns))),
        zeta(beta + static_cast<Index>(model.location.proportional_columns)),
        size(zeta + static_cast<Index>(model.scale_columns)) {}
};

/// eta = (theta_j + z'gamma_j - x'beta) / sigma of a row and one of its thresholds, and d eta.
///   d eta / d location = a / sigma,   d eta / d zeta = -eta s
class Predictor {
 public:
  explicit Predictor(const CumulativeScaleModel& model) : model_(model), at_(model) {}

  /// Threshold j, -1 and K - 1 being the outermost.
  void set(std::size_t row, Index j, const VectorXd& parameters) {
    const CumulativeModel& m = model_.location;
    slope.setZero(at_.size);
    const auto of = [row](std::span<const double> values, std::size_t columns, std::size_t c) {
      return values[row * columns + c];
    };
    double log_sigma = 0.0;
    for (std::size_t c = 0; c < model_.scale_columns; ++c) {
      log_sigma +=
          of(model_.scale, model_.scale_columns, c) * parameters[at_.zeta + static_cast<Index>(c)];
    }
    inverse_ = std::exp(-log_sigma);
    const bool outermost = j < 0 || j >= at_.thresholds;
    if (outermost) {
      eta = (j < 0 ? -m.outermost : m.outermost) * inverse_;
      if (std::isinf(eta)) return;
    } else {
      slope[j] = inverse_;
      for (std::size_t c = 0; c < m.nominal_columns; ++c) {
        slope[at_.thresholds * static_cast<Index>(1 + c) + j] =
            of(m.nominal, m.nominal_columns, c) * inverse_;
      }
      for (std::size_t c = 0; c < m.proportional_columns; ++c) {
        slope[at_.beta + static_cast<Index>(c)] =
            -of(m.proportional, m.proportional_columns, c) * inverse_;
      }
      eta = slope.head(at_.zeta).dot(parameters.head(at_.zeta));
    }
    for (std::size_t c = 0; c < model_.scale_columns; ++c) {
      slope[at_.zeta + static_cast<Index>(c)] = -eta * of(model_.scale, model_.scale_columns, c);
    }
  }

  /// Adds weight d2 eta: -s a' / sigma beside the location, eta s s' within the scale, both of
  /// which are -s times the slope.
  void add_curvature(std::size_t row, double weight, MatrixXd& hessian) const {
    if (std::isinf(eta)) return;
    for (std::size_t c = 0; c < model_.scale_columns; ++c) {
      const double s = model_.scale[row * model_.scale_columns + c];
      const Index at = at_.zeta + static_cast<Index>(c);
      const auto locations = slope.head(at_.zeta);
      hessian.row(at).head(at_.zeta) -= weight * s * locations.transpose();
      hessian.col(at).head(at_.zeta) -= weight * s * locations;
      hessian.row(at).tail(at_.size - at_.zeta) -=
          weight * s * slope.tail(at_.size - at_.zeta).transpose();
    }
  }

  double eta = 0.0;
  VectorXd slope;

 private:
  const CumulativeScaleModel& model_;
  Layout at_;
  double inverse_ = 1.0;
};

}  // namespace

ScaleLikelihood scale_likelihood(const CumulativeScaleModel& model, const VectorXd& parameters) {
  const Layout at(model);
  ScaleLikelihood out{0.0, VectorXd::Zero(at.size), MatrixXd::Zero(at.size, at.size)};
  Predictor a(model), b(model);
  const CumulativeModel& m = model.location;
  for (std::size_t i = 0; i < m.response.size(); ++i) {
    const double w = m.weights.empty() ? 1.0 : m.weights[i];
    if (w == 0.0) continue;
    a.set(i, m.response[i], parameters);
    b.set(i, m.response[i] - 1, parameters);
    const CellTerm cell = cell_term(m.link, a.eta, b.eta);
    if (!std::isfinite(cell.value)) {
      out.value = -std::numeric_limits<double>::infinity();
      return out;
    }
    out.value += w * cell.value;
    out.gradient += w * (cell.da * a.slope + cell.db * b.slope);
    out.hessian +=
        w * (cell.daa * a.slope * a.slope.transpose() + cell.dbb * b.slope * b.slope.transpose() +
             cell.dab * (a.slope * b.slope.transpose() + b.slope * a.slope.transpose()));
    a.add_curvature(i, w * cell.da, out.hessian);
    b.add_curvature(i, w * cell.db, out.hessian);
  }
  return out;
}

}  // namespace angiotrial::analysis
