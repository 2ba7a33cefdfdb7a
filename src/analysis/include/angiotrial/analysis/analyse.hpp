// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/plan.hpp>
#include <angiotrial/analysis/row.hpp>
#include <angiotrial/dataset/trial_dataset.hpp>
#include <angiotrial/diagnostics/problem.hpp>

#include <vector>

namespace angiotrial::analysis {

/// Every row that `plan` asks for of `data`, in a fixed order.
///
/// The same plan with the same arms and visits gives the same keys in the same order, whatever the
/// data: a statistic that cannot be estimated keeps its row, with an empty value, and the reason
/// stands in the `fit_status` row beside it. So replicate r's rows[i] and replicate s's rows[i]
/// are the same statistic. Rows that count observed reasons (disposition) are the exception and
/// come last. Expects a plan that passes check_plan().
[[nodiscard]] std::vector<Row> analyse(const dataset::TrialDataset& data, const AnalysisPlan& plan);

/// What stands between this plan and these data: an unknown reference arm, a visit that the data
/// do not have, a parameter without a row, a level outside (0, 1). Empty when all is well.
[[nodiscard]] std::vector<diagnostics::Problem> check_plan(const dataset::TrialDataset& data,
                                                           const AnalysisPlan& plan);

}  // namespace angiotrial::analysis
