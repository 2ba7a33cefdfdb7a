// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/counts/negative_binomial_inference.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/count_data.hpp"
#include "plan/method.hpp"
#include "plan/planned_contrasts.hpp"

/// Negative binomial regression in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

enum class Errors { preset, expected, observed, hc0, hc1, hc2, hc3, cr0, cr1, cr2, cr3 };
constexpr std::array<std::string_view, 11> error_names{
    "preset", "expected", "observed", "hc0", "hc1", "hc2", "hc3", "cr0", "cr1", "cr2", "cr3"};
enum class Interval { preset, wald, profile };
constexpr std::array<std::string_view, 3> interval_names{"preset", "wald", "profile"};
enum class Marginal { none, rates, counts };
constexpr std::array<std::string_view, 3> marginal_names{"none", "rates", "counts"};

struct NegativeBinomialOptions {
  RegressionTerms terms;
  Errors errors = Errors::preset;
  Interval interval = Interval::preset;
  Reference reference = Reference::preset;
  Marginal marginal = Marginal::none;
  double marginal_exposure = 1.0;
  std::vector<double> contrasts;
};

void describe(schema::Visitor& visit, NegativeBinomialOptions& o) {
  describe_terms(visit, o.terms);
  visit(
      "errors", o.errors, error_names,
      "standard errors from: expected information with the dispersion held, observed joint "
      "information, the sandwich (hc0 to hc3), or by subject (cr0 to cr3), which rows that repeat "
      "subjects need; preset: observed; for \"r\": expected",
      analyst);
  visit("interval", o.interval, interval_names,
        "interval of the rate ratio and its p-value: Wald, or profile likelihood and likelihood "
        "ratio; preset: profile where the errors are those of the likelihood, else Wald; for "
        "\"r\" and \"sas\": Wald",
        analyst);
  describe_reference(visit, o.reference, "rows (subjects where errors are by subject)",
                     "; the likelihood ratio has chi-square for normal, F for t");
  visit("marginal", o.marginal, marginal_names,
        "standardisation over all subjects: rates, all at marginal_exposure, or counts, each at "
        "his own exposure, with the mean residual of the arm added; one row a subject",
        analyst);
  visit("marginal_exposure", o.marginal_exposure, {.least = 1e-6, .most = 1e6},
        "exposure of everyone in marginal rates, in the unit of the exposure column", analyst);
  describe_contrasts(visit, o.contrasts);
}

bool by_subject(CountVariance variance) { return variance >= CountVariance::cr0; }
bool of_likelihood(CountVariance variance) { return variance <= CountVariance::observed; }

CountVariance variance_of(Errors errors, Preset preset) {
  if (errors != Errors::preset) return static_cast<CountVariance>(static_cast<int>(errors) - 1);
  return preset == Preset::r ? CountVariance::expected : CountVariance::observed;
}

std::string conventions_of(CountVariance variance, bool profile, const std::optional<double>& df,
                           bool products) {
  std::string out = "variance: " + std::string(name_of(variance));
  out += profile ? "; interval: profile likelihood; p-value: likelihood ratio; reference: " +
                       (df ? "F (1, " + formats::shortest(*df) + " df)" : std::string("chi-square"))
                 : "; interval: Wald on the log scale; " + in_words(df);
  if (products) out += "; ratios: at the mean of the covariates";
  return out;
}

/// One analysis between its fit and its rows.
struct Fitted {
  const RegressionData& data;
  const CountModel& model;
  const NegativeBinomialFit& fit;
  const ArmContrasts& contrasts;
  CountVariance variance;
  bool profile;
  std::optional<double> df;
  NegativeBinomialWorkspace& workspace;

  [[nodiscard]] const std::string& arm(std::size_t a) const { return data.frame.arms()[a]; }
  [[nodiscard]] const std::string& reference() const { return arm(data.frame.reference()); }
};

/// The level at which chi-square of 1 df has the quantile that t squared has at `level`.
double chi_square_level(double level, const std::optional<double>& df) {
  if (!df) return level;
  const double half = wald(0.0, 1.0, level, df).upper;
  return 1.0 - wald(half, 1.0, level).p_value;
}

