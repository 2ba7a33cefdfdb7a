// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

/// Type I error and interval coverage of the procedures of the analysis room, by simulation.
namespace angiotrial::operating {

/// One trial that is drawn and analysed.
struct Verdict {
  bool refused = false;   ///< no answer: counted, and left out of the rates
  bool rejected = false;  ///< the null hypothesis, at the nominal level
  bool covered = true;    ///< the true value lies in the interval
};

/// Two-sided at 5 %, with a 95 % interval, of anything with `p_value`, `lower` and `upper`.
template <class Estimate>
Verdict verdict_of(const Estimate& e, double truth) {
  return {!std::isfinite(e.p_value), e.p_value < 0.05, e.lower <= truth && truth <= e.upper};
}

/// The same of a normal (or, by its quantile, a t) reference.
inline Verdict wald_verdict(double estimate, double se, double truth,
                            double quantile = 1.959963984540054) {
  const double half = quantile * se;
  return {!std::isfinite(half), std::fabs(estimate) > half, std::fabs(estimate - truth) <= half};
}

/// A test is right under `null`; a coverage is right under both.
struct Setting {
  int per_arm = 20;
  bool null = true;
};

/// What a procedure promises, and so what is checked.
enum class Claim {
  exact,      ///< error at most nominal, whatever n: checked at every size
  corrected,  ///< corrected for small samples: checked at every size
  asymptotic  ///< checked at the usual size only; at 20 per arm the rate is published
};

struct Procedure {
  std::string name;   ///< method and its conventions
  std::string trial;  ///< how a trial is drawn, in words
  Claim claim = Claim::asymptotic;
  int usual_per_arm = 84;
  double error = 0.05;     ///< nominal; below 0: no test
  double coverage = 0.95;  ///< nominal; below 0: no interval
  /// How far the published rate may lie off nominal beyond Monte Carlo error, at sizes for which
  /// the claim is checked: what the method's own approximation is known to cost.
  double slack = 0.0;
  /// Draws and analyses one trial. Two calls with equal streams give the same verdict.
  std::function<Verdict(random::Stream& draw, const Setting& setting)> run;
};

// One function a file; operating.cpp gathers them.
std::vector<Procedure> blinded_review_procedures();
std::vector<Procedure> borrowing_procedures();
std::vector<Procedure> composite_procedures();
std::vector<Procedure> count_procedures();
std::vector<Procedure> design_procedures();
std::vector<Procedure> dose_procedures();
std::vector<Procedure> dose_target_procedures();
std::vector<Procedure> generalised_linear_procedures();
std::vector<Procedure> group_procedures();
std::vector<Procedure> imputation_procedures();
std::vector<Procedure> linear_procedures();
std::vector<Procedure> mixed_procedures();
std::vector<Procedure> mixed_structure_procedures();
std::vector<Procedure> multiplicity_procedures();
std::vector<Procedure> ordinal_procedures();
std::vector<Procedure> rank_procedures();
std::vector<Procedure> repeated_count_procedures();
std::vector<Procedure> repeated_ordinal_procedures();
std::vector<Procedure> sequential_procedures();
std::vector<Procedure> standardisation_procedures();
std::vector<Procedure> survival_procedures();
std::vector<Procedure> survival_curve_procedures();
std::vector<Procedure> survival_model_procedures();
std::vector<Procedure> win_procedures();
std::vector<Procedure> zero_count_procedures();

}  // namespace angiotrial::operating
