// SPDX-License-Identifier: Apache-2.0
// Reference cases of generalised MCP-Mod (c62) and MCP-Mod with covariates (c63).
#include <angiotrial/analysis/dose/mcp_mod.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

#include "deep_block.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

std::vector<double> column(const Data& d, const std::string& name) {
  std::vector<double> out;
  for (std::size_t i = 0; i < d.rows(); ++i) out.push_back(d.number(i, name));
  return out;
}

/// The expected matrices are doses x candidates; ours are candidates x doses.
std::vector<double> by_dose(const ContrastTest& test) {
  const std::size_t m = test.names.size();
  const std::size_t k = test.doses.size();
  std::vector<double> out(m * k);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < k; ++j) out[j * m + i] = test.contrasts[i * k + j];
  }
  return out;
}

void expect_parameters(const Block& block, const DoseFit& fit) {
  std::vector<double> linear(fit.linear.begin(),
                             fit.linear.begin() + (fit.shape == Shape::quadratic ? 3 : 2));
  linear.insert(linear.end(), fit.covariates.begin(), fit.covariates.end());
  block.expect({"linear_parameters"}, linear);
  const auto free = static_cast<std::ptrdiff_t>(nonlinear_count(fit.shape));
  if (free > 0) {
    block.expect({"nonlinear_parameters"},
                 std::vector<double>(fit.nonlinear.begin(), fit.nonlinear.begin() + free));
  }
}

// --- c62 -----------------------------------------------------------------------------------------

const std::string c62 = "c62_gmcpmod_counts_nitrofen/expected.json";

/// Fewer offspring are the effect, so that log rates change their sign.
DoseEstimates nitrofen() {
  const Data d("c62_gmcpmod_counts_nitrofen/data.csv");
  DoseEstimates data =
      log_rates_by_dose(column(d, "conc"), column(d, "total"), {}, ZeroCount::leave_out).estimates;
  for (double& m : data.estimates) m = -m;
  return data;
}

TEST(DoseReference, c62_log_rates_of_counts_agree_and_a_dose_without_events_is_left_out) {
  const Data d("c62_gmcpmod_counts_nitrofen/data.csv");
  const auto conc = column(d, "conc");
  const DoseLogRates total = log_rates_by_dose(conc, column(d, "total"), {}, ZeroCount::leave_out);
  const Block first(c62, "stage1_poisson");
  first.expect({"log_rate"}, total.estimates.estimates);
  std::vector<double> variances;
  for (std::size_t i = 0; i < 5; ++i) variances.push_back(total.estimates.covariance[i * 6]);
  first.expect({"var"}, variances);
  first.expect({"dispersion_pearson"}, total.dispersion);

  const auto brood3 = column(d, "brood3");
  const DoseLogRates third = log_rates_by_dose(conc, brood3, {}, ZeroCount::leave_out);
  Block(c62, "brood3_poisson").expect({"log_rate"}, third.estimates.estimates);
  EXPECT_EQ(third.without_events, std::vector<double>{310.0});
  EXPECT_EQ(third.estimates.doses, (std::vector<double>{0.0, 80.0, 160.0, 235.0}));
  const DoseLogRates half = log_rates_by_dose(conc, brood3, {}, ZeroCount::add_half);
  EXPECT_EQ(half.estimates.doses.size(), 5U);
  EXPECT_NEAR(half.estimates.estimates[4], std::log(0.5 / 10.0), 1.0e-12);
  EXPECT_NEAR(half.estimates.covariance[24], 2.0, 1.0e-12);
  EXPECT_EQ(half.without_events, std::vector<double>{310.0});
}

TEST(DoseReference, c62_contrasts_on_log_rates_agree) {
  const DoseEstimates data = nitrofen();
  const std::vector<Candidate> set{{"linear", Shape::linear, {}},
                                   {"exponential", Shape::exponential, {100.0}},
                                   {"quadratic", Shape::quadratic, {-0.0045}},
                                   {"emax", Shape::emax, {300.0}}};
  const ContrastTest test = plan_contrast_test({set, data.doses, data.covariance, data.df});
  const McpModResult r = mcp_mod(test, set, data, {});
  const Deep block(c62, "stage2_general_mct");
  block.expect({"contrasts", "values"}, by_dose(test));
  block.expect({"correlation", "values"}, test.correlation);
  block.expect({"critical_value_025"}, test.critical_value);
  block.expect({"z"}, r.t);
  block.expect({"p_adjusted"}, r.p_adjusted);
}

