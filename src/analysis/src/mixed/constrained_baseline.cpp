// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/constrained_baseline.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

/// Covariates less their means over all patients.
std::vector<double> centred(const BaselineTrial& trial) {
  std::vector<double> out(trial.covariates.begin(), trial.covariates.end());
  for (std::size_t c = 0; c < trial.covariate_columns; ++c) {
    double mean = 0.0;
    for (std::size_t i = 0; i < trial.patients; ++i) {
      mean += out[i * trial.covariate_columns + c] / static_cast<double>(trial.patients);
    }
    for (std::size_t i = 0; i < trial.patients; ++i) out[i * trial.covariate_columns + c] -= mean;
  }
  return out;
}

}  // namespace

ConstrainedBaseline::ConstrainedBaseline(const BaselineTrial& trial)
    : visits_(trial.visits), arms_(trial.arms), covariates_(trial.covariate_columns) {
  const std::size_t n = trial.patients;
  ANGIOTRIAL_EXPECT(trial.visits >= 1 && trial.visits < 64 && trial.arms >= 1, "visits and arms");
  ANGIOTRIAL_EXPECT(trial.baseline.size() == n && trial.arm.size() == n, "a baseline a patient");
  ANGIOTRIAL_EXPECT(trial.outcome.size() == n * static_cast<std::size_t>(trial.visits),
                    "an outcome a patient and visit");
  ANGIOTRIAL_EXPECT(trial.covariates.size() == n * covariates_, "whole rows of covariates");
  ANGIOTRIAL_EXPECT(
      std::all_of(trial.arm.begin(), trial.arm.end(), [&](int a) { return a >= 0 && a < arms_; }),
      "arms in range");
  columns_ = first_of(visits_ + 1);
  const std::vector<double> covariates = centred(trial);
  for (std::size_t i = 0; i < n; ++i) {
    for (int v = 0; v <= visits_; ++v) {
      const std::size_t cell = i * static_cast<std::size_t>(visits_) + static_cast<std::size_t>(v);
      const double y = v == 0 ? trial.baseline[i] : trial.outcome[cell - 1];
      if (std::isnan(y)) continue;
      std::vector<double> row = mean(v, trial.arm[i]);
      const std::size_t first = first_of(v + 1) - covariates_;
      std::copy_n(covariates.data() + i * covariates_, covariates_, row.data() + first);
      design_.insert(design_.end(), row.begin(), row.end());
      response_.push_back(y);
      patient_.push_back(static_cast<int>(i));
      visit_.push_back(v);
    }
  }
}

/// Columns: mean and covariates of the baseline; of each visit its mean, arms 1 on, covariates.
std::size_t ConstrainedBaseline::first_of(int visit) const {
  if (visit == 0) return 0;
  return 1 + covariates_ +
         static_cast<std::size_t>(visit - 1) * (static_cast<std::size_t>(arms_) + covariates_);
}

RepeatedModel ConstrainedBaseline::model() const {
  RepeatedModel out;
  out.response = response_;
  out.design = design_;
  out.columns = columns_;
  out.patient = patient_;
  out.visit = visit_;
  out.visits = visits_ + 1;
  return out;
}

std::vector<double> ConstrainedBaseline::contrast(int visit, int arm) const {
  ANGIOTRIAL_EXPECT(visit >= 1 && visit <= visits_ && arm >= 1 && arm < arms_, "a visit and arm");
  std::vector<double> out(columns_, 0.0);
  out[first_of(visit) + static_cast<std::size_t>(arm)] = 1.0;
  return out;
}

std::vector<double> ConstrainedBaseline::mean(int visit, int arm) const {
  ANGIOTRIAL_EXPECT(visit >= 0 && visit <= visits_ && arm >= 0 && arm < arms_, "a visit and arm");
  std::vector<double> out(columns_, 0.0);
  out[first_of(visit)] = 1.0;
  if (visit > 0 && arm > 0) out[first_of(visit) + static_cast<std::size_t>(arm)] = 1.0;
  return out;
}

std::vector<double> ConstrainedBaseline::mean_change(int visit, int arm) const {
  std::vector<double> out = mean(visit, arm);
  out[0] -= 1.0;
  return out;
}

}  // namespace angiotrial::analysis
