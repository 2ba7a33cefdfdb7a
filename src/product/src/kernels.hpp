// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/cohort/patient.hpp>
#include <angiotrial/product/parameters.hpp>

/// The equations of the process, without any random number. Plain doubles: units in the names.
namespace angiotrial::product {

/// C(t) = C0 + (Cpk - C0) (t/tp)^n exp(n (1 - t/tp)), t in days from the first dose; once the doses
/// have stopped for a day the excess halves every washout half-life.
[[nodiscard]] double blood_count_per_ul(const Mobilisation& p, double baseline_per_ul,
                                        double peak_per_ul, double days);

/// ln of the median peak count of a patient of this age and diabetes status.
[[nodiscard]] double log_peak_per_ul(const Mobilisation& p, const cohort::Chart& chart);

/// Nadler, Hidalgo and Bloch 1962 (Surgery 51:224), recalled: litres from metres and kilograms.
[[nodiscard]] double blood_volume_ml(const cohort::Chart& chart);

/// Y = CE2 C V_proc.
[[nodiscard]] double collected_cells(double count_per_ul, double processed_ml, double efficiency);

/// Cells in the aspirate when the concentration at a depth V of a site is c_first / (1 + V/V_h):
/// sites x c_first V_h ln(1 + V_site / V_h).
[[nodiscard]] double aspirated_cells(const Marrow& p, double first_pull_per_ml);

/// pi_max x / (x + x_h), x the CD34+ share of the input.
[[nodiscard]] double expected_purity(const Separator& run, double input_share);

/// g(Y): 1 below the capacity, capacity / Y above.
[[nodiscard]] double capacity_factor(const Separator& run, double input_cells);

/// k_T of the hold temperature, per hour.
[[nodiscard]] double hold_loss_per_hour(const Hold& p);

}  // namespace angiotrial::product
