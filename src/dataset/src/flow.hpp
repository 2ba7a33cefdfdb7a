// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/trial_dataset.hpp>

namespace angiotrial::dataset {

/// The flow of subjects from randomisation on, as the data set's rows show it.
[[nodiscard]] Disposition flow_of(const TrialDataset& data);

}  // namespace angiotrial::dataset
