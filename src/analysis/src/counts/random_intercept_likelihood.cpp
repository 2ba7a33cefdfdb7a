// SPDX-License-Identifier: Apache-2.0
#include "counts/random_intercept_likelihood.hpp"

#include "counts/cluster_sandwich.hpp"
#include "counts/count_density.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::analysis {

using Eigen::Index;
using Eigen::VectorXd;

// Nodes: eigenvalues of the Jacobi matrix (Golub and Welsch 1969). Weights times exp(x^2):
// 1 / sum_k psi_k(x)^2 with the orthonormal Hermite functions psi_k, which do not overflow.
HermiteRule hermite_rule(int points) {
  const Index n = points;
  VectorXd off(std::max<Index>(n - 1, 1));
  for (Index k = 0; k + 1 < n; ++k) off[k] = std::sqrt(0.5 * static_cast<double>(k + 1));
  HermiteRule rule;
  if (n == 1) return {{0.0}, {1.0}};
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver;
  solver.computeFromTridiagonal(VectorXd::Zero(n), off, Eigen::EigenvaluesOnly);
  for (Index i = 0; i < n; ++i) {
    // The rule is symmetric: rounding must not move its centre.
    const double x = 0.5 * (solver.eigenvalues()[i] - solver.eigenvalues()[n - 1 - i]);
    double before = 0.0;
    double here = std::exp(-0.5 * x * x) / std::pow(std::numbers::pi, 0.25);
    double sum = here * here;
    for (Index k = 1; k < n; ++k) {
      const double m = static_cast<double>(k);
      const double next = std::sqrt(2.0 / m) * x * here - std::sqrt((m - 1.0) / m) * before;
      before = here;
      here = next;
      sum += here * here;
    }
    rule.node.push_back(x);
    rule.weight.push_back(1.0 / (sum * std::sqrt(std::numbers::pi)));
  }
  return rule;
}

InterceptLikelihood::InterceptLikelihood(const InterceptModel& model)
    : columns_(model.counts.columns), rule_(hermite_rule(model.points)) {
  const CountModel& counts = model.counts;
  int most = 0;
  for (const auto& rows : rows_of_clusters(model.patient)) {
    first_.push_back(y_.size());
    for (const Index row : rows) {
      const auto i = static_cast<std::size_t>(row);
      const double* from = counts.design.data() + i * columns_;
      x_.insert(x_.end(), from, from + columns_);
      y_.push_back(counts.counts[i]);
      offset_.push_back(counts.offset[i]);
      most = std::max(most, counts.counts[i]);
    }
  }
  first_.push_back(y_.size());
  tail_.assign(static_cast<std::size_t>(most), 0.0);
  for (const double y : y_) {
    if (y > 0.0) tail_[static_cast<std::size_t>(y) - 1] += 1.0;
  }
  for (std::size_t j = tail_.size(); j-- > 0;) {
    if (j + 1 < tail_.size()) tail_[j] += tail_[j + 1];
    log_factorials_ += tail_[j] * std::log(static_cast<double>(j + 1));
  }
  eta_.resize(y_.size());
  mu_.resize(y_.size());
  slope_.resize(y_.size());
  mode_.assign(patients(), 0.0);
}

/// sum over counts of sum_{j<y} ln(1 + phi j), and its derivative by ln phi.
double InterceptLikelihood::counts_alone(double phi, double& slope) const {
  double value = 0.0;
  for (std::size_t j = 0; j < tail_.size(); ++j) {
    const double x = phi * static_cast<double>(j);
    value += tail_[j] * std::log1p(x);
    slope += tail_[j] * x / (1.0 + x);
  }
  return value;
}

/// Newton on u from where it stood last: f'(u) = sigma sum l_eta - u. Returns the mode.
template <class Density>
double InterceptLikelihood::find_mode(const Density& density, std::size_t patient, double sigma) {
  constexpr int most_steps = 200;
  constexpr double longest = 2.0;
  constexpr double last = 1.0e-8;  // the error after a step is of the order of its square
  double u = mode_[patient];
  if (sigma == 0.0) return 0.0;
  for (int step = 0; step < most_steps; ++step) {
    const double grow = std::exp(sigma * u);
    double first = 0.0;
    double second = 0.0;
    for (std::size_t i = first_[patient]; i < first_[patient + 1]; ++i) {
      const density::Slopes s = density.slopes(y_[i], mu_[i] * grow);
      first += s.eta;
      second += s.eta2;
    }
    // Where the density is not concave in u, the curvature of the normal alone.
    const double curvature = std::max(1.0 - sigma * sigma * second, 0.5);
    const double move = (sigma * first - u) / curvature;
    u += std::clamp(move, -longest, longest);
    if (!(std::fabs(move) > last)) break;
  }
  return std::isfinite(u) ? u : 0.0;
}

