// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/trial_dataset.hpp>

#include "checked_tables.hpp"

namespace angiotrial::dataset {

/// Fills diary, exercise, events, exposure and laboratory values from tables that passed the
/// checks. The data set already has its visits and subjects.
void read_records(const CheckedTables& all, TrialDataset& data);

}  // namespace angiotrial::dataset
