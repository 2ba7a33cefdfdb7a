// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/counts/negative_binomial.hpp>

namespace angiotrial::analysis {

/// Why the plain model from which a larger one starts could not be fitted, in the words of the
/// larger one's status.
template <class Status>
[[nodiscard]] Status status_of_plain(FitStatus status) {
  switch (status) {
    case FitStatus::too_few_rows:
      return Status::too_few_rows;
    case FitStatus::separated:
      return Status::separated;
    case FitStatus::collinear:
      return Status::collinear;
    case FitStatus::invalid_input:
      return Status::invalid_input;
    default:
      return Status::not_converged;
  }
}

}  // namespace angiotrial::analysis
