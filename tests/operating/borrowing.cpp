// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/commensurate.hpp>
#include <angiotrial/analysis/borrowing/power_prior.hpp>
#include <angiotrial/analysis/borrowing/robust_map.hpp>
#include <angiotrial/analysis/borrowing/two_sample_decision.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "procedure.hpp"

/// Decisions with a control arm that borrows, where history agrees and where it does not; credible
/// intervals where the truth comes from the prior.
namespace angiotrial::operating {
namespace {

using namespace analysis;

constexpr double nominal = 0.025;

Mixture valid(Mixture mixture) {
  if (check(mixture) != MixtureStatus::valid) throw std::logic_error("a prior that is not one");
  return mixture;
}

/// Rates of four studies about 0.3; a fifth of the weight on a uniform.
Mixture robust_map_of_rate() {
  constexpr std::array<HistoricalRate, 4> studies{
      {{15.0, 50.0}, {18.0, 60.0}, {11.0, 40.0}, {20.0, 64.0}}};
  const MapPrior map = map_prior(studies, {0.5, 0.0, 2.0});
  const MixtureFit fit = fit_mixture(map.theta, MixtureFamily::beta, 2);
  return valid(robustify(fit.mixture, {0.2, 0.5, 1.0}).mixture);
}

/// A historical control mean of 0 from 60 patients, standard deviation 1.
const Mixture& vague_mean() {
  static const Mixture vague{MixtureFamily::normal, {{1.0, 0.0, 10.0}}, 1.0};
  return vague;
}
const ArmData history{0.0, 60.0};

Mixture power_prior_of_mean() { return valid(power_prior(vague_mean(), history, 0.5).posterior); }
Mixture normalised_power_prior_of_mean() {
  return valid(normalised_power_prior(vague_mean(), history, 1.0, 1.0).prior);
}
Mixture commensurate_prior_of_mean() {
  return valid(
      commensurate_prior_half_normal({history.value, 1.0 / std::sqrt(history.size)}, 0.25, 1.0)
          .mixture);
}

/// One arm's data at its true rate or mean.
ArmData draw_arm(random::Stream& draw, const Mixture& prior, int n, double truth) {
  const auto size = static_cast<double>(n);
  if (prior.family == MixtureFamily::normal) {
    return {truth + prior.sigma * draw.normal() / std::sqrt(size), size};
  }
  double events = 0.0;
  for (int i = 0; i < n; ++i) events += draw.bernoulli(truth) ? 1.0 : 0.0;
  return {events, size};
}

/// What is known of the control arm, what is true of it, and what the treatment adds.
struct Scene {
  Mixture control, treatment;
  double truth = 0.0, effect = 0.0;
};

/// The exact probability of a false "yes" by sums over the data, without simulation.
double exact_error(const Scene& scene, int per_arm) {
  const auto n = static_cast<double>(per_arm);
  const DecisionBoundary boundary(
      {scene.treatment, scene.control, n, n, {{1.0 - nominal, 0.0}}, false});
  if (boundary.status() != MixtureStatus::valid) throw std::logic_error("a rule refused");
  return boundary.success(scene.truth, scene.truth);
}

/// P(treatment > control | data) > 0.975, from the two posteriors.
bool says_yes(const Scene& scene, const ArmData& control, const ArmData& treatment) {
  const MixtureUpdate c = update(scene.control, control), t = update(scene.treatment, treatment);
  return probability_of_difference(t.posterior, c.posterior, 0.0) > 1.0 - nominal;
}

/// Answers at counts that came before: rates have few of them, and each costs an integral.
class Remembered {
 public:
  explicit Remembered(Scene scene) : scene_(std::move(scene)) {}

  bool operator()(const ArmData& control, const ArmData& treatment) const {
    if (scene_.control.family == MixtureFamily::normal) return says_yes(scene_, control, treatment);
    const std::array key{control.size, control.value, treatment.value};
    const std::scoped_lock lock(*mutex_);
    const auto [at, is_new] = answers_->try_emplace(key, false);
    if (is_new) at->second = says_yes(scene_, control, treatment);
    return at->second;
  }
  [[nodiscard]] const Scene& scene() const { return scene_; }

