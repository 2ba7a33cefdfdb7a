// SPDX-License-Identifier: Apache-2.0
#include "dose/evidence.hpp"

#include <boost/math/quadrature/gauss.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace angiotrial::analysis::dose {
namespace {

using Eigen::Index;
constexpr double infinity = std::numeric_limits<double>::infinity();
/// Points a coordinate: of a cell whose evidence is sought, and of a cell cut for its ranking only.
constexpr unsigned fine = 6;
constexpr unsigned coarse = 4;

constexpr int pieces = 4;  ///< of each coordinate to begin with
constexpr int most_levels = 12;
constexpr double settled = 1.0e-7;  ///< relative error of the evidence
/// A cell of more mass than this is cut while the ranking of the study doses differs within it:
/// the probability of the best dose jumps there.
constexpr double ranked = 5.0e-4;
constexpr double negligible = 1.0e-13;

struct Cell {
  double low[2] = {0.0, 0.0};
  double width[2] = {0.0, 0.0};
  int level = 0;
};

struct Sum {
  double value = 0.0;  ///< integral of exp(log evidence - reference)
  bool mixed = false;
  std::size_t first = 0, last = 0;  ///< its components
};

/// The box of theta in its coordinates: ln theta, or the angle of the quadratic.
class Region {
 public:
  Region(const Conditional& conditional, const AveragedShape& shape,
         const ShapeConstants& constants, double largest)
      : conditional_(&conditional), shape_(&shape), constants_(&constants), largest_(largest) {
    if (shape.shape == Shape::quadratic) {
      dimensions_ = 1;
      whole_.width[0] = std::numbers::pi;
      return;
    }
    dimensions_ = nonlinear_count(shape.shape);
    const ShapeBounds box = shape.bounds.value_or(prior_bounds(shape.shape, largest));
    for (std::size_t p = 0; p < dimensions_; ++p) {
      whole_.low[p] = std::log(box.low[p]);
      whole_.width[p] = std::log(box.high[p]) - whole_.low[p];
    }
  }
  [[nodiscard]] std::size_t dimensions() const { return dimensions_; }

  [[nodiscard]] std::vector<Cell> split(const Cell& cell, int n) const {
    std::vector<Cell> out;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < (dimensions_ > 1 ? n : 1); ++j) {
        Cell part = cell;
        ++part.level;
        for (std::size_t p = 0; p < dimensions_; ++p) {
          part.width[p] = cell.width[p] / n;
          part.low[p] = cell.low[p] + part.width[p] * (p == 0 ? i : j);
        }
        out.push_back(part);
      }
    }
    return out;
  }
  [[nodiscard]] std::vector<Cell> start() const { return split(whole_, pieces); }

  [[nodiscard]] Conditional::Answer at(const double* x) const {
    ShapeParameters theta{};
    for (std::size_t p = 0; p < dimensions_; ++p) {
      theta[p] = shape_->shape == Shape::quadratic ? x[p] : std::exp(x[p]);
    }
    return conditional_->at(StandardCurve(shape_->shape, theta, *constants_, largest_));
  }

  /// The rule on a cell; the prior is 1 over the whole box.
  template <unsigned Points>
  Sum sum(const Cell& cell, double reference, std::vector<Component>& out) const {
    constexpr auto points = static_cast<int>(Points);
    Sum total;
    total.first = out.size();
    std::size_t label = 0;
    for (int i = 0; i < points; ++i) {
      for (int j = 0; j < (dimensions_ > 1 ? points : 1); ++j) {
        double weight = 1.0;
        double x[2] = {0.0, 0.0};
        for (std::size_t p = 0; p < dimensions_; ++p) {
          weight *= cell.width[p] / whole_.width[p];
          x[p] = cell.low[p] + cell.width[p] * node<Points>(p == 0 ? i : j, weight);
        }
        const Conditional::Answer answer = at(x);
        if (i == 0 && j == 0) label = answer.label;
        total.mixed = total.mixed || answer.label != label;
        out.push_back(answer.component);
        out.back().weight = weight * std::exp(answer.log_evidence - reference);
        total.value += out.back().weight;
      }
    }
    total.last = out.size();
    return total;
  }

 private:
  /// Point a of a Gauss-Legendre rule on (0, 1); its weight is multiplied in.
  template <unsigned Points>
  static double node(int a, double& weight) {
    using Rule = boost::math::quadrature::gauss<double, Points>;
    const auto half = static_cast<int>(Points / 2);
    const auto at = static_cast<std::size_t>(a < half ? half - 1 - a : a - half);
    weight *= 0.5 * Rule::weights()[at];
    return 0.5 + (a < half ? -0.5 : 0.5) * Rule::abscissa()[at];
  }

  const Conditional* conditional_;
  const AveragedShape* shape_;
  const ShapeConstants* constants_;
  double largest_;
  std::size_t dimensions_ = 0;
  Cell whole_;
};

