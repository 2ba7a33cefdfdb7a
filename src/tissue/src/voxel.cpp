// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/tissue/voxel.hpp>

#include <algorithm>
#include <cmath>

#include "active_cells.hpp"
#include "point_course.hpp"
#include "point_lookup.hpp"

namespace angiotrial::tissue {
namespace {

// Widest cells that carry the field and the depot (numerics 4.3): shares of the decay length and of
// the depot's SD across.
constexpr double most_per_length = 0.85;
constexpr double most_per_sd = 0.5;

void check(const Domain& domain, const Depot& d) {
  ANGIOTRIAL_EXPECT(d.cells.value() >= 0.0 && d.potency >= 0.0 && d.sd_mm.value() > 0.0,
                    "a depot needs cells and potency >= 0 and a width > 0");
  const double square = d.fibre[0] * d.fibre[0] + d.fibre[1] * d.fibre[1] + d.fibre[2] * d.fibre[2];
  ANGIOTRIAL_EXPECT(d.elongation >= 1.0 && std::abs(square - 1.0) < 1.0e-6,
                    "a depot needs an elongation >= 1 and a fibre of unit length");
  for (std::size_t a = 0; a < 3; ++a) {
    const double at = (d.position_mm[a] - domain.first_centre_mm[a]) / domain.spacing_mm + 0.5;
    ANGIOTRIAL_EXPECT(at >= 0.0 && at <= domain.cells[a], "a depot must lie in the domain's box");
  }
}

int split_for(const Parameters& p, const Domain& domain, std::span<const Depot> depots,
              const VoxelOptions& options) {
  if (options.box_spacing_mm > 0.0) return least_split(domain.spacing_mm, options.box_spacing_mm);
  double most = most_per_length * p.secretion.decay_length_mm.value();
  for (const Depot& d : depots) most = std::min(most, most_per_sd * widths(d).across_mm);
  return least_split(domain.spacing_mm, most);
}

/// One heart on its way through grow().
class Heart {
 public:
  Heart(const Parameters& p, const Domain& domain, std::span<const Depot> depots,
        std::span<const units::Days> times, const VoxelOptions& options)
      : p_(p), times_(times), options_(options), depots_(depots), lattice_(domain, 1) {
    for (const Depot& d : depots) check(domain, d);
    for (std::size_t j = 0; j < depots.size(); ++j) {
      if (depots[j].cells.value() > 0.0 || p.homing.homing) indices_.push_back(j);
    }
    std::vector<Depot> wanted;
    for (const std::size_t j : indices_) wanted.push_back(depots[j]);
    lattice_ = Lattice(domain, split_for(p, domain, wanted, options));
  }

  VoxelCourse grow(const PointLookup* lookup) {
    course_.times.assign(times_.begin(), times_.end());
    course_.box_spacing_mm = lattice_.spacing_mm();
    course_.placed_cells.assign(depots_.size(), 0.0);
    place();
    const CellUnion cells(sites_);
    const bool feedback = p_.uptake.vessel_uptake_fraction.value() > 0.0 || p_.crowding.crowding;
    UnitFields fields(p_, lattice_, placed_, sites_, cells, options_.tolerance, feedback);
    UnitSignals signals;
    fields.solve({}, {}, 0.0, signals);
    if (!feedback) {
      for (SiteBox& site : sites_) site.walls.face = {};
    }
    const ActiveCells active = find_active(lattice_, sites_, cells, signals, most_homed(p_));
    course_.cells_touched = active.size();
    const std::vector<double> tissue = region_tissue_mm3(lattice_.domain(), active);
    PointCourse points(p_, {sites_, placed_, cells, active}, lookup, times_, options_);
    for (std::size_t t = 0; t < times_.size(); ++t) {
      points.advance_to(t, fields, signals);
      sum_gains(lattice_, active, points.gains(), tissue, course_);
      read_drives(points, cells, active);
      if (options_.keep_fields) {
        course_.fields.push_back(picture(lattice_, sites_, cells, active, points.gains(),
                                         points.signals(), points.cells_per_mm3()));
      }
    }
    course_.worst_residual = fields.proof().worst_residual;
    course_.worst_balance_error = fields.proof().worst_balance;
    course_.field_solves = fields.proof().rounds;
    return std::move(course_);
  }

