// SPDX-License-Identifier: Apache-2.0
#include "borrowing/binary_table.hpp"

#include <boost/math/special_functions/beta.hpp>

#include <limits>

#include "borrowing/mixture_parts.hpp"

namespace angiotrial::analysis {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;

std::vector<Mixture> posteriors(const Mixture& prior, double size) {
  std::vector<Mixture> out;
  for (int y = 0; y <= static_cast<int>(size); ++y) {
    out.push_back(update(prior, {static_cast<double>(y), size}).posterior);
  }
  return out;
}

// The rule's nodes x = low + span / (1 + e^(-2u)), u = (pi / 2) sinh t, are evenly spaced in t and
// crowd towards the ends, where posteriors are narrowest: what counts is the standard deviation
// over dx/dt = span share (1 - share) pi cosh t.
double narrowest_of(const std::vector<Mixture>& all, double shift, double low, double high) {
  double least = 1.0;
  for (const Mixture& m : all) {
    for (const MixtureComponent& c : m.components) {
      const double centre = mixtures::component_mean(m.family, c) + shift;
      const double share = std::clamp((centre - low) / (high - low), 1.0e-12, 1.0 - 1.0e-12);
      const double u = 0.5 * std::log(share / (1.0 - share));
      const double cosh_t = std::hypot(1.0, 2.0 * std::numbers::inv_pi * u);
      const double slope = (high - low) * share * (1.0 - share) * std::numbers::pi * cosh_t;
      least = std::min(least, std::sqrt(mixtures::component_variance(m.family, c)) / slope);
    }
  }
  return least;
}

double log_beta(double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); }

}  // namespace

BinaryTable::BinaryTable(const TwoSampleRule& rule)
    : treated_(posteriors(rule.treatment, rule.treatment_size)),
      controls_(posteriors(rule.control, rule.control_size)),
      smaller_(rule.smaller) {
  for (const DecisionCriterion& c : rule.criteria) {
    Grid grid;
    grid.probability = c.probability;
    fill_nodes(rule.treatment, c.difference, grid);
    fill_densities(rule, grid);
    fill_cdfs(rule, grid);
    const double high = std::clamp(1.0 + c.difference, 0.0, 1.0);
    for (const Mixture& m : treated_) {
      grid.beyond.push_back(c.difference < 0.0 ? probability_above(m, high) : 0.0);
    }
    grids_.push_back(std::move(grid));
  }
}

void BinaryTable::fill_nodes(const Mixture& prior, double difference, Grid& grid) const {
  const double low = std::clamp(difference, 0.0, 1.0);
  const double high = std::clamp(1.0 + difference, 0.0, 1.0);
  if (!(high > low)) return;
  // A density times a distribution function changes faster than either.
  const double narrowest = 0.5 * (high - low) *
                           std::min(narrowest_of(treated_, 0.0, low, high),
                                    narrowest_of(controls_, difference, low, high));
  double shape = 1.0;
  for (const MixtureComponent& c : prior.components) {
    if (low == 0.0) shape = std::min(shape, c.a);
    if (high == 1.0) shape = std::min(shape, c.b);
  }
  std::vector<mixtures::EndNode> nodes;
  mixtures::for_each_end_node(low, high, narrowest, mixtures::reach_of(shape),
                              [&](const mixtures::EndNode& n) { nodes.push_back(n); });
  const auto size = static_cast<Index>(nodes.size());
  for (ArrayXd* all : {&grid.weights, &grid.own, &grid.own_rest, &grid.other, &grid.other_rest}) {
    all->resize(size);
  }
  for (Index i = 0; i < size; ++i) {
    const mixtures::EndNode& n = nodes[static_cast<std::size_t>(i)];
    grid.weights[i] = n.weight;
    grid.own[i] = low == 0.0 ? n.above_low : n.x;
    grid.own_rest[i] = high == 1.0 ? n.below_high : 1.0 - n.x;
    grid.other[i] = difference >= 0.0 ? n.above_low : n.x - difference;
    grid.other_rest[i] = difference <= 0.0 ? n.below_high : 1.0 - grid.other[i];
  }
}

// One event more multiplies a component's density by x / (1 - x) and a constant.
void BinaryTable::fill_densities(const TwoSampleRule& rule, Grid& grid) const {
  const auto counts = static_cast<Index>(treated_.size());
  grid.densities.setZero(grid.weights.size(), counts);
  const double n = rule.treatment_size;
  const ArrayXd log_x = grid.own.log();
  const ArrayXd log_other = grid.own_rest.log();
  for (std::size_t c = 0; c < rule.treatment.components.size(); ++c) {
    const MixtureComponent& prior = rule.treatment.components[c];
    ArrayXd base = (prior.a - 1.0) * log_x + (prior.b + n - 1.0) * log_other;
    for (std::size_t y = 0; y < treated_.size(); ++y, base += log_x - log_other) {
      const auto events = static_cast<double>(y);
      const double constant = std::log(treated_[y].components[c].weight) -
                              log_beta(prior.a + events, prior.b + n - events);
      grid.densities.col(static_cast<Index>(y)) += grid.weights * (base + constant).exp();
    }
  }
}

// I_x(a, b) = I_x(a + 1, b - 1) + x^a (1 - x)^(b - 1) / (a B(a, b)): from the most events down only
// positive terms are added.
void BinaryTable::fill_cdfs(const TwoSampleRule& rule, Grid& grid) const {
  // Double precision throughout: the library would work in a wider type.
  using Plain = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
  const std::size_t counts = controls_.size();
  grid.cdfs.setZero(grid.weights.size(), static_cast<Index>(counts));
  const double n = rule.control_size;
  // Inside (0, 1) but for rounding.
  constexpr double least = std::numeric_limits<double>::min();
  const ArrayXd x = grid.other.max(least).min(1.0);
  const ArrayXd rest = grid.other_rest.max(least).min(1.0);
  const ArrayXd log_x = x.log();
  const ArrayXd log_other = rest.log();
  for (std::size_t c = 0; c < rule.control.components.size(); ++c) {
    const MixtureComponent& prior = rule.control.components[c];
    ArrayXd f = x.binaryExpr(rest, [&](double at, double other) {
      return at < 0.5 ? boost::math::ibeta(prior.a + n, prior.b, at, Plain())
                      : 1.0 - boost::math::ibeta(prior.b, prior.a + n, other, Plain());
    });
    for (std::size_t y = counts; y-- > 0;) {
      if (y + 1 < counts) {
        const double a = prior.a + static_cast<double>(y);
        const double b = prior.b + n - static_cast<double>(y);
        f += (a * log_x + (b - 1.0) * log_other - (std::log(a) + log_beta(a, b))).exp();
      }
      grid.cdfs.col(static_cast<Index>(y)) += controls_[y].components[c].weight * f;
    }
  }
}

double BinaryTable::above(std::size_t criterion, int treated_events, int control_events) const {
  const Grid& grid = grids_[criterion];
  const double inside = (grid.densities.col(treated_events) * grid.cdfs.col(control_events)).sum();
  return grid.beyond[static_cast<std::size_t>(treated_events)] + inside;
}

bool BinaryTable::says_yes(int treated_events, int control_events) const {
  for (std::size_t c = 0; c < grids_.size(); ++c) {
    const double p = above(c, treated_events, control_events);
    if (!((smaller_ ? 1.0 - p : p) > grids_[c].probability)) return false;
  }
  return true;
}

}  // namespace angiotrial::analysis