/// The profile interval and the likelihood-ratio test in place of Wald's.
bool put_in_profile(const Fitted& f, std::size_t arm, Task& task, Effect& effect) {
  const std::size_t column = f.data.frame.arm_column(arm);
  const auto interval = count_profile_interval(f.model, f.fit, column, f.workspace,
                                               chi_square_level(task.level(), f.df));
  const std::array<std::size_t, 1> tested{column};
  const auto test = count_likelihood_ratio(f.model, f.fit, tested, f.workspace);
  const std::string which = "the rate of " + f.arm(arm) + " against " + f.reference();
  if (!usable(interval.status) || !usable(test.status)) {
    task.refuse("the climb to the profile likelihood of " + which + " did not converge",
                "interval = \"wald\"");
    return false;
  }
  if (!std::isfinite(interval.lower) || !std::isfinite(interval.upper)) {
    task.refuse("the likelihood gives no bound to " + which, "interval = \"wald\"");
    return false;
  }
  effect.lower = interval.lower;
  effect.upper = interval.upper;
  effect.p_value =
      f.df ? wald(std::sqrt(std::fmax(test.statistic, 0.0)), 1.0, task.level(), f.df).p_value
           : test.p_value;
  return true;
}

/// Whether there is an error of every rate ratio. False, with a refusal, if one rests on a subject
/// alone or on a row that determines its own fitted value.
bool have_errors(const Fitted& f, std::span<const double> covariance, Task& task) {
  const std::size_t columns = f.model.columns;
  for (std::size_t arm = 0; arm < f.data.frame.arms().size(); ++arm) {
    const std::size_t at = f.data.frame.arm_column(arm);
    if (arm == f.data.frame.reference() || std::isfinite(covariance[at * columns + at])) continue;
    const bool clusters = by_subject(f.variance);
    task.refuse("no " + std::string(name_of(f.variance)) + " error of the rate of " + f.arm(arm) +
                    ": " + std::string(clusters ? rests_on_one_subject : rests_on_own_row),
                clusters ? "" : "errors = \"observed\"");
    return false;
  }
  return true;
}

bool put_rate_ratios(const Fitted& f, Task& task) {
  const auto covariance = count_covariance(f.model, f.fit, f.variance, f.data.frame.subject());
  if (!have_errors(f, covariance, task)) return false;
  for (std::size_t arm = 0; arm < f.data.frame.arms().size(); ++arm) {
    if (arm == f.data.frame.reference()) continue;
    std::vector<double> pick(f.model.columns, 0.0);
    pick[f.data.frame.arm_column(arm)] = 1.0;
    Effect effect = contrast_effect(pick, f.fit.coefficients, covariance, task.level(), f.df);
    if (f.profile && !put_in_profile(f, arm, task, effect)) return false;
    task.put_ratio(f.arm(arm), f.reference(), effect, "rate_ratio");
  }
  return true;
}

/// Those the plan lists, with Wald's interval and test.
void put_planned(const Fitted& f, const std::vector<PlannedContrast>& planned, Task& task) {
  const std::string conventions = task.out.row.conventions;
  task.out.row.conventions = conventions_of(f.variance, false, f.df, f.contrasts.products());
  const auto covariance = count_covariance(f.model, f.fit, f.variance, f.data.frame.subject());
  for (const PlannedContrast& contrast : planned) {
    std::vector<std::vector<double>> picks;
    for (std::size_t arm = 0; arm < f.data.frame.arms().size(); ++arm) {
      picks.push_back(arm == f.data.frame.reference() ? std::vector<double>(f.model.columns, 0.0)
                                                      : f.contrasts.pick(arm));
    }
    task.put_ratio(
        contrast.over, contrast.against,
        contrast_effect(contrast.of(picks), f.fit.coefficients, covariance, task.level(), f.df),
        "rate_ratio");
  }
  task.out.row.conventions = conventions;
}

