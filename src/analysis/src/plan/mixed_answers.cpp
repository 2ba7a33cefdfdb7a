// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "plan/repeated.hpp"
#include "reference_distributions.hpp"

/// Degrees of freedom and variances of mixed models in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr std::array<std::string_view, 6> df_names{"preset",         "satterthwaite",
                                                   "kenward_roger",  "kenward_roger_exact",
                                                   "between_within", "residual"};
constexpr std::array<std::string_view, 5> variance_names{"preset", "model", "cr0", "cr2", "cr3"};
constexpr std::array<std::string_view, 6> df_words{
    "",        "Satterthwaite", "Kenward-Roger (linear)", "Kenward-Roger (exact)", "between-within",
    "residual"};

MixedInference sandwich_of(MixedVariance variance) {
  return static_cast<MixedInference>(static_cast<int>(MixedInference::cr0) +
                                     static_cast<int>(variance) -
                                     static_cast<int>(MixedVariance::cr0));
}

bool of_model(MixedVariance variance) { return variance == MixedVariance::model; }

bool kenward_roger(DegreesOfFreedom df) {
  return df == DegreesOfFreedom::kenward_roger || df == DegreesOfFreedom::kenward_roger_exact;
}

DegreesOfFreedom preset_df(Criterion criterion, MixedVariance variance, Preset preset) {
  if (criterion == Criterion::ml || !of_model(variance) || preset == Preset::r) {
    return DegreesOfFreedom::satterthwaite;
  }
  return DegreesOfFreedom::kenward_roger;
}

/// Adds the row's part that is new, at length 1, to `basis`; false where there is none.
bool add_direction(std::vector<double> row, std::vector<std::vector<double>>& basis) {
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (std::size_t c = 0; c < a.size(); ++c) sum += a[c] * b[c];
    return sum;
  };
  const double length = std::sqrt(dot(row, row));
  for (int pass = 0; pass < 2; ++pass) {
    for (const auto& known : basis) {
      const double part = dot(row, known);
      for (std::size_t c = 0; c < row.size(); ++c) row[c] -= part * known[c];
    }
  }
  constexpr double rounding = 1e-9;
  const double left = std::sqrt(dot(row, row));
  if (!(left > rounding * length)) return false;
  for (double& value : row) value /= left;
  basis.push_back(std::move(row));
  return true;
}

}  // namespace

void describe_inference(schema::Visitor& visit, InferenceOptions& o) {
  visit(
      "df", o.df, df_names,
      "degrees of freedom; preset: kenward_roger (without second derivatives: SAS's "
      "KR(FIRSTORDER), and its plain KR where the covariance is linear in SAS's parameters: "
      "unstructured, toeplitz, compound_symmetry, random effects; for the others no form here is "
      "its plain KR), but satterthwaite for conventions = \"r\" (the mmrm package's default), ml, "
      "or a sandwich variance",
      analyst);
  visit("variance", o.variance, variance_names,
        "covariance of the coefficients: of the model, or a sandwich by subject; preset: model, "
        "but cr2 for standardised means",
        analyst);
}

std::optional<MixedAnswers> MixedAnswers::of(const InferenceOptions& o, Criterion criterion,
                                             const Task& task) {
  MixedAnswers out;
  out.level_ = task.level();
  out.variance_ = o.variance == MixedVariance::preset ? MixedVariance::model : o.variance;
  out.df_ =
      o.df == DegreesOfFreedom::preset ? preset_df(criterion, out.variance_, task.preset()) : o.df;
  const std::string name(df_names[static_cast<std::size_t>(out.df_)]);
  if (kenward_roger(out.df_) && criterion == Criterion::ml) {
    task.bad_option("df", name, "needs criterion = \"reml\"");
    return std::nullopt;
  }
  if (kenward_roger(out.df_) && !of_model(out.variance_)) {
    task.bad_option("df", name, "has a variance of its own: needs variance = \"model\"");
    return std::nullopt;
  }
  if (!of_model(out.variance_)) {
    out.inference_ = sandwich_of(out.variance_);
  } else if (out.df_ == DegreesOfFreedom::kenward_roger_exact) {
    out.inference_ = MixedInference::kenward_roger_exact;
  } else if (out.df_ == DegreesOfFreedom::kenward_roger) {
    out.inference_ = MixedInference::kenward_roger;
  } else {
    out.inference_ = MixedInference::satterthwaite;
  }
  return out;
}

