// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

/// Cox's proportional hazards model on rows of the counting process.
///
///   h_i(t) = h_s(t) exp(o_i + x_i(t)' beta),   s the stratum of row i
///
/// A row is at risk in (start, stop] and has an event at `stop` or none. Covariates that change
/// with time, delayed entry and recurrent events (Andersen and Gill 1982) are rows of one cluster.
namespace angiotrial::analysis {

/// Partial likelihood where several events share a time. R's default is Efron's, SAS's Breslow's.
enum class CoxTies {
  efron,
  breslow,
  exact  ///< discrete (conditional logistic) likelihood; without weights and without robust forms
};

enum class CoxStatus {
  fitted = 0,
  invalid_input = 1,  ///< not finite, stop not after start, weight not above 0, form not offered
  no_events = 2,
  collinear = 3,  ///< `aliased` names columns that earlier ones explain within the risk sets
  separated = 4,  ///< monotone likelihood: it rises for ever in some direction of beta
  not_converged = 5,
  /// The score residuals of every cluster add up to 0 for some column: all events at one time, or
  /// too few clusters. Without the sandwich the fit would be `fitted`.
  no_robust_variance = 6
};
[[nodiscard]] std::string_view name_of(CoxStatus status);

struct CoxData {
  std::span<const double> start = {};  ///< empty: at risk from the beginning
  std::span<const double> stop = {};
  std::span<const int> event = {};      ///< not 0: an event at `stop`
  std::span<const double> design = {};  ///< one row a row, `columns` numbers each; no intercept
  std::size_t columns = 0;
  std::span<const int> stratum = {};    ///< any labels; empty: one stratum
  std::span<const double> weight = {};  ///< above 0; empty: 1
  std::span<const double> offset = {};  ///< o; empty: 0
  std::span<const int> cluster = {};    ///< any labels, for the robust variance; empty: a row each
};

struct CoxOptions {
  CoxTies ties = CoxTies::efron;
  /// Adds the sandwich (Lin and Wei 1989) by `cluster`. It is of no use with few clusters: below 20
  /// it is too small, and 0 where as many columns as clusters are fitted.
  bool robust = false;
  /// Maximises l + log|I| / 2 (Firth 1993; Heinze and Schemper 2001, doi:10.1111/j.0006-341X.2001.
  /// 00114.x): finite where the likelihood is monotone. Efron or Breslow.
  bool firth = false;
};

struct ChiSquareTest {
  double chi_square = 0.0;
  int df = 0;
  double p_value = 1.0;
};

struct CoxFit {
  CoxStatus status = CoxStatus::invalid_input;
  std::size_t rows = 0;
  std::size_t events = 0;
  int iterations = 0;
  std::vector<std::size_t> aliased;
  std::vector<double> coefficients;       ///< log hazard ratios
  std::vector<double> covariance;         ///< inverse observed information, columns x columns
  std::vector<double> se;                 ///< from `covariance`
  std::vector<double> robust_covariance;  ///< with `robust` only
  std::vector<double> se_robust;
  double log_likelihood_null = 0.0;  ///< at beta = 0; penalised with `firth`
  double log_likelihood = 0.0;
  ChiSquareTest score;  ///< at beta = 0; equals the log-rank test for two groups without ties
  ChiSquareTest likelihood_ratio;
  ChiSquareTest wald;  ///< of the robust covariance with `robust`; df 0 where that is singular
  ChiSquareTest robust_score;  ///< with `robust` only; df 0 where the variance of it is singular
};

/// Buffers of fits, kept between them.
class CoxWorkspace {
 public:
  CoxWorkspace();
  ~CoxWorkspace();
  CoxWorkspace(CoxWorkspace&& other) noexcept;
  CoxWorkspace& operator=(CoxWorkspace&& other) noexcept;
  struct State;
  [[nodiscard]] State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// A refusal is a status, never an exception; only mismatched sizes violate the contract. The
/// result lives in the workspace until the next fit.
[[nodiscard]] const CoxFit& fit_cox(const CoxData& data, const CoxOptions& options,
                                    CoxWorkspace& workspace);

}  // namespace angiotrial::analysis
