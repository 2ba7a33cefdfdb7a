// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

/// Log densities of a count y with mean mu, as functions of eta = ln mu and tau = ln phi, with what
/// depends on y (and phi) alone left out where `counts_apart` says so.
namespace angiotrial::analysis::density {

/// What is needed at a quadrature point: l, dl/deta, dl/dtau.
struct Point {
  double l, eta, tau;
};

/// Derivatives that the mode of a patient moves with.
struct Bend {
  double eta, eta2, eta3, tau_eta, tau_eta2;
};

struct Slopes {
  double eta, eta2;
};

///   l = y eta - mu
struct Poisson {
  static constexpr bool counts_apart = true;
  explicit Poisson(double /*phi*/) {}
  [[nodiscard]] Slopes slopes(double y, double mu) const { return {y - mu, -mu}; }
  [[nodiscard]] Bend bend(double y, double mu) const { return {y - mu, -mu, -mu, 0.0, 0.0}; }
  [[nodiscard]] Point point(double y, double eta, double mu) const {
    return {y * eta - mu, y - mu, 0.0};
  }
};

///   l = y eta - (y + 1/phi) ln(1 + x),  x = phi mu,  d = 1 / (1 + x)
struct QuadraticNb {
  static constexpr bool counts_apart = true;
  double phi;
  double per_phi;
  explicit QuadraticNb(double dispersion) : phi(dispersion), per_phi(1.0 / dispersion) {}
  [[nodiscard]] Slopes slopes(double y, double mu) const {
    const double d = 1.0 / (1.0 + phi * mu);
    return {(y - mu) * d, -mu * (1.0 + phi * y) * d * d};
  }
  [[nodiscard]] Bend bend(double y, double mu) const {
    const double x = phi * mu;
    const double d = 1.0 / (1.0 + x);
    const double grown = 1.0 + phi * y;
    const double second = -mu * grown * d * d;
    return {(y - mu) * d, second, second * (1.0 - x) * d, -(y - mu) * x * d * d,
            -mu * d * d * (phi * y - 2.0 * x * d * grown)};
  }
  [[nodiscard]] Point point(double y, double eta, double mu) const {
    const double x = phi * mu;
    const double d = 1.0 / (1.0 + x);
    const double l = std::log1p(x) * per_phi;
    return {y * eta - (1.0 + phi * y) * l, (y - mu) * d, l - (1.0 + phi * y) * mu * d};
  }
};

///   l = sum_{j<y} ln(a + j) - a ln(1 + phi) + y ln(phi / (1 + phi)),  a = mu / phi
struct LinearNb {
  static constexpr bool counts_apart = false;
  double phi;
  double log_grown;  ///< ln(1 + phi)
  double q;          ///< phi / (1 + phi)
  double log_q;
  explicit LinearNb(double dispersion)
      : phi(dispersion),
        log_grown(std::log1p(dispersion)),
        q(dispersion / (1.0 + dispersion)),
        log_q(std::log(dispersion) - std::log1p(dispersion)) {}

  [[nodiscard]] Bend bend(double y, double mu) const {
    const double a = mu / phi;
    double first = -log_grown;
    double second = 0.0;
    double third = 0.0;
    for (double j = 0.0; j < y; j += 1.0) {
      const double r = 1.0 / (a + j);
      first += r;
      second -= r * r;
      third += 2.0 * r * r * r;
    }
    const double eta = a * first;
    const double eta2 = eta + a * a * second;
    const double eta3 = eta + a * a * (3.0 * second + a * third);
    return {eta, eta2, eta3, -eta2 - a * q, -eta3 - a * q};
  }
  [[nodiscard]] Slopes slopes(double y, double mu) const {
    const Bend b = bend(y, mu);
    return {b.eta, b.eta2};
  }
  [[nodiscard]] Point point(double y, double /*eta*/, double mu) const {
    constexpr double product_limit = 1.0e280;
    const double a = mu / phi;
    double first = -log_grown;
    double logs = 0.0;
    double product = 1.0;
    for (double j = 0.0; j < y; j += 1.0) {
      const double factor = a + j;
      first += 1.0 / factor;
      product *= factor;
      if (product > product_limit || product < 1.0 / product_limit) {
        logs += std::log(product);
        product = 1.0;
      }
    }
    const double eta = a * first;
    return {logs + std::log(product) - a * log_grown + y * log_q, eta,
            -eta - a * q + y * (1.0 - q)};
  }
};

}  // namespace angiotrial::analysis::density