/// All arms at once.
void put_overall_test(const Fitted& f, Task& task) {
  std::vector<std::size_t> columns;
  for (std::size_t arm = 0; arm < f.data.frame.arms().size(); ++arm) {
    if (arm != f.data.frame.reference()) columns.push_back(f.data.frame.arm_column(arm));
  }
  const auto test = count_likelihood_ratio(f.model, f.fit, columns, f.workspace);
  if (!usable(test.status)) return;
  task.out.row.conventions = "likelihood ratio, dispersion estimated under both";
  task.out.row.group = "all arms alike";
  task.out.put("likelihood_ratio_chi_square", test.statistic, "1");
  task.out.put("likelihood_ratio_df", test.df, "1");
  task.out.put("likelihood_ratio_p_value", test.p_value, "probability");
  task.out.row.group.clear();
}

void put_dispersion(const Fitted& f, Task& task) {
  task.out.row.conventions = "variance: mu + dispersion mu^2; interval: profile likelihood";
  task.out.put("dispersion", f.fit.dispersion, "1");
  if (!f.data.repeated) {
    const auto d = count_dispersion(f.model, f.fit, f.workspace, task.level());
    if (usable(d.status)) {
      const auto finite = std::isfinite(d.upper) ? std::optional(d.upper) : std::nullopt;
      task.out.row.level = task.level();
      task.out.put("dispersion_lower", d.lower, "1");
      task.out.put("dispersion_upper", finite, "1");
      task.out.row.level.reset();
      task.out.put("poisson_p_value", d.poisson_p_value, "probability");
    }
  }
  task.out.put("log_likelihood", f.fit.log_likelihood, "1");
  task.out.put("iterations", f.fit.iterations);
  if (f.data.repeated) return;
  task.out.put("aic", summarise_counts(f.model, f.fit, f.workspace).aic, "1");
}

std::vector<double> designs_by_arm(const Fitted& f) {
  std::vector<double> designs;
  for (std::size_t arm = 0; arm < f.data.frame.arms().size(); ++arm) {
    const auto own = f.contrasts.centred(f.data.design_in_arm(arm));
    designs.insert(designs.end(), own.begin(), own.end());
  }
  return designs;
}

void put_standardised(const Fitted& f, const NegativeBinomialOptions& o, Task& task) {
  const std::vector<double> designs = designs_by_arm(f);
  const int arms = static_cast<int>(f.data.frame.arms().size());
  const auto reference = static_cast<int>(f.data.frame.reference());
  const int alone = arm_on_one_row(f.model, f.fit, designs, arms, reference);
  if (alone >= 0) {
    task.refuse("the standardised rate of " + f.arm(static_cast<std::size_t>(alone)) + " against " +
                    f.reference() + " rests on a row that determines its own fitted value",
                "marginal = \"none\"");
    return;
  }
  if (o.marginal == Marginal::rates) {
    task.out.row.conventions = "standardised over all subjects, everyone at exposure " +
                               formats::shortest(o.marginal_exposure) +
                               "; variance: influence function, subjects as sampled; reference: "
                               "normal; interval: Wald, of ratios on the log scale";
    put_marginal(f.data.frame, marginal_rates(f.model, f.fit, designs, arms, o.marginal_exposure),
                 "marginal_rate", false, task);
    return;
  }
  task.out.row.conventions =
      "standardised over all subjects, each at his own exposure, mean residual of the arm added; "
      "variance: influence function (Ye, Shao, Yi and Zhao 2023); reference: normal; interval: "
      "Wald, "
      "of ratios on the log scale";
  const auto predictions = predict_counts(f.model, f.fit, designs, arms);
  put_marginal(f.data.frame,
               standardise({f.data.response, f.data.frame.arm(), predictions, arms, {}}),
               "marginal_count", false, task);
}

std::string why_not(FitStatus status, const CountModel& model, const RegressionData& data) {
  std::string out(name_of(status));
  if (status == FitStatus::collinear) out += collinear_names(model, data.design.names);
  if (status == FitStatus::separated) out += where_separated(data, Family::poisson);
  return out;
}

