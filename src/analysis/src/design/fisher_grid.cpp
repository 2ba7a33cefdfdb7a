// SPDX-License-Identifier: Apache-2.0
#include "design/fisher_grid.hpp"

#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/special_functions/legendre.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

constexpr int order = static_cast<int>(FisherGrid::order);
constexpr double widest = 1.5;
constexpr double most_panels = 20000.0;

GaussPanel made_panel() {
  using Rule = boost::math::quadrature::gauss<double, static_cast<unsigned>(order)>;
  GaussPanel out;
  for (int i = 0; i < order / 2; ++i) {
    const auto half = static_cast<std::size_t>(i);
    out.abscissa[order / 2 + i] = Rule::abscissa()[half];
    out.abscissa[order / 2 - 1 - i] = -Rule::abscissa()[half];
    out.weight[order / 2 + i] = out.weight[order / 2 - 1 - i] = Rule::weights()[half];
  }
  for (int i = 0; i < order; ++i) {
    const double x = out.abscissa[i];
    const double sign = i % 2 == 0 ? 1.0 : -1.0;
    out.barycentric[i] = sign * std::sqrt((1.0 - x * x) * out.weight[i]);
  }
  // With f = sum_n c_n P_n, c_n = (n + 1/2) sum_j w_j P_n(x_j) f_j:
  //   integral of P_n from -1 to x = (P_(n+1)(x) - P_(n-1)(x)) / (2n + 1)
  out.integral.setZero();
  for (int n = 0; n < order; ++n) {
    for (int i = 0; i < order; ++i) {
      const double x = out.abscissa[i];
      const double before = n == 0 ? -1.0 : boost::math::legendre_p(n - 1, x);
      const double whole = 0.5 * (boost::math::legendre_p(n + 1, x) - before);
      for (int j = 0; j < order; ++j) {
        out.integral(i, j) += whole * out.weight[j] * boost::math::legendre_p(n, out.abscissa[j]);
      }
    }
  }
  return out;
}

}  // namespace

const GaussPanel& gauss_panel() {
  static const GaussPanel panel = made_panel();
  return panel;
}

double futility_u(const FisherBounds& b, std::size_t j) {
  if (j >= b.futility.size() || j + 1 >= b.critical.size()) return 0.0;
  return -std::log(std::min(1.0, b.futility[j]));
}

FisherGrid::FisherGrid(const FisherBounds& b, std::size_t first, double log_product, Edges edges) {
  const std::size_t stages = b.critical.size();
  shift_.assign(stages + 1, 0.0);
  double narrow = widest;
  for (std::size_t j = stages; j-- > first;) {
    shift_[j] = shift_[j + 1] + b.powers[j] * futility_u(b, j);
    narrow = std::min(narrow, widest * b.powers[j]);
  }
  const double end = log_product - shift_[first];
  for (std::size_t j = first; j < stages; ++j) {
    for (const double bend :
         {std::log(b.critical[j]) - shift_[j], std::log(b.critical[j]) - shift_[j + 1]}) {
      if (bend < end) bends_.push_back(bend);
    }
  }
  bends_.push_back(end);
  std::sort(bends_.begin(), bends_.end());
  const auto same = [](double x, double y) { return y - x < 1.0e-13 * (1.0 + std::fabs(x)); };
  bends_.erase(std::unique(bends_.begin(), bends_.end(), same), bends_.end());
  narrow = std::max(narrow, (bends_.back() - bends_.front()) / most_panels);
  edge_.push_back(bends_.front());
  for (std::size_t i = 0; i + 1 < bends_.size(); ++i) cut(bends_[i], bends_[i + 1], narrow, edges);
}

void FisherGrid::cut(double from, double to, double width, Edges edges) {
  const double pieces = std::ceil((to - from) / width);
  const double step = (to - from) / pieces;
  if (edges == Edges::graded) {
    constexpr int halvings = 8;
    for (int i = halvings; i > 0; --i) edge_.push_back(from + std::ldexp(step, -i));
  }
  const auto last = static_cast<int>(pieces);
  for (int p = 1; p < last; ++p) edge_.push_back(from + p * step);
  edge_.push_back(to);
}

FisherGrid::Nodes FisherGrid::nodes(std::size_t panel) const {
  const double centre = 0.5 * (edge_[panel] + edge_[panel + 1]);
  return centre + half_width(panel) * gauss_panel().abscissa;
}

std::size_t FisherGrid::panel_at(double xi) const {
  const double spare = 1.0e-12 * (1.0 + std::fabs(xi));
  const auto after = std::upper_bound(edge_.begin(), edge_.end(), xi + spare);
  const auto index = static_cast<std::size_t>(std::max<std::ptrdiff_t>(after - edge_.begin(), 1));
  return index - 1;
}

double FisherGrid::interpolate(const Panels& values, double xi) const {
  const std::size_t panel = std::min(panel_at(xi), panels() - 1);
  const GaussPanel& rule = gauss_panel();
  const double x = (xi - edge_[panel]) / half_width(panel) - 1.0;
  double above = 0.0;
  double below = 0.0;
  for (Eigen::Index i = 0; i < order; ++i) {
    const double distance = x - rule.abscissa[i];
    if (distance == 0.0) return values[panel][i];
    const double share = rule.barycentric[i] / distance;
    above += share * values[panel][i];
    below += share;
  }
  return above / below;
}

}  // namespace angiotrial::analysis