/// The largest log evidence at the centres of a fine grid: a scale that exp survives.
double reference_of(const Region& region) {
  double best = -infinity;
  for (const Cell& part : region.start()) {
    for (const Cell& cell : region.split(part, 4)) {
      const double x[2] = {cell.low[0] + 0.5 * cell.width[0], cell.low[1] + 0.5 * cell.width[1]};
      best = std::max(best, region.at(x).log_evidence);
    }
  }
  return best;
}

void keep(const std::vector<Component>& from, const Sum& sum, std::vector<Component>& to) {
  for (std::size_t i = sum.first; i < sum.last; ++i) to.push_back(from[i]);
}

struct Open {
  Cell cell;
  Sum whole;
  bool rough = true;  ///< or cut for its ranking only
};

/// What cutting cells has come to.
struct Refinement {
  std::vector<Component> scratch;
  std::vector<Open> next;  ///< cells to cut in the next round
  double total = 0.0, error = 0.0;
};

/// The parts of one cell, each to be cut again or with its components in `kept`.
void cut(const Region& region, double reference, const Open& parent, Refinement& r,
         std::vector<Component>& kept) {
  std::vector<Open> parts;
  double value = 0.0;
  for (const Cell& part : region.split(parent.cell, 2)) {
    const Sum sum = parent.rough ? region.sum<fine>(part, reference, r.scratch)
                                 : region.sum<coarse>(part, reference, r.scratch);
    parts.push_back({part, sum, false});
    value += sum.value;
  }
  r.total += value - parent.whole.value;
  const double change = std::fabs(value - parent.whole.value);
  const bool rough = parent.rough && change > settled * r.total;
  for (Open& part : parts) {
    part.rough = rough;
    const bool ranks = part.whole.mixed && part.whole.value > ranked * r.total;
    if ((rough || ranks) && part.cell.level < most_levels) {
      r.next.push_back(part);
    } else {
      keep(r.scratch, part.whole, kept);
    }
  }
  if (!rough || parent.cell.level + 1 >= most_levels) r.error += change;
}

/// Cuts cells until cutting changes nothing.
double refine(const Region& region, double reference, Evidence& out) {
  Refinement r;
  for (const Cell& cell : region.start()) {
    r.next.push_back({cell, region.sum<fine>(cell, reference, r.scratch), true});
    r.total += r.next.back().whole.value;
  }
  while (!r.next.empty()) {
    r.scratch.clear();
    for (const Open& parent : std::exchange(r.next, {})) {
      cut(region, reference, parent, r, out.components);
    }
  }
  out.error = r.total > 0.0 ? r.error / r.total : 0.0;
  return r.total;
}

}  // namespace

