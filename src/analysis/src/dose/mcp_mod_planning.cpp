// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/descriptive.hpp>
#include <angiotrial/analysis/dose/mcp_mod_planning.hpp>

#include <angiotrial/random/batch.hpp>
#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace angiotrial::analysis {
namespace {

constexpr int most_trials = 1'000'000;

bool positive(double x) { return x > 0.0 && std::isfinite(x); }

bool valid_doses(std::span<const double> doses) {
  return doses.size() >= 3 && doses.size() <= most_doses && doses.front() == 0.0 &&
         std::ranges::all_of(doses, [](double d) { return std::isfinite(d); }) &&
         std::ranges::adjacent_find(doses, std::greater_equal<>{}) == doses.end();
}

bool valid_sizes(const McpModTrial& trial) {
  double total = 0.0;
  for (const double n : trial.sizes) {
    if (!(n >= 1.0) || !std::isfinite(n)) return false;
    total += n;
  }
  const auto k = static_cast<double>(trial.doses.size());
  return trial.sizes.size() == trial.doses.size() && total - k >= 1.0;
}

/// The true curve as a fit, so that it is read as fitted curves are.
DoseFit curve_of(const McpModTrial& trial, const DoseResponseTruth& truth) {
  DoseFit fit;
  fit.shape = truth.curve.shape;
  fit.constants = trial.analysis.constants;
  if (truth.curve.table.count > 0) fit.constants.table = truth.curve.table;
  fit.nonlinear = truth.curve.guess;
  const std::vector<double> mu =
      candidate_means(truth.curve, trial.doses, fit.constants, truth.placebo, truth.effect);
  const auto g = [&](double dose) {
    return shape_value(fit.shape, fit.nonlinear, dose, fit.constants);
  };
  // The slope e_1 from the dose whose value is furthest from placebo's.
  std::size_t far = 0;
  for (std::size_t i = 1; i < mu.size(); ++i) {
    if (std::fabs(g(trial.doses[i]) - g(0.0)) > std::fabs(g(trial.doses[far]) - g(0.0))) far = i;
  }
  const double slope = (mu[far] - mu[0]) / (g(trial.doses[far]) - g(0.0));
  fit.linear = {truth.placebo - slope * g(0.0), slope, 0.0};
  if (fit.shape == Shape::quadratic) fit.linear[2] = slope * fit.nonlinear[0];
  const bool finite = std::isfinite(fit.linear[0]) && std::isfinite(slope) && far > 0;
  fit.status = finite ? DoseFitStatus::fitted : DoseFitStatus::not_estimable;
  return fit;
}

ForecastStatus check(const McpModTrial& trial, const DoseResponseTruth& truth, int trials) {
  if (!valid_doses(trial.doses)) return ForecastStatus::invalid_doses;
  if (!valid_sizes(trial)) return ForecastStatus::invalid_sizes;
  if (!positive(truth.sigma) || !std::isfinite(truth.effect) || !std::isfinite(truth.placebo)) {
    return ForecastStatus::invalid_truth;
  }
  const McpModOptions& o = trial.analysis;
  const bool target =
      !o.target_effect || (std::isfinite(*o.target_effect) && *o.target_effect != 0);
  if (trials < 1 || trials > most_trials || !(trial.alpha > 0.0 && trial.alpha < 0.5) ||
      !positive(trial.tolerance) || !target || trial.candidates.empty() ||
      trial.candidates.size() > 12) {
    return ForecastStatus::invalid_parameter;
  }
  return usable(curve_of(trial, truth).status) ? ForecastStatus::simulated
                                               : ForecastStatus::invalid_truth;
}

/// A mean over simulated trials.
struct Mean {
  double count = 0.0, sum = 0.0, square = 0.0;

