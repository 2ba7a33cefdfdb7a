// SPDX-License-Identifier: Apache-2.0
#include "ordinal/centred_model.hpp"

#include <cmath>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;

/// A mean of so many spreads costs three digits of the information.
constexpr double far_off = 32.0;
constexpr double largest_unit = 1024.0;

bool needs_moving(double centre, double scale) {
  return !(std::fabs(centre) <= far_off * scale) || scale > largest_unit ||
         scale * largest_unit < 1.0;
}

}  // namespace

std::span<const double> CentredModel::Columns::read(std::span<const double> from,
                                                    std::size_t columns) {
  moved = false;
  column_scales(from, columns, scales);
  for (const std::size_t a : scales.constant) scales.scale[a] = 0.0;
  for (std::size_t a = 0; a < columns; ++a) {
    if (needs_moving(scales.centre[a], scales.scale[a])) {
      moved = true;
    } else {
      scales.centre[a] = 0.0;
      scales.scale[a] = 1.0;
    }
  }
  if (columns == 0 || !moved) return from;
  values.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double scale = scales.scale[i % columns];
    values[i] = scale > 0.0 ? (from[i] - scales.centre[i % columns]) / scale : 0.0;
  }
  // One that does not vary is a column of zeros.
  for (double& scale : scales.scale) scale = scale > 0.0 ? scale : 1.0;
  return values;
}

CumulativeModel CentredModel::of(const CumulativeModel& model) {
  CumulativeModel out = model;
  thresholds_ = model.categories - 1;
  proportional_.moved = nominal_.moved = false;
  // Outermost thresholds stand about a linear predictor of 0: there columns have a place.
  if (!std::isinf(model.outermost)) return out;
  out.proportional = proportional_.read(model.proportional, model.proportional_columns);
  out.nominal = nominal_.read(model.nominal, model.nominal_columns);
  return out;
}

Index CentredModel::beta(std::size_t a) const {
  return thresholds_ * (1 + static_cast<Index>(nominal_.scales.scale.size())) +
         static_cast<Index>(a);
}

Index CentredModel::gamma(std::size_t c, Index j) const {
  return thresholds_ * (1 + static_cast<Index>(c)) + j;
}

void CentredModel::restore(Eigen::VectorXd& parameters, Eigen::MatrixXd& covariance) const {
  if (!moved()) return;
  const auto& x = proportional_.scales;
  const auto& z = nominal_.scales;
  for (std::size_t a = 0; a < x.scale.size(); ++a) {
    parameters[beta(a)] /= x.scale[a];
    parameters.head(thresholds_).array() += parameters[beta(a)] * x.centre[a];
  }
  for (std::size_t c = 0; c < z.scale.size(); ++c) {
    for (Index j = 0; j < thresholds_; ++j) {
      parameters[gamma(c, j)] /= z.scale[c];
      parameters[j] -= parameters[gamma(c, j)] * z.centre[c];
    }
  }
  restore_covariance(covariance);
}

/// The same on the rows of the covariance, and then on its columns.
void CentredModel::restore_covariance(Eigen::MatrixXd& covariance) const {
  if (!moved()) return;
  const auto& x = proportional_.scales;
  const auto& z = nominal_.scales;
  for (int side = 0; side < 2; ++side) {
    for (std::size_t a = 0; a < x.scale.size(); ++a) {
      covariance.row(beta(a)) /= x.scale[a];
      for (Index j = 0; j < thresholds_; ++j) {
        covariance.row(j) += x.centre[a] * covariance.row(beta(a));
      }
    }
    for (std::size_t c = 0; c < z.scale.size(); ++c) {
      for (Index j = 0; j < thresholds_; ++j) {
        covariance.row(gamma(c, j)) /= z.scale[c];
        covariance.row(j) -= z.centre[c] * covariance.row(gamma(c, j));
      }
    }
    covariance.transposeInPlace();
  }
}

void CentredModel::centre(Eigen::VectorXd& parameters) const {
  if (!moved()) return;
  const auto& x = proportional_.scales;
  const auto& z = nominal_.scales;
  for (std::size_t a = 0; a < x.scale.size(); ++a) {
    parameters.head(thresholds_).array() -= parameters[beta(a)] * x.centre[a];
    parameters[beta(a)] *= x.scale[a];
  }
  for (std::size_t c = 0; c < z.scale.size(); ++c) {
    for (Index j = 0; j < thresholds_; ++j) {
      parameters[j] += parameters[gamma(c, j)] * z.centre[c];
      parameters[gamma(c, j)] *= z.scale[c];
    }
  }
}

}  // namespace angiotrial::analysis
