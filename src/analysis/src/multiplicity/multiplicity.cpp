// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/multiplicity.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace angiotrial::analysis {
namespace {

using Order = std::vector<std::size_t>;

Order ascending(std::span<const double> p) {
  Order order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  return order;
}

/// min(1, factor_k p_(k)), made monotone from the smallest p (down) or from the largest (up).
template <class Factor>
std::vector<double> step(std::span<const double> p, bool down, Factor&& factor) {
  const Order order = ascending(p);
  const std::size_t m = p.size();
  std::vector<double> out(m);
  double running = down ? 0.0 : 1.0;
  for (std::size_t i = 0; i < m; ++i) {
    const std::size_t k = down ? i : m - 1 - i;
    const double value = std::min(1.0, factor(k) * p[order[k]]);
    running = down ? std::max(running, value) : std::min(running, value);
    out[order[k]] = running;
  }
  return out;
}

/// Hommel's p-value of the intersection of the j hypotheses with the largest p is Simes';
/// Wright 1992 (doi:10.2307/2532694) gives the closed test's adjusted values.
std::vector<double> hommel(std::span<const double> p) {
  const Order order = ascending(p);
  const std::size_t m = p.size();
  std::vector<double> sorted(m);
  for (std::size_t k = 0; k < m; ++k) sorted[k] = p[order[k]];
  std::vector<double> adjusted = sorted;
  for (std::size_t size = m; size > 1; --size) {
    const auto s = static_cast<double>(size);
    const std::size_t first = m - size + 1;  // the last size - 1 hypotheses
    double least = 1.0;
    for (std::size_t k = first; k < m; ++k) {
      least = std::min(least, s * sorted[k] / static_cast<double>(k - first + 2));
    }
    for (std::size_t k = first; k < m; ++k) adjusted[k] = std::max(adjusted[k], least);
    for (std::size_t k = 0; k < first; ++k) {
      adjusted[k] = std::max(adjusted[k], std::min(least, s * sorted[k]));
    }
  }
  std::vector<double> out(m);
  for (std::size_t k = 0; k < m; ++k) out[order[k]] = std::min(1.0, adjusted[k]);
  return out;
}

void expect_probabilities(std::span<const double> p) {
  for (const double value : p) {
    ANGIOTRIAL_EXPECT(value >= 0.0 && value <= 1.0, "a p-value lies in [0, 1]");
  }
}

/// Rejects j: its weight and edges pass on to the hypotheses that remain.
void pass_on(std::size_t j, std::vector<double>& w, std::vector<double>& g,
             const std::vector<bool>& gone) {
  const std::size_t m = w.size();
  const auto at = [&](std::size_t a, std::size_t b) { return g[a * m + b]; };
  std::vector<double> next(m * m, 0.0);
  for (std::size_t l = 0; l < m; ++l) {
    if (gone[l]) continue;
    w[l] += w[j] * at(j, l);
    const double loop = 1.0 - at(l, j) * at(j, l);
    for (std::size_t k = 0; k < m; ++k) {
      if (gone[k] || k == l || loop <= 0.0) continue;
      next[l * m + k] = (at(l, k) + at(l, j) * at(j, k)) / loop;
    }
  }
  w[j] = 0.0;
  g = std::move(next);
}

}  // namespace

std::vector<double> adjust(std::span<const double> p, Adjustment adjustment) {
  expect_probabilities(p);
  const auto m = static_cast<double>(p.size());
  switch (adjustment) {
    case Adjustment::none:
      return {p.begin(), p.end()};
    case Adjustment::bonferroni: {
      std::vector<double> out(p.begin(), p.end());
      for (double& value : out) value = std::min(1.0, m * value);
      return out;
    }
    case Adjustment::holm:
      return step(p, true, [&](std::size_t k) { return m - static_cast<double>(k); });
    case Adjustment::hochberg:
      return step(p, false, [&](std::size_t k) { return m - static_cast<double>(k); });
    case Adjustment::hommel:
      return hommel(p);
    case Adjustment::benjamini_hochberg:
      return step(p, false, [&](std::size_t k) { return m / static_cast<double>(k + 1); });
    case Adjustment::fixed_sequence: {
      std::vector<double> out(p.begin(), p.end());
      for (std::size_t k = 1; k < out.size(); ++k) out[k] = std::max(out[k], out[k - 1]);
      return out;
    }
  }
  ANGIOTRIAL_EXPECT(false, "a known adjustment");
  return {};
}

GraphResult test_graph(const TestGraph& graph, std::span<const double> p, double alpha) {
  constexpr double slack = 1.0e-12;
  const std::size_t m = p.size();
  expect_probabilities(p);
  ANGIOTRIAL_EXPECT(graph.weights.size() == m && graph.transitions.size() == m * m,
                    "weights and transitions for each hypothesis");
  double total = 0.0;
  for (std::size_t i = 0; i < m; ++i) {
    double row = 0.0;
    for (std::size_t j = 0; j < m; ++j) {
      const double g = graph.transitions[i * m + j];
      ANGIOTRIAL_EXPECT(g >= 0.0 && (i != j || g == 0.0), "transitions from 0, none to itself");
      row += g;
    }
    ANGIOTRIAL_EXPECT(graph.weights[i] >= 0.0 && row <= 1.0 + slack, "shares of at most one");
    total += graph.weights[i];
  }
  ANGIOTRIAL_EXPECT(total <= 1.0 + slack, "weights sum to at most one");

  GraphResult out;
  out.adjusted.assign(m, 1.0);
  out.rejected.assign(m, false);
  out.weights = graph.weights;
  std::vector<double> w = graph.weights;
  std::vector<double> g = graph.transitions;
  std::vector<bool> gone(m, false);
  double running = 0.0;
  for (std::size_t turn = 0; turn < m; ++turn) {
    std::size_t best = m;
    double least = 0.0;
    for (std::size_t i = 0; i < m; ++i) {
      if (gone[i] || w[i] <= 0.0) continue;
      const double ratio = p[i] / w[i];
      if (best == m || ratio < least) {
        best = i;
        least = ratio;
      }
    }
    if (best == m) break;
    running = std::max(running, least);
    out.adjusted[best] = std::min(1.0, running);
    out.rejected[best] = running <= alpha;
    gone[best] = true;
    pass_on(best, w, g, gone);
    if (out.rejected[best]) out.weights = w;
  }
  return out;
}

}  // namespace angiotrial::analysis
