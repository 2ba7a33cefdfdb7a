// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/random/stream.hpp>
#include <angiotrial/random/transforms.hpp>

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

// One function a family, in a file of its own; operating.cpp gathers them.
std::vector<Procedure> composite_procedures();
std::vector<Procedure> count_procedures();
std::vector<Procedure> design_procedures();
std::vector<Procedure> dose_procedures();
std::vector<Procedure> linear_procedures();
std::vector<Procedure> mixed_procedures();
std::vector<Procedure> ordinal_procedures();
std::vector<Procedure> rank_procedures();
std::vector<Procedure> survival_procedures();

}  // namespace angiotrial::operating
