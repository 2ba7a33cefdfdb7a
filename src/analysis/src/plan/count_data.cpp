// SPDX-License-Identifier: Apache-2.0
#include "plan/count_data.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

std::vector<double> mean_of(std::span<const double> design, std::size_t columns) {
  std::vector<double> mean(columns, 0.0);
  for (std::size_t i = 0; i < design.size(); ++i) mean[i % columns] += design[i];
  const std::size_t rows = design.size() / columns;
  for (double& value : mean) value /= static_cast<double>(rows);
  return mean;
}

}  // namespace

ColumnScale::ColumnScale(std::span<const double> design, std::size_t columns,
                         std::span<const std::size_t> kept)
    : shift_(mean_of(design, columns)), scale_(columns, 0.0) {
  constexpr double constant = 1.0e-7;  // of its length, as linear models take it for collinear
  const std::size_t rows = design.size() / columns;
  for (std::size_t i = 0; i < design.size(); ++i) {
    const double x = design[i] - shift_[i % columns];
    scale_[i % columns] += x * x / static_cast<double>(rows);
  }
  for (std::size_t c = 0; c < columns; ++c) {
    scale_[c] = std::sqrt(scale_[c]);
    const bool stays = c == 0 || std::ranges::find(kept, c) != kept.end();
    if (!stays && scale_[c] > constant * std::fabs(shift_[c])) continue;
    shift_[c] = 0.0;
    scale_[c] = 1.0;
  }
}

void ColumnScale::apply(std::span<double> design) const {
  const std::size_t columns = shift_.size();
  for (std::size_t i = 0; i < design.size(); ++i) {
    design[i] = (design[i] - shift_[i % columns]) / scale_[i % columns];
  }
}

ArmContrasts::ArmContrasts(const RegressionData& data) {
  const Frame& frame = data.frame;
  const std::size_t arms = frame.arms().size();
  for (std::size_t arm = 0; arm < arms; ++arm) {
    rows_.push_back(mean_of(data.design_in_arm(arm), data.design.columns()));
    arm_columns_.push_back(frame.arm_column(arm));
  }
  weights_ = rows_;
  for (std::size_t arm = 0; arm < arms; ++arm) {
    for (std::size_t c = 0; c < weights_[arm].size(); ++c) {
      weights_[arm][c] -= rows_[frame.reference()][c];
      if (c != arm_columns_[arm] && weights_[arm][c] != 0.0) products_ = true;
    }
  }
  const std::vector<double> design = swept(data.design.values);
  scale_ = ColumnScale(design, data.design.columns(), arm_columns_);
}

std::vector<double> ArmContrasts::pick(std::size_t arm) const {
  std::vector<double> out(rows_.front().size(), 0.0);
  out[arm_columns_[arm]] = 1.0;
  return out;
}

std::vector<double> ArmContrasts::centred(std::span<const double> design) const {
  std::vector<double> out = swept(design);
  scale_.apply(out);
  return out;
}

std::vector<double> ArmContrasts::swept(std::span<const double> design) const {
  std::vector<double> out(design.begin(), design.end());
  if (!products_) return out;
  const std::size_t columns = rows_.front().size();
  for (std::size_t at = 0; at < out.size(); at += columns) {
    for (std::size_t arm = 0; arm < weights_.size(); ++arm) {
      const std::size_t own = arm_columns_[arm];
      if (own == 0) continue;  // the reference
      for (std::size_t c = 0; c < columns; ++c) {
        if (c != own) out[at + c] -= weights_[arm][c] * design[at + own];
      }
    }
  }
  return out;
}

bool two_in_each_arm(const RegressionData& data) {
  for (std::size_t arm = 0; arm < data.frame.arms().size(); ++arm) {
    if (std::ranges::count(data.frame.arm(), static_cast<int>(arm)) < 2) return false;
  }
  return true;
}

Effect contrast_effect(std::span<const double> weights, std::span<const double> coefficients,
                       std::span<const double> covariance, double level, std::optional<double> df) {
  const std::size_t columns = weights.size();
  double estimate = 0.0, variance = 0.0;
  for (std::size_t a = 0; a < columns; ++a) {
    if (weights[a] == 0.0) continue;
    estimate += weights[a] * coefficients[a];
    for (std::size_t b = 0; b < columns; ++b) {
      // A coefficient that is not involved may have no variance.
      if (weights[b] == 0.0) continue;
      variance += weights[a] * weights[b] * covariance[a * columns + b];
    }
  }
  return wald(estimate, std::sqrt(variance), level, df);
}

std::string collinear_names(const CountModel& model, std::span<const std::string> names) {
  CountModel without = model;
  without.aliased = Aliased::drop;
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(without, workspace);
  std::string out;
  for (std::size_t c = 0; c < fit.dropped.size(); ++c) {
    if (fit.dropped[c]) out += (out.empty() ? ": " : ", ") + names[c];
  }
  return out;
}

void describe_reference(schema::Visitor& visit, Reference& reference, std::string_view units,
                        std::string_view more) {
  static constexpr std::array<std::string_view, 3> names{"preset", "normal", "t"};
  const std::string meaning =
      "reference distribution of Wald intervals and tests: normal, or t with " +
      std::string(units) +
      " less coefficients as degrees of freedom; preset: t, but normal for \"r\" and \"sas\"" +
      std::string(more);
  visit("reference", reference, names, meaning, analyst);
}

std::optional<double> reference_df(Reference reference, Preset preset, std::size_t units,
                                   std::size_t coefficients) {
  const bool t = reference == Reference::t ||
                 (reference == Reference::preset && preset == Preset::recommended);
  if (!t || units <= coefficients) return std::nullopt;
  return static_cast<double>(units - coefficients);
}

std::string in_words(const std::optional<double>& df) {
  return df ? "reference: t (" + formats::shortest(*df) + " df)" : "reference: normal";
}

void put_marginal(const Frame& frame, const MarginalMeans& means, const std::string& name,
                  bool main, Task& task) {
  const std::size_t arms = frame.arms().size(), reference = frame.reference();
  for (std::size_t a = 0; a < arms; ++a) {
    const double se = std::sqrt(means.covariance[a * arms + a]);
    task.put_mean(frame.arms()[a], wald(means.mean[a], se, task.level()), name);
  }
  const auto effect = [&](std::size_t arm, EffectScale scale) {
    const MarginalEffect e = marginal_effect(means, static_cast<int>(arm),
                                             static_cast<int>(reference), scale, task.level());
    if (e.status == MarginalStatus::no_variation) task.out.row.note = name_of(e.status);
    return Effect{e.estimate, e.se, e.lower, e.upper, e.p_value, std::nullopt};
  };
  const std::string note = task.out.row.note;
  for (std::size_t a = 0; a < arms; ++a) {
    if (a == reference) continue;
    if (means.mean[a] > 0.0 && means.mean[reference] > 0.0) {
      task.put_ratio(frame.arms()[a], frame.arms()[reference], effect(a, EffectScale::log_ratio),
                     name + "_ratio", main ? "" : name + "_ratio_");
    }
    task.put_difference(frame.arms()[a], frame.arms()[reference],
                        effect(a, EffectScale::difference), name + "_difference",
                        name + "_difference_");
    task.out.row.note = note;
  }
}

bool one_row_a_subject(const RegressionData& data, std::string hint, Task& task) {
  if (!data.repeated) return true;
  task.bad_option("method", task.analysis.method,
                  "needs one row a subject, and subjects have more than one", std::move(hint));
  return false;
}

}  // namespace angiotrial::analysis
