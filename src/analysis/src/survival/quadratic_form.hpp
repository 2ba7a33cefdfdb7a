// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace angiotrial::analysis {

/// u'V^-u, whose reference is chi-squared with `rank` degrees of freedom.
struct QuadraticForm {
  double value = 0.0;
  int rank = 0;
};

/// Memory of one, kept between calls: with as many columns as before it allocates nothing.
struct QuadraticFormScratch {
  Eigen::VectorXd solved;
  Eigen::MatrixXd kept;
  Eigen::LLT<Eigen::MatrixXd> cholesky;
};

/// u is in the range of the covariance V, which may be singular: groups that never meet in a risk
/// set make it so. Columns of V that earlier ones explain to 1e-10 of their variance take no part.
[[nodiscard]] QuadraticForm quadratic_form(const Eigen::VectorXd& u, const Eigen::MatrixXd& v,
                                           QuadraticFormScratch& scratch);

}  // namespace angiotrial::analysis