  void add(double x) {
    count += 1.0;
    sum += x;
    square += x * x;
  }
  [[nodiscard]] double average() const { return count > 0.0 ? sum / count : 0.0; }
  [[nodiscard]] double variance() const {
    if (count < 2.0) return 0.0;
    return std::max(0.0, (square - sum * sum / count) / (count - 1.0));
  }
  [[nodiscard]] SimulatedValue value() const {
    return {average(), count > 0.0 ? std::sqrt(variance() / count) : 0.0};
  }
  /// Of squares: their root, with the error of the delta method.
  [[nodiscard]] SimulatedValue root() const {
    const double mean = std::sqrt(average());
    return {mean, mean > 0.0 ? value().se / (2.0 * mean) : 0.0};
  }
};

SimulatedValue share_of(int count, int trials) {
  const double p = static_cast<double>(count) / trials;
  return {p, std::sqrt(p * (1.0 - p) / trials)};
}

ForecastQuantiles quantiles_of(std::vector<double> values) {
  ForecastQuantiles out{};
  if (values.empty()) return out;
  std::ranges::sort(values);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = quantile(values, forecast_probabilities[i]);
  }
  return out;
}

/// Draws the estimates of one trial after another.
class TrialSource {
 public:
  TrialSource(const McpModTrial& trial, const DoseFit& truth, double sigma, std::uint64_t seed)
      : sigma_(sigma), seed_(seed) {
    const std::size_t k = trial.doses.size();
    data_.doses.assign(trial.doses.begin(), trial.doses.end());
    data_.estimates.resize(k);
    data_.covariance.assign(k * k, 0.0);
    for (std::size_t i = 0; i < k; ++i) {
      data_.covariance[i * (k + 1)] = 1.0 / trial.sizes[i];
      data_.patients += trial.sizes[i];
      means_.push_back(truth.predict(trial.doses[i]));
    }
    data_.df = data_.patients - static_cast<double>(k);
  }
  [[nodiscard]] const DoseEstimates& shared() const { return data_; }
  [[nodiscard]] const std::vector<double>& means() const { return means_; }

  const DoseEstimates& draw(int number) {
    const random::Streams streams(seed_, static_cast<std::uint32_t>(number), 0);
    random::fill_normal(streams, random::Purpose::design_simulation, 0, data_.estimates);
    const std::size_t k = means_.size();
    for (std::size_t i = 0; i < k; ++i) {
      data_.estimates[i] =
          means_[i] + sigma_ * std::sqrt(data_.covariance[i * (k + 1)]) * data_.estimates[i];
    }
    random::Stream spread = streams.at(random::Purpose::design_simulation, 1);
    const double half = 0.5 * data_.df;
    const double chi = 2.0 * random::gamma_quantile(spread.uniform(), half, 1.0);
    data_.sigma = sigma_ * std::sqrt(chi / data_.df);
    data_.pure_error = sigma_ * sigma_ * chi;
    return data_;
  }

 private:
  DoseEstimates data_;
  std::vector<double> means_;
  double sigma_;
  std::uint64_t seed_;
};

/// What trials found so far, in their order.
class Tally {
 public:
  Tally(const McpModTrial& trial, std::vector<double> truth, std::optional<double> target)
      : trial_(trial),
        truth_(std::move(truth)),
        target_(target),
        significant_(trial.candidates.size(), 0),
        selected_(trial.candidates.size(), 0),
        errors_(truth_.size()),
        squares_(truth_.size()) {}

  void add(const McpModResult& r) {
    bool any = false;
    for (std::size_t m = 0; m < r.significant.size(); ++m) {
      significant_[m] += r.significant[m] ? 1 : 0;
      any = any || r.significant[m];
    }
    signals_ += any ? 1 : 0;
    if (r.status != McpModStatus::selected) return;
    ++modelled_;
    if (r.selected) ++selected_[candidate_of(r.fits[*r.selected])];
    add_curve(r);
    if (!r.target_dose) return;
    doses_.push_back(*r.target_dose);
    dose_.add(*r.target_dose);
    near_ += target_ && std::fabs(*r.target_dose - *target_) <= trial_.tolerance * *target_ ? 1 : 0;
  }

