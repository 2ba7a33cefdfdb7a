// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/generalised_estimating_equations.hpp>
#include <angiotrial/random/stream.hpp>

#include <gtest/gtest.h>

#include <Eigen/Dense>

#include <cmath>
#include <cstdlib>
#include <vector>

/// Generalised estimating equations against their definition in full matrices, a patient at a time,
/// where visits are missing in between.
namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Counts of 40 patients at up to five visits, about a third of them missing.
struct Diary {
  std::vector<double> design, counts, offset;
  std::vector<int> patient, visit;
  Index columns = 3;

  Diary() {
    random::Stream draw = random::Streams(9, 1, 0).at(random::Purpose::diary);
    for (int i = 0; i < 40; ++i) {
      const double level = std::exp(0.6 * std::sin(3.7 * i));
      for (int t = 0; t < 5; ++t) {
        if (draw.uniform() < 0.35) continue;
        design.insert(design.end(), {1.0, static_cast<double>(i % 2), 0.3 * t});
        const double mean = 3.0 * level * (1.0 - 0.3 * (i % 2)) * std::exp(-0.05 * t);
        counts.push_back(std::floor(mean * (0.4 + 1.4 * draw.uniform())));
        offset.push_back(0.1 * (i % 3));
        patient.push_back(i);
        visit.push_back(t);
      }
    }
  }
  [[nodiscard]] GeeModel model() const {
    GeeModel out;
    out.mean.response = counts;
    out.mean.design = design;
    out.mean.columns = static_cast<std::size_t>(columns);
    out.mean.family = Family::poisson;
    out.mean.offset = offset;
    out.mean.cluster = patient;
    out.correlation = WorkingCorrelation::autoregressive;
    out.visit = visit;
    return out;
  }
};

/// D = d mu / d beta', V = A^1/2 R A^1/2 with R_jk = alpha^|t_j - t_k|, e = y - mu of a patient.
struct Patient {
  MatrixXd d, v;
  VectorXd e;
  std::vector<int> visits;
};

std::vector<Patient> patients_of(const Diary& diary, const GeeFit& fit) {
  std::vector<Patient> out;
  for (std::size_t first = 0, last = 0; first < diary.patient.size(); first = last) {
    while (last < diary.patient.size() && diary.patient[last] == diary.patient[first]) ++last;
    const auto n = static_cast<Index>(last - first);
    Patient p{MatrixXd(n, diary.columns), MatrixXd(n, n), VectorXd(n), {}};
    VectorXd mu(n);
    for (Index j = 0; j < n; ++j) {
      const std::size_t row = first + static_cast<std::size_t>(j);
      double eta = diary.offset[row];
      for (Index c = 0; c < diary.columns; ++c) {
        const auto at = static_cast<std::size_t>(c);
        eta += fit.coefficients[at] * diary.design[row * 3 + at];
      }
      mu[j] = std::exp(eta);
      p.e[j] = diary.counts[row] - mu[j];
      for (Index c = 0; c < diary.columns; ++c) {
        p.d(j, c) = mu[j] * diary.design[row * 3 + static_cast<std::size_t>(c)];
      }
      p.visits.push_back(diary.visit[row]);
    }
    for (Index j = 0; j < n; ++j) {
      for (Index k = 0; k < n; ++k) {
        const int gap =
            std::abs(p.visits[static_cast<std::size_t>(j)] - p.visits[static_cast<std::size_t>(k)]);
        p.v(j, k) = std::sqrt(mu[j] * mu[k]) * std::pow(fit.alpha, gap);
      }
    }
    out.push_back(std::move(p));
  }
  return out;
}

/// sum over pairs of (r_j r_k / s - alpha^|t_j - t_k|)^2, r = e / sqrt(mu).
double misfit(const std::vector<Patient>& patients, double scale, double alpha) {
  double sum = 0.0;
  for (const Patient& p : patients) {
    for (Index j = 0; j < p.e.size(); ++j) {
      for (Index k = 0; k < j; ++k) {
        const double product = p.e[j] * p.e[k] / std::sqrt(p.v(j, j) * p.v(k, k)) / scale;
        const int gap =
            std::abs(p.visits[static_cast<std::size_t>(j)] - p.visits[static_cast<std::size_t>(k)]);
        sum += std::pow(product - std::pow(alpha, gap), 2);
      }
    }
  }
  return sum;
}

TEST(GeePlain, EquationsScaleAndCorrelationHoldWithGaps) {
  const Diary diary;
  const GeeFit fit = fit_gee(diary.model());
  ASSERT_EQ(fit.status, GeeStatus::fitted);
  const auto patients = patients_of(diary, fit);
  VectorXd score = VectorXd::Zero(diary.columns);
  MatrixXd information = MatrixXd::Zero(diary.columns, diary.columns);
  double squares = 0.0;
  for (const Patient& p : patients) {
    score += p.d.transpose() * p.v.inverse() * p.e;
    information += p.d.transpose() * p.v.inverse() * p.d;
    squares += (p.e.array().square() / p.v.diagonal().array()).sum();
  }
  EXPECT_LT((information.inverse() * score).norm(), 1e-7);
  EXPECT_NEAR(fit.scale, squares / static_cast<double>(diary.counts.size()), 1e-10);
  EXPECT_GT(fit.alpha, 0.1);
  for (const double step : {-1e-3, 1e-3}) {
    EXPECT_LT(misfit(patients, fit.scale, fit.alpha),
              misfit(patients, fit.scale, fit.alpha + step));
  }
}

/// M^-1 { sum_i D_i'V_i^-1 B_i e_i e_i' B_i' V_i^-1 D_i } M^-1, M = sum D'V^-1 D; B = I, or
/// (I - H_i)^-1 with H_i = D_i M^-1 D_i' V_i^-1 (Mancl and DeRouen 2001).
TEST(GeePlain, SandwichesHoldWithGaps) {
  const Diary diary;
  const GeeModel model = diary.model();
  const GeeFit fit = fit_gee(model);
  ASSERT_EQ(fit.status, GeeStatus::fitted);
  const auto patients = patients_of(diary, fit);
  MatrixXd information = MatrixXd::Zero(diary.columns, diary.columns);
  for (const Patient& p : patients) information += p.d.transpose() * p.v.inverse() * p.d;
  const MatrixXd bread = information.inverse();
  for (const GeeVariance variance : {GeeVariance::robust, GeeVariance::mancl_derouen}) {
    MatrixXd middle = MatrixXd::Zero(diary.columns, diary.columns);
    for (const Patient& p : patients) {
      const MatrixXd inverse = p.v.inverse();
      VectorXd residual = p.e;
      if (variance == GeeVariance::mancl_derouen) {
        const MatrixXd leverage = p.d * bread * p.d.transpose() * inverse;
        residual = (MatrixXd::Identity(p.v.rows(), p.v.rows()) - leverage).inverse() * p.e;
      }
      const VectorXd score = p.d.transpose() * inverse * residual;
      middle += score * score.transpose();
    }
    const MatrixXd plain = bread * middle * bread;
    const std::vector<double> own = gee_covariance(model, fit, variance);
    for (Index k = 0; k < plain.size(); ++k) {
      EXPECT_NEAR(own[static_cast<std::size_t>(k)], plain.data()[k], 1e-9 * plain.norm());
    }
  }
}

}  // namespace
}  // namespace angiotrial::analysis