 private:
  Scene scene_;
  std::shared_ptr<std::mutex> mutex_ = std::make_shared<std::mutex>();
  std::shared_ptr<std::map<std::array<double, 3>, bool>> answers_ =
      std::make_shared<std::map<std::array<double, 3>, bool>>();
};

/// A Bayesian rule promises no frequentist level: what is checked is that no more than 2.5 %, or
/// the exact sum where that is larger, goes wrong.
Procedure decision(std::string name, std::string trial, Scene scene) {
  Procedure p;
  p.name = std::move(name);
  p.trial = std::move(trial);
  p.error = nominal;
  p.coverage = -1.0;
  p.slack = std::max(0.0, exact_error(scene, p.usual_per_arm) - nominal);
  p.run = [rule = Remembered(std::move(scene))](random::Stream& draw, const Setting& s) {
    const Scene& scene_now = rule.scene();
    const double truth = scene_now.truth;
    const double treated = truth + (s.null ? 0.0 : scene_now.effect);
    const ArmData control = draw_arm(draw, scene_now.control, s.per_arm, truth);
    const ArmData treatment = draw_arm(draw, scene_now.treatment, s.per_arm, treated);
    return Verdict{false, rule(control, treatment), true};
  };
  return p;
}

Procedure of_rates(const std::string& how, double truth) {
  const Mixture uniform{MixtureFamily::beta, {{1.0, 1.0, 1.0}}, 1.0};
  return decision("robust MAP of the control rate, decision at 97.5 %, " + how,
                  "four historical studies with rate 0.3; control rate " +
                      std::string(truth == 0.3 ? "0.3" : "0.45") + ", effect 0.25",
                  {robust_map_of_rate(), uniform, truth, 0.25});
}

Procedure of_means(const std::string& name, const Mixture& control, const std::string& how,
                   double truth) {
  return decision(name + " of the control mean, decision at 97.5 %, " + how,
                  "60 historical controls with mean 0, standard deviation 1; control mean " +
                      std::string(truth == 0.0 ? "0" : "0.4") + ", effect 0.5",
                  {control, vague_mean(), truth, 0.5});
}

/// The truth is drawn from the prior: credible intervals then cover exactly, whatever the size.
Procedure credible(const std::string& name, const Mixture& prior) {
  Procedure p;
  p.name = name + " of a mean, credible interval";
  p.trial = "mean drawn from the prior, normal data";
  p.claim = Claim::exact;
  p.error = -1.0;
  p.run = [prior](random::Stream& draw, const Setting& s) {
    const double truth = quantile(prior, draw.uniform());
    const MixtureUpdate after = update(prior, draw_arm(draw, prior, s.per_arm, truth));
    if (after.status != MixtureStatus::valid) return Verdict{true};
    const double below = cdf(after.posterior, truth);
    return Verdict{false, false, 0.025 <= below && below <= 0.975};
  };
  return p;
}

}  // namespace

std::vector<Procedure> borrowing_procedures() {
  const Mixture half = power_prior_of_mean(), free = normalised_power_prior_of_mean(),
                near = commensurate_prior_of_mean();
  const std::string agree = "history agrees", conflict = "history in conflict";
  return {of_rates(agree, 0.3),
          of_rates(conflict, 0.45),
          of_means("power prior with half of 60 controls", half, agree, 0.0),
          of_means("power prior with half of 60 controls", half, conflict, 0.4),
          of_means("normalised power prior", free, agree, 0.0),
          of_means("normalised power prior", free, conflict, 0.4),
          of_means("commensurate prior, half-normal", near, agree, 0.0),
          of_means("commensurate prior, half-normal", near, conflict, 0.4),
          credible("normalised power prior", free),
          credible("commensurate prior, half-normal", near)};
}

}  // namespace angiotrial::operating
