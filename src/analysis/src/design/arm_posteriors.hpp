// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

/// Posterior distributions of several arms on one grid, and probabilities of how they compare.
///
/// Beta posteriors stand on the scale u = ln x / (1 - x), where the density x^a (1 - x)^b is
/// analytic and falls off exponentially, normal ones on their own. With step h at most 0.4 of
/// the narrowest spread the trapezoidal rule is exact to rounding (Trefethen and Weideman 2014,
/// SIAM Rev 56:385); distribution functions take the Euler-Maclaurin terms, whose next one bounds
/// their error:
///
///   F(u_i) = h (g_0 + .. + g_i - g_i / 2) - h^2 / 12 g'_i + h^4 / 720 g'''_i - h^6 / 30240 g^(5)_i
///
/// about 1e-8. Off the grid F is the quintic through F, g and g' at both ends of a step, to some
/// 2e-7.
///
/// With a margin on the scale of rates, F(x + margin) has an edge where x + margin = 1. Where that
/// matters (few events, or few others) the integral is taken in pieces between 0, the edges and 1,
/// each through a logistic map of its own, on which the trapezoidal rule is exact again.
namespace angiotrial::analysis {

class ArmPosteriors {
 public:
  /// Beta(a, b), arms that `in` has set; a, b > 0. False where the grid would be too large.
  bool set_beta(std::span<const double> a, std::span<const double> b, std::span<const char> in);
  /// Normal; sd > 0.
  bool set_normal(std::span<const double> mean, std::span<const double> sd,
                  std::span<const char> in);

  /// out[k] = P(arm k is the largest, or smallest, of those that `in` has set); 0 elsewhere. They
  /// sum to 1.
  void best(std::span<const char> in, bool largest, std::span<double> out);
  /// P(arm j < arm k + shift)
  double below(std::size_t j, std::size_t k, double shift);
  /// P(largest - smallest of those that `in` has set < margin)
  double within(std::span<const char> in, double margin);

 private:
  struct Arm {
    double first = 0.0, second = 1.0;  ///< parameters
    double low = 0.0, high = 0.0;      ///< all but some 1e-9 lies between
    std::size_t from = 0, to = 0;      ///< its nodes
  };
  bool lay_out(std::span<const char> in, double step);
  void tabulate(std::size_t k);
  void correct(std::size_t k);
  void integrate(std::size_t k);
  [[nodiscard]] double at(std::size_t k, double u) const;
  [[nodiscard]] double shifted(std::size_t i, double shift) const;
  [[nodiscard]] bool edges_matter(std::span<const char> in, double margin) const;
  template <class F>
  double over_piece(std::span<const char> in, std::size_t k, double from, double to, double margin,
                    F f) const;
  [[nodiscard]] double below_in_pieces(std::size_t j, std::size_t k, double shift) const;
  [[nodiscard]] double within_in_pieces(std::span<const char> in, double margin) const;
  [[nodiscard]] double within_on_grid(std::span<const char> in, double margin);

  // Row k holds arm k's values at all nodes.
  double* row(std::vector<double>& table, std::size_t k) { return table.data() + k * size_; }
  [[nodiscard]] const double* row(const std::vector<double>& table, std::size_t k) const {
    return table.data() + k * size_;
  }

  bool beta_ = true;
  double low_ = 0.0, step_ = 1.0;
  std::size_t size_ = 0;
  std::vector<Arm> arms_;
  std::vector<double> node_, rate_, log_rate_, log_other_;
  std::vector<char> pair_;
  std::vector<double> density_, slope_, below_, product_, moved_;
};

}  // namespace angiotrial::analysis