//   l_g = ln s + ln sum_q W_q exp f(u_q),  u_q = m + sqrt(2) s x_q,  s = (-f''(m))^(-1/2),
//   f(u) = sum_i l_i - u^2/2. The mode m and s move with the parameters:
//   dm = s^2 df'(m),  dln s = (s^2 / 2) {df''(m) + f'''(m) dm}
template <class Density>
double InterceptLikelihood::one_patient(const Density& density, std::size_t patient, double sigma,
                                        VectorXd& gradient) {
  const std::size_t from = first_[patient];
  const std::size_t to = first_[patient + 1];
  const std::size_t rows = to - from;
  const auto p = static_cast<Index>(columns_);
  const double m = mode_[patient] = find_mode(density, patient, sigma);
  const double at_mode = std::exp(sigma * m);
  double first = 0.0, second = 0.0, third = 0.0, tau1 = 0.0, tau2 = 0.0;
  for (std::size_t i = from; i < to; ++i) {
    const density::Bend b = density.bend(y_[i], mu_[i] * at_mode);
    first += b.eta;
    second += b.eta2;
    third += b.eta3;
    tau1 += b.tau_eta;
    tau2 += b.tau_eta2;
  }
  const double variance = 1.0 / (1.0 - sigma * sigma * second);
  if (!(variance > 0.0)) return -std::numeric_limits<double>::infinity();
  const double s = std::sqrt(variance);
  const std::size_t points = rule_.node.size();
  at_node_.resize(points * (rows + 4));
  double* value = &at_node_[points * rows];
  double* tau = value + points;
  double* eta = tau + points;
  double* share = eta + points;
  double largest = -std::numeric_limits<double>::infinity();
  for (std::size_t q = 0; q < points; ++q) {
    const double u = m + std::numbers::sqrt2 * s * rule_.node[q];
    const double grow = std::exp(sigma * u);
    value[q] = -0.5 * u * u + std::log(rule_.weight[q]);
    tau[q] = eta[q] = 0.0;
    for (std::size_t i = from; i < to; ++i) {
      const density::Point point = density.point(y_[i], eta_[i] + sigma * u, mu_[i] * grow);
      value[q] += point.l;
      tau[q] += point.tau;
      eta[q] += point.eta;
      at_node_[q * rows + (i - from)] = point.eta;
    }
    largest = std::max(largest, value[q]);
  }
  double total = 0.0;
  for (std::size_t q = 0; q < points; ++q) total += share[q] = std::exp(value[q] - largest);
  // Means over the points: of f' and f' sqrt(2) x s (by m and s), of the direct derivatives.
  double by_m = 0.0, by_s = 1.0, by_rho = 0.0, by_tau = 0.0;
  for (std::size_t q = 0; q < points; ++q) {
    share[q] /= total;
    const double shift = std::numbers::sqrt2 * s * rule_.node[q];
    const double f1 = sigma * eta[q] - (m + shift);
    by_m += share[q] * f1;
    by_s += share[q] * f1 * shift;
    by_rho += share[q] * sigma * (m + shift) * eta[q];
    by_tau += share[q] * tau[q];
  }
  const double half = 0.5 * variance * by_s;
  const double f3 = sigma * sigma * sigma * third;
  const double move = (half * f3 + by_m) * variance;
  for (std::size_t i = from; i < to; ++i) {
    const density::Bend b = density.bend(y_[i], mu_[i] * at_mode);
    double c = half * sigma * sigma * b.eta3 + move * sigma * b.eta2;
    for (std::size_t q = 0; q < points; ++q) c += share[q] * at_node_[q * rows + (i - from)];
    slope_[i] = c;
  }
  gradient[p] += by_rho + half * (2.0 * sigma * sigma * second + f3 * m) +
                 move * (sigma * first + sigma * sigma * m * second);
  gradient[p + 1] += by_tau + half * sigma * sigma * tau2 + move * sigma * tau1;
  return std::log(s) + largest + std::log(total);
}

template <class Density>
double InterceptLikelihood::sum_patients(const Density& density, double sigma, VectorXd& gradient) {
  double sum = 0.0;
  for (std::size_t g = 0; g < patients(); ++g) sum += one_patient(density, g, sigma, gradient);
  for (std::size_t i = 0; i < y_.size(); ++i) {
    for (std::size_t c = 0; c < columns_; ++c) {
      gradient[static_cast<Index>(c)] += slope_[i] * x_[i * columns_ + c];
    }
  }
  return sum;
}

double InterceptLikelihood::evaluate(const VectorXd& psi, CountFamily family, VectorXd& gradient) {
  ++evaluations_;
  const auto p = static_cast<Index>(columns_);
  const double sigma = std::exp(psi[p]);
  const double phi = std::exp(psi[p + 1]);
  for (std::size_t i = 0; i < y_.size(); ++i) {
    double eta = offset_[i];
    for (std::size_t c = 0; c < columns_; ++c) {
      eta += x_[i * columns_ + c] * psi[static_cast<Index>(c)];
    }
    eta_[i] = eta;
    mu_[i] = std::exp(eta);
  }
  gradient.setZero(p + 2);
  switch (family) {
    case CountFamily::poisson:
      return sum_patients(density::Poisson(phi), sigma, gradient) - log_factorials_;
    case CountFamily::quadratic_nb: {
      const double alone = counts_alone(phi, gradient[p + 1]);
      return sum_patients(density::QuadraticNb(phi), sigma, gradient) + alone - log_factorials_;
    }
    case CountFamily::linear_nb:
      break;
  }
  return sum_patients(density::LinearNb(phi), sigma, gradient) - log_factorials_;
}

}  // namespace angiotrial::analysis
