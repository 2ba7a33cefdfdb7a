// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/reference_based.hpp>
#include <angiotrial/analysis/mixed/constrained_baseline.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <array>
#include <cmath>
#include <limits>

#include "procedure.hpp"

/// Mixed models for repeated measures and reference-based imputation.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr std::size_t visits = 3;
constexpr double effect_at_end = 0.8;
/// Of a patient, either arm, to be missing at the last visit: 0.15 before the second, then 0.1.
constexpr double missing_at_end = 0.15 + 0.85 * 0.1;
constexpr const char* trial_words =
    "normal outcome at three visits, standard deviations 1 to 1.5, baseline; 24 % leave, more "
    "after a low first visit";

struct Trial {
  std::vector<double> baseline, outcome;  ///< outcome: patients x visits, NaN: missing
  std::vector<int> arm;
  double truth = 0.0;  ///< at the last visit
};

Trial draw_trial(random::Stream& draw, const Setting& s) {
  constexpr std::array<double, visits> sd{1.0, 1.2, 1.5};
  Trial t;
  t.truth = s.null ? 0.0 : effect_at_end;
  for (int i = 0; i < 2 * s.per_arm; ++i) {
    const int arm = i % 2;
    const double base = draw.normal();
    double z = draw.normal();
    const double first = z, u = draw.uniform(), w = draw.uniform();
    const std::size_t leaves = u < (first > 0.0 ? 0.08 : 0.22) ? 1 : (w < 0.1 ? 2 : visits);
    for (std::size_t v = 0; v < visits; ++v) {
      if (v > 0) z = 0.7 * z + std::sqrt(1.0 - 0.49) * draw.normal();
      const double mean = 0.5 * base + 0.3 * static_cast<double>(v) +
                          arm * t.truth * static_cast<double>(v + 1) / visits;
      t.outcome.push_back(v < leaves ? mean + sd[v] * z : std::numeric_limits<double>::quiet_NaN());
    }
    t.baseline.push_back(base);
    t.arm.push_back(arm);
  }
  return t;
}

/// At each visit an intercept, the arm and the baseline.
struct Rows {
  std::vector<double> response, design;
  std::vector<int> patient, visit;
};
constexpr std::size_t columns = 3 * visits;

Rows rows_of(const Trial& t) {
  Rows out;
  for (std::size_t i = 0; i < t.arm.size(); ++i) {
    for (std::size_t v = 0; v < visits; ++v) {
      const double y = t.outcome[visits * i + v];
      if (std::isnan(y)) continue;
      std::array<double, columns> x{};
      x[3 * v] = 1.0;
      x[3 * v + 1] = t.arm[i];
      x[3 * v + 2] = t.baseline[i];
      out.response.push_back(y);
      out.design.insert(out.design.end(), x.begin(), x.end());
      out.patient.push_back(static_cast<int>(i));
      out.visit.push_back(static_cast<int>(v));
    }
  }
  return out;
}

const MixedFit& fit(const Rows& rows, CovarianceStructure structure, MixedWorkspace& workspace) {
  RepeatedModel model;
  model.response = rows.response;
  model.design = rows.design;
  model.columns = columns;
  model.patient = rows.patient;
  model.visit = rows.visit;
  model.visits = visits;
  model.structure = structure;
  return fit_mixed_model(model, workspace);
}

Verdict judge(const MixedEstimate& e, double truth) {
  if (!e.positive_variance) return {true};
  return {false, e.p_value < 0.05, e.lower <= truth && truth <= e.upper};
}

Procedure mmrm(std::string name, CovarianceStructure structure, MixedInference inference,
               Claim claim) {
  Procedure p;
  p.name = std::move(name);
  p.trial = trial_words;
  p.claim = claim;
  p.slack = 0.005;
  p.run = [structure, inference](random::Stream& draw, const Setting& s) {
    thread_local MixedWorkspace workspace;
    const Trial t = draw_trial(draw, s);
    if (fit(rows_of(t), structure, workspace).status != MixedStatus::fitted) return Verdict{true};
    std::array<double, columns> last{};
    last[columns - 2] = 1.0;
    return judge(estimate_contrast(workspace, last, inference), t.truth);
  };
  return p;
}

