// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial.hpp>

#include <array>

#include "plan/method.hpp"
#include "plan/regression.hpp"

/// Regressions of counts in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

enum class Information { preset, expected, observed, robust };
constexpr std::array<std::string_view, 4> informations{"preset", "expected", "observed", "robust"};

struct NegativeBinomialOptions {
  RegressionTerms terms;
  Information information = Information::preset;
};

void describe(schema::Visitor& visit, NegativeBinomialOptions& o) {
  describe_terms(visit, o.terms);
  visit("information", o.information, informations,
        "standard errors from: expected information with the dispersion held, observed joint "
        "information, or the sandwich; preset: observed, but expected for conventions = \"r\"",
        analyst);
}

Information chosen(const NegativeBinomialOptions& o, const Task& task) {
  if (o.information != Information::preset) return o.information;
  return task.preset() == Preset::r ? Information::expected : Information::observed;
}

void run(const NegativeBinomialOptions& o, Task& task) {
  task.out.row.method = "negative binomial regression (NB2, log link, joint maximum likelihood)";
  const auto data = regression_data(o.terms, task);
  if (!data) return;
  const Frame& frame = data->frame;
  if (data->repeated) {
    task.bad_option("method", "negative_binomial", "needs one row a subject",
                    "narrow it down with `where`");
    return;
  }
  const std::vector<int> counts = counts_of(*data, o.terms.response);
  if (!frame.ok()) return;
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(
      {data->design.values, data->design.columns(), counts, data->offset, Aliased::refuse},
      workspace);
  const Information information = chosen(o, task);
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
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    if (arm == frame.reference()) continue;
    const std::size_t column = frame.arm_column(arm);
    task.put_ratio(frame.arms()[arm], frame.arms()[frame.reference()],
                   wald(fit.coefficients[column], se[column], task.level()), "rate_ratio");
  }
  task.out.put("dispersion", fit.dispersion, "1");
  task.out.put("log_likelihood", fit.log_likelihood, "1");
  put_counts(*data, task);
  task.out.row.note.clear();
}

}  // namespace

std::vector<MethodEntry> count_methods() {
  return {method<NegativeBinomialOptions>("negative_binomial",
                                          "negative binomial regression of counts")};
}

}  // namespace angiotrial::analysis
