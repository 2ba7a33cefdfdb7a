// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/finkelstein_schoenfeld.hpp>

#include <cmath>

#include "composites/win_state.hpp"
#include "multiplicity/quadrature.hpp"

namespace angiotrial::analysis {

// T = sum of the scores U_i of the treated. Over all ways to choose the m treated of N patients
// var T = m (N - m) / (N (N - 1)) sum U_i^2, as the scores sum to zero.
FinkelsteinSchoenfeld finkelstein_schoenfeld(const WinTrial& trial, const WinOptions& options,
                                             WinWorkspace& workspace) {
  WinWorkspace::State& state = workspace.state();
  FinkelsteinSchoenfeld out;
  if (!wins::valid(trial, options)) return out;
  out.status = WinStatus::empty_arm;
  wins::prepare(trial, options, state);
  const int strata = trial.stratum.empty() ? 1 : trial.strata;
  for (int h = 0; h < strata; ++h) {
    wins::choose(trial, h, true, state);
    const auto patients = static_cast<double>(state.rows.size());
    double treated = 0.0;
    for (const std::int32_t i : state.rows) treated += trial.treated[static_cast<std::size_t>(i)];
    if (treated == 0.0 || treated == patients) continue;
    out.status = WinStatus::compared;
    wins::compare(trial, false, state);
    wins::cumulate(state.row_wins, state.rows.size());
    wins::cumulate(state.row_losses, state.rows.size());
    const std::size_t last = (trial.tiers.size() - 1) * state.rows.size();
    double squares = 0.0;
    for (std::size_t i = 0; i < state.rows.size(); ++i) {
      const double u = state.row_wins[last + i] - state.row_losses[last + i];
      squares += u * u;
      if (trial.treated[static_cast<std::size_t>(state.rows[i])] == 1) out.statistic += u;
    }
    out.variance += treated * (patients - treated) / (patients * (patients - 1.0)) * squares;
  }
  if (out.status != WinStatus::compared) return out;
  if (!(out.variance > 0.0)) {
    out.status = WinStatus::no_variance;
    return out;
  }
  out.z = out.statistic / std::sqrt(out.variance);
  out.p_value = 2.0 * quadrature::normal_cdf(-std::fabs(out.z));
  return out;
}

}  // namespace angiotrial::analysis
