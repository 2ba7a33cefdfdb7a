// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial.hpp>

#include <array>
#include <cmath>

#include "plan/method.hpp"

/// Regressions of counts in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

enum class Information { preset, expected, observed, robust };
constexpr std::array<std::string_view, 4> informations{"preset", "expected", "observed", "robust"};

struct NegativeBinomialOptions {
  std::string response;
  std::string exposure;
  std::vector<std::string> covariates, classes;
  Information information = Information::preset;
};

void describe(schema::Visitor& visit, NegativeBinomialOptions& o) {
  visit("response", o.response, "column of counts", analyst);
  visit("exposure", o.exposure, "column of time at risk; its logarithm is the offset", analyst);
  visit("covariates", o.covariates, "terms besides the arm: columns, a:b for a product", analyst);
  visit("classes", o.classes, "number columns to be taken as categories", analyst);
  visit("information", o.information, informations,
        "standard errors from: expected information with the dispersion held, observed joint "
        "information, or the sandwich; preset: observed, but expected for conventions = \"r\"",
        analyst);
}

Information chosen(const NegativeBinomialOptions& o, const Task& task) {
  if (o.information != Information::preset) return o.information;
  return task.preset() == Preset::r ? Information::expected : Information::observed;
}

/// Counts as integers; a problem for each that is none.
std::vector<int> counts_of(const Frame& frame, const std::vector<double>& values,
                           const std::string& column) {
  std::vector<int> counts(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0.0 || values[i] > 1e6 || values[i] != std::floor(values[i])) {
      frame.add_problem(i, column, std::to_string(values[i]), "must be a count from 0 to 10^6");
    } else {
      counts[i] = static_cast<int>(values[i]);
    }
  }
  return counts;
}

std::vector<double> log_exposure(Frame& frame, const std::string& column) {
  if (column.empty()) return std::vector<double>(frame.rows(), 0.0);
  std::vector<double> offset = frame.numbers(column);
  for (std::size_t i = 0; i < offset.size(); ++i) {
    if (!(offset[i] > 0.0)) {
      frame.add_problem(i, column, std::to_string(offset[i]), "must be above 0");
    }
    offset[i] = std::log(offset[i]);
  }
  return offset;
}

void run(const NegativeBinomialOptions& o, Task& task) {
  auto frame = task.frame();
  if (!frame) return;
  std::vector<std::string> needed{o.response};
  if (!o.exposure.empty()) needed.push_back(o.exposure);
  for (std::string& column : Frame::columns_of(o.covariates)) needed.push_back(std::move(column));
  const std::size_t missing = frame->keep_complete(needed);
  if (!frame->ok() || !frame->require_every_arm()) return;
  if (!frame->require_one_row_per_subject()) return;
  const Design design = frame->design(o.covariates, o.classes);
  const std::vector<int> counts = counts_of(*frame, frame->response(o.response), o.response);
  const std::vector<double> offset = log_exposure(*frame, o.exposure);
  if (!frame->ok()) return;
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(
      {design.values, design.columns(), counts, offset, Aliased::refuse}, workspace);
  const Information information = chosen(o, task);
  task.out.row.method = "negative binomial regression (NB2, log link, joint maximum likelihood)";
  task.out.row.conventions = std::string("information: ") +
                             std::string(informations[static_cast<std::size_t>(information)]) +
                             "; interval: Wald on the log scale; reference: normal";
  if (!usable(fit.status)) {
    task.refuse(std::string(name_of(fit.status)));
    return;
  }
  const auto& se = information == Information::expected   ? fit.se_expected
                   : information == Information::observed ? fit.se_observed
                                                          : fit.se_robust;
  if (fit.status == FitStatus::poisson_boundary) {
    task.out.row.note = "no more variable than Poisson: dispersion 0";
  }
  for (std::size_t arm = 0; arm < frame->arms().size(); ++arm) {
    if (arm == frame->reference()) continue;
    const std::size_t column = frame->arm_column(arm);
    task.put_ratio(frame->arms()[arm], frame->arms()[frame->reference()],
                   wald(fit.coefficients[column], se[column], task.level()), "rate_ratio");
  }
  task.out.put("dispersion", fit.dispersion, "1");
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  task.out.put("n", static_cast<int>(frame->rows()), "subjects");
  task.out.put("n_missing", static_cast<int>(missing), "subjects");
  task.out.row.note.clear();
}

}  // namespace

std::vector<MethodEntry> count_methods() {
  return {method<NegativeBinomialOptions>("negative_binomial",
                                          "negative binomial regression of counts")};
}

}  // namespace angiotrial::analysis
