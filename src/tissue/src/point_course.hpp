// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/voxel.hpp>

#include <optional>
#include <vector>

#include "active_cells.hpp"
#include "point_kernel.hpp"
#include "point_lookup.hpp"

namespace angiotrial::tissue {

/// Highest number of homed cells per mm3 at a depot's centre over time; 0 without homing.
[[nodiscard]] double most_homed(const Parameters& p);

/// What the active cells do over time. By the table where it holds, else in steps; then fields are
/// solved anew when k or the cells' density has changed too much anywhere (numerics 5.4).
class PointCourse {
 public:
  struct Cells {
    std::span<const SiteBox> sites;
    std::span<const Depot> depots;
    const CellUnion& all;
    const ActiveCells& active;
  };

  /// `lookup` may be null: then every cell is stepped. All referred to must outlive this.
  PointCourse(const Parameters& p, const Cells& cells, const PointLookup* lookup,
              std::span<const units::Days> times, const VoxelOptions& options);

  /// Expects the index of each time in turn. May solve `fields` anew, into `signals`.
  void advance_to(std::size_t time, UnitFields& fields, UnitSignals& signals);

  [[nodiscard]] const std::vector<float>& gains() const { return gains_; }
  /// Arteriolar drive of an active cell.
  [[nodiscard]] float drive(std::size_t cell) const;
  [[nodiscard]] std::vector<float> signals() const;        ///< c/c50 now
  [[nodiscard]] std::vector<float> cells_per_mm3() const;  ///< alive now

 private:
  void step_to(double end_days, UnitFields& fields, UnitSignals& signals);
  void refresh(double time_days, UnitFields& fields, UnitSignals& signals);
  [[nodiscard]] bool fields_matter(double time_days) const;
  [[nodiscard]] bool stale() const;
  void take_signals(std::span<const float> slow, std::span<const float> fast,
                    std::span<const float> homed);

  const Parameters& p_;
  Cells cells_;
  const PointLookup* lookup_;
  std::span<const units::Days> times_;
  Transport transport_;
  PointKernel kernel_;
  std::vector<PointStep> steps_;
  std::size_t next_step_ = 0;
  std::size_t time_ = 0;
  float largest_change_;
  bool uptake_;
  float strongest_ = 0.0F;  ///< slow part of the signal at time 0, of all cells stepped

  std::vector<std::uint32_t> stepped_;  ///< active cells that the table does not hold
  std::vector<std::int32_t> place_;     ///< of an active cell in arrays_, or -1
  PointArrays arrays_;                  ///< of the cells stepped, padded
  std::vector<float> stepped_gains_;
  PointLookup::Places places_;
  std::vector<float> gains_;

  std::vector<float> young_;                           ///< living cells per mm3 at time 0, stepped
  std::vector<float> spared_, spared_then_;            ///< now and when the fields were solved
  std::vector<float> density_then_;                    ///< rho_i + rho_m - rho_m0 at that time
  std::vector<float> decay_of_slot_, spared_of_slot_;  ///< for UnitFields
};

}  // namespace angiotrial::tissue
