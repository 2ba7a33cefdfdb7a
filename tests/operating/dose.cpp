// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/bayesian_model_average.hpp>
#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/analysis/dose/order_restricted.hpp>
#include <angiotrial/analysis/multiplicity/arm_contrasts.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "procedure.hpp"

/// Dose-response tests: placebo and three doses, normal responses with standard deviation 1.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr std::size_t groups = 4;
using Means = std::array<double, groups>;
constexpr Means doses{0.0, 1.0, 5.0, 10.0};
constexpr Means flat{};
constexpr Means rising{0.0, 0.25, 0.5, 0.6};
constexpr Means umbrella_means{0.0, 0.6, 0.3, 0.1};

struct Trial {
  std::vector<double> dose, response, covariate;
};

Trial normal_trial(random::Stream& draw, int per_arm, const Means& means, double slope) {
  Trial t;
  for (int i = 0; i < per_arm; ++i) {
    for (std::size_t g = 0; g < groups; ++g) {
      const double x = slope == 0.0 ? 0.0 : draw.normal();
      t.dose.push_back(doses[g]);
      t.covariate.push_back(x);
      t.response.push_back(means[g] + slope * x + draw.normal());
    }
  }
  return t;
}

DoseEstimates normal_means(random::Stream& draw, const Setting& s, const Means& alternative) {
  const Trial t = normal_trial(draw, s.per_arm, s.null ? flat : alternative, 0.0);
  return summarise_doses(t.dose, t.response);
}

Procedure procedure(std::string name, std::string trial, double error, double coverage) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::move(trial);
  p.claim = Claim::exact;
  p.usual_per_arm = 42;
  p.error = error;
  p.coverage = coverage;
  return p;
}

std::vector<double> balanced(int per_arm) {
  std::vector<double> s(groups * groups, 0.0);
  for (std::size_t g = 0; g < groups; ++g) s[g * (groups + 1)] = 1.0 / per_arm;
  return s;
}

/// Family-wise error of the contrast test under the default candidates, one-sided at 2.5 %.
Procedure mcp_mod_signal() {
  Procedure p = procedure("MCP-Mod, contrast test at one-sided 2.5 %, default candidates",
                          "normal response at four doses", 0.025, -1.0);
  const auto candidates = default_candidates(doses.back());
  std::map<int, ContrastTest> tests;
  for (const int n : {20, p.usual_per_arm}) {
    const auto s = balanced(n);
    tests.emplace(n, plan_contrast_test({candidates, doses, s, 4.0 * (n - 1)}));
  }
  p.run = [candidates, tests](random::Stream& draw, const Setting& s) {
    McpModOptions options;
    options.adjusted_p = false;
    thread_local DoseFitWorkspace workspace;
    const McpModResult r =
        mcp_mod(tests.at(s.per_arm), candidates, normal_means(draw, s, rising), options, workspace);
    return Verdict{r.status == McpModStatus::not_tested, r.status != McpModStatus::no_signal, true};
  };
  return p;
}

/// With a covariate the contrasts and their correlation differ from trial to trial.
Procedure mcp_mod_adjusted() {
  Procedure p =
      procedure("MCP-Mod with a covariate, contrast test at one-sided 2.5 %",
                "normal response at four doses, slope 1 on a normal covariate", 0.025, -1.0);
  p.run = [](random::Stream& draw, const Setting& s) {
    const Trial t = normal_trial(draw, s.per_arm, s.null ? flat : rising, 1.0);
    const DoseEstimates data = summarise_doses(t.dose, t.response, t.covariate, 1);
    const std::vector<Candidate> candidates{{"linear", Shape::linear, {}, {}},
                                            {"quadratic", Shape::quadratic, {-0.1, 0.0}, {}}};
    const ContrastTest test =
        plan_contrast_test({candidates, data.doses, data.covariance, data.df});
    const auto statistics = contrast_statistics(test, data.estimates, data.covariance, data.sigma);
    return Verdict{false, *std::ranges::max_element(statistics) > test.critical_value, true};
  };
  return p;
}

bool covers_all(const ManyToOne& test, const std::vector<double>& truth) {
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const Comparison& c = test.comparisons[i];
    if (!(c.lower <= truth[i] && truth[i] <= c.upper)) return false;
  }
  return true;
}

