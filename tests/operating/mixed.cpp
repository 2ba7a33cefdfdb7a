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

/// Standardisation needs covariates whose effect differs by arm to differ from a coefficient: at
/// the last visit the baseline's slope is 0.4 more on the second arm. Columns of a visit: an
/// intercept, the arm, the baseline and their product.
struct Interacting {
  static constexpr std::size_t columns = 4 * visits;
  VisitTrial trial;
  std::vector<double> design, response, grid;
  std::vector<int> patient, visit, population;

  Interacting(random::Stream& draw, const Setting& s) : trial(draw_visits(draw, s)) {
    for (std::size_t i = 0; i < trial.arm.size(); ++i) {
      population.push_back(static_cast<int>(i));
      for (std::size_t v = 0; v < visits; ++v) {
        const double y = trial.outcome[visits * i + v];
        if (std::isnan(y)) continue;
        const double more = v + 1 == visits ? 0.4 * trial.arm[i] * trial.baseline[i] : 0.0;
        response.push_back(y + more);
        add_row(design, v, trial.arm[i], trial.baseline[i]);
        patient.push_back(static_cast<int>(i));
        visit.push_back(static_cast<int>(v));
      }
    }
    for (const int arm : {0, 1}) {
      for (const double base : trial.baseline) add_row(grid, visits - 1, arm, base);
    }
  }

  static void add_row(std::vector<double>& rows, std::size_t v, double arm, double base) {
    std::array<double, columns> x{};
    x[4 * v] = 1.0;
    x[4 * v + 1] = arm;
    x[4 * v + 2] = base;
    x[4 * v + 3] = arm * base;
    rows.insert(rows.end(), x.begin(), x.end());
  }
};

/// The difference at the last visit of means over the baselines of all patients, as over those of
/// the population they come from, whose mean is 0.
Procedure standardised(std::string name, MixedInference sandwich) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::string(visit_words) + "; the slope on the baseline 0.4 more on the second arm";
  // A normal reference for an error from 168 patients in two arms, 0.15 points, and from those of
  // them who stay, 128, 0.2.
  p.slack = 0.005;
  p.run = [sandwich](random::Stream& draw, const Setting& s) {
    thread_local MixedWorkspace workspace;
    const Interacting t(draw, s);
    RepeatedModel model;
    model.response = t.response;
    model.design = t.design;
    model.columns = Interacting::columns;
    model.patient = t.patient;
    model.visit = t.visit;
    model.visits = static_cast<int>(visits);
    if (fit_mixed_model(model, workspace).status != MixedStatus::fitted) return Verdict{true};
    const StandardisedMeans m = standardise_means(workspace, t.grid, t.population, sandwich);
    const double variance = m.covariance[0] + m.covariance[3] - 2.0 * m.covariance[1];
    return wald_verdict(m.estimate[1] - m.estimate[0], std::sqrt(variance), t.trial.truth);
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
          mmrm("MMRM, unstructured, Kenward-Roger (exact)", unstructured,
               MixedInference::kenward_roger_exact, Claim::corrected),
          mmrm("MMRM, unstructured, CR3, Bell and McCaffrey", unstructured, MixedInference::cr3,
               Claim::corrected),
          mmrm("MMRM, AR(1) though variances differ, CR3, Bell and McCaffrey", ar1,
               MixedInference::cr3, Claim::corrected),
          joint_test(),
          constrained(),
          standardised("MMRM, unstructured, standardised means, CR2, normal", MixedInference::cr2),
          standardised("MMRM, unstructured, standardised means, CR3, normal", MixedInference::cr3)};
}

}  // namespace angiotrial::operating
