// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/linear/fit_status.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

/// Negative binomial regression (NB2, log link) by joint maximum likelihood.
///
///   y_i ~ NB(mean mu_i, variance mu_i + phi mu_i^2),   log mu_i = o_i + x_i' beta
///
/// phi = 1 / theta is the dispersion. Where the likelihood rises to phi = 0 the answer is the
/// Poisson fit, and the status says so; theta never runs away.
namespace angiotrial::analysis {

/// What to do with a column that depends on earlier ones.
enum class Aliased { refuse, drop };

struct CountModel {
  std::span<const double> design;  ///< n rows, row by row, `columns` numbers each
  std::size_t columns = 0;
  std::span<const int> counts;     ///< y, 0 to 10^6
  std::span<const double> offset;  ///< o, log exposure; n numbers
  Aliased aliased = Aliased::refuse;
};

/// Vectors have one entry a column; a dropped column has 0 and is marked in `dropped`.
struct NegativeBinomialFit {
  FitStatus status = FitStatus::invalid_input;
  double dispersion = 0.0;  ///< phi = 1 / theta
  double log_likelihood = 0.0;
  double se_log_theta = 0.0;  ///< from the observed joint information; 0 at the boundary
  int iterations = 0;
  std::vector<double> coefficients;
  std::vector<double> se_expected;  ///< expected information, theta fixed: as MASS::glm.nb prints
  std::vector<double> se_observed;  ///< observed joint information in (beta, log theta): as SAS
  std::vector<double> se_robust;    ///< HC0 sandwich, bread from the expected information
  std::vector<double> covariance_expected;  ///< columns x columns
  std::vector<bool> dropped;

  [[nodiscard]] double theta() const;  ///< infinity at the boundary
};

/// Buffers, kept between fits: a call on data no larger than before allocates nothing.
class NegativeBinomialWorkspace {
 public:
  NegativeBinomialWorkspace();
  ~NegativeBinomialWorkspace();
  NegativeBinomialWorkspace(NegativeBinomialWorkspace&&) noexcept;
  NegativeBinomialWorkspace& operator=(NegativeBinomialWorkspace&&) noexcept;

  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// Fits the model. The result lives in the workspace until its next use. A refusal is a status,
/// never an exception; only mismatched sizes violate the contract.
const NegativeBinomialFit& fit_negative_binomial(const CountModel& model,
                                                 NegativeBinomialWorkspace& workspace);

}  // namespace angiotrial::analysis
