// SPDX-License-Identifier: Apache-2.0
#include "plan/mmrm_options.hpp"
#include "plan/planned_contrasts.hpp"

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

}  // namespace

void describe(schema::Visitor& visit, Mmrm& o) {
  visit("response", o.response, "column of the response; rows without it are missed visits",
        analyst);
  visit("visit", o.visit, "column of the visit, a category", analyst);
  visit("visits", o.visits,
        "visits analysed, in the order of time, others are left out; empty: all found, by their "
        "number or "
        "that of AVISITN (VISITNUM), else sorted where their order does not matter",
        analyst);
  visit("covariates", o.covariates,
        "terms besides arm and visit: columns, a:b for products, such as BASE and BASE:AVISIT",
        analyst);
  visit("classes", o.classes, "number columns to be taken as categories", analyst);
  visit("arm_by_visit", o.arm_by_visit, "whether arms may differ otherwise at each visit", analyst);
  describe_covariance(visit, o.covariance);
  visit("group", o.group,
        "a covariance of its own for each level of this column; arm: for each arm; empty: one for "
        "all",
        analyst);
  visit("time", o.time, "number column of the time, for spatial_exponential and random_slope",
        analyst);
  describe_inference(visit, o.inference);
  visit("adjusted_means", o.means, means_names,
        "over categories: equal weights, or in proportion to the rows, numbers at their mean; or "
        "standardised: over the subjects' own covariates (g-computation), sandwich, normal",
        analyst);
  describe_contrasts(visit, o.contrasts);
}

}  // namespace angiotrial::analysis
