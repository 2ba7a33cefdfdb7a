// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "explain_methods.hpp"

namespace angiotrial::app {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 65> pages{
    {{"accelerated_failure_time", "accelerated-failure-time"},
     {"adaptive_analysis", "adaptive-designs"},
     {"ancova", "linear-model"},
     {"assurance", "assurance"},
     {"bayesian_markov_ordinal", "markov-ordinal"},
     {"closed_testing", "adaptive-designs"},
     {"commensurate_prior", "historical-borrowing"},
     {"conditional_power", "group-sequential"},
     {"constrained_longitudinal", "mmrm"},
     {"contrast_test", "multiplicity"},
     {"count_random_intercept", "count-random-intercept"},
     {"cox", "cox"},
     {"cumulative_incidence", "competing-risks"},
     {"cumulative_logit", "cumulative-logit"},
     {"cumulative_random_intercept", "cumulative-logit"},
     {"dose_response_average", "dose-response-averaging"},
     {"dunnett", "multiplicity"},
     {"fine_gray", "competing-risks"},
     {"finkelstein_schoenfeld", "win-statistics"},
     {"gee", "gee"},
     {"group_sequential_design", "group-sequential"},
     {"hurdle", "zero-inflated"},
     {"kaplan_meier", "kaplan-meier"},
     {"kruskal_wallis", "rank-tests"},
     {"log_rank", "log-rank"},
     {"logistic_regression", "linear-model"},
     {"mantel_haenszel", "rank-tests"},
     {"map_prior", "historical-borrowing"},
     {"markov_ordinal", "markov-ordinal"},
     {"max_combo", "log-rank"},
     {"mcp_mod", "mcp-mod"},
     {"mcp_mod_planning", "mcp-mod-planning"},
     {"mmrm", "mmrm"},
     {"multiplicity", "multiplicity"},
     {"negative_binomial", "negative-binomial"},
     {"order_restricted_test", "order-restricted-tests"},
     {"poisson_regression", "linear-model"},
     {"power_prior", "historical-borrowing"},
     {"predictive_probability", "assurance"},
     {"random_intercept_model", "mmrm"},
     {"random_slope_model", "mmrm"},
     {"rank_ancova", "rank-tests"},
     {"recurrent_events", "recurrent-events"},
     {"reference_based_imputation", "reference-based-imputation"},
     {"rerandomisation_test", "rerandomisation-test"},
     {"response_adaptive_design", "response-adaptive"},
     {"response_adaptive_look", "response-adaptive"},
     {"restricted_mean_survival", "restricted-mean-survival"},
     {"risk_difference", "rank-tests"},
     {"robust_map", "historical-borrowing"},
     {"sample_size", "sample-size"},
     {"sample_size_review", "sample-size"},
     {"signed_rank", "rank-tests"},
     {"standardisation", "linear-model"},
     {"tipping_point", "tipping-point"},
     {"tukey", "multiplicity"},
     {"two_stage_simulation", "adaptive-designs"},
     {"umbrella_test", "order-restricted-tests"},
     {"unblinded_review", "sample-size"},
     {"van_elteren", "rank-tests"},
     {"wilcoxon", "rank-tests"},
     {"williams", "order-restricted-tests"},
     {"win_statistics", "win-statistics"},
     {"zero_inflated_negative_binomial", "zero-inflated"},
     {"zero_inflated_poisson", "zero-inflated"}}};

}  // namespace

std::string_view page_of(std::string_view method) {
  const auto* const at =
      std::ranges::find(pages, method, [](const auto& entry) { return entry.first; });
  return at == pages.end() ? std::string_view() : at->second;
}

}  // namespace angiotrial::app
