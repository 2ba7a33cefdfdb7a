// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <array>
#include <functional>

#include "ranks/rank_common.hpp"
#include "ranks/rank_distribution.hpp"
#include "ranks/sorted_matrix.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {
namespace {

/// A run of equal values over both samples.
struct Run {
  double in_x = 0.0;
  double in_y = 0.0;
  double rank = 0.0;     ///< mid-rank
  double y_below = 0.0;  ///< ties one half
  double x_below = 0.0;
};

struct Null {
  std::size_t m = 0;
  std::size_t n = 0;
  std::vector<double> p;
};

}  // namespace

struct WilcoxonWorkspace::State {
  std::vector<double> x, y;  ///< x ascending, y descending
  std::vector<Run> runs;
  ranks::SelectionBuffers selection;
  std::array<Null, 2> nulls;  ///< the last used first

  const std::vector<double>& null(std::size_t m, std::size_t n) {
    if (nulls[0].m == m && nulls[0].n == n) return nulls[0].p;
    std::swap(nulls[0], nulls[1]);
    if (nulls[0].m != m || nulls[0].n != n) nulls[0] = {m, n, ranks::mann_whitney(m, n)};
    return nulls[0].p;
  }
};

namespace {

void sort_samples(std::span<const double> x, std::span<const double> y,
                  WilcoxonWorkspace::State& state) {
  state.x.assign(x.begin(), x.end());
  state.y.assign(y.begin(), y.end());
  std::sort(state.x.begin(), state.x.end());
  std::sort(state.y.begin(), state.y.end(), std::greater<>());
  state.runs.clear();
  std::size_t i = 0;
  std::size_t j = y.size();  // y from its end, in ascending order
  while (i < x.size() || j > 0) {
    const double value = i == x.size() ? state.y[j - 1]
                         : j == 0      ? state.x[i]
                                       : std::min(state.x[i], state.y[j - 1]);
    const auto x_before = static_cast<double>(i);
    const auto y_before = static_cast<double>(y.size() - j);
    while (i < x.size() && state.x[i] == value) ++i;
    while (j > 0 && state.y[j - 1] == value) --j;
    Run run;
    run.in_x = static_cast<double>(i) - x_before;
    run.in_y = static_cast<double>(y.size() - j) - y_before;
    run.rank = x_before + y_before + 0.5 * (run.in_x + run.in_y + 1.0);
    run.y_below = y_before + 0.5 * run.in_y;
    run.x_below = x_before + 0.5 * run.in_x;
    state.runs.push_back(run);
  }
}

/// Variance of the placements of one sample among the other.
std::optional<BrunnerMunzel> brunner_munzel(const std::vector<Run>& runs, double m, double n,
                                            double u) {
  if (m < 2.0 || n < 2.0) return std::nullopt;
  const double mean_x = u / m;
  const double mean_y = (m * n - u) / n;
  double spread_x = 0.0;
  double spread_y = 0.0;
  for (const Run& run : runs) {
    spread_x += run.in_x * (run.y_below - mean_x) * (run.y_below - mean_x);
    spread_y += run.in_y * (run.x_below - mean_y) * (run.x_below - mean_y);
  }
  const double vx = m * spread_x / (m - 1.0);
  const double vy = n * spread_y / (n - 1.0);
  if (!(vx + vy > 1.0e-12 * m * n)) return std::nullopt;
  BrunnerMunzel out;
  // Difference of the mean ranks, y less x.
  const double difference = (m + n) * (0.5 - u / (m * n));
  out.probability = difference / (m + n) + 0.5;
  out.t = m * n * difference / ((m + n) * std::sqrt(vx + vy));
  out.df = (vx + vy) * (vx + vy) / (vx * vx / (m - 1.0) + vy * vy / (n - 1.0));
  out.p_value = 2.0 * student_tail(out.df, std::fabs(out.t));
  return out;
}

/// Two-sided permutation p-value of the rank sum of m values, ties included.
double permutation_p(const std::vector<Run>& runs, std::size_t m, double rank_sum) {
  std::vector<int> scores;
  for (const Run& run : runs) {
    const auto doubled = static_cast<int>(std::lround(2.0 * run.rank));
    scores.insert(scores.end(), static_cast<std::size_t>(run.in_x + run.in_y), doubled);
  }
  const std::vector<double> p = ranks::subset_sums(scores, m);
  // Twice the mean rank sum is m (N + 1): compare doubled distances in whole numbers.
  const int centre = static_cast<int>(m * (scores.size() + 1));
  const int distance = std::abs(static_cast<int>(std::lround(2.0 * rank_sum)) - centre);
  double sum = 0.0;
  for (std::size_t s = 0; s < p.size(); ++s) {
    if (std::abs(static_cast<int>(s) - centre) >= distance) sum += p[s];
  }
  return std::min(1.0, sum);
}

void shift(const WilcoxonOptions& options, const std::vector<double>* null,
           WilcoxonWorkspace::State& state, WilcoxonResult& out) {
  const std::vector<double>& x = state.x;
  const std::vector<double>& y = state.y;
  const auto difference = [&](std::size_t i, std::size_t j) { return x[i] - y[j]; };
  ranks::SortedMatrix matrix(difference, x.size(), y.size(), false, state.selection);
  const auto interval = [&](std::size_t rank, double achieved) {
    return ShiftInterval{matrix.select(rank - 1), matrix.select(matrix.size() - rank), rank,
                         achieved};
  };
  out.hodges_lehmann = matrix.median();
  const double tail = 0.5 * (1.0 - options.level);
  const auto mn = static_cast<double>(matrix.size());
  if (null != nullptr) {
    double achieved = 0.0;
    const std::size_t rank = ranks::lower_rank(*null, tail, achieved);
    if (achieved >= options.level) out.exact_interval = interval(rank, achieved);
  }
  const double variance = mn * static_cast<double>(x.size() + y.size() + 1) / 12.0;
  const double c = 0.5 * mn - quadrature::upper_quantile(tail) * std::sqrt(variance);
  if (c < 1.0) return;
  const auto rank = static_cast<std::size_t>(c);
  double below = 0.0;
  for (std::size_t u = 0; null != nullptr && u < rank; ++u) below += (*null)[u];
  const double achieved = null == nullptr ? options.level : 1.0 - 2.0 * below;
  if (out.exact_interval && out.exact_interval->rank == rank) {
    out.asymptotic_interval = out.exact_interval;
    out.asymptotic_interval->achieved_level = achieved;
  } else {
    out.asymptotic_interval = interval(rank, achieved);
  }
}

}  // namespace