/// What the options may not be for these data. False, with a problem or a refusal, if they are.
bool may_run(const NegativeBinomialOptions& o, const RegressionData& data, CountVariance variance,
             Task& task) {
  const std::string name(error_names[static_cast<std::size_t>(variance) + 1]);
  if (data.repeated && !by_subject(variance)) {
    task.bad_option("errors", name,
                    "subjects have more than one row, so errors must be by subject: cr0 to cr3");
  } else if (o.interval == Interval::profile && !of_likelihood(variance)) {
    task.bad_option("interval", "profile",
                    "goes with errors of the likelihood, expected or observed, not " + name);
  } else if (data.repeated && o.marginal != Marginal::none) {
    task.bad_option("marginal", std::string(marginal_names[static_cast<std::size_t>(o.marginal)]),
                    "needs one row a subject");
  } else if (o.marginal != Marginal::rates && o.marginal_exposure != 1.0) {
    task.bad_option("marginal_exposure", formats::shortest(o.marginal_exposure),
                    "is the exposure of marginal = \"rates\" and of nothing else");
  } else if (o.marginal == Marginal::counts && !two_in_each_arm(data)) {
    task.refuse("standardised counts need two subjects in each arm");
  } else if (by_subject(variance) && data.frame.fewest_subjects() < 2) {
    task.refuse("errors by subject need at least two subjects in each arm");
  } else if (by_subject(variance) && data.subjects <= data.design.columns()) {
    task.refuse("errors by subject need more subjects than coefficients");
  } else {
    return true;
  }
  return false;
}

void put_rows(const Fitted& f, const NegativeBinomialOptions& o,
              const std::vector<PlannedContrast>& planned, Task& task) {
  if (f.fit.status == FitStatus::poisson_boundary) {
    task.out.row.note = "no more variable than Poisson: dispersion 0";
  }
  if (!put_rate_ratios(f, task)) return;
  put_planned(f, planned, task);
  if (f.data.frame.arms().size() > 2 && !f.data.repeated) put_overall_test(f, task);
  if (o.marginal != Marginal::none) put_standardised(f, o, task);
  put_dispersion(f, task);
  put_counts(f.data, task);
  task.out.row.note.clear();
}

void run(const NegativeBinomialOptions& o, Task& task) {
  task.out.row.method = "negative binomial regression (NB2, log link, joint maximum likelihood)";
  const auto data = regression_data(o.terms, task);
  if (!data) return;
  if (o.errors == Errors::preset && !one_row_unless_said(*data, "cr3")) return;
  const CountVariance variance = variance_of(o.errors, task.preset());
  const std::vector<int> counts = counts_of(*data, o.terms.response);
  if (!data->frame.ok()) return;
  const ArmContrasts contrasts(*data);
  const std::size_t units = by_subject(variance) ? data->subjects : counts.size();
  const bool profile = o.interval == Interval::profile ||
                       (o.interval == Interval::preset && task.preset() == Preset::recommended &&
                        of_likelihood(variance));
  const auto df = reference_df(o.reference, task.preset(), units, data->design.columns());
  task.out.row.conventions = conventions_of(variance, profile, df, contrasts.products());
  if (!may_run(o, *data, variance, task)) return;
  const auto planned = planned_contrasts(o.contrasts, data->frame, task);
  if (!planned) return;
  const std::vector<double> design = contrasts.centred(data->design.values);
  const CountModel model{design, data->design.columns(), counts, data->offset, Aliased::refuse};
  NegativeBinomialWorkspace workspace;
  const NegativeBinomialFit& fit = fit_negative_binomial(model, workspace);
  if (!usable(fit.status)) {
    task.refuse(why_not(fit.status, model, *data));
    return;
  }
  put_rows({*data, model, fit, contrasts, variance, profile, df, workspace}, o, *planned, task);
}

}  // namespace

std::vector<MethodEntry> count_methods() {
  return {method<NegativeBinomialOptions>("negative_binomial",
                                          "negative binomial regression of counts")};
}

}  // namespace angiotrial::analysis
