// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>

#include "count_cases.hpp"

namespace angiotrial::analysis {
namespace {

using reference::Block;
using reference::Data;

/// Rows as a model of the mean.
struct Repeated {
  std::vector<double> y, design, offset;
  std::vector<int> cluster, visit;
  std::size_t columns = 0;
  Family family = Family::poisson;

  void add(std::initializer_list<double> row, double response, int label, int time) {
    columns = row.size();
    design.insert(design.end(), row);
    y.push_back(response);
    cluster.push_back(label);
    visit.push_back(time);
  }
  [[nodiscard]] GeeModel model(WorkingCorrelation correlation) const {
    GeeModel out;
    out.mean.response = y;
    out.mean.design = design;
    out.mean.columns = columns;
    out.mean.family = family;
    out.mean.offset = offset;
    out.mean.cluster = cluster;
    out.correlation = correlation;
    return out;
  }
};

TEST(GeeReference, c01_poisson_under_three_correlations_agrees_with_geepack) {
  const CountCase data = epil();
  Repeated rows;
  rows.y.assign(data.y.begin(), data.y.end());
  rows.design = data.design;
  rows.columns = 5;
  rows.cluster = data.subject;
  for (const auto& [name, correlation] :
       {std::pair{"gee_poisson_independence", WorkingCorrelation::independence},
        {"gee_poisson_exchangeable", WorkingCorrelation::exchangeable},
        {"gee_poisson_ar1", WorkingCorrelation::autoregressive}}) {
    const GeeModel model = rows.model(correlation);
    const GeeFit fit = fit_gee(model);
    ASSERT_EQ(fit.status, GeeStatus::fitted) << name;
    const Block block("c01_nb_epil/expected.json", name);
    block.expect({"coef"}, fit.coefficients);
    block.expect({"se_robust"}, diagonal_roots(gee_covariance(model, fit, GeeVariance::robust), 5));
    block.expect({"scale"}, fit.scale);
    if (correlation != WorkingCorrelation::independence) block.expect({"alpha"}, fit.alpha);
  }
}

TEST(GeeReference, c11_logistic_exchangeable_agrees_with_geepack) {
  const Data d("c11_gcomp_respiratory/data_long.csv");
  Repeated rows;
  rows.family = Family::binomial;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    rows.add({1.0, d.is(i, "treat", "1_active"), d.is(i, "center", "2"), d.is(i, "sex", "M"),
              d.number(i, "age"), d.number(i, "baseline")},
             d.number(i, "y"), static_cast<int>(d.number(i, "id")), 0);
  }
  const GeeModel model = rows.model(WorkingCorrelation::exchangeable);
  const GeeFit fit = fit_gee(model);
  ASSERT_EQ(fit.status, GeeStatus::fitted);
  const Block block("c11_gcomp_respiratory/expected.json", "gee_logistic_exchangeable");
  block.expect({"coef"}, fit.coefficients);
  block.expect({"se_robust"}, diagonal_roots(gee_covariance(model, fit, GeeVariance::robust), 6));
  block.expect({"alpha"}, fit.alpha);
}

/// Patients with a shared normal effect, two arms, three to five visits with gaps.
Repeated sample(std::uint64_t seed, Family family, std::uint32_t patients = 24) {
  Repeated out;
  out.family = family;
  for (std::uint32_t i = 0; i < patients; ++i) {
    random::Stream draw = random::Streams(seed, 0, i).at(random::Purpose::diary);
    const double shared = 0.6 * draw.normal();
    const double x = draw.normal();
    const double arm = i % 2;
    for (int visit = 0; visit < 5; ++visit) {
      const double u = draw.uniform();
      const double noise = draw.normal();
      if (visit > 0 && draw.uniform() < 0.25) continue;
      const double eta = 0.4 + 0.3 * x - 0.3 * arm + shared;
      double y = eta + noise;
      if (family == Family::binomial) y = u < 1.0 / (1.0 + std::exp(-eta)) ? 1.0 : 0.0;
      if (family == Family::poisson) {
        y = random::negative_binomial_quantile(u, 3.0 * std::exp(eta), 0.2);
      }
      out.add({1.0, arm, x}, y, static_cast<int>(i), visit);
    }
  }
  return out;
}

constexpr std::array correlations{WorkingCorrelation::independence,
                                  WorkingCorrelation::exchangeable,
                                  WorkingCorrelation::autoregressive};
constexpr std::array variances{GeeVariance::model, GeeVariance::robust,
                               GeeVariance::kauermann_carroll, GeeVariance::mancl_derouen};

RC_GTEST_PROP(Gee, does_not_depend_on_the_order_of_rows_or_labels_of_patients, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(1, 100000);
  const auto family = *rc::gen::element(Family::gaussian, Family::binomial, Family::poisson);
  const Repeated rows = sample(seed, family);
  Repeated mirrored;
  mirrored.family = family;
  for (std::size_t i = rows.y.size(); i-- > 0;) {
    mirrored.add({1.0, rows.design[3 * i + 1], rows.design[3 * i + 2]}, rows.y[i],
                 500 - 3 * rows.cluster[i], rows.visit[i]);
  }
  for (const WorkingCorrelation correlation : correlations) {
    GeeModel a = rows.model(correlation);
    GeeModel b = mirrored.model(correlation);
    a.visit = rows.visit;
    b.visit = mirrored.visit;
    const GeeFit fit = fit_gee(a);
    const GeeFit other = fit_gee(b);
    RC_ASSERT(fit.status == other.status);
    if (fit.status != GeeStatus::fitted) continue;
    RC_ASSERT(std::fabs(fit.alpha - other.alpha) < 1e-9);
    for (std::size_t c = 0; c < 3; ++c) {
      RC_ASSERT(std::fabs(fit.coefficients[c] - other.coefficients[c]) < 1e-9);
    }
    for (const GeeVariance variance : variances) {
      const auto va = gee_covariance(a, fit, variance);
      const auto vb = gee_covariance(b, other, variance);
      for (std::size_t i = 0; i < 9; ++i) RC_ASSERT(std::fabs(va[i] - vb[i]) < 1e-9);
    }
  }
}

// Without correlation the equations are those of the generalised linear model, and the sandwiches
// those of its clusters.
TEST(Gee, under_independence_is_the_linear_model_with_clusters) {
  for (const Family family : {Family::gaussian, Family::binomial, Family::poisson}) {
    const Repeated rows = sample(11, family);
    const GeeModel model = rows.model(WorkingCorrelation::independence);
    const GeeFit fit = fit_gee(model);
    const LinearFit linear = fit_linear_model(model.mean);
    ASSERT_EQ(fit.status, GeeStatus::fitted);
    const auto robust = gee_covariance(model, fit, GeeVariance::robust);
    const auto cr0 = coefficient_covariance(model.mean, linear, LinearVariance::cr0);
    const auto carroll = gee_covariance(model, fit, GeeVariance::kauermann_carroll);
    const auto cr2 = coefficient_covariance(model.mean, linear, LinearVariance::cr2);
    for (std::size_t i = 0; i < 9; ++i) {
      EXPECT_NEAR(robust[i], cr0[i], 1e-10);
      EXPECT_NEAR(carroll[i], cr2[i], 1e-10);
    }
    for (std::size_t c = 0; c < 3; ++c) {
      EXPECT_NEAR(fit.coefficients[c], linear.coefficients[c], 1e-10);
    }
  }
}

TEST(Gee, small_sample_corrections_widen_in_their_order) {
  const Repeated rows = sample(12, Family::poisson, 12);
  const GeeModel model = rows.model(WorkingCorrelation::exchangeable);
  const GeeFit fit = fit_gee(model);
  ASSERT_EQ(fit.status, GeeStatus::fitted);
  const std::array arm{0.0, 1.0, 0.0};
  const LinearContrast robust = gee_contrast(model, fit, arm, GeeVariance::robust);
  const LinearContrast carroll = gee_contrast(model, fit, arm, GeeVariance::kauermann_carroll);
  const LinearContrast mancl = gee_contrast(model, fit, arm, GeeVariance::mancl_derouen);
  EXPECT_LT(robust.se, carroll.se);
  EXPECT_LT(carroll.se, mancl.se);
  EXPECT_EQ(mancl.df, 9.0);
  EXPECT_GT(mancl.p_value, robust.p_value);
}

// With balanced visits and patient-level columns the exchangeable estimate is that of sums.
TEST(Gee, exchangeable_with_patient_level_columns_and_equal_clusters_is_independence) {
  Repeated rows;
  for (int i = 0; i < 20; ++i) {
    random::Stream draw =
        random::Streams(4, 0, static_cast<std::uint32_t>(i)).at(random::Purpose::diary);
    const double x = draw.normal();
    for (int visit = 0; visit < 3; ++visit) {
      rows.add({1.0, static_cast<double>(i % 2), x}, std::floor(6.0 * draw.uniform() * (1 + i % 3)),
               i, visit);
    }
  }
  const GeeFit exchangeable = fit_gee(rows.model(WorkingCorrelation::exchangeable));
  const GeeFit independence = fit_gee(rows.model(WorkingCorrelation::independence));
  ASSERT_EQ(exchangeable.status, GeeStatus::fitted);
  EXPECT_GT(std::fabs(exchangeable.alpha), 0.05);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(exchangeable.coefficients[c], independence.coefficients[c], 1e-9);
  }
}

