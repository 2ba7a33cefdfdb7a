// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/multiplicity/gatekeeping.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <boost/math/tools/roots.hpp>

#include <algorithm>
#include <numeric>

namespace angiotrial::analysis {
namespace {

/// A p-value equal to its critical value is rejected, whatever the rounding.
constexpr double slack = 1.0e-13;

struct Decision {
  std::vector<bool> rejected;
  std::vector<double> level;
};

/// Number of rejections among p-values in ascending order.
std::size_t rejections(const HypothesisFamily& family, const std::vector<double>& sorted,
                       double level) {
  const std::size_t n = sorted.size();
  const double g = family.truncation;
  const auto passes = [&](std::size_t i) {
    const double share = g / static_cast<double>(n - i) + (1.0 - g) / static_cast<double>(n);
    return level > 0.0 && sorted[i] <= level * share * (1.0 + slack);
  };
  if (family.test == FamilyTest::holm) {
    std::size_t count = 0;
    while (count < n && passes(count)) ++count;
    return count;
  }
  std::size_t count = n;
  while (count > 0 && !passes(count - 1)) --count;
  return count;
}

/// Families with their hypotheses in ascending order of p.
struct Sorted {
  std::span<const HypothesisFamily> families;
  std::vector<std::vector<std::size_t>> order;
  std::vector<std::vector<double>> p;
  std::size_t hypotheses = 0;