TEST(DoseReference, c62_generalised_fits_and_their_average_agree) {
  const DoseEstimates data = nitrofen();
  const ShapeConstants constants{1.0, 372.0};
  DoseFitWorkspace workspace;
  std::vector<DoseFit> fits;
  for (const auto& [name, shape] :
       {std::pair{"linear", Shape::linear}, std::pair{"quadratic", Shape::quadratic},
        std::pair{"emax", Shape::emax}, std::pair{"exponential", Shape::exponential},
        std::pair{"sigEmax", Shape::sig_emax}, std::pair{"betaMod", Shape::beta}}) {
    SCOPED_TRACE(name);
    const Block block(c62, std::string("gls_fit_") + name);
    fits.push_back(fit_shape(shape, data, constants, std::nullopt, workspace));
    const DoseFit& fit = fits.back();
    const bool bound = shape == Shape::emax || shape == Shape::beta;
    EXPECT_EQ(fit.status, bound ? DoseFitStatus::at_bound : DoseFitStatus::fitted);
    block.expect({"chi2"}, fit.objective);
    block.expect({"gAIC"}, fit.aic);
    std::vector<double> curve;
    for (int i = 0; i <= 10; ++i) curve.push_back(fit.predict(31.0 * i));
    block.expect({"predictions"}, curve);
    expect_parameters(block, fit);
  }
  const Block average(c62, "gaic_model_average");
  const auto weights = model_weights(fits);
  average.expect({"weights"}, weights);
  std::vector<double> curve;
  for (int i = 0; i <= 10; ++i) curve.push_back(average_prediction(fits, weights, 31.0 * i));
  average.expect({"curve"}, curve);
}

// --- c63 -----------------------------------------------------------------------------------------

const std::string c63 = "c63_mcpmod_ibs_covariate/expected.json";

DoseEstimates bowel() {
  const Data d("c63_mcpmod_ibs_covariate/data_ibs.csv");
  std::vector<double> female;
  for (std::size_t i = 0; i < d.rows(); ++i) female.push_back(d.is(i, "gender", "2"));
  return summarise_doses(column(d, "dose"), column(d, "resp"), female, 1);
}

TEST(DoseReference, c63_contrasts_of_adjusted_means_agree) {
  const DoseEstimates data = bowel();
  const std::vector<Candidate> set{{"linear", Shape::linear, {}},
                                   {"emax", Shape::emax, {0.4}},
                                   {"sigEmax", Shape::sig_emax, {2.0, 4.0}},
                                   {"quadratic", Shape::quadratic, {-0.17}}};
  const ContrastTest test = plan_contrast_test({set, data.doses, data.covariance, data.df});
  const McpModResult r = mcp_mod(test, set, data, {});
  const Deep block(c63, "ibs_mct");
  block.expect({"contrasts", "values"}, by_dose(test));
  block.expect({"correlation", "values"}, test.correlation);
  block.expect({"t"}, r.t);
  block.expect({"df"}, data.df);
  block.expect({"critical_value_025"}, test.critical_value);
  block.expect({"p_adjusted"}, r.p_adjusted);
}

TEST(DoseReference, c63_fits_with_a_covariate_agree) {
  const DoseEstimates data = bowel();
  for (const auto& [name, shape] :
       {std::pair{"linear", Shape::linear}, std::pair{"quadratic", Shape::quadratic},
        std::pair{"emax", Shape::emax}, std::pair{"sigEmax", Shape::sig_emax}}) {
    SCOPED_TRACE(name);
    const Block block(c63, std::string("ibs_fit_") + name);
    const DoseFit fit = fit_shape(shape, data, {});
    EXPECT_EQ(fit.status == DoseFitStatus::at_bound, shape == Shape::sig_emax);
    block.expect({"RSS"}, fit.objective);
    expect_parameters(block, fit);
  }
}

TEST(DoseReference, c63_general_route_from_summary_data_agrees) {
  const Data d("c63_mcpmod_ibs_covariate/data_glycobrom.csv");
  std::vector<double> s(25, 0.0);
  for (std::size_t i = 0; i < 5; ++i) s[i * 6] = std::pow(d.number(i, "sdev"), 2);
  const DoseEstimates data = given_estimates(column(d, "dose"), column(d, "fev1"), s);
  const std::vector<Candidate> set{{"emax", Shape::emax, {30.0}},
                                   {"linear", Shape::linear, {}},
                                   {"exponential", Shape::exponential, {50.0}}};
  const ContrastTest test = plan_contrast_test({set, data.doses, data.covariance, data.df});
  const McpModResult r = mcp_mod(test, set, data, {});
  const Deep block(c63, "glycobrom_general");
  block.expect({"contrasts", "values"}, by_dose(test));
  block.expect({"z"}, r.t);
  block.expect({"critical_value_025"}, test.critical_value);
  block.expect({"p_adjusted"}, r.p_adjusted);
}

}  // namespace
}  // namespace angiotrial::analysis