 private:
  void place() {
    std::vector<std::size_t> kept;
    for (const std::size_t j : indices_) {
      SiteBox site = make_site_box(p_, lattice_, depots_[j]);
      if (!site.has_tissue()) {
        course_.unplaced_depots += depots_[j].cells.value() > 0.0 ? 1 : 0;
        continue;
      }
      course_.placed_cells[j] = site.placed_cells;
      sites_.push_back(std::move(site));
      placed_.push_back(depots_[j]);
      kept.push_back(j);
    }
    indices_ = std::move(kept);
  }

  void read_drives(const PointCourse& points, const CellUnion& cells, const ActiveCells& active) {
    std::vector<double> drives(depots_.size(), 0.0);
    for (std::size_t s = 0; s < sites_.size(); ++s) {
      const FineBox& b = sites_[s].box;
      const auto nx = static_cast<std::uint32_t>(b.count[0]);
      const auto ny = static_cast<std::uint32_t>(b.count[1]);
      for (const CoreCell& core : sites_[s].core) {
        const std::size_t slot = cells.slot(b.first[0] + static_cast<int>(core.cell % nx),
                                            b.first[1] + static_cast<int>(core.cell / nx % ny),
                                            b.first[2] + static_cast<int>(core.cell / (nx * ny)));
        const std::int32_t at = active.of_slot[slot];
        if (at < 0) continue;
        drives[indices_[s]] += static_cast<double>(core.weight) *
                               static_cast<double>(points.drive(static_cast<std::size_t>(at)));
      }
    }
    course_.depot_drive.push_back(std::move(drives));
  }

  const Parameters& p_;
  std::span<const units::Days> times_;
  const VoxelOptions& options_;
  std::span<const Depot> depots_;
  Lattice lattice_;
  std::vector<std::size_t> indices_;  ///< in depots_, of those placed
  std::vector<SiteBox> sites_;
  std::vector<Depot> placed_;
  VoxelCourse course_;
};

}  // namespace

struct VoxelModel::State {
  Parameters p;
  std::vector<units::Days> times;
  std::optional<PointLookup> lookup;
};

VoxelModel::VoxelModel(const Parameters& p, std::vector<units::Days> times)
    : state_(std::make_unique<State>(State{p, std::move(times), {}})) {
  const std::vector<units::Days>& t = state_->times;
  ANGIOTRIAL_EXPECT(std::is_sorted(t.begin(), t.end()) && (t.empty() || t[0].value() >= 0.0),
                    "times must ascend from 0 or later");
  if (p.uptake.vessel_uptake_fraction.value() > 0.0 || p.crowding.crowding || p.homing.homing) {
    return;
  }
  state_->lookup.emplace(state_->p, t);
}

VoxelModel::~VoxelModel() = default;
VoxelModel::VoxelModel(VoxelModel&&) noexcept = default;
VoxelModel& VoxelModel::operator=(VoxelModel&&) noexcept = default;

VoxelCourse VoxelModel::grow(const Domain& domain, std::span<const Depot> depots,
                             const VoxelOptions& options) const {
  ANGIOTRIAL_EXPECT(
      options.tolerance > 0.0 && options.largest_change > 0.0 && options.step_refinement >= 1.0,
      "tolerances above 0 and a refinement of 1 or more");
  const PointLookup* lookup = state_->lookup && !options.step_points ? &*state_->lookup : nullptr;
  return Heart(state_->p, domain, depots, state_->times, options).grow(lookup);
}

VoxelCourse grow_voxel(const Parameters& p, const Domain& domain, std::span<const Depot> depots,
                       std::span<const units::Days> times, const VoxelOptions& options) {
  return VoxelModel(p, {times.begin(), times.end()}).grow(domain, depots, options);
}

}  // namespace angiotrial::tissue
