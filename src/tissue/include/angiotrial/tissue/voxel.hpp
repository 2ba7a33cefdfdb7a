// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/domain.hpp>
#include <angiotrial/tissue/parameters.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

/// Growth in three dimensions: the equations of the radial model (kinetics.hpp) at every cell of
/// the tissue that a depot reaches, with anisotropic depots cut by the true wall and fields that
/// superpose exactly.
namespace angiotrial::tissue {

/// For pictures, in the order of the domain's cells; zeros where nothing is reached.
struct VoxelFields {
  std::vector<float> density_gain;   ///< relative gain of functional vessel density
  std::vector<float> signal;         ///< c/c50
  std::vector<float> cells_per_mm3;  ///< alive
};

struct VoxelCourse {
  std::vector<units::Days> times;
  std::vector<std::vector<double>> region_gain;  ///< [time][region]: mean over its tissue
  std::vector<std::vector<double>> depot_drive;  ///< [time][depot]: mean over the depot's core
  std::vector<double> total_gain_mm3;            ///< [time]
  std::vector<VoxelFields> fields;               ///< [time], if asked for
  std::vector<double> placed_cells;              ///< [depot]: sum over the grid, at time 0
  double worst_residual = 0.0;                   ///< of all field solves (Certificate)
  double worst_balance_error = 0.0;
  double box_spacing_mm = 0.0;    ///< of the boxes around the sites
  int unplaced_depots = 0;        ///< with cells, but without tissue within reach
  std::size_t cells_touched = 0;  ///< fine cells of tissue with a signal, all depots together
  int field_solves = 0;           ///< rounds of all boxes: 1 and the refreshes
};

struct VoxelOptions {
  bool keep_fields = false;
  /// Widest cells of the boxes; they divide the domain's spacing. 0: 0.85 decay lengths or half the
  /// narrowest depot's SD across, whichever is less. 1 mm does for populations of 4 x 2 x 2 mm
  /// depots (docs/rooms/tissue.md).
  double box_spacing_mm = 0.0;
  double tolerance = 1.0e-5;  ///< of the float field solves
  bool step_points = false;   ///< step every point, also where the table of points would do
  /// Relative change of the factor's decay or of the cells anywhere that has fields solved anew,
  /// under uptake or crowding.
  double largest_change = 0.02;
  double step_refinement = 1.0;  ///< steps of points are this much shorter; >= 1
};

/// What all hearts of a study share: parameters, times and the table of points.
class VoxelModel {
 public:
  /// Expects `times` ascending from 0 or later.
  VoxelModel(const Parameters& p, std::vector<units::Days> times);
  ~VoxelModel();
  VoxelModel(VoxelModel&&) noexcept;
  VoxelModel& operator=(VoxelModel&&) noexcept;

  /// Expects depots with cells and potency >= 0, a width > 0, an elongation >= 1 and a fibre of
  /// unit length, centred inside the domain's box. One without cells has no drive, unless homing
  /// is on; no cells at all give exactly zero. Safe to call from several threads.
  [[nodiscard]] VoxelCourse grow(const Domain& domain, std::span<const Depot> depots,
                                 const VoxelOptions& options = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same for a single heart.
[[nodiscard]] VoxelCourse grow_voxel(const Parameters& p, const Domain& domain,
                                     std::span<const Depot> depots,
                                     std::span<const units::Days> times,
                                     const VoxelOptions& options = {});

}  // namespace angiotrial::tissue