bool MixedAnswers::set_model(MixedWorkspace& workspace, const RepeatedModel& model,
                             const Task& task) {
  workspace_ = &workspace;
  const std::size_t columns = model.columns, rows = model.response.size();
  within_.assign(columns, false);
  within_[0] = true;
  std::map<int, std::size_t> first;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t f = first.emplace(model.patient[i], i).first->second;
    for (std::size_t c = 0; c < columns; ++c) {
      if (model.design[i * columns + c] != model.design[f * columns + c]) within_[c] = true;
    }
  }
  const auto within = static_cast<double>(std::ranges::count(within_, true));
  const auto patients = static_cast<double>(first.size());
  between_df_ = patients - (static_cast<double>(columns) - within) - 1.0;
  within_df_ = static_cast<double>(rows) - patients - (within - 1.0);
  residual_df_ = static_cast<double>(rows) - static_cast<double>(columns);
  const bool left = df_ == DegreesOfFreedom::residual ? residual_df_ > 0.0
                                                      : between_df_ > 0.0 && within_df_ > 0.0;
  if (has_fixed_df() && !left) task.refuse("no degrees of freedom are left");
  return !has_fixed_df() || left;
}

/// The least of the columns involved, as the mmrm package has it.
double MixedAnswers::fixed_df(std::span<const double> weights) const {
  if (df_ == DegreesOfFreedom::residual) return residual_df_;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < within_.size(); ++c) {
    if (weights[c] != 0.0) least = std::min(least, within_[c] ? within_df_ : between_df_);
  }
  return least;
}

MixedAnswer MixedAnswers::estimate(std::span<const double> weights) const {
  const MixedEstimate e = estimate_contrast(*workspace_, weights, inference_, level_);
  MixedAnswer out{{e.estimate, e.se, e.lower, e.upper, e.p_value, std::nullopt}, ""};
  if (e.rests_on_one) {
    out.refusal = rests_on_one_subject;
  } else if (has_fixed_df()) {
    static_cast<Effect&>(out) = wald(e.estimate, e.se, level_, fixed_df(weights));
  } else if (std::isfinite(e.df)) {
    out.df = e.df;
  } else if (e.positive_variance) {
    out.refusal = "the degrees of freedom are not finite";
  }
  return out;
}

JointTest MixedAnswers::joint(const std::vector<std::vector<double>>& rows) const {
  std::vector<std::vector<double>> basis;
  std::vector<double> flat;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& row : rows) {
    if (!add_direction(row, basis)) continue;
    flat.insert(flat.end(), row.begin(), row.end());
    least = std::min(least, has_fixed_df() ? fixed_df(row) : least);
  }
  if (basis.empty()) return {};
  JointTest test = test_jointly(*workspace_, flat, inference_);
  if (has_fixed_df() && std::isfinite(test.f)) {
    test.denominator_df = least;
    test.p_value = f_tail(test.numerator_df, least, std::max(test.f, 0.0));
  }
  return test;
}

std::string MixedAnswers::words() const {
  return "variance: " + std::string(variance_names[static_cast<std::size_t>(variance_)]) +
         "; degrees of freedom: " + std::string(df_words[static_cast<std::size_t>(df_)]) +
         (!of_model(variance_) && df_ == DegreesOfFreedom::satterthwaite ? " (Bell and McCaffrey)"
                                                                         : "") +
         "; reference: t";
}

std::string criterion_words(Criterion criterion) {
  return criterion == Criterion::reml ? "; criterion: REML; " : "; criterion: ML; ";
}

MixedInference MixedAnswers::sandwich() const {
  return of_model(variance_) ? MixedInference::cr2 : inference_;
}

std::string_view MixedAnswers::sandwich_words() const {
  return variance_names[static_cast<std::size_t>(of_model(variance_) ? MixedVariance::cr2
                                                                     : variance_)];
}

}  // namespace angiotrial::analysis
