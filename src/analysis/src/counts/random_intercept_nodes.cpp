// SPDX-License-Identifier: Apache-2.0
#include "counts/random_intercept_nodes.hpp"

namespace angiotrial::analysis {
namespace {

/// sum over rows of y (eta + shift)
void fill_linear(const PatientCounts& rows, const NodeShifts& nodes, NodeTerms& out) {
  out.value = rows.y.sum() * nodes.shift + (rows.y * rows.eta).sum();
}

void fill_means(const PatientCounts& rows, const NodeShifts& nodes, NodeTerms& out) {
  out.m.matrix().noalias() = rows.mu.matrix() * nodes.grow.matrix().transpose();
}

}  // namespace

NodeTerms::NodeTerms(Eigen::Index rows, Eigen::Index points, NodeMemory& memory)
    : eta(memory.take(rows * points), rows, points),
      eta2(memory.take(rows * points), rows, points),
      tau_eta(memory.take(rows * points), rows, points),
      value(memory.take(points), points),
      tau(memory.take(points), points),
      tau2(memory.take(points), points),
      eta_sum(memory.take(points), points),
      m(memory.take(rows * points), rows, points),
      w(memory.take(rows * points), rows, points),
      d(memory.take(rows * points), rows, points),
      l(memory.take(rows * points), rows, points),
      grown(memory.take(rows), rows),
      logs(memory.take(points), points) {}

void fill_nodes(const density::Poisson& /*density*/, const PatientCounts& rows,
                const NodeShifts& nodes, bool second, NodeTerms& out) {
  fill_means(rows, nodes, out);
  fill_linear(rows, nodes, out);
  out.value -= out.m.colwise().sum().transpose();
  out.eta = (-out.m).colwise() + rows.y;
  out.eta_sum = out.eta.colwise().sum().transpose();
  out.tau.setZero();
  if (!second) return;
  out.eta2 = -out.m;
  out.tau_eta.setZero();
  out.tau2.setZero();
}

//   l = y eta - (y + 1/phi) ln(1 + x),  x = phi mu,  d = 1 / (1 + x),  g = 1 + phi y
//   l_eta2 = -g mu d^2,  l_tau_eta = -(y - mu) x d^2
//   l_tau  = ln(1 + x) / phi - g mu d
//   l_tau2 = -ln(1 + x) / phi + (1 - phi y) mu d + g mu x d^2
void fill_nodes(const density::QuadraticNb& density, const PatientCounts& rows,
                const NodeShifts& nodes, bool second, NodeTerms& out) {
  const double phi = density.phi;
  fill_means(rows, nodes, out);
  fill_linear(rows, nodes, out);
  out.w = 1.0 + phi * out.m;
  out.d = out.w.inverse();
  // ln(1 + x): the logarithm of the rounded sum, and what rounding took from it.
  out.l = out.w.log() + (phi * out.m - (out.w - 1.0)) * out.d;
  out.eta = ((-out.m).colwise() + rows.y) * out.d;
  out.eta_sum = out.eta.colwise().sum().transpose();
  out.w = out.m * out.d;
  out.grown = 1.0 + phi * rows.y;
  out.logs = out.l.colwise().sum().transpose() * density.per_phi;
  out.value.matrix().noalias() -=
      density.per_phi * (out.l.matrix().transpose() * out.grown.matrix());
  out.tau = out.logs;
  out.tau.matrix().noalias() -= out.w.matrix().transpose() * out.grown.matrix();
  if (!second) return;
  out.tau_eta = -phi * out.eta * out.w;
  out.eta2 = (-out.w * out.d).colwise() * out.grown;
  out.grown = 2.0 - out.grown;
  out.tau2 = -out.logs - phi * (out.m * out.eta2).colwise().sum().transpose();
  out.tau2.matrix().noalias() += out.w.matrix().transpose() * out.grown.matrix();
}

void fill_nodes(const density::LinearNb& density, const PatientCounts& rows,
                const NodeShifts& nodes, bool /*second*/, NodeTerms& out) {
  const Eigen::Index points = nodes.grow.size();
  out.value.setZero();
  out.tau.setZero();
  for (Eigen::Index q = 0; q < points; ++q) {
    for (Eigen::Index i = 0; i < rows.y.size(); ++i) {
      const density::Point point =
          density.point(rows.y[i], rows.eta[i] + nodes.shift[q], rows.mu[i] * nodes.grow[q]);
      out.value[q] += point.l;
      out.tau[q] += point.tau;
      out.eta(i, q) = point.eta;
    }
  }
  out.eta_sum = out.eta.colwise().sum().transpose();
}

}  // namespace angiotrial::analysis
