// SPDX-License-Identifier: Apache-2.0
#include "design/stage_evidence.hpp"

#include <angiotrial/analysis/design/sample_size.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include "multiplicity/quadrature.hpp"
#include "reference_distributions.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

/// Deviate beyond all that doubles tell apart: stages of opposite signs must add up.
constexpr double far = 40.0;

double square(double x) { return x * x; }

/// The normal deviate with the tail of t.
double normal_of_t(double t, double df) {
  const double tail = student_tail(df, std::fabs(t));
  return std::copysign(tail > 0.0 ? quadrature::upper_quantile(tail) : far, t);
}

double root_of(double n1, double n2) {
  return n2 > 0.0 ? 1.0 / std::sqrt(1.0 / n1 + 1.0 / n2) : std::sqrt(n1);
}

class MeansEvidence final : public StageEvidence {
 public:
  explicit MeansEvidence(const MeansTrial& trial)
      : stages_(trial.stages.begin(), trial.stages.end()), variance_(trial.variance) {
    for (std::size_t k = 0; k < stages_.size(); ++k) {
      overall_.push_back(k == 0 ? stages_[0] : pool(overall_.back(), stages_[k]));
    }
  }
  [[nodiscard]] std::size_t stages() const override { return stages_.size(); }
  [[nodiscard]] double stage_z(std::size_t k, double theta) const override {
    return z(stages_[k], theta);
  }
  [[nodiscard]] double overall_z(std::size_t k, double theta) const override {
    return z(overall_[k], theta);
  }
  [[nodiscard]] double estimate(std::size_t k) const override {
    return overall_[k].mean1 - (overall_[k].n2 > 0.0 ? overall_[k].mean2 : 0.0);
  }
  [[nodiscard]] double scale(std::size_t k) const override { return pooled_sd(overall_[k]); }
  [[nodiscard]] double stage_root(std::size_t k) const override {
    return root_of(stages_[k].n1, stages_[k].n2);
  }
  [[nodiscard]] double overall_root(std::size_t k) const override {
    return root_of(overall_[k].n1, overall_[k].n2);
  }
  [[nodiscard]] double stage_error(std::size_t k) const override { return error(stages_[k]); }
  [[nodiscard]] double overall_error(std::size_t k) const override { return error(overall_[k]); }

 private:
  [[nodiscard]] double error(const MeansStage& s) const {
    if (s.n2 > 0.0 && variance_ == StageVariance::welch) {
      return std::sqrt(square(s.sd1) / s.n1 + square(s.sd2) / s.n2);
    }
    return pooled_sd(s) / root_of(s.n1, s.n2);
  }
  static double pooled_sd(const MeansStage& s) {
    if (s.n2 == 0.0) return s.sd1;
    return std::sqrt(((s.n1 - 1.0) * square(s.sd1) + (s.n2 - 1.0) * square(s.sd2)) /
                     (s.n1 + s.n2 - 2.0));
  }
  static void pool_arm(double n, double m, double s, double& n_all, double& m_all, double& s_all) {
    const double total = n_all + n;
    if (total == 0.0) return;
    const double mean = (n_all * m_all + n * m) / total;
    const double squares = (n_all - 1.0) * square(s_all) + (n - 1.0) * square(s) +
                           n_all * square(m_all - mean) + n * square(m - mean);
    s_all = std::sqrt(squares / (total - 1.0));
    n_all = total;
    m_all = mean;
  }
  static MeansStage pool(MeansStage all, const MeansStage& next) {
    pool_arm(next.n1, next.mean1, next.sd1, all.n1, all.mean1, all.sd1);
    pool_arm(next.n2, next.mean2, next.sd2, all.n2, all.mean2, all.sd2);
    return all;
  }
  [[nodiscard]] double z(const MeansStage& s, double theta) const {
    if (s.n2 == 0.0) {
      const double t = (s.mean1 - theta) * std::sqrt(s.n1) / s.sd1;
      return variance_ == StageVariance::known ? t : normal_of_t(t, s.n1 - 1.0);
    }
    const double difference = s.mean1 - s.mean2 - theta;
    const double v1 = square(s.sd1) / s.n1;
    const double v2 = square(s.sd2) / s.n2;
    if (variance_ == StageVariance::welch) {
      const double df = square(v1 + v2) / (square(v1) / (s.n1 - 1.0) + square(v2) / (s.n2 - 1.0));
      return normal_of_t(difference / std::sqrt(v1 + v2), df);
    }
    const double t = difference * root_of(s.n1, s.n2) / pooled_sd(s);
    return variance_ == StageVariance::known ? t : normal_of_t(t, s.n1 + s.n2 - 2.0);
  }

