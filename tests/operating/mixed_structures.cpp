// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "procedure.hpp"
#include "visit_trials.hpp"

/// Mixed models by the structure of their covariance: random effects, chains, arms apart.
namespace angiotrial::operating {
namespace {

using namespace analysis;

Verdict judge(const MixedEstimate& e, double truth) {
  if (!e.positive_variance) return {true};
  return verdict_of(e, truth);
}

Procedure procedure(std::string name, std::string trial) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::move(trial);
  p.claim = Claim::corrected;
  p.slack = 0.005;  // as for the other mixed models: degrees of freedom are an approximation
  return p;
}

/// The arm's effect at the last visit by the model at each visit.
Verdict at_last_visit(const VisitTrial& t, const RepeatedModel& like, MixedInference inference) {
  thread_local MixedWorkspace workspace;
  const VisitRows rows = rows_of(t);
  RepeatedModel model = like;
  model.response = rows.response;
  model.design = rows.design;
  model.columns = visit_columns;
  model.patient = rows.patient;
  model.visit = rows.visit;
  model.visits = static_cast<int>(visits);
  std::vector<int> group;
  for (const int i : rows.patient) group.push_back(t.arm[static_cast<std::size_t>(i)]);
  if (like.groups > 1) model.group = group;
  if (fit_mixed_model(model, workspace).status != MixedStatus::fitted) return {true};
  std::array<double, visit_columns> last{};
  last[visit_columns - 2] = 1.0;
  return judge(estimate_contrast(workspace, last, inference), t.truth);
}

Procedure heterogeneous_chain() {
  Procedure p = procedure("MMRM, heterogeneous AR(1), Kenward-Roger (linear)", visit_words);
  p.run = [](random::Stream& draw, const Setting& s) {
    RepeatedModel model;
    model.structure = CovarianceStructure::heterogeneous_ar1;
    return at_last_visit(draw_visits(draw, s), model, MixedInference::kenward_roger);
  };
  return p;
}

/// How the errors of a patient hang together: a chain of correlation 0.7 in a unit of time, or a
/// normal intercept that makes half of their variance; then a spread a visit.
struct Errors {
  enum class Kind { chain, intercept } kind = Kind::chain;
  std::array<double, visits> time{0.0, 1.0, 2.0};
  std::array<double, visits> sd{1.0, 1.0, 1.0};
};

constexpr std::array rising_spreads{1.0, 1.2, 1.5};

/// As `draw_visits`, with errors of another kind.
VisitTrial draw_errors(random::Stream& draw, const Setting& s, const Errors& errors) {
  VisitTrial t;
  t.truth = s.null ? 0.0 : effect_at_end;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const double base = draw.normal(), intercept = std::sqrt(0.5) * draw.normal(), arm = i % 2;
    double z = draw.normal();
    std::size_t leaves = visits;
    for (std::size_t v = 0; v < visits; ++v) {
      if (v > 0) {
        const double rho = std::pow(0.7, errors.time[v] - errors.time[v - 1]);
        z = rho * z + std::sqrt(1.0 - rho * rho) * draw.normal();
      }
      const bool chain = errors.kind == Errors::Kind::chain;
      const double error = chain ? z : intercept + std::sqrt(0.5) * draw.normal();
      if (v == 0 && draw.uniform() < (error > 0.0 ? 0.08 : 0.22)) leaves = 1;
      if (v == 0 && leaves == visits && draw.uniform() < 0.1) leaves = 2;
      const double mean = 0.5 * base + 0.3 * static_cast<double>(v) +
                          arm * t.truth * static_cast<double>(v + 1) / visits;
      t.outcome.push_back(v < leaves ? mean + errors.sd[v] * error
                                     : std::numeric_limits<double>::quiet_NaN());
    }
    t.baseline.push_back(base);
    t.arm.push_back(i % 2);
  }
  return t;
}

/// The structure that the errors have, or one that holds it.
Procedure of_structure(const std::string& structure_name, CovarianceStructure structure,
                       std::string trial, const Errors& errors) {
  Procedure p = procedure("MMRM, " + structure_name + ", Kenward-Roger (linear)",
                          "normal outcome at three visits, " + std::move(trial) +
                              "; baseline; 24 % leave, more after a low first visit");
  p.run = [structure, errors](random::Stream& draw, const Setting& s) {
    RepeatedModel model;
    model.structure = structure;
    if (needs_times(structure)) model.times = errors.time;
    return at_last_visit(draw_errors(draw, s, errors), model, MixedInference::kenward_roger);
  };
  return p;
}

