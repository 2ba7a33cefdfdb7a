// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/dose_estimates.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// The doses met, rising, and the sum of weights and values at each.
struct Cells {
  std::array<double, most_doses> dose{};
  std::array<double, most_doses> weight{};
  std::array<double, most_doses> sum{};
  std::size_t count = 0;
  DoseDataStatus status = DoseDataStatus::usable;

  [[nodiscard]] std::size_t find(double d) const {
    std::size_t at = 0;
    while (at < count && dose[at] < d) ++at;
    return at;
  }
  [[nodiscard]] double mean(std::size_t at) const { return sum[at] / weight[at]; }

  void add(double d, double value, double w) {
    const std::size_t at = find(d);
    if (at == count || dose[at] != d) {
      if (count == most_doses) {
        status = DoseDataStatus::too_many_doses;
        return;
      }
      for (std::size_t i = count; i > at; --i) {
        dose[i] = dose[i - 1];
        weight[i] = weight[i - 1];
        sum[i] = sum[i - 1];
      }
      dose[at] = d;
      weight[at] = sum[at] = 0.0;
      ++count;
    }
    weight[at] += w;
    sum[at] += value;
  }
};

Cells collect(std::span<const double> dose, std::span<const double> value,
              std::span<const double> weight) {
  Cells cells;
  for (std::size_t i = 0; i < dose.size(); ++i) {
    const double w = weight.empty() ? 1.0 : weight[i];
    if (!std::isfinite(dose[i]) || dose[i] < 0.0 || !std::isfinite(value[i]) || !(w > 0.0) ||
        !std::isfinite(w)) {
      cells.status = DoseDataStatus::not_finite;
      return cells;
    }
    cells.add(dose[i], value[i], w);
    if (cells.status != DoseDataStatus::usable) return cells;
  }
  if (cells.count < 2) cells.status = DoseDataStatus::no_data;
  return cells;
}

void start(const Cells& cells, DoseEstimates& out) {
  const std::size_t k = cells.count;
  out.covariance.assign(k * k, 0.0);
  for (std::size_t i = 0; i < k; ++i) {
    out.doses.push_back(cells.dose[i]);
    out.estimates.push_back(cells.mean(i));
    out.covariance[i * (k + 1)] = 1.0 / cells.weight[i];
  }
}

/// sigma from the pure error, or why there is none. `scale`: sum of squares of the responses.
void finish(DoseEstimates& out, std::size_t parameters, double scale) {
  out.df = out.patients - static_cast<double>(parameters);
  if (out.df <= 0.0) {
    out.status = DoseDataStatus::too_few_patients;
  } else if (!(out.pure_error > 1.0e-26 * scale)) {
    out.status = DoseDataStatus::no_variation;
  } else {
    out.sigma = std::sqrt(out.pure_error / out.df);
  }
}