  std::vector<MeansStage> stages_, overall_;
  StageVariance variance_;
};

class RatesEvidence final : public StageEvidence {
 public:
  explicit RatesEvidence(const RatesTrial& trial)
      : stages_(trial.stages.begin(), trial.stages.end()) {
    RatesStage all;
    for (const RatesStage& s : stages_) {
      all = {all.n1 + s.n1, all.n2 + s.n2, all.events1 + s.events1, all.events2 + s.events2};
      overall_.push_back(all);
    }
  }
  [[nodiscard]] std::size_t stages() const override { return stages_.size(); }
  [[nodiscard]] double stage_z(std::size_t k, double theta) const override {
    return z(stages_[k], theta);
  }
  [[nodiscard]] double overall_z(std::size_t k, double theta) const override {
    return z(overall_[k], theta);
  }
  [[nodiscard]] double estimate(std::size_t k) const override {
    const RatesStage& s = overall_[k];
    return s.events1 / s.n1 - (s.n2 > 0.0 ? s.events2 / s.n2 : 0.0);
  }
  [[nodiscard]] double scale(std::size_t k) const override {
    const RatesStage& s = overall_[k];
    const double pooled = (s.events1 + s.events2) / (s.n1 + s.n2);
    return std::sqrt(pooled * (1.0 - pooled));
  }
  [[nodiscard]] double stage_root(std::size_t k) const override {
    return root_of(stages_[k].n1, stages_[k].n2);
  }
  [[nodiscard]] double overall_root(std::size_t k) const override {
    return root_of(overall_[k].n1, overall_[k].n2);
  }
  [[nodiscard]] std::pair<double, double> first_interval(double z_alpha) const override {
    const double step = std::max(standard_error(0), 0.01);
    const auto bound = [&](double wanted) {
      return monotone_root([&](double theta) { return z(stages_[0], theta) - wanted; }, estimate(0),
                           step);
    };
    return {bound(z_alpha).value_or(stages_[0].n2 > 0.0 ? -1.0 : 0.0),
            bound(-z_alpha).value_or(1.0)};
  }

 private:
  static double z(const RatesStage& s, double theta) {
    const double p1 = s.events1 / s.n1;
    if (s.n2 == 0.0) {
      if (theta <= 0.0) return far;
      if (theta >= 1.0) return -far;
      return (p1 - theta) * std::sqrt(s.n1 / (theta * (1.0 - theta)));
    }
    if (theta <= -1.0) return far;
    if (theta >= 1.0) return -far;
    const double p2 = s.events2 / s.n2;
    const auto [r1, r2] = restricted_rates({p1, p2, theta, s.n1 / s.n2});
    const double variance = r1 * (1.0 - r1) / s.n1 + r2 * (1.0 - r2) / s.n2;
    const double difference = p1 - p2 - theta;
    if (!(variance > 0.0)) return difference == 0.0 ? 0.0 : std::copysign(far, difference);
    return difference / std::sqrt(variance);
  }

  std::vector<RatesStage> stages_, overall_;
};

