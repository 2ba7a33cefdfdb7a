// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/constrained_baseline.hpp>
#include <angiotrial/analysis/mixed/mmrm_inference.hpp>

#include <array>
#include <cmath>
#include <limits>

#include "procedure.hpp"
#include "visit_trials.hpp"

/// Mixed models for repeated measures.
namespace angiotrial::operating {
namespace {

using namespace analysis;

const MixedFit& fit(const VisitRows& rows, CovarianceStructure structure,
                    MixedWorkspace& workspace) {
  RepeatedModel model;
  model.response = rows.response;
  model.design = rows.design;
  model.columns = visit_columns;
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
  p.trial = visit_words;
  p.claim = claim;
  p.slack = 0.005;
  p.run = [structure, inference](random::Stream& draw, const Setting& s) {
    thread_local MixedWorkspace workspace;
    const VisitTrial t = draw_visits(draw, s);
    if (fit(rows_of(t), structure, workspace).status != MixedStatus::fitted) return Verdict{true};
    std::array<double, visit_columns> last{};
    last[visit_columns - 2] = 1.0;
    return judge(estimate_contrast(workspace, last, inference), t.truth);
  };
  return p;
}

Procedure joint_test() {
  Procedure p;
  p.name = "MMRM, unstructured, joint F of three visits, Kenward-Roger (linear)";
  p.trial = visit_words;
  p.claim = Claim::corrected;
  p.coverage = -1.0;
  p.slack = 0.005;
  p.run = [](random::Stream& draw, const Setting& s) {
    thread_local MixedWorkspace workspace;
    const VisitRows rows = rows_of(draw_visits(draw, s));
    const auto& fitted = fit(rows, CovarianceStructure::unstructured, workspace);
    if (fitted.status != MixedStatus::fitted) return Verdict{true};
    std::array<double, visit_columns * visits> contrasts{};
    for (std::size_t v = 0; v < visits; ++v) contrasts[v * visit_columns + 3 * v + 1] = 1.0;
    return Verdict{false, test_jointly(workspace, contrasts).p_value < 0.05, true};
  };
  return p;
}

/// One patient in ten lacks the baseline.
Procedure constrained() {
  Procedure p;
  p.name = "constrained longitudinal analysis, unstructured, Kenward-Roger (linear)";
  p.trial = std::string(visit_words) + "; one baseline in ten missing";
  p.claim = Claim::corrected;
  p.slack = 0.005;
  p.run = [](random::Stream& draw, const Setting& s) {
    thread_local MixedWorkspace workspace;
    VisitTrial t = draw_visits(draw, s);
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

}  // namespace

std::vector<Procedure> mixed_procedures() {
  using enum CovarianceStructure;
  return {mmrm("MMRM, unstructured, Kenward-Roger (linear)", unstructured,
               MixedInference::kenward_roger, Claim::corrected),
          mmrm("MMRM, unstructured, Satterthwaite", unstructured, MixedInference::satterthwaite,
               Claim::corrected),
          mmrm("MMRM, AR(1) though variances differ, CR2, Bell and McCaffrey", ar1,
               MixedInference::cr2, Claim::corrected),
          joint_test(), constrained()};
}

}  // namespace angiotrial::operating
