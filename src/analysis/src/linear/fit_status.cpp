// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/linear/fit_status.hpp>

namespace angiotrial::analysis {

std::string_view name_of(FitStatus status) {
  switch (status) {
    case FitStatus::fitted:
      return "fitted";
    case FitStatus::poisson_boundary:
      return "Poisson boundary";
    case FitStatus::too_few_rows:
      return "too few rows";
    case FitStatus::separated:
      return "a group without events";
    case FitStatus::collinear:
      return "collinear columns";
    case FitStatus::invalid_input:
      return "invalid input";
    case FitStatus::not_converged:
      return "not converged";
  }
  return "";
}

}  // namespace angiotrial::analysis