Procedure joint_test() {
  Procedure p;
  p.name = "MMRM, unstructured, joint F of three visits, Kenward-Roger (linear)";
  p.trial = trial_words;
  p.claim = Claim::corrected;
  p.coverage = -1.0;
  p.slack = 0.005;
  p.run = [](random::Stream& draw, const Setting& s) {
    thread_local MixedWorkspace workspace;
    const Rows rows = rows_of(draw_trial(draw, s));
    const auto& fitted = fit(rows, CovarianceStructure::unstructured, workspace);
    if (fitted.status != MixedStatus::fitted) return Verdict{true};
    std::array<double, columns * visits> contrasts{};
    for (std::size_t v = 0; v < visits; ++v) contrasts[v * columns + 3 * v + 1] = 1.0;
    return Verdict{false, test_jointly(workspace, contrasts).p_value < 0.05, true};
  };
  return p;
}

/// One patient in ten lacks the baseline.
Procedure constrained() {
  Procedure p;
  p.name = "constrained longitudinal analysis, unstructured, Kenward-Roger (linear)";
  p.trial = std::string(trial_words) + "; one baseline in ten missing";
  p.claim = Claim::corrected;
  p.slack = 0.005;
  p.run = [](random::Stream& draw, const Setting& s) {
    thread_local MixedWorkspace workspace;
    Trial t = draw_trial(draw, s);
    for (double& base : t.baseline) {
      if (draw.uniform() < 0.1) base = std::numeric_limits<double>::quiet_NaN();
    }
    const ConstrainedBaseline model(
        {t.arm.size(), static_cast<int>(visits), t.baseline, t.outcome, t.arm, 2, {}, 0});
    if (fit_mixed_model(model.model(), workspace).status != MixedStatus::fitted) {
      return Verdict{true};
    }
    return judge(estimate_contrast(workspace, model.contrast(visits, 1)), t.truth);
  };
  return p;
}

/// Who leaves the treated arm is taken to have the other's mean from then on, so that the truth is
/// the effect times the share who stay; deviations before leaving carry over and average to 0.
Procedure jump_to_reference() {
  Procedure p;
  p.name = "jump to reference, conditional means, jackknife";
  p.trial = trial_words;
  p.usual_per_arm = 60;
  p.slack = 0.01;
  p.run = [](random::Stream& draw, const Setting& s) {
    thread_local ImputationWorkspace workspace;
    const Trial t = draw_trial(draw, s);
    std::vector<int> event;
    for (std::size_t i = 0; i < t.arm.size(); ++i) {
      int first = static_cast<int>(visits);
      while (std::isnan(t.outcome[visits * i + static_cast<std::size_t>(first) - 1])) --first;
      event.push_back(first);
    }
    const std::array strategy{ImputationStrategy::jump_to_reference};
    IncompleteTrial trial;
    trial.patients = t.arm.size();
    trial.visits = static_cast<int>(visits);
    trial.outcome = t.outcome;
    trial.arm = t.arm;
    trial.by_visit = t.baseline;
    trial.by_visit_columns = 1;
    trial.adjustment = t.baseline;
    trial.adjustment_columns = 1;
    trial.event_visit = event;
    trial.strategy = strategy;
    const ImputationResult& result = impute_conditional_means(trial, workspace);
    if (result.status != ImputationStatus::imputed) return Verdict{true};
    const ImputedEstimate& e = result.contrasts.back();
    const double truth = t.truth * (1.0 - missing_at_end);
    return Verdict{false, e.p_value < 0.05, e.lower <= truth && truth <= e.upper};
  };
  return p;
}

}  // namespace

std::vector<Procedure> mixed_procedures() {
  using enum CovarianceStructure;
  return {mmrm("MMRM, unstructured, Kenward-Roger (linear)", unstructured,
               MixedInference::kenward_roger, Claim::corrected),
          mmrm("MMRM, unstructured, Satterthwaite", unstructured, MixedInference::satterthwaite,
               Claim::corrected),
          mmrm("MMRM, AR(1) though variances differ, CR2, Bell and McCaffrey", ar1,
               MixedInference::cr2, Claim::corrected),
          joint_test(),
          constrained(),
          jump_to_reference()};
}

}  // namespace angiotrial::operating