WilcoxonWorkspace::WilcoxonWorkspace() : state_(std::make_unique<State>()) {}
WilcoxonWorkspace::~WilcoxonWorkspace() = default;
WilcoxonWorkspace::WilcoxonWorkspace(WilcoxonWorkspace&&) noexcept = default;
WilcoxonWorkspace& WilcoxonWorkspace::operator=(WilcoxonWorkspace&&) noexcept = default;

WilcoxonResult wilcoxon(std::span<const double> x, std::span<const double> y,
                        const WilcoxonOptions& options) {
  WilcoxonWorkspace workspace;
  return wilcoxon(x, y, options, workspace);
}

WilcoxonResult wilcoxon(std::span<const double> x, std::span<const double> y,
                        const WilcoxonOptions& options, WilcoxonWorkspace& workspace) {
  ANGIOTRIAL_EXPECT(options.level > 0.0 && options.level < 1.0, "a confidence level");
  WilcoxonResult out;
  if (!ranks::finite(x) || !ranks::finite(y)) return out;
  out.status = RankStatus::empty_sample;
  if (x.empty() || y.empty()) return out;
  WilcoxonWorkspace::State& state = workspace.state();
  sort_samples(x, y, state);
  const auto m = static_cast<double>(x.size());
  const auto n = static_cast<double>(y.size());
  const double total = m + n;
  double tie = 0.0;
  for (const Run& run : state.runs) {
    const double t = run.in_x + run.in_y;
    tie += t * t * t - t;
    out.rank_sum += run.in_x * run.rank;
  }
  out.u = out.rank_sum - 0.5 * m * (m + 1.0);
  out.probability = out.u / (m * n);
  out.ties = tie > 0.0;
  const bool small = x.size() + y.size() <= options.exact_limit;
  const std::vector<double>* null = small ? &state.null(x.size(), y.size()) : nullptr;
  shift(options, null, state, out);
  const double variance = m * n / 12.0 * (total + 1.0 - tie / (total * (total - 1.0)));
  out.status = RankStatus::no_variation;
  if (!(variance > 1.0e-12 * m * n)) return out;
  out.status = RankStatus::fitted;
  const double distance = out.u - 0.5 * m * n;
  out.z = distance / std::sqrt(variance);
  out.p_asymptotic = ranks::two_sided(out.z);
  const double correction = distance > 0.0 ? 0.5 : distance < 0.0 ? -0.5 : 0.0;
  out.z_continuity = (distance - correction) / std::sqrt(variance);
  out.p_continuity = ranks::two_sided(out.z_continuity);
  if (small && !out.ties) out.p_exact = ranks::exact_without_ties(*null, out.u);
  if (small && out.ties && x.size() + y.size() <= options.exact_limit_ties) {
    out.p_exact = permutation_p(state.runs, x.size(), out.rank_sum);
  }
  out.brunner_munzel = brunner_munzel(state.runs, m, n, out.u);
  return out;
}

}  // namespace angiotrial::analysis