  [[nodiscard]] Decision decide(double alpha) const {
    Decision out{std::vector<bool>(hypotheses, false), {}};
    double level = alpha;
    for (std::size_t k = 0; k < families.size(); ++k) {
      out.level.push_back(level);
      const std::size_t n = order[k].size();
      const std::size_t count = rejections(families[k], p[k], level);
      for (std::size_t i = 0; i < count; ++i) out.rejected[order[k][i]] = true;
      if (count == n) continue;
      level *= (1.0 - families[k].truncation) * static_cast<double>(count) / static_cast<double>(n);
    }
    return out;
  }
};

Sorted sort_families(std::span<const HypothesisFamily> families, std::span<const double> p) {
  Sorted out{families, {}, {}, p.size()};
  std::vector<bool> seen(p.size(), false);
  for (const HypothesisFamily& family : families) {
    ANGIOTRIAL_EXPECT(!family.hypotheses.empty(), "a hypothesis in each family");
    ANGIOTRIAL_EXPECT(family.truncation >= 0.0 && family.truncation <= 1.0,
                      "a truncation from 0 to 1");
    out.order.push_back(family.hypotheses);
    for (const std::size_t h : family.hypotheses) {
      ANGIOTRIAL_EXPECT(h < p.size() && !seen[h], "each hypothesis in one family");
      ANGIOTRIAL_EXPECT(p[h] >= 0.0 && p[h] <= 1.0, "a p-value lies in [0, 1]");
      seen[h] = true;
    }
    std::stable_sort(out.order.back().begin(), out.order.back().end(),
                     [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
    out.p.emplace_back();
    for (const std::size_t h : out.order.back()) out.p.back().push_back(p[h]);
  }
  ANGIOTRIAL_EXPECT(std::all_of(seen.begin(), seen.end(), [](bool s) { return s; }),
                    "each hypothesis in one family");
  return out;
}

/// Rejections only grow with alpha, so the least alpha is the root of a step.
double least_alpha(const Sorted& sorted, std::size_t hypothesis) {
  const auto step = [&](double alpha) {
    return sorted.decide(alpha).rejected[hypothesis] ? 1.0 : -1.0;
  };
  if (step(1.0) < 0.0) return 1.0;
  if (step(0.0) > 0.0) return 0.0;
  const auto close = [](double a, double b) { return b - a <= 1.0e-15 + 1.0e-13 * b; };
  return boost::math::tools::bisect(step, 0.0, 1.0, close).second;
}

/// Transitions of family k: the truncation among its own, the rest to the next family.
void connect(std::span<const HypothesisFamily> families, std::size_t k, std::size_t m,
             TestGraph& graph) {
  const HypothesisFamily& own = families[k];
  const std::size_t n = own.hypotheses.size();
  const bool last = k + 1 == families.size();
  const double within = n > 1 ? own.truncation : 0.0;
  for (const std::size_t from : own.hypotheses) {
    for (const std::size_t to : own.hypotheses) {
      if (to == from) continue;
      graph.transitions[from * m + to] = within / static_cast<double>(n - 1);
    }
    if (last) continue;
    const auto& next = families[k + 1].hypotheses;
    for (const std::size_t to : next) {
      graph.transitions[from * m + to] = (1.0 - within) / static_cast<double>(next.size());
    }
  }
}

TestGraph weighted_graph(std::span<const double> weights, bool chain) {
  const std::size_t m = weights.size();
  TestGraph graph{{weights.begin(), weights.end()}, std::vector<double>(m * m, 0.0)};
  for (std::size_t i = 0; i < m; ++i) {
    double others = 0.0;
    for (std::size_t j = 0; j < m; ++j) others += j == i ? 0.0 : weights[j];
    for (std::size_t j = 0; j < m; ++j) {
      double& to = graph.transitions[i * m + j];
      if (chain) {
        to = j == i + 1 ? 1.0 : 0.0;
      } else if (j != i && others > 0.0) {
        to = weights[j] / others;
      }
    }
  }
  return graph;
}

}  // namespace

GatekeepingResult gatekeeping(std::span<const HypothesisFamily> families, std::span<const double> p,
                              double alpha) {
  ANGIOTRIAL_EXPECT(alpha > 0.0 && alpha < 1.0, "a level");
  const Sorted sorted = sort_families(families, p);
  Decision decision = sorted.decide(alpha);
  GatekeepingResult out;
  for (std::size_t h = 0; h < p.size(); ++h) out.adjusted.push_back(least_alpha(sorted, h));
  out.rejected = std::move(decision.rejected);
  out.family_level = std::move(decision.level);
  return out;
}

std::optional<TestGraph> gatekeeping_graph(std::span<const HypothesisFamily> families) {
  std::size_t m = 0;
  for (std::size_t k = 0; k < families.size(); ++k) {
    const HypothesisFamily& family = families[k];
    const std::size_t n = family.hypotheses.size();
    const bool last = k + 1 == families.size();
    const double g = family.truncation;
    const bool equal = last ? n == 1 || g == 1.0 : n == 1 || g == 0.0 || (n == 2 && g < 1.0);
    if (family.test != FamilyTest::holm || !equal || n == 0) return std::nullopt;
    m += n;
  }
  TestGraph graph{std::vector<double>(m, 0.0), std::vector<double>(m * m, 0.0)};
  for (std::size_t k = 0; k < families.size(); ++k) {
    for (const std::size_t h : families[k].hypotheses) {
      ANGIOTRIAL_EXPECT(h < m, "each hypothesis in one family");
      if (k == 0) graph.weights[h] = 1.0 / static_cast<double>(families[0].hypotheses.size());
    }
  }
  for (std::size_t k = 0; k < families.size(); ++k) connect(families, k, m, graph);
  return graph;
}

std::vector<double> adjust_weighted(std::span<const double> p, std::span<const double> weights,
                                    WeightedAdjustment adjustment) {
  ANGIOTRIAL_EXPECT(p.size() == weights.size(), "a weight a hypothesis");
  TestGraph graph = weighted_graph(weights, adjustment == WeightedAdjustment::fall_back);
  if (adjustment == WeightedAdjustment::bonferroni) {
    std::fill(graph.transitions.begin(), graph.transitions.end(), 0.0);
  }
  return test_graph(graph, p, 0.5).adjusted;
}

}  // namespace angiotrial::analysis
