// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/mixed/mmrm.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mixed/mixed_state.hpp"
#include "mixed_rows.hpp"
#include "reference_case.hpp"

/// Compares a mixed model with a block that the peers' helper wrote.
namespace angiotrial::analysis {

using reference::Block;
using reference::Data;

/// Numbers labels in the order in which they come.
class Labels {
 public:
  int operator()(const std::string& label) {
    return known_.try_emplace(label, static_cast<int>(known_.size())).first->second;
  }

 private:
  std::map<std::string, int> known_;
};

inline void expect_inference(const Block& block, MixedWorkspace& workspace,
                             MixedInference inference, const std::string& se_key,
                             const std::string& df_key) {
  const std::size_t columns = workspace.state().fit.coefficients.size();
  std::vector<double> se, df;
  for (std::size_t c = 0; c < columns; ++c) {
    const MixedEstimate e = estimate_contrast(workspace, unit(columns, c), inference);
    se.push_back(e.se);
    df.push_back(e.df);
  }
  block.expect({se_key}, se);
  block.expect({df_key}, df);
}

/// Rows of "covariance" (one matrix, or one by group), as one list.
inline std::vector<double> covariance_of(const std::string& file, const std::string& name) {
  const auto root = formats::read_json(reference::slurp(file), file).value();
  std::vector<double> out;
  const std::function<void(const formats::JsonValue&)> collect = [&](const auto& value) {
    if (value.members.empty() && value.elements.empty()) {
      out.push_back(reference::as_number(value));
    }
    for (const auto& element : value.elements) collect(element);
  };
  for (const auto& block : root.find("results")->elements) {
    if (std::get<std::string>(block.find("name")->scalar) != name) continue;
    const auto* covariance = block.find("expected")->find("covariance");
    if (const auto* values = covariance->find("values")) {
      collect(*values);
    } else {
      for (const auto& member : covariance->members) collect(*member.value.find("values"));
    }
  }
  return out;
}

inline void expect_fit(const std::string& file, const std::string& name, const Rows& rows,
                       Structures structure, double sigma_tolerance,
                       Criterion criterion = Criterion::reml, bool small_sample = true) {
  SCOPED_TRACE(name);
  const Block block(file, name);
  MixedWorkspace workspace;
  const MixedFit& fit = fit_mixed_model(rows.model(structure, criterion), workspace);
  ASSERT_EQ(fit.status, MixedStatus::fitted) << name_of(fit.status);
  block.expect({"coef"}, fit.coefficients);
  block.expect({"se"}, fit.se);
  block.expect({"logLik"}, fit.log_likelihood);
  const std::vector<double> sigma = covariance_of(file, name);
  ASSERT_EQ(fit.sigma.size(), sigma.size());
  for (std::size_t i = 0; i < sigma.size(); ++i) {
    EXPECT_NEAR(fit.sigma[i], sigma[i], 1e-8 + sigma_tolerance * std::fabs(sigma[i])) << i;
  }
  expect_inference(block, workspace, MixedInference::satterthwaite, "se", "df_satterthwaite");
  block.expect({"minus2_logLik"}, -2.0 * fit.log_likelihood);
  block.expect({"n_cov_parameters"}, static_cast<double>(fit.theta.size()));
  // mmrm counts the parameters of the covariance alone, by maximum likelihood too; ours counts the
  // coefficients with them there.
  const double coefficients =
      criterion == Criterion::ml ? static_cast<double>(fit.coefficients.size()) : 0.0;
  block.expect({"AIC"}, fit.aic - 2.0 * coefficients);
  // The reference counts c12's three patients without a single outcome; they carry no information.
  const double counted =
      file == "c12_mmrm_fev/expected.json" ? 200.0 : static_cast<double>(fit.patients);
  block.expect({"BIC_subjects"}, fit.bic -
                                     coefficients * std::log(static_cast<double>(fit.patients)) +
                                     static_cast<double>(fit.theta.size()) *
                                         std::log(counted / static_cast<double>(fit.patients)));
  if (criterion == Criterion::ml || !small_sample) return;
  expect_inference(block, workspace, MixedInference::kenward_roger_exact, "se_kenward_roger",
                   "df_kenward_roger");
  expect_inference(block, workspace, MixedInference::kenward_roger, "se_kenward_roger_linear",
                   "df_kenward_roger_linear");
  expect_inference(block, workspace, MixedInference::cr0, "se_empirical", "df_empirical");
  expect_inference(block, workspace, MixedInference::cr2, "se_empirical_bias_reduced",
                   "df_empirical_bias_reduced");
  expect_inference(block, workspace, MixedInference::cr3, "se_empirical_jackknife",
                   "df_empirical_jackknife");
}

}  // namespace angiotrial::analysis
