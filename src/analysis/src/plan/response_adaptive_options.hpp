// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/design/response_adaptive.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/task.hpp"

/// A response-adaptive design as a plan writes it.
namespace angiotrial::analysis {

/// Arms by name; looks as numbers, which must be whole.
struct ArmsOptions {
  std::vector<std::string> arms;
  std::string control;
  std::vector<double> looks, randomised;
  AdaptiveArms design;
};

void describe_arms(schema::Visitor& visit, ArmsOptions& o);

/// Problems with keys that the rest of the rule leaves unread. `complete`: a look, which gives
/// probabilities of margins though no limit asks for them. False if any.
bool check_unread(const ArmsOptions& o, bool complete, const Task& task);

/// The design, or none with problems.
[[nodiscard]] std::optional<AdaptiveArms> arms_design(const ArmsOptions& o, const Task& task);

/// The place of the arm of this name; a problem where there is none.
[[nodiscard]] std::optional<std::size_t> named_arm(const ArmsOptions& o, std::string_view key,
                                                   const std::string& name, const Task& task);

/// `posterior: beta, prior 1, 1; better: smaller; superiority above 0.99; ..`
[[nodiscard]] std::string arms_in_words(const AdaptiveArms& d);

}  // namespace angiotrial::analysis