/// theta is the log hazard ratio.
class SurvivalEvidence final : public StageEvidence {
 public:
  explicit SurvivalEvidence(const SurvivalTrial& trial)
      : stages_(trial.stages.begin(), trial.stages.end()) {}
  [[nodiscard]] std::size_t stages() const override { return stages_.size(); }
  [[nodiscard]] double stage_z(std::size_t k, double theta) const override {
    const double events = own_events(k);
    const double before = k == 0 ? 0.0 : stages_[k - 1].log_rank * std::sqrt(stages_[k - 1].events);
    const double own =
        (stages_[k].log_rank * std::sqrt(stages_[k].events) - before) / std::sqrt(events);
    return own - theta * std::sqrt(events) / scale(k);
  }
  [[nodiscard]] double overall_z(std::size_t k, double theta) const override {
    return stages_[k].log_rank - theta * overall_root(k) / scale(k);
  }
  [[nodiscard]] double estimate(std::size_t k) const override {
    return stages_[k].log_rank * scale(k) / overall_root(k);
  }
  [[nodiscard]] double scale(std::size_t k) const override {
    return (1.0 + stages_[k].allocation) / std::sqrt(stages_[k].allocation);
  }
  [[nodiscard]] double stage_root(std::size_t k) const override { return std::sqrt(own_events(k)); }
  [[nodiscard]] double overall_root(std::size_t k) const override {
    return std::sqrt(stages_[k].events);
  }

 private:
  [[nodiscard]] double own_events(std::size_t k) const {
    return stages_[k].events - (k == 0 ? 0.0 : stages_[k - 1].events);
  }
  std::vector<SurvivalStage> stages_;
};

bool valid_arm(double n, double mean, double sd) {
  return n >= 2.0 && std::isfinite(n) && std::isfinite(mean) && sd > 0.0 && std::isfinite(sd);
}

bool valid_arm(double n, double events) {
  return n >= 1.0 && std::isfinite(n) && events >= 0.0 && events <= n;
}

}  // namespace

std::pair<double, double> StageEvidence::first_interval(double z_alpha) const {
  const double se = standard_error(0);
  return {estimate(0) - z_alpha * se, estimate(0) + z_alpha * se};
}

std::unique_ptr<StageEvidence> evidence_of(const MeansTrial& trial) {
  for (const MeansStage& s : trial.stages) {
    const bool single = s.n2 == 0.0;
    if (!valid_arm(s.n1, s.mean1, s.sd1)) return nullptr;
    if (!single && !valid_arm(s.n2, s.mean2, s.sd2)) return nullptr;
    if (single != (trial.stages.front().n2 == 0.0)) return nullptr;
  }
  if (!std::isfinite(trial.null_difference)) return nullptr;
  return std::make_unique<MeansEvidence>(trial);
}

std::unique_ptr<StageEvidence> evidence_of(const RatesTrial& trial) {
  double events = 0.0;
  double size = 0.0;
  for (const RatesStage& s : trial.stages) {
    const bool single = s.n2 == 0.0;
    if (!valid_arm(s.n1, s.events1) || (!single && !valid_arm(s.n2, s.events2))) return nullptr;
    if (single != (trial.stages.front().n2 == 0.0)) return nullptr;
    events += s.events1 + s.events2;
    size += s.n1 + s.n2;
    if (!(events > 0.0 && events < size)) return nullptr;  // no spread so far
  }
  const bool single = !trial.stages.empty() && trial.stages.front().n2 == 0.0;
  const double null = trial.null_difference;
  if (!(null > (single ? 0.0 : -1.0) && null < 1.0)) return nullptr;
  return std::make_unique<RatesEvidence>(trial);
}

std::unique_ptr<StageEvidence> evidence_of(const SurvivalTrial& trial) {
  double before = 0.0;
  for (const SurvivalStage& s : trial.stages) {
    if (!(s.events > before) || !std::isfinite(s.events) || !std::isfinite(s.log_rank) ||
        !(s.allocation > 0.0)) {
      return nullptr;
    }
    before = s.events;
  }
  if (!(trial.null_ratio > 0.0)) return nullptr;
  return std::make_unique<SurvivalEvidence>(trial);
}

}  // namespace angiotrial::analysis