/// Within doses: y on the covariates.  gamma = (Z'Z)^-1 Z'y,  mu = y_bar - z_bar gamma,
///   cov(mu) = diag(1 / n) + z_bar (Z'Z)^-1 z_bar',  cov(gamma, mu) = -(Z'Z)^-1 z_bar'
void adjust_for_covariates(std::span<const double> dose, std::span<const double> response,
                           std::span<const double> covariates, Index q, const Cells& cells,
                           DoseEstimates& out) {
  const auto n = static_cast<Index>(dose.size());
  const auto k = static_cast<Index>(cells.count);
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  MatrixXd z = Eigen::Map<const Rows>(covariates.data(), n, q);
  VectorXd y(n);
  MatrixXd means = MatrixXd::Zero(k, q);
  std::vector<Index> cell;
  for (Index i = 0; i < n; ++i) {
    const std::size_t at = cells.find(dose[static_cast<std::size_t>(i)]);
    cell.push_back(static_cast<Index>(at));
    means.row(cell.back()) += z.row(i) / cells.weight[at];
    y[i] = response[static_cast<std::size_t>(i)] - cells.mean(at);
  }
  const VectorXd before = z.colwise().norm();
  for (Index i = 0; i < n; ++i) z.row(i) -= means.row(cell[static_cast<std::size_t>(i)]);
  Eigen::ColPivHouseholderQR<MatrixXd> qr(z);
  qr.setThreshold(1.0e-9);
  const bool vanished = (z.colwise().norm().transpose().array() <= 1.0e-9 * before.array()).any();
  if (vanished || qr.rank() < q) {
    out.status = DoseDataStatus::collinear;
    return;
  }
  const VectorXd gamma = qr.solve(y);
  const MatrixXd inverse = (z.transpose() * z).llt().solve(MatrixXd::Identity(q, q));
  const MatrixXd across = -inverse * means.transpose();
  out.pure_error = (y - z * gamma).squaredNorm();
  Eigen::Map<VectorXd>(out.estimates.data(), k) -= means * gamma;
  Eigen::Map<MatrixXd>(out.covariance.data(), k, k) -= means * across;
  out.covariates.assign(gamma.begin(), gamma.end());
  for (Index c = 0; c < q; ++c) {
    for (Index i = 0; i < k; ++i) out.covariate_covariance.push_back(across(c, i));
  }
}

}  // namespace

std::string_view name_of(DoseDataStatus status) {
  switch (status) {
    case DoseDataStatus::usable:
      return "usable";
    case DoseDataStatus::no_data:
      return "no data, or a single dose";
    case DoseDataStatus::not_finite:
      return "a number that is not finite or outside its range";
    case DoseDataStatus::too_many_doses:
      return "more than 12 doses";
    case DoseDataStatus::too_few_patients:
      return "no degree of freedom left for the variance";
    case DoseDataStatus::no_variation:
      return "responses are constant within doses";
    case DoseDataStatus::collinear:
      return "a covariate is a combination of doses and other covariates";
    case DoseDataStatus::invalid_covariance:
      return "the covariance of the estimates is not symmetric and positive definite";
    case DoseDataStatus::doses_not_distinct:
      return "a dose given twice";
  }
  return "unknown";
}

namespace {

/// As new, but for the memory.
void clear(DoseEstimates& out) {
  for (auto* values :
       {&out.doses, &out.estimates, &out.covariance, &out.covariates, &out.covariate_covariance}) {
    values->clear();
  }
  out.df = out.patients = out.pure_error = 0.0;
  out.sigma = 1.0;
  out.status = DoseDataStatus::usable;
}

void summarise(std::span<const double> dose, std::span<const double> response,
               std::span<const double> covariates, std::size_t columns, DoseEstimates& out) {
  ANGIOTRIAL_EXPECT(dose.size() == response.size(), "a dose a response");
  ANGIOTRIAL_EXPECT(covariates.size() == dose.size() * columns, "covariates for each response");
  clear(out);
  const Cells cells = collect(dose, response, {});
  out.status = cells.status;
  for (const double z : covariates) {
    if (!std::isfinite(z)) out.status = DoseDataStatus::not_finite;
  }
  if (out.status != DoseDataStatus::usable) return;
  start(cells, out);
  out.patients = static_cast<double>(dose.size());
  double scale = 0.0;
  for (const double y : response) scale += y * y;
  if (columns == 0) {
    for (std::size_t i = 0; i < dose.size(); ++i) {
      const double e = response[i] - out.estimates[cells.find(dose[i])];
      out.pure_error += e * e;
    }
  } else {
    adjust_for_covariates(dose, response, covariates, static_cast<Index>(columns), cells, out);
    if (out.status != DoseDataStatus::usable) return;
  }
  finish(out, cells.count + columns, scale);
}

}  // namespace

DoseEstimates summarise_doses(std::span<const double> dose, std::span<const double> response,
                              std::span<const double> covariates, std::size_t columns) {
  DoseEstimates out;
  summarise(dose, response, covariates, columns, out);
  return out;
}

DoseEstimates summarise_doses(std::span<const double> dose, std::span<const double> response) {
  return summarise_doses(dose, response, {}, 0);
}