/// Deviations from the mean are twice as large on the treated arm.
VisitTrial draw_unequal(random::Stream& draw, const Setting& s) {
  VisitTrial t = draw_visits(draw, s);
  for (std::size_t i = 0; i < t.arm.size(); ++i) {
    if (t.arm[i] == 0) continue;
    for (std::size_t v = 0; v < visits; ++v) {
      const double mean = 0.5 * t.baseline[i] + 0.3 * static_cast<double>(v) +
                          t.truth * static_cast<double>(v + 1) / visits;
      t.outcome[visits * i + v] += t.outcome[visits * i + v] - mean;
    }
  }
  return t;
}

Procedure by_arm(std::string name, MixedInference inference) {
  Procedure p = procedure(std::move(name), std::string(visit_words) + "; spreads 1 and 2 by arm");
  p.run = [inference](random::Stream& draw, const Setting& s) {
    RepeatedModel model;
    model.groups = 2;
    return at_last_visit(draw_unequal(draw, s), model, inference);
  };
  return p;
}

constexpr std::array times{0.0, 0.5, 1.0, 2.0};

/// y = 0.5 base + b_0 + (0.3 + b_1 + effect arm) t + e, e ~ N(0, 0.8^2), b_0 ~ N(0, 1),
/// b_1 = 0.2 b_0 + N(0, spread^2); one measurement in ten is missing.
struct Lines {
  std::vector<double> response, design;
  std::vector<int> patient, visit;

  Lines(random::Stream& draw, const Setting& s, double effect, double spread) {
    for (int i = 0; i < 2 * s.per_arm; ++i) {
      const double base = draw.normal(), intercept = draw.normal(), arm = i % 2;
      const double slope = spread == 0.0 ? 0.3 : 0.3 + 0.2 * intercept + spread * draw.normal();
      for (std::size_t v = 0; v < times.size(); ++v) {
        const double error = 0.8 * draw.normal();
        if (draw.uniform() < 0.1) continue;
        response.push_back(0.5 * base + intercept + (slope + effect * arm) * times[v] + error);
        design.insert(design.end(), {1.0, arm, times[v], arm * times[v], base});
        patient.push_back(i);
        visit.push_back(static_cast<int>(v));
      }
    }
  }
};

/// The difference of the slopes.
Procedure slopes(std::string name, bool random_slope, MixedInference inference) {
  Procedure p =
      procedure(std::move(name), std::string("four measurements on lines, random intercepts") +
                                     (random_slope ? " and slopes" : "") + ", one in ten missing");
  p.run = [random_slope, inference](random::Stream& draw, const Setting& s) {
    const double truth = s.null ? 0.0 : random_slope ? 0.35 : 0.25;
    const Lines t(draw, s, truth, random_slope ? 0.5 : 0.0);
    RepeatedModel model;
    model.response = t.response;
    model.design = t.design;
    model.columns = 5;
    model.patient = t.patient;
    model.visit = t.visit;
    model.visits = static_cast<int>(times.size());
    model.structure =
        random_slope ? CovarianceStructure::random_slope : CovarianceStructure::compound_symmetry;
    if (random_slope) model.times = times;
    thread_local MixedWorkspace workspace;
    if (fit_mixed_model(model, workspace).status != MixedStatus::fitted) return Verdict{true};
    constexpr std::array<double, 5> difference{0.0, 0.0, 0.0, 1.0, 0.0};
    return judge(estimate_contrast(workspace, difference, inference), truth);
  };
  return p;
}

}  // namespace

std::vector<Procedure> mixed_structure_procedures() {
  using enum MixedInference;
  using enum CovarianceStructure;
  const Errors equal, rising{.sd = rising_spreads};
  const Errors apart{.time = {0.0, 0.5, 2.0}};
  const Errors exchangeable{.kind = Errors::Kind::intercept, .sd = rising_spreads};
  const std::string chain = "a chain of equal spreads";
  return {heterogeneous_chain(),
          of_structure("AR(1)", ar1, chain, equal),
          of_structure("Toeplitz", toeplitz, chain, equal),
          of_structure("heterogeneous Toeplitz", heterogeneous_toeplitz,
                       "a chain of rising spreads", rising),
          of_structure("ante-dependence", ante_dependence, chain, equal),
          of_structure("heterogeneous ante-dependence", heterogeneous_ante_dependence,
                       "a chain of rising spreads", rising),
          of_structure("heterogeneous compound symmetry", heterogeneous_compound_symmetry,
                       "intercepts, rising spreads", exchangeable),
          of_structure("spatial exponential", spatial_exponential, "a chain at times 0, 0.5 and 2",
                       apart),
          by_arm("MMRM, unstructured by arm, Kenward-Roger (linear)", kenward_roger),
          by_arm("MMRM, unstructured by arm, Satterthwaite", satterthwaite),
          slopes("random intercept and slope, Satterthwaite", true, satterthwaite),
          slopes("random intercept and slope, Kenward-Roger (linear)", true, kenward_roger),
          slopes("random intercept, Kenward-Roger (linear)", false, kenward_roger)};
}

}  // namespace angiotrial::operating