ArmEstimates arms_of(const DoseEstimates& data) {
  return {data.estimates, data.covariance, data.sigma, data.df};
}

/// Critical values of `left` = 1, 2, 3 comparisons in a balanced trial: worked out once a design,
/// as adjusted p-values cost more than the trial.
std::vector<double> dunnett_values(int per_arm, Sides sides) {
  std::vector<double> out;
  for (std::size_t left = 1; left < groups; ++left) {
    const std::vector<double> lambda(left, std::sqrt(0.5));
    out.push_back(product_max_t_quantile(0.95, lambda, 4.0 * (per_arm - 1), sides));
  }
  return out;
}

std::map<int, std::vector<double>> dunnett_plan(int usual, Sides sides) {
  return {{20, dunnett_values(20, sides)}, {usual, dunnett_values(usual, sides)}};
}

/// t against the control, with the standard error.
struct AgainstControl {
  std::array<double, groups - 1> t{};
  double se = 0.0;

  explicit AgainstControl(const DoseEstimates& data) {
    se = data.sigma * std::sqrt(data.covariance[0] + data.covariance[groups + 1]);
    for (std::size_t i = 0; i < t.size(); ++i) {
      t[i] = (data.estimates[i + 1] - data.estimates[0]) / se;
    }
  }
};

Procedure dunnett_test(Sides sides) {
  const bool one = sides == Sides::one;
  Procedure p = procedure(std::string("Dunnett, single-step, ") +
                              (one ? "one-sided" : "two-sided") + ", simultaneous intervals",
                          "normal response, three arms and a control", 0.05, 0.95);
  p.run = [one, plan = dunnett_plan(p.usual_per_arm, sides)](random::Stream& draw,
                                                             const Setting& s) {
    const AgainstControl data(normal_means(draw, s, rising));
    const double critical = plan.at(s.per_arm).back();
    Verdict verdict;
    for (std::size_t i = 0; i < data.t.size(); ++i) {
      const double off = data.t[i] - (s.null ? 0.0 : rising[i + 1]) / data.se;
      verdict.rejected = verdict.rejected || (one ? data.t[i] : std::fabs(data.t[i])) > critical;
      verdict.covered = verdict.covered && (one ? off : std::fabs(off)) <= critical;
    }
    return verdict;
  };
  return p;
}

/// Two arms are null, one is not: the error is a rejection of either null arm.
Procedure dunnett_step_down() {
  Procedure p =
      procedure("Dunnett, step-down, two of three arms null",
                "normal response, three arms and a control; one arm 0.8 better", 0.05, -1.0);
  p.run = [plan = dunnett_plan(p.usual_per_arm, Sides::two)](random::Stream& draw,
                                                             const Setting& s) {
    const Trial t = normal_trial(draw, s.per_arm, {0.0, 0.0, s.null ? 0.0 : 0.4, 0.8}, 0.0);
    const AgainstControl data(summarise_doses(t.dose, t.response));
    std::array<std::size_t, groups - 1> order{0, 1, 2};
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
      return std::fabs(data.t[a]) > std::fabs(data.t[b]);
    });
    Verdict verdict;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const double critical = plan.at(s.per_arm)[order.size() - 1 - i];
      if (std::fabs(data.t[order[i]]) <= critical) break;
      verdict.rejected = verdict.rejected || order[i] < 2;
    }
    return verdict;
  };
  return p;
}

Procedure williams_test() {
  Procedure p = procedure("Williams-type contrasts, one-sided, simultaneous limits",
                          "normal response at four doses", 0.05, 0.95);
  p.run = [](random::Stream& draw, const Setting& s) {
    const DoseEstimates data = normal_means(draw, s, rising);
    const std::vector<double> sizes(groups, s.per_arm);
    const std::vector<double> contrasts = williams_contrasts(sizes);
    const ManyToOne test = contrast_test(arms_of(data), contrasts, Sides::one);
    std::vector<double> truth;
    bool rejected = false;
    for (std::size_t i = 0; i < test.comparisons.size(); ++i) {
      truth.push_back(0.0);
      for (std::size_t g = 0; g < groups; ++g) {
        truth.back() += s.null ? 0.0 : contrasts[i * groups + g] * rising[g];
      }
      rejected = rejected || test.comparisons[i].t > test.critical_value;
    }
    return Verdict{false, rejected, covers_all(test, truth)};
  };
  return p;
}