  void report(McpModForecast& out) const {
    const int n = out.trials;
    out.power = share_of(signals_, n);
    out.modelled = share_of(modelled_, n);
    for (const int count : significant_) out.significant.push_back(share_of(count, n));
    for (const int count : selected_) out.selected.push_back(share_of(count, n));
    out.target_found = share_of(static_cast<int>(doses_.size()), n);
    out.target_near = share_of(near_, n);
    out.target_mean = dose_.value();
    out.target_sd = std::sqrt(dose_.variance());
    out.target_dose = quantiles_of(doses_);
    if (modelled_ == 0) return;
    for (std::size_t i = 0; i < truth_.size(); ++i) {
      out.curve.push_back({trial_.doses[i], truth_[i], errors_[i].value(), squares_[i].root()});
    }
    out.rmse = trial_squares_.root();
    out.trial_rmse = quantiles_of(trial_rmse_);
  }

 private:
  void add_curve(const McpModResult& r) {
    double sum = 0.0;
    for (std::size_t i = 0; i < truth_.size(); ++i) {
      const double dose = trial_.doses[i];
      const double fitted = r.selected ? r.fits[*r.selected].predict(dose)
                                       : average_prediction(r.fits, r.weights, dose);
      const double error = fitted - truth_[i];
      errors_[i].add(error);
      squares_[i].add(error * error);
      sum += error * error;
    }
    sum /= static_cast<double>(truth_.size());
    trial_squares_.add(sum);
    trial_rmse_.push_back(std::sqrt(sum));
  }
  /// The first candidate of the fit's shape.
  [[nodiscard]] std::size_t candidate_of(const DoseFit& fit) const {
    const auto at = std::ranges::find_if(trial_.candidates, [&](const Candidate& c) {
      return c.shape == fit.shape &&
             (c.shape != Shape::table || c.table.count == 0 || c.table == fit.constants.table);
    });
    return static_cast<std::size_t>(at - trial_.candidates.begin());
  }

  const McpModTrial& trial_;
  std::vector<double> truth_;
  std::optional<double> target_;
  std::vector<int> significant_, selected_;
  std::vector<Mean> errors_, squares_;
  Mean trial_squares_, dose_;
  std::vector<double> trial_rmse_, doses_;
  int signals_ = 0, modelled_ = 0, near_ = 0;
};

}  // namespace

std::string_view name_of(ForecastStatus status) {
  switch (status) {
    case ForecastStatus::simulated:
      return "simulated";
    case ForecastStatus::invalid_doses:
      return "3 to 12 doses, rising from 0, are needed";
    case ForecastStatus::invalid_sizes:
      return "each dose needs a size of at least 1, and sigma a degree of freedom";
    case ForecastStatus::invalid_truth:
      return "the true curve is flat or not finite, or sigma is not positive";
    case ForecastStatus::invalid_parameter:
      return "a parameter outside its range";
    case ForecastStatus::no_contrast:
      return "a candidate is flat at the doses, or no contrast of it keeps the constraint";
  }
  return "unknown";
}

McpModForecast forecast_mcp_mod(const McpModTrial& trial, const DoseResponseTruth& truth,
                                int trials, std::uint64_t seed) {
  McpModForecast out;
  out.status = check(trial, truth, trials);
  if (out.status != ForecastStatus::simulated) return out;
  const DoseFit curve = curve_of(trial, truth);
  TrialSource source(trial, curve, truth.sigma, seed);
  const DoseEstimates& shared = source.shared();
  const ContrastTest test =
      plan_contrast_test({trial.candidates, trial.doses, shared.covariance, shared.df, trial.alpha,
                          trial.direction, trial.analysis.constants, trial.kind});
  if (test.status != ContrastStatus::planned) {
    out.status = ForecastStatus::no_contrast;
    return out;
  }
  out.trials = trials;
  out.exact_power = contrast_test_power(test, source.means(), shared.covariance, truth.sigma);
  McpModOptions options = trial.analysis;
  options.adjusted_p = false;
  if (options.target_effect) {
    out.target = target_dose(curve, *options.target_effect, trial.doses.back());
  }
  Tally tally(trial, source.means(), out.target);
  DoseFitWorkspace workspace;
  for (int i = 0; i < trials; ++i) {
    tally.add(mcp_mod(test, trial.candidates, source.draw(i), options, workspace));
  }
  tally.report(out);
  return out;
}

}  // namespace angiotrial::analysis