TEST(Gee, says_why_it_refuses) {
  Repeated rows = sample(5, Family::poisson);
  GeeModel model = rows.model(WorkingCorrelation::autoregressive);
  const std::vector<int> same(rows.y.size(), 1);
  model.visit = same;
  EXPECT_EQ(fit_gee(model).status, GeeStatus::invalid_input);
  std::vector<int> alone(rows.y.size());
  for (std::size_t i = 0; i < alone.size(); ++i) alone[i] = static_cast<int>(i);
  model = rows.model(WorkingCorrelation::exchangeable);
  model.mean.cluster = alone;
  EXPECT_EQ(fit_gee(model).status, GeeStatus::no_pairs);
  std::vector<int> two(rows.y.size());
  for (std::size_t i = 0; i < two.size(); ++i) two[i] = static_cast<int>(i % 2);
  model.mean.cluster = two;
  EXPECT_EQ(fit_gee(model).status, GeeStatus::too_few_rows);
  // Pairs that always add to 0: alpha near -1, of a cluster of two still valid, of three not.
  Repeated opposed;
  opposed.family = Family::gaussian;
  for (int i = 0; i < 8; ++i) {
    const double size = 1.0 + i;
    opposed.add({1.0}, size, i, 0);
    opposed.add({1.0}, -size, i, 1);
    if (i == 0) opposed.add({1.0}, 0.1, i, 2);
  }
  EXPECT_EQ(fit_gee(opposed.model(WorkingCorrelation::exchangeable)).status,
            GeeStatus::correlation_invalid);
  rows.design[0] = std::nan("");
  EXPECT_EQ(fit_gee(rows.model(WorkingCorrelation::independence)).status, GeeStatus::invalid_input);
  for (std::size_t i = 0; i < rows.y.size(); ++i) rows.design[3 * i] = rows.design[3 * i + 1];
  const GeeFit collinear = fit_gee(rows.model(WorkingCorrelation::independence));
  EXPECT_EQ(collinear.status, GeeStatus::collinear);
  EXPECT_EQ(name_of(collinear.status), "collinear columns");
}

}  // namespace
}  // namespace angiotrial::analysis
