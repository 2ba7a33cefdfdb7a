// SPDX-License-Identifier: Apache-2.0
#include "borrowing/count_table.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <cmath>

#include "borrowing/mixture_parts.hpp"

namespace angiotrial::analysis {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;

double largest_rate_of(const Mixture& prior, double size) {
  double out = 0.0;
  for (const MixtureComponent& c : prior.components) out = std::max(out, c.b + size);
  return out;
}

}  // namespace

CountTable::CountTable(const TwoSampleRule& rule, double largest) : rule_(rule) {
  for (const DecisionCriterion& c : rule.criteria)
    fill_nodes(c.difference, largest, grids_.emplace_back());
}

// P(X - Y > d) = integral over x > max(0, d) of p_X(x) F_Y(x - d), x = max(0, d) + v^2: a posterior
// Gamma(a, b) has about the spread 1 / (2 sqrt b) in v at every mean. The first panel bears the
// singularity of shapes below 1.
void CountTable::fill_nodes(double difference, double largest, Grid& grid) const {
  const double low = std::max(0.0, difference);
  const double rate = std::max(largest_rate_of(rule_.treatment, rule_.treatment_size),
                               largest_rate_of(rule_.control, rule_.control_size));
  const double width = 0.75 / std::sqrt(rate);
  double shape = 1.0;
  for (const MixtureComponent& c : rule_.treatment.components) shape = std::min(shape, c.a);
  std::vector<double> weights, rise;
  const auto add = [&](double v, double w) {
    weights.push_back(2.0 * v * w);
    rise.push_back(v * v);
  };
  const double reach = mixtures::reach_of(2.0 * shape);
  mixtures::for_each_end_node(0.0, width, 0.3 * width, reach,
                              [&](const mixtures::EndNode& n) { add(n.above_low, n.weight); });
  const double most = std::sqrt(std::max(largest - low, 0.0));
  quadrature::for_each_panel_node<16>(width, most, width, add);
  const auto size = static_cast<Index>(rise.size());
  grid.weights = Eigen::Map<const ArrayXd>(weights.data(), size);
  const ArrayXd above = Eigen::Map<const ArrayXd>(rise.data(), size);
  grid.own = low + above;
  grid.other = difference > 0.0 ? above : (above - difference).eval();
  grid.log_own = grid.own.log();
  grid.log_other = grid.other.log();
  grid.cdfs.resize(size, static_cast<Index>(rule_.control.components.size()));
}

// P(a + 1, z) = P(a, z) - z^a e^-z / Gamma(a + 1)
void CountTable::raise_cdfs(double events, Grid& grid) const {
  const Mixture& prior = rule_.control;
  const Mixture posterior = update(prior, {events, rule_.control_size}).posterior;
  grid.cdf.setZero(grid.other.size());
  for (std::size_t c = 0; c < prior.components.size(); ++c) {
    auto column = grid.cdfs.col(static_cast<Index>(c));
    const double rate = prior.components[c].b + rule_.control_size;
    const double a = prior.components[c].a + events;
    if (events == 0.0) {
      column = grid.other.unaryExpr([&](double x) { return boost::math::gamma_p(a, rate * x); });
    } else {
      column -= ((a - 1.0) * (grid.log_other + std::log(rate)) - rate * grid.other - std::lgamma(a))
                    .exp();
    }
    grid.cdf += posterior.components[c].weight * column;
  }
}

void CountTable::next_control() {
  ++control_;
  for (Grid& grid : grids_) raise_cdfs(static_cast<double>(control_), grid);
}

void CountTable::fill_density(int events) {
  if (events == treated_) return;
  treated_ = events;
  const ArmData data{static_cast<double>(events), rule_.treatment_size};
  const Mixture posterior = update(rule_.treatment, data).posterior;
  for (Grid& grid : grids_) {
    grid.density.setZero(grid.own.size());
    for (const MixtureComponent& c : posterior.components) {
      const double constant = std::log(c.weight) + c.a * std::log(c.b) - std::lgamma(c.a);
      grid.density += ((c.a - 1.0) * grid.log_own - c.b * grid.own + constant).exp();
    }
    grid.density *= grid.weights;
  }
}

double CountTable::above(std::size_t criterion, int treated_events) {
  fill_density(treated_events);
  return (grids_[criterion].density * grids_[criterion].cdf).sum();
}

bool CountTable::says_yes(int treated_events) {
  for (std::size_t i = 0; i < grids_.size(); ++i) {
    const double p = above(i, treated_events);
    if (!((rule_.smaller ? 1.0 - p : p) > rule_.criteria[i].probability)) return false;
  }
  return true;
}

}  // namespace angiotrial::analysis
