// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/depot.hpp>
#include <angiotrial/tissue/parameters.hpp>

#include <cstddef>
#include <span>
#include <vector>

/// The radial model as a table, for ensembles. Without uptake feedback the field is closed form, so
/// a depot's whole course depends on its central potency and its width alone:
///
///   potency x width  ->  gain in each shell and arteriolar drive, at each requested time
///
/// Built once for a parameter set and a list of times; then growing a patient is interpolation and
/// a sum over shells. Agrees with reference.hpp within 0.5 % of gain (tested).
namespace angiotrial::tissue {

class ResponseTable {
 public:
  /// Expects `times` ascending and not negative.
  ResponseTable(const Parameters& p, std::vector<units::Days> times);

  /// Whether every depot can be read off: widths and potencies inside the table and no switch on
  /// that needs the direct model (crowding, homing).
  [[nodiscard]] bool covers(std::span<const Depot> depots) const;

  [[nodiscard]] const std::vector<units::Days>& times() const { return times_; }
  [[nodiscard]] const Parameters& parameters() const { return p_; }

  /// Gains of all shells and the drive, for each time in turn: rows of `row_length()` numbers, the
  /// drive last. Expects a covered potency > 0 and SD.
  void read(double log_potency, double sd_mm, std::span<double> out) const;
  [[nodiscard]] std::size_t row_length() const { return static_cast<std::size_t>(p_.shells) + 1; }

 private:
  [[nodiscard]] const double* block(std::size_t width, std::size_t potency) const;

  Parameters p_;
  std::vector<units::Days> times_;
  std::vector<double> values_;  ///< [width][potency][time][shells, drive]
};

/// What grows around each depot, at the table's times; by the table where it covers all depots,
/// else by grow_reference.
[[nodiscard]] VesselCourse grow(const ResponseTable& table, std::span<const Depot> depots);

}  // namespace angiotrial::tissue
