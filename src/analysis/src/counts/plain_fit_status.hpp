// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace angiotrial::analysis {

/// Why the plain model from which a larger one starts could not be fitted, in the words of the
/// larger one's status.
template <class Status, class Plain>
[[nodiscard]] Status status_of_plain(Plain status) {
  switch (status) {
    case Plain::too_few_rows:
      return Status::too_few_rows;
    case Plain::separated:
      return Status::separated;
    case Plain::collinear:
      return Status::collinear;
    case Plain::invalid_input:
      return Status::invalid_input;
    default:
      return Status::not_converged;
  }
}

}  // namespace angiotrial::analysis