void summarise_doses(std::span<const double> dose, std::span<const double> response,
                     DoseEstimates& out) {
  summarise(dose, response, {}, 0, out);
}

DoseEstimates given_estimates(std::span<const double> doses, std::span<const double> estimates,
                              std::span<const double> covariance) {
  const std::size_t k = doses.size();
  ANGIOTRIAL_EXPECT(estimates.size() == k && covariance.size() == k * k,
                    "an estimate a dose, and their covariance");
  DoseEstimates out;
  out.df = std::numeric_limits<double>::infinity();
  std::vector<std::size_t> order(k);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i < k; ++i) {
    if (!std::isfinite(doses[i]) || doses[i] < 0.0 || !std::isfinite(estimates[i])) {
      out.status = DoseDataStatus::not_finite;
    }
  }
  if (k < 2) out.status = DoseDataStatus::no_data;
  if (k > most_doses) out.status = DoseDataStatus::too_many_doses;
  if (out.status != DoseDataStatus::usable) return out;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return doses[a] < doses[b]; });
  MatrixXd s(static_cast<Index>(k), static_cast<Index>(k));
  for (std::size_t i = 0; i < k; ++i) {
    out.doses.push_back(doses[order[i]]);
    out.estimates.push_back(estimates[order[i]]);
    if (i > 0 && out.doses[i] == out.doses[i - 1]) out.status = DoseDataStatus::doses_not_distinct;
    for (std::size_t j = 0; j < k; ++j) {
      out.covariance.push_back(covariance[order[i] * k + order[j]]);
      s(static_cast<Index>(i), static_cast<Index>(j)) = out.covariance.back();
    }
  }
  const bool symmetric =
      s.allFinite() && (s - s.transpose()).cwiseAbs().maxCoeff() <= 1.0e-10 * s.norm();
  if (!symmetric || s.llt().info() != Eigen::Success) {
    out.status = DoseDataStatus::invalid_covariance;
  }
  return out;
}

DoseLogRates log_rates_by_dose(std::span<const double> dose, std::span<const double> count,
                               std::span<const double> exposure, ZeroCount zero) {
  ANGIOTRIAL_EXPECT(dose.size() == count.size(), "a dose a count");
  ANGIOTRIAL_EXPECT(exposure.empty() || exposure.size() == dose.size(), "an exposure a count");
  DoseLogRates out;
  const Cells cells = collect(dose, count, exposure);
  out.estimates.status = cells.status;
  for (const double y : count) {
    if (y < 0.0) out.estimates.status = DoseDataStatus::not_finite;
  }
  if (out.estimates.status != DoseDataStatus::usable) return out;
  std::vector<double> doses, log_rates, variances;
  for (std::size_t i = 0; i < cells.count; ++i) {
    if (cells.sum[i] == 0.0) out.without_events.push_back(cells.dose[i]);
    const double events = cells.sum[i] + (zero == ZeroCount::add_half ? 0.5 : 0.0);
    if (events == 0.0) continue;
    doses.push_back(cells.dose[i]);
    log_rates.push_back(std::log(events / cells.weight[i]));
    variances.push_back(1.0 / events);
  }
  double pearson = 0.0;
  for (std::size_t i = 0; i < dose.size(); ++i) {
    const double mean = (exposure.empty() ? 1.0 : exposure[i]) * cells.mean(cells.find(dose[i]));
    if (mean > 0.0) pearson += (count[i] - mean) * (count[i] - mean) / mean;
  }
  if (dose.size() > cells.count) {
    out.dispersion = pearson / static_cast<double>(dose.size() - cells.count);
  }
  std::vector<double> s(doses.size() * doses.size(), 0.0);
  for (std::size_t i = 0; i < doses.size(); ++i) s[i * (doses.size() + 1)] = variances[i];
  out.estimates = given_estimates(doses, log_rates, s);
  return out;
}

}  // namespace angiotrial::analysis