Procedure ordered(std::string name, std::size_t peak, const Means& alternative) {
  Procedure p = procedure(std::move(name), "normal response at four doses", 0.05, -1.0);
  p.run = [peak, alternative](random::Stream& draw, const Setting& s) {
    const OrderRestrictedTest test =
        order_restricted_test(normal_means(draw, s, alternative), peak);
    return Verdict{test.status != OrderStatus::tested, test.p_flat <= 0.05, true};
  };
  return p;
}

/// Equal means are the least favourable ones of this null hypothesis.
Procedure leaves_order() {
  Procedure p =
      procedure("isotonic order against any means, variance estimated",
                "normal response at four doses; the alternative falls after a dose", 0.05, -1.0);
  p.run = [](random::Stream& draw, const Setting& s) {
    const OrderRestrictedTest test =
        order_restricted_test(normal_means(draw, s, umbrella_means), groups - 1);
    return Verdict{test.status != OrderStatus::tested, test.p_order <= 0.05, true};
  };
  return p;
}

Procedure unknown_peak() {
  Procedure p =
      procedure("umbrella test, peak unknown, one-sided",
                "normal response at four doses; the alternative falls after a dose", 0.05, -1.0);
  p.run = [](random::Stream& draw, const Setting& s) {
    const UmbrellaTest test = umbrella_test(normal_means(draw, s, umbrella_means));
    return Verdict{test.status != OrderStatus::tested, test.p <= 0.05, true};
  };
  return p;
}

/// The coefficients of a curve drawn from the prior, so that intervals cover as often as they say.
Procedure averaged_curve() {
  Procedure p = procedure("Bayesian averaging of shapes, interval of the effect at the middle dose",
                          "curve drawn from the prior (linear or quadratic), normal means, known "
                          "variance",
                          -1.0, 0.95);
  p.run = [](random::Stream& draw, const Setting& s) {
    const bool bent = draw.uniform() < 0.5;
    const double placebo = draw.normal(), effect = 0.8 * draw.normal();
    const double angle = 3.14159265358979324 * draw.uniform();
    const auto raw = [&](double d) {
      const double u = d / doses.back();
      return bent ? u * (std::cos(angle) + std::sin(angle) * u) : u;
    };
    const double turn = bent ? -0.5 * doses.back() * std::cos(angle) / std::sin(angle) : 0.0;
    double most = std::fabs(raw(doses.back()));
    if (turn > 0.0 && turn < doses.back()) most = std::max(most, std::fabs(raw(turn)));
    std::vector<double> means;
    for (const double d : doses) {
      means.push_back(placebo + effect * raw(d) / most + draw.normal() / std::sqrt(s.per_arm));
    }
    const std::vector<AveragedShape> shapes{{"linear", Shape::linear, 1.0, {}, {}},
                                            {"quadratic", Shape::quadratic, 1.0, {}, {}}};
    const DoseAverage r = average_dose_response(given_estimates(doses, means, balanced(s.per_arm)),
                                                shapes, {0.0, 1.0, 0.8, 0.0}, {}, {1.0, 12.0, {}});
    const double truth = effect * raw(doses[2]) / most;
    if (r.status != AverageStatus::averaged) return Verdict{true};
    const AveragedPoint& point = r.curve[2];
    return Verdict{false, false, point.effect_lower <= truth && truth <= point.effect_upper};
  };
  return p;
}

}  // namespace

std::vector<Procedure> dose_procedures() {
  return {
      mcp_mod_signal(),
      mcp_mod_adjusted(),
      dunnett_test(Sides::two),
      dunnett_test(Sides::one),
      dunnett_step_down(),
      williams_test(),
      ordered("isotonic test, flat against rising means, variance estimated", groups - 1, rising),
      ordered("umbrella test, peak known, variance estimated", 1, umbrella_means),
      leaves_order(),
      unknown_peak(),
      averaged_curve()};
}

}  // namespace angiotrial::operating
