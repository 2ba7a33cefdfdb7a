// SPDX-License-Identifier: Apache-2.0
#include "borrowing/binary_table.hpp"

#include <boost/math/special_functions/beta.hpp>

#include "borrowing/mixture_parts.hpp"

namespace angiotrial::analysis {
namespace {

std::vector<Mixture> posteriors(const Mixture& prior, double size) {
  std::vector<Mixture> out;
  for (int y = 0; y <= static_cast<int>(size); ++y) {
    out.push_back(update(prior, {static_cast<double>(y), size}).posterior);
  }
  return out;
}

double narrowest_of(const std::vector<Mixture>& all) {
  double least = 1.0;
  for (const Mixture& m : all) least = std::min(least, mixtures::range_of(m).narrowest);
  return least;
}

double log_beta(double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); }

}  // namespace

BinaryTable::BinaryTable(const TwoSampleRule& rule)
    : treated_(posteriors(rule.treatment, rule.treatment_size)),
      controls_(posteriors(rule.control, rule.control_size)),
      smaller_(rule.smaller) {
  const double narrowest = 0.6 * std::min(narrowest_of(treated_), narrowest_of(controls_));
  for (const Criterion& c : rule.criteria) {
    Grid grid;
    grid.probability = c.probability;
    const double low = std::clamp(c.difference, 0.0, 1.0);
    const double high = std::clamp(1.0 + c.difference, 0.0, 1.0);
    mixtures::for_each_node(low, high, narrowest, [&](double x, double w) {
      grid.nodes.push_back(x);
      grid.weights.push_back(w);
    });
    fill_densities(rule, grid);
    fill_cdfs(rule, c.difference, grid);
    for (const Mixture& m : treated_) {
      grid.beyond.push_back(c.difference < 0.0 ? probability_above(m, high) : 0.0);
    }
    grids_.push_back(std::move(grid));
  }
}

// One event more multiplies a component's density by x / (1 - x) and a constant.
void BinaryTable::fill_densities(const TwoSampleRule& rule, Grid& grid) const {
  const std::size_t nodes = grid.nodes.size();
  grid.densities.assign(treated_.size() * nodes, 0.0);
  const double n = rule.treatment_size;
  for (std::size_t c = 0; c < rule.treatment.components.size(); ++c) {
    const MixtureComponent& prior = rule.treatment.components[c];
    std::vector<double> constant;
    for (std::size_t y = 0; y < treated_.size(); ++y) {
      const auto events = static_cast<double>(y);
      constant.push_back(std::log(treated_[y].components[c].weight) -
                         log_beta(prior.a + events, prior.b + n - events));
    }
    for (std::size_t i = 0; i < nodes; ++i) {
      const double x = grid.nodes[i];
      const double odds = std::log(x) - std::log1p(-x);
      double base = (prior.a - 1.0) * std::log(x) + (prior.b + n - 1.0) * std::log1p(-x);
      for (std::size_t y = 0; y < treated_.size(); ++y, base += odds) {
        const double exponent = base + constant[y];
        if (exponent < -60.0) continue;
        grid.densities[y * nodes + i] += grid.weights[i] * std::exp(exponent);
      }
    }
  }
}

// I_x(a, b) = I_x(a + 1, b - 1) + x^a (1 - x)^(b - 1) / (a B(a, b)): from the most events down only
// positive terms are added.
void BinaryTable::fill_cdfs(const TwoSampleRule& rule, double difference, Grid& grid) const {
  const std::size_t nodes = grid.nodes.size();
  const std::size_t counts = controls_.size();
  grid.cdfs.assign(counts * nodes, 0.0);
  const double n = rule.control_size;
  for (std::size_t c = 0; c < rule.control.components.size(); ++c) {
    const MixtureComponent& prior = rule.control.components[c];
    std::vector<double> constant;
    for (std::size_t y = 0; y + 1 < counts; ++y) {
      const double a = prior.a + static_cast<double>(y);
      const double b = prior.b + n - static_cast<double>(y);
      constant.push_back(-std::log(a) - log_beta(a, b));
    }
    for (std::size_t i = 0; i < nodes; ++i) {
      const double x = grid.nodes[i] - difference;
      if (x <= 0.0) continue;
      double f = x >= 1.0 ? 1.0 : boost::math::ibeta(prior.a + n, prior.b, x);
      const double log_x = std::log(x);
      const double log_rest = x < 1.0 ? std::log1p(-x) : 0.0;
      for (std::size_t y = counts; y-- > 0;) {
        if (y + 1 < counts && x < 1.0) {
          const double a = prior.a + static_cast<double>(y);
          const double b = prior.b + n - static_cast<double>(y);
          f += std::exp(a * log_x + (b - 1.0) * log_rest + constant[y]);
        }
        grid.cdfs[y * nodes + i] += controls_[y].components[c].weight * f;
      }
    }
  }
}

bool BinaryTable::says_yes(int treated_events, int control_events) const {
  const auto t = static_cast<std::size_t>(treated_events);
  const auto c = static_cast<std::size_t>(control_events);
  for (const Grid& grid : grids_) {
    const std::size_t nodes = grid.nodes.size();
    double above = grid.beyond[t];
    for (std::size_t i = 0; i < nodes; ++i) {
      above += grid.densities[t * nodes + i] * grid.cdfs[c * nodes + i];
    }
    if (!((smaller_ ? 1.0 - above : above) > grid.probability)) return false;
  }
  return true;
}

}  // namespace angiotrial::analysis
