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

ArrayXd log_rest(const ArrayXd& x) {
  return x.unaryExpr([](double share) { return std::log1p(-share); });
}

}  // namespace

BinaryTable::BinaryTable(const TwoSampleRule& rule)
    : treated_(posteriors(rule.treatment, rule.treatment_size)),
      controls_(posteriors(rule.control, rule.control_size)),
      smaller_(rule.smaller) {
  for (const Criterion& c : rule.criteria) {
    Grid grid;
    grid.probability = c.probability;
    fill_nodes(c.difference, grid);
    fill_densities(rule, grid);
    fill_cdfs(rule, c.difference, grid);
    const double high = std::clamp(1.0 + c.difference, 0.0, 1.0);
    for (const Mixture& m : treated_) {
      grid.beyond.push_back(c.difference < 0.0 ? probability_above(m, high) : 0.0);
    }
    grids_.push_back(std::move(grid));
  }
}

void BinaryTable::fill_nodes(double difference, Grid& grid) const {
  const double low = std::clamp(difference, 0.0, 1.0);
  const double high = std::clamp(1.0 + difference, 0.0, 1.0);
  if (!(high > low)) return;
  // A density times a distribution function changes faster than either.
  const double narrowest = 0.5 * (high - low) *
                           std::min(narrowest_of(treated_, 0.0, low, high),
                                    narrowest_of(controls_, difference, low, high));
  std::vector<double> nodes, weights;
  mixtures::for_each_node(low, high, narrowest, [&](double x, double w) {
    nodes.push_back(x);
    weights.push_back(w);
  });
  const auto size = static_cast<Index>(nodes.size());
  grid.nodes = Eigen::Map<const ArrayXd>(nodes.data(), size);
  grid.weights = Eigen::Map<const ArrayXd>(weights.data(), size);
}

// One event more multiplies a component's density by x / (1 - x) and a constant.
void BinaryTable::fill_densities(const TwoSampleRule& rule, Grid& grid) const {
  const auto counts = static_cast<Index>(treated_.size());
  grid.densities.setZero(grid.nodes.size(), counts);
  const double n = rule.treatment_size;
  const ArrayXd log_x = grid.nodes.log();
  const ArrayXd log_other = log_rest(grid.nodes);
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
void BinaryTable::fill_cdfs(const TwoSampleRule& rule, double difference, Grid& grid) const {
  // Double precision throughout: the library would work in a wider type.
  using Plain = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
  const std::size_t counts = controls_.size();
  grid.cdfs.setZero(grid.nodes.size(), static_cast<Index>(counts));
  const double n = rule.control_size;
  // Inside (0, 1) but for rounding.
  const ArrayXd x = (grid.nodes - difference)
                        .max(std::numeric_limits<double>::min())
                        .min(1.0 - std::numeric_limits<double>::epsilon());
  const ArrayXd log_x = x.log();
  const ArrayXd log_other = log_rest(x);
  for (std::size_t c = 0; c < rule.control.components.size(); ++c) {
    const MixtureComponent& prior = rule.control.components[c];
    ArrayXd f = x.unaryExpr(
        [&](double at) { return boost::math::ibeta(prior.a + n, prior.b, at, Plain()); });
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
