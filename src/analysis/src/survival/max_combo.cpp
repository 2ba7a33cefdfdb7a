// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/survival/log_rank.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include "survival/survival_state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

/// U_a = sum w_a (d_1 - d n_1 / n),   cov(U_a, U_b) = sum w_a w_b V.
void add_time(const EventTable& table, std::size_t k, const std::vector<std::vector<double>>& w,
              MaxCombo& out) {
  const double n = table.all_risk[k];
  const double d = table.all_deaths[k];
  const double n1 = table.at_risk[2 * k + 1];
  const double difference = table.deaths[2 * k + 1] - d * n1 / n;
  const double v = n > 1.0 ? d * n1 * (n - n1) * (n - d) / (n * n * (n - 1.0)) : 0.0;
  for (std::size_t a = 0; a < w.size(); ++a) {
    out.score[a] += w[a][k] * difference;
    for (std::size_t b = 0; b < w.size(); ++b) {
      out.correlation[a * w.size() + b] += w[a][k] * w[b][k] * v;
    }
  }
}

/// From covariances to correlations and z. A weight whose score has no variance gets no z and no
/// part in the correlations of the rest, which are returned.
std::vector<double> standardise(MaxCombo& out) {
  const std::size_t m = out.score.size();
  std::vector<double> sd(m), kept;
  for (std::size_t a = 0; a < m; ++a) {
    sd[a] = std::sqrt(out.correlation[a * m + a]);
    out.z[a] = sd[a] > 0.0 ? out.score[a] / sd[a] : std::numeric_limits<double>::quiet_NaN();
  }
  for (std::size_t a = 0; a < m; ++a) {
    for (std::size_t b = 0; b < m; ++b) {
      double& r = out.correlation[a * m + b];
      r = a == b ? 1.0 : sd[a] > 0.0 && sd[b] > 0.0 ? r / (sd[a] * sd[b]) : 0.0;
      if (sd[a] > 0.0 && sd[b] > 0.0) kept.push_back(r);
    }
  }
  return kept;
}

}  // namespace

MaxCombo max_combo(const LogRankData& data, std::span<const LogRankWeight> weights, Sides sides) {
  ANGIOTRIAL_EXPECT(data.groups == 2, "two groups");
  ANGIOTRIAL_EXPECT(!weights.empty() && weights.size() <= 12, "1 to 12 weights");
  const std::size_t m = weights.size();
  MaxCombo out;
  SurvivalWorkspace workspace;
  if (!take_event_table(data, workspace.state())) return out;
  const EventTable& table = workspace.state().table;
  std::vector<std::vector<double>> w;
  for (const LogRankWeight& weight : weights) {
    take_weights(table, weight, w.emplace_back());
    if (!std::all_of(w.back().begin(), w.back().end(), [](double x) { return std::isfinite(x); })) {
      return out;
    }
  }
  out.score.assign(m, 0.0);
  out.z.assign(m, 0.0);
  out.correlation.assign(m * m, 0.0);
  for (std::size_t k = 0; k < table.time.size(); ++k) add_time(table, k, w, out);
  out.status = LogRankStatus::no_information;
  const std::vector<double> kept = standardise(out);
  if (kept.empty()) return out;
  out.status = LogRankStatus::fitted;
  out.largest = -std::numeric_limits<double>::infinity();
  std::size_t count = 0;
  for (const double z : out.z) {
    if (!std::isfinite(z)) continue;
    ++count;
    out.largest = std::max(out.largest, sides == Sides::two ? std::fabs(z) : -z);
  }
  const Probability p =
      max_t_p_value(out.largest, {kept, count}, std::numeric_limits<double>::infinity(), sides);
  out.p_value = p.value;
  out.p_error = p.error;
  return out;
}

}  // namespace angiotrial::analysis