Conditional::Conditional(const DoseEstimates& data, const Metric& metric, const AveragePrior& prior)
    : data_(&data), centre_(prior.placebo_mean) {
  const auto k = static_cast<Index>(data.doses.size());
  const double variance = data.sigma * data.sigma;
  weight_ = metric.weight / variance;
  response_ = Eigen::Map<const Eigen::VectorXd>(data.estimates.data(), k).array() - centre_;
  sums_ = weight_.rowwise().sum();
  weighted_ = weight_ * response_;
  total_ = sums_.sum();
  square_ = response_.dot(weighted_);
  precision0_ = 1.0 / (prior.placebo_sd * prior.placebo_sd);
  precision1_ = 1.0 / (prior.effect_sd * prior.effect_sd);
  const Vector pivots = Eigen::LDLT<Matrix>(weight_).vectorD();
  constant_ = 0.5 * pivots.array().log().sum() -
              0.5 * static_cast<double>(k) * std::log(2.0 * std::numbers::pi) +
              0.5 * std::log(precision0_);
}

// With X = (1, h), D the prior covariance, V = sigma^2 S and y = m - placebo_mean:
//   A = X' V^-1 X + D^-1,  b = X' V^-1 y,  mean = A^-1 b,
//   ln p(m) = -(ln |2 pi V| + ln |D| + ln |A| + y' V^-1 y - b' A^-1 b) / 2
Conditional::Answer Conditional::at(const StandardCurve& curve) const {
  Answer out;
  out.log_evidence = -infinity;
  out.component.curve = curve;
  if (!curve.usable()) return out;
  const auto k = response_.size();
  Vector h(k);
  for (Index i = 0; i < k; ++i) h[i] = curve.at(data_->doses[static_cast<std::size_t>(i)]);
  const Vector wh = weight_ * h;
  const double a00 = total_ + precision0_;
  const double a01 = h.dot(sums_);
  const double a11 = h.dot(wh) + precision1_;
  const double determinant = a00 * a11 - a01 * a01;
  const double b0 = weighted_.sum();
  const double b1 = h.dot(weighted_);
  Component& c = out.component;
  c.var0 = a11 / determinant;
  c.var1 = a00 / determinant;
  c.covariance = -a01 / determinant;
  const double from0 = c.var0 * b0 + c.covariance * b1;
  c.mean1 = c.covariance * b0 + c.var1 * b1;
  c.mean0 = centre_ + from0;
  out.log_evidence = constant_ + 0.5 * (std::log(precision1_) - std::log(determinant)) -
                     0.5 * (square_ - b0 * from0 - b1 * c.mean1);
  Index high = 0;
  Index low = 0;
  h.maxCoeff(&high);
  h.minCoeff(&low);
  out.label = static_cast<std::size_t>(high * k + low);
  return out;
}

Conditional::Answer Conditional::flat() const {
  Answer out;
  const double a = total_ + precision0_;
  const double b = weighted_.sum();
  out.component.mean0 = centre_ + b / a;
  out.component.var0 = 1.0 / a;
  out.log_evidence = constant_ - 0.5 * std::log(a) - 0.5 * (square_ - b * b / a);
  return out;
}

Evidence integrate(const Conditional& conditional, const AveragedShape& shape,
                   const ShapeConstants& constants, double largest) {
  Evidence out;
  const Region region(conditional, shape, constants, largest);
  if (region.dimensions() == 0) {
    const double none[2] = {0.0, 0.0};
    const Conditional::Answer answer = region.at(none);
    out.log_evidence = answer.log_evidence;
    out.components.push_back(answer.component);
    out.components.back().weight = 1.0;
    return out;
  }
  const double reference = reference_of(region);
  out.log_evidence = -infinity;
  if (!std::isfinite(reference)) return out;
  const double total = refine(region, reference, out);
  out.log_evidence = reference + std::log(total);
  for (Component& c : out.components) c.weight /= total;
  std::erase_if(out.components, [](const Component& c) { return !(c.weight > negligible); });
  return out;
}

}  // namespace angiotrial::analysis::dose
