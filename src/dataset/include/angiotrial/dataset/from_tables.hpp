// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/dataset/check_tables.hpp>
#include <angiotrial/dataset/trial_dataset.hpp>

#include <span>

namespace angiotrial::dataset {

/// The inverse of to_tables(): tables that check_tables() passes become a data set, whose tables
/// are those again, cell by cell; else every problem. TRT01P and TRT01A stand in for ARM and
/// ACTARM.
///
/// What the tables do not hold is filled in so:
///  - arms: of the randomised subjects, in the order of `expectations.arms`, else of TRT01PN where
///    ADSL has it, else by planned dose and then as first met. An arm without a subject is lost. A
///    planned dose that no column gives is 0.
///  - visits: those with a row, by month and then as first met; baseline and the two procedures
///    come first, and simulated data have them always. The month is AVISITN, else follows from a
///    name such as `Month 3`.
///  - the reference date follows from RANDDT and randomised_days; without them it is the earliest
///    date of ADSL.
///  - disposition: from randomisation on, as ADSL and the visits show it. Screening and collection
///    (screened, screen_failures, mobilised, completed_mobilisation, failed_harvest) are 0.
[[nodiscard]] diagnostics::Result<TrialDataset> read_trial(
    std::span<const formats::DataTable> tables, const TableExpectations& expectations = {});

}  // namespace angiotrial::dataset
