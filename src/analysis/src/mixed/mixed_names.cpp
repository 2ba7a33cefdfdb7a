// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/mixed/mmrm.hpp>

namespace angiotrial::analysis {

bool needs_times(CovarianceStructure structure) {
  return structure == CovarianceStructure::spatial_exponential ||
         structure == CovarianceStructure::random_slope;
}

std::string_view name_of(CovarianceStructure structure) {
  switch (structure) {
    case CovarianceStructure::unstructured:
      return "unstructured";
    case CovarianceStructure::heterogeneous_toeplitz:
      return "heterogeneous Toeplitz";
    case CovarianceStructure::toeplitz:
      return "Toeplitz";
    case CovarianceStructure::heterogeneous_ante_dependence:
      return "heterogeneous ante-dependence";
    case CovarianceStructure::ante_dependence:
      return "ante-dependence";
    case CovarianceStructure::heterogeneous_ar1:
      return "heterogeneous AR(1)";
    case CovarianceStructure::ar1:
      return "AR(1)";
    case CovarianceStructure::heterogeneous_compound_symmetry:
      return "heterogeneous compound symmetry";
    case CovarianceStructure::compound_symmetry:
      return "compound symmetry";
    case CovarianceStructure::spatial_exponential:
      return "spatial exponential";
    case CovarianceStructure::random_slope:
      return "random intercept and slope";
    case CovarianceStructure::random_intercept:
      return "random intercept";
  }
  return "";
}

std::string_view name_of(MixedStatus status) {
  switch (status) {
    case MixedStatus::fitted:
      return "fitted";
    case MixedStatus::invalid_input:
      return "invalid input";
    case MixedStatus::too_few_rows:
      return "too few rows";
    case MixedStatus::collinear:
      return "collinear columns";
    case MixedStatus::repeated_visit:
      return "two rows of one patient at one visit";
    case MixedStatus::split_patient:
      return "one patient in two covariance groups";
    case MixedStatus::not_estimable:
      return "too few patients for the covariance";
    case MixedStatus::singular_covariance:
      return "singular covariance";
    case MixedStatus::not_converged:
      return "not converged";
  }
  return "";
}

}  // namespace angiotrial::analysis
