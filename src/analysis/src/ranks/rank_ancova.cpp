// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/rank_ancova.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Dense>

#include "ranks/rank_common.hpp"
#include "ranks/rank_distribution.hpp"
#include "reference_distributions.hpp"

namespace angiotrial::analysis {
namespace {

/// Beneath this share of the sum of squares of the ranks a residual is rounding.
constexpr double rounding = 1.0e-20;

Eigen::VectorXd centred_ranks(const std::vector<double>& values) {
  const std::vector<double> rank = ranks::mid_ranks(values);
  const double centre = 0.5 * (static_cast<double>(values.size()) + 1.0);
  Eigen::VectorXd out(static_cast<Eigen::Index>(values.size()));
  for (std::size_t i = 0; i < rank.size(); ++i) {
    out[static_cast<Eigen::Index>(i)] = rank[i] - centre;
  }
  return out;
}

/// Residuals of the response's ranks in the stratum from a regression on those of the covariates;
/// zero where nothing but rounding is left.
Eigen::VectorXd residuals(const RankAncovaModel& model, const std::vector<std::size_t>& rows) {
  std::vector<double> column(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) column[i] = model.response[rows[i]];
  Eigen::VectorXd y = centred_ranks(column);
  if (model.covariate_count == 0) return y;
  Eigen::MatrixXd x(y.size(), static_cast<Eigen::Index>(model.covariate_count));
  for (std::size_t c = 0; c < model.covariate_count; ++c) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      column[i] = model.covariates[rows[i] * model.covariate_count + c];
    }
    x.col(static_cast<Eigen::Index>(c)) = centred_ranks(column);
  }
  const double before = y.squaredNorm();
  y -= x * x.completeOrthogonalDecomposition().solve(y);
  if (y.squaredNorm() <= rounding * before) y.setZero();
  return y;
}

/// Sums over strata of the mean-score test: d_a, the residuals of arm a, and its covariance
///   V_ab = S_h n_a (N [a = b] - n_b) / (N (N - 1)),   S_h the sum of squared residuals.
struct MeanScores {
  Eigen::VectorXd d, count;
  Eigen::MatrixXd v;

  explicit MeanScores(int arms)
      : d(Eigen::VectorXd::Zero(arms)),
        count(Eigen::VectorXd::Zero(arms)),
        v(Eigen::MatrixXd::Zero(arms, arms)) {}

  bool add(const Eigen::VectorXd& e, const std::vector<int>& arm) {
    Eigen::VectorXd own = Eigen::VectorXd::Zero(d.size());
    for (std::size_t i = 0; i < arm.size(); ++i) {
      own[arm[i]] += 1.0;
      d[arm[i]] += e[static_cast<Eigen::Index>(i)];
    }
    count += own;
    const double n = own.sum();
    const double square = e.squaredNorm();
    if (!(square > 0.0) || own.maxCoeff() == n) return false;
    const Eigen::MatrixXd spread = n * Eigen::MatrixXd(own.asDiagonal()) - own * own.transpose();
    v += square / (n * (n - 1.0)) * spread;
    return true;
  }
};

std::optional<QuadeTest> quade(const MeanScores& sums, const Eigen::VectorXd& e) {
  double between = 0.0;
  int filled = 0;
  for (Eigen::Index a = 0; a < sums.d.size(); ++a) {
    if (sums.count[a] == 0.0) continue;
    between += sums.d[a] * sums.d[a] / sums.count[a];
    ++filled;
  }
  QuadeTest out;
  out.df_between = filled - 1;
  out.df_within = static_cast<int>(e.size()) - filled;
  const double total = e.squaredNorm();
  const double within = total - between;
  if (out.df_between < 1 || out.df_within < 1 || !(within > 1.0e-12 * total)) return std::nullopt;
  out.f = (between / out.df_between) / (within / out.df_within);
  out.p_value = f_tail(out.df_between, out.df_within, out.f);
  return out;
}

bool valid(const RankAncovaModel& model) {
  const std::size_t rows = model.response.size();
  ANGIOTRIAL_EXPECT(model.covariates.size() == rows * model.covariate_count, "covariates a row");
  ANGIOTRIAL_EXPECT(model.arm.size() == rows, "an arm a row");
  ANGIOTRIAL_EXPECT(model.stratum.empty() || model.stratum.size() == rows, "a stratum a row");
  const auto below = [](int limit) {
    return [limit](int code) { return code >= 0 && code < limit; };
  };
  return model.arms >= 2 && model.strata >= 1 && ranks::finite(model.response) &&
         ranks::finite(model.covariates) &&
         std::all_of(model.arm.begin(), model.arm.end(), below(model.arms)) &&
         std::all_of(model.stratum.begin(), model.stratum.end(), below(model.strata));
}

void test_scores(const MeanScores& sums, RankAncovaResult& out) {
  // V is singular: arms sum to zero. Its rank is the degrees of freedom.
  const Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> v(sums.v);
  out.df = static_cast<int>(v.rank());
  out.chi_square = sums.d.dot(v.solve(sums.d));
  out.p_value = chi_square_tail(out.df, std::max(0.0, out.chi_square));
  out.status = RankStatus::fitted;
}

}  // namespace

RankAncovaResult rank_ancova(const RankAncovaModel& model) {
  RankAncovaResult out;
  if (!valid(model)) return out;
  out.status = model.response.empty() ? RankStatus::empty_sample : RankStatus::no_variation;
  const int strata = model.stratum.empty() ? 1 : model.strata;
  MeanScores sums(model.arms);
  for (int h = 0; h < strata; ++h) {
    std::vector<std::size_t> rows;
    std::vector<int> arm;
    for (std::size_t i = 0; i < model.response.size(); ++i) {
      if (!model.stratum.empty() && model.stratum[i] != h) continue;
      rows.push_back(i);
      arm.push_back(model.arm[i]);
    }
    if (rows.empty()) continue;
    Eigen::VectorXd e = residuals(model, rows);
    if (model.scores == RankScores::modified_ridit) e /= static_cast<double>(rows.size() + 1);
    if (sums.add(e, arm)) ++out.strata_used;
    if (strata == 1) out.quade = quade(sums, e);
  }
  for (Eigen::Index a = 0; a < sums.d.size(); ++a) {
    out.mean_residuals.push_back(sums.count[a] > 0.0 ? sums.d[a] / sums.count[a] : 0.0);
  }
  if (out.strata_used > 0) test_scores(sums, out);
  return out;
}

}  // namespace angiotrial::analysis
