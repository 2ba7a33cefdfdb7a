// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ordinal/cumulative_inference.hpp>
#include <angiotrial/analysis/ordinal/cumulative_logit.hpp>
#include <angiotrial/analysis/ordinal/cumulative_mixed.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include "deep_block.hpp"
#include "reference_case.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

const std::string wine_file = "c40_ordinal_wine/expected.json";

/// Ratings 1 to 5 by temperature and contact; nine judges.
struct Wine {
  std::vector<int> rating, judge;
  std::vector<double> warm, contact, both;

  Wine() {
    const Data d("c40_ordinal_wine/data.csv");
    for (std::size_t i = 0; i < d.rows(); ++i) {
      rating.push_back(static_cast<int>(d.number(i, "rating")) - 1);
      judge.push_back(static_cast<int>(d.number(i, "judge")));
      warm.push_back(d.is(i, "temp", "warm"));
      contact.push_back(d.is(i, "contact", "yes"));
      both.push_back(warm.back());
      both.push_back(contact.back());
    }
  }
  [[nodiscard]] CumulativeModel model() const {
    CumulativeModel m;
    m.response = rating;
    m.categories = 5;
    m.proportional = both;
    m.proportional_columns = 2;
    return m;
  }
  [[nodiscard]] CumulativeModel contact_by_threshold() const {
    CumulativeModel m = model();
    m.proportional = warm;
    m.proportional_columns = 1;
    m.nominal = contact;
    m.nominal_columns = 1;
    return m;
  }
};

TEST(CumulativeLogitReference, c40_all_five_links_agree_with_clm) {
  const Wine wine;
  for (const auto& [name, link] : {std::pair{"clm_logit", CumulativeLink::logit},
                                   {"clm_probit", CumulativeLink::probit},
                                   {"clm_cloglog", CumulativeLink::cloglog},
                                   {"clm_loglog", CumulativeLink::loglog},
                                   {"clm_cauchit", CumulativeLink::cauchit}}) {
    CumulativeModel model = wine.model();
    model.link = link;
    if (link == CumulativeLink::cauchit) model.outermost = 1.0e5;
    const CumulativeFit fit = fit_cumulative_model(model);
    ASSERT_EQ(fit.status, OrdinalStatus::fitted) << name;
    const Block block(wine_file, name);
    block.expect({"coef"}, fit.coefficients);
    block.expect({"se"}, fit.se);
    block.expect({"logLik"}, fit.log_likelihood);
    EXPECT_LT(fit.largest_gradient, 1e-9) << name;
  }
}

TEST(CumulativeLogitReference, c40_partial_proportional_odds_agree_with_clm) {
  const Wine wine;
  const CumulativeFit fit = fit_cumulative_model(wine.contact_by_threshold());
  ASSERT_EQ(fit.status, OrdinalStatus::fitted);
  const Block block(wine_file, "clm_partial_po");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"se"}, fit.se);
  block.expect({"logLik"}, fit.log_likelihood);
}

TEST(CumulativeLogitReference, c40_likelihood_ratio_tests_and_probabilities_agree_with_clm) {
  const Wine wine;
  const CumulativeFit full = fit_cumulative_model(wine.model());
  CumulativeModel without = wine.model();
  without.proportional = wine.contact;
  without.proportional_columns = 1;
  const Block block(wine_file, "lr_temp");
  block.expect({"chisq"}, likelihood_ratio_test(full, fit_cumulative_model(without)).statistic);
  const auto po = likelihood_ratio_test(fit_cumulative_model(wine.contact_by_threshold()), full);
  block.expect({"po_lr_contact"}, po.statistic);
  block.expect({"po_df"}, po.df);
  const std::vector<double> grid{0, 0, 1, 0, 0, 1, 1, 1};
  CumulativeModel at = wine.model();
  at.proportional = grid;
  Deep(wine_file, "predicted_probabilities")
      .expect({"prob"}, category_probabilities(at, full.coefficients));
}

TEST(CumulativeLogitReference, c40_random_intercept_agrees_at_1_10_and_51_nodes) {
  const Wine wine;
  for (const int nodes : {1, 10, 51}) {
    const auto fit = fit_random_intercept({wine.model(), wine.judge, nodes});
    ASSERT_EQ(fit.status, OrdinalStatus::fitted);
    const Block block(wine_file, "clmm_agq" + std::to_string(nodes));
    const auto& b = fit.coefficients;
    block.expect({"thresholds"}, std::vector<double>(b.begin(), b.begin() + 4));
    block.expect({"temp_warm"}, b[4]);
    block.expect({"contact_yes"}, b[5]);
    block.expect({"sd_judge"}, fit.sd);
    block.expect({"se_beta"}, std::vector<double>{fit.se[4], fit.se[5]});
    block.expect({"logLik"}, fit.log_likelihood);
    if (nodes != 10) continue;
    const Block packaged(wine_file, "clmm_R_nAGQ10");
    packaged.expect({"coef"}, b);
    packaged.expect({"sd_judge"}, fit.sd);
    packaged.expect({"logLik"}, fit.log_likelihood);
  }
}

}  // namespace
}  // namespace angiotrial::analysis
