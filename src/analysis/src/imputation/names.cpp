// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/imputation/tipping_point.hpp>

#include "imputation/imputation_state.hpp"

namespace angiotrial::analysis {

ImputationWorkspace::ImputationWorkspace() : state_(std::make_unique<State>()) {}
ImputationWorkspace::~ImputationWorkspace() = default;
ImputationWorkspace::ImputationWorkspace(ImputationWorkspace&&) noexcept = default;
ImputationWorkspace& ImputationWorkspace::operator=(ImputationWorkspace&&) noexcept = default;

std::string_view name_of(ImputationStrategy strategy) {
  switch (strategy) {
    case ImputationStrategy::missing_at_random:
      return "missing at random";
    case ImputationStrategy::jump_to_reference:
      return "jump to reference";
    case ImputationStrategy::copy_reference:
      return "copy reference";
    case ImputationStrategy::copy_increments:
      return "copy increments in reference";
    case ImputationStrategy::last_mean_carried_forward:
      return "last mean carried forward";
  }
  return "";
}

std::string_view name_of(ImputationStatus status) {
  switch (status) {
    case ImputationStatus::imputed:
      return "imputed";
    case ImputationStatus::invalid_input:
      return "invalid input";
    case ImputationStatus::no_model:
      return "no model";
    case ImputationStatus::collinear_analysis:
      return "collinear columns of the analysis";
    case ImputationStatus::not_without_patient:
      return "no model or analysis without one patient";
    case ImputationStatus::too_many_failed_draws:
      return "too many draws without a model";
  }
  return "";
}

std::string_view name_of(TippingStatus status) {
  switch (status) {
    case TippingStatus::found:
      return "found";
    case TippingStatus::none_in_range:
      return "the conclusion holds in the range";
    case TippingStatus::nothing_imputed:
      return "no imputed value that delta changes";
    case TippingStatus::invalid_input:
      return "invalid input";
    case TippingStatus::not_imputed:
      return "not imputed";
  }
  return "";
}

}  // namespace angiotrial::analysis
