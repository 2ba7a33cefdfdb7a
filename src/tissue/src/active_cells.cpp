// SPDX-License-Identifier: Apache-2.0
#include "active_cells.hpp"

#include <algorithm>
#include <array>

#include "point_lookup.hpp"

namespace angiotrial::tissue {
namespace {

std::vector<float> open_shares(std::span<const SiteBox> sites, const CellUnion& cells) {
  std::vector<float> share(cells.slots(), 0.0F);
  for (const SiteBox& site : sites) {
    cells.each_row(site.box, [&](std::size_t slot, std::size_t at, std::size_t length) {
      std::copy_n(site.walls.volume.begin() + static_cast<std::ptrdiff_t>(at), length,
                  share.begin() + static_cast<std::ptrdiff_t>(slot));
    });
  }
  return share;
}

/// The box of domain cells around all cells of the regions wanted.
FineBox box_of_regions(const Domain& domain, const std::vector<bool>& wanted) {
  std::array<int, 3> low = domain.cells;
  std::array<int, 3> high{0, 0, 0};
  std::size_t at = 0;
  for (int k = 0; k < domain.cells[2]; ++k) {
    for (int j = 0; j < domain.cells[1]; ++j) {
      for (int i = 0; i < domain.cells[0]; ++i, ++at) {
        if (domain.region[at] >= wanted.size() || !wanted[domain.region[at]]) continue;
        const std::array<int, 3> cell{i, j, k};
        for (std::size_t a = 0; a < 3; ++a) {
          low[a] = std::min(low[a], cell[a]);
          high[a] = std::max(high[a], cell[a] + 1);
        }
      }
    }
  }
  FineBox box;
  for (std::size_t a = 0; a < 3; ++a) {
    box.first[a] = low[a];
    box.count[a] = std::max(0, high[a] - low[a]);
  }
  return box;
}

}  // namespace

ActiveCells find_active(const Lattice& lattice, std::span<const SiteBox> sites,
                        const CellUnion& cells, const UnitSignals& signals, double most_homed) {
  const std::vector<float> share = open_shares(sites, cells);
  const bool homing = !signals.homed.empty();
  const auto homed_weight = static_cast<float>(most_homed);
  ActiveCells a;
  a.of_slot.assign(cells.slots(), -1);
  for (const CellUnion::Row& row : cells.rows()) {
    for (int i = 0; i < row.count; ++i) {
      const std::size_t slot = row.slot + static_cast<std::size_t>(i);
      const float level = signals.slow[slot] + signals.fast[slot] +
                          (homing ? homed_weight * signals.homed[slot] : 0.0F);
      if (!(share[slot] > 0.0F) || !(level >= PointLookup::least_signal)) continue;
      const std::size_t cell = lattice.domain_cell(row.first_x + i, row.y, row.z);
      a.of_slot[slot] = static_cast<std::int32_t>(a.slot.size());
      a.slot.push_back(static_cast<std::uint32_t>(slot));
      a.domain_cell.push_back(static_cast<std::uint32_t>(cell));
      a.region.push_back(lattice.domain().region[cell]);
      a.share.push_back(share[slot]);
      a.slow.push_back(signals.slow[slot]);
      a.fast.push_back(signals.fast[slot]);
      if (homing) a.homed.push_back(signals.homed[slot]);
    }
  }
  return a;
}

std::vector<double> region_tissue_mm3(const Domain& domain, const ActiveCells& active) {
  if (!domain.region_tissue_mm3.empty()) return domain.region_tissue_mm3;
  const auto regions = static_cast<std::size_t>(domain.regions);
  std::vector<double> volume(regions, 0.0);
  std::vector<bool> wanted(regions, false);
  for (const std::uint16_t r : active.region) {
    if (r < regions) wanted[r] = true;
  }
  const FineBox box = box_of_regions(domain, wanted);
  if (box.size() == 0) return volume;
  const Lattice lattice(domain, 1);
  const numerics::Walls walls =
      numerics::cut_cells({box.count, domain.spacing_mm}, lattice.corner_levels(box));
  std::size_t at = 0;
  for (int k = box.first[2]; k < box.first[2] + box.count[2]; ++k) {
    for (int j = box.first[1]; j < box.first[1] + box.count[1]; ++j) {
      for (int i = box.first[0]; i < box.first[0] + box.count[0]; ++i, ++at) {
        const std::uint16_t r = domain.region[lattice.domain_cell(i, j, k)];
        if (r < regions && wanted[r]) volume[r] += static_cast<double>(walls.volume[at]);
      }
    }
  }
  for (double& v : volume) v *= lattice.cell_mm3();
  return volume;
}

void sum_gains(const Lattice& lattice, const ActiveCells& active, std::span<const float> gains,
               std::span<const double> tissue_mm3, VoxelCourse& course) {
  std::vector<double> by_region(tissue_mm3.size(), 0.0);
  double outside = 0.0;  // tissue that the domain gives to no region
  double total = 0.0;
  for (std::size_t i = 0; i < active.size(); ++i) {
    const double part = static_cast<double>(active.share[i]) * static_cast<double>(gains[i]);
    (active.region[i] < by_region.size() ? by_region[active.region[i]] : outside) += part;
  }
  for (const double sum : by_region) total += sum;
  course.total_gain_mm3.push_back((total + outside) * lattice.cell_mm3());
  for (std::size_t r = 0; r < by_region.size(); ++r) {
    by_region[r] = tissue_mm3[r] > 0.0 ? by_region[r] * lattice.cell_mm3() / tissue_mm3[r] : 0.0;
  }
  course.region_gain.push_back(std::move(by_region));
}

VoxelFields picture(const Lattice& lattice, std::span<const SiteBox> sites, const CellUnion& cells,
                    const ActiveCells& active, std::span<const float> gains,
                    std::span<const float> signals, std::span<const float> cells_per_mm3) {
  const std::size_t n = lattice.domain().level_mm.size();
  const std::vector<float> share = open_shares(sites, cells);
  std::vector<float> tissue(n, 0.0F);
  for (const CellUnion::Row& row : cells.rows()) {
    for (int i = 0; i < row.count; ++i) {
      tissue[lattice.domain_cell(row.first_x + i, row.y, row.z)] +=
          share[row.slot + static_cast<std::size_t>(i)];
    }
  }
  VoxelFields out{std::vector<float>(n, 0.0F), std::vector<float>(n, 0.0F),
                  std::vector<float>(n, 0.0F)};
  for (std::size_t i = 0; i < active.size(); ++i) {
    const std::size_t cell = active.domain_cell[i];
    const float weight = active.share[i] / tissue[cell];
    out.density_gain[cell] += weight * gains[i];
    out.signal[cell] += weight * signals[i];
    out.cells_per_mm3[cell] += weight * cells_per_mm3[i];
  }
  return out;
}

}  // namespace angiotrial::tissue
