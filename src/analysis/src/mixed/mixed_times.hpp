// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mixed/mixed_state.hpp"

#include <span>

/// Times of a fit: those of the model, but for u = (t - c) / d where they are far from 0 for their
/// spread (c) or very short (d), so that theta is in reach.
namespace angiotrial::analysis {

/// s.time_origin and s.time_unit; 0 and 1 for usual times.
void choose_time_scale(const RepeatedModel& model, MixedState& s);
/// The class of a patient whose rows begin at `rows.first`: its group, or with own times a new one
/// that has them. Sets s.tied_times if two of them are the same.
[[nodiscard]] std::size_t class_of(const RepeatedModel& model, MixedState& s,
                                   const PatientRows& rows, std::size_t group);
[[nodiscard]] bool has_ties(std::span<const double> times);
/// Whether all structures that the model may try need distinct times.
[[nodiscard]] bool only_distinct_times(const RepeatedModel& model);
/// Whether the structure needs distinct times and there are ties.
[[nodiscard]] bool barred_by_ties(const MixedState& s, CovarianceStructure structure);
/// s.typical_times.
void take_mean_times(const RepeatedModel& model, MixedState& s);
/// theta of a group for the model's own times.
void restore_time_scale(const MixedState& s, double* theta);
/// Effects of a patient (intercept, slope) on the model's own times.
void restore_time_scale(const MixedState& s, Eigen::VectorXd& effects);

}  // namespace angiotrial::analysis
