// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/borrowing/mixture_prior.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "plan/task.hpp"

/// What a trial that borrows brings besides its prior: its own arms, and when it succeeds.
namespace angiotrial::analysis {

enum class BorrowedEndpoint { rates, means, counts };
inline constexpr std::string_view borrowed_endpoints[]{"rates", "means", "counts"};
[[nodiscard]] MixtureFamily family_of(BorrowedEndpoint endpoint);
[[nodiscard]] std::string unit_of(MixtureFamily family, const Task& task);

/// Rates: events of size; counts: events in an exposure of size; means: mean of size. Size 0: no
/// such arm.
struct CurrentArm {
  double value = 0.0, size = 0.0;
};
void describe(schema::Visitor& visit, CurrentArm& o);

struct BorrowingTrial {
  CurrentArm control, treatment;
  std::vector<double> treatment_prior_weight, treatment_prior_a, treatment_prior_b;
  std::vector<double> probability, difference;
  bool smaller = false;
  std::vector<double> true_control, true_treatment;
};
void describe_trial(schema::Visitor& visit, BorrowingTrial& o);

/// Problems with keys that the trial's other keys leave unread. False if any.
bool check_trial(const BorrowingTrial& trial, const Task& task);
/// Whether the treated take the vague part as their prior.
[[nodiscard]] bool reads_vague(const BorrowingTrial& trial);

/// A mixture from three lists; none, with a problem, where they are refused.
[[nodiscard]] std::optional<Mixture> mixture_of(const Task& task, std::string_view key,
                                                MixtureFamily family, double sigma,
                                                const std::vector<double>& weight,
                                                const std::vector<double>& a,
                                                const std::vector<double>& b);

/// Rows of a mixture: components, where they are few, mean, sd, median and credible limits.
void put_mixture(const Task& task, const std::string& group, const Mixture& mixture);
/// Rows of its effective sample sizes.
void put_effective_sizes(const Task& task, const std::string& group, const Mixture& mixture);

/// Posterior of the controls and of the treated, probabilities of differences, the decision, and
/// how often it is success at each truth. `vague` is the treated's prior unless the trial has one.
void put_trial(const Task& task, const BorrowingTrial& trial, const Mixture& control_prior,
               const Mixture& vague);

}  // namespace angiotrial::analysis
