// SPDX-License-Identifier: Apache-2.0
#include "site_box.hpp"

#include <algorithm>
#include <cmath>

#include "point_kernel.hpp"

namespace angiotrial::tissue {
namespace {

// As at radial resolution; numerics 5.1.
constexpr double reach_sd = 3.0;
constexpr double reach_lengths = 6.0;

double dot(const PositionMm& a, const PositionMm& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

// shape = exp(-q/2),  q = |d|^2/s^2 + (d.f)^2 (1/l^2 - 1/s^2): a quadratic along each row of x.
void fill_shape(const Lattice& lattice, const Depot& depot, SiteBox& site) {
  const DepotWidths w = widths(depot);
  const double across = 1.0 / (w.across_mm * w.across_mm);
  const double extra = 1.0 / (w.along_mm * w.along_mm) - across;
  const auto nx = static_cast<std::size_t>(site.box.count[0]);
  std::vector<double> x(nx);
  for (std::size_t i = 0; i < nx; ++i) {
    x[i] = lattice.centre_mm(0, site.box.first[0] + static_cast<int>(i)) - depot.position_mm[0];
  }
  std::vector<float> exponent(nx), shape(nx);
  auto reach = site.reach.begin();
  std::size_t row = 0;
  for (int k = 0; k < site.box.count[2]; ++k) {
    const double z = lattice.centre_mm(2, site.box.first[2] + k) - depot.position_mm[2];
    for (int j = 0; j < site.box.count[1]; ++j, row += nx) {
      const double y = lattice.centre_mm(1, site.box.first[1] + j) - depot.position_mm[1];
      const double rest = depot.fibre[1] * y + depot.fibre[2] * z;
      const auto from = static_cast<std::size_t>(reach->from);
      const auto to = static_cast<std::size_t>(reach->to);
      ++reach;
      for (std::size_t i = from; i < to; ++i) {
        const double along = depot.fibre[0] * x[i] + rest;
        exponent[i] = static_cast<float>(
            -0.5 * ((x[i] * x[i] + y * y + z * z) * across + along * along * extra));
      }
      exp_of(std::span(exponent).subspan(from, to - from),
             std::span(shape).subspan(from, to - from));
      const float* const share = site.walls.volume.data() + row;
      float* const kept = site.shape.data() + row;
      for (std::size_t i = from; i < to; ++i) kept[i] = share[i] > 0.0F ? shape[i] : 0.0F;
    }
  }
}

// Sum of shape times open volume, then n = N shape / that sum: cells that the shape would put
// outside the tissue are moved inside. False where there is no tissue to be in.
bool place(const Lattice& lattice, const Depot& depot, SiteBox& site) {
  double sum = 0.0;
  for (std::size_t i = 0; i < site.shape.size(); ++i) {
    sum += static_cast<double>(site.shape[i]) * static_cast<double>(site.walls.volume[i]);
  }
  sum *= lattice.cell_mm3();
  if (!(sum > 0.0)) return false;
  site.peak_per_mm3 = depot.cells.value() / sum;
  // Counted from the density that the solver sees, in its precision.
  const auto peak = static_cast<float>(site.peak_per_mm3);
  double placed = 0.0;
  for (std::size_t i = 0; i < site.shape.size(); ++i) {
    placed += static_cast<double>(peak * site.shape[i] * site.walls.volume[i]);
  }
  site.placed_cells = placed * lattice.cell_mm3();
  return true;
}

// Share of a cell that is inside the core's surface, from how far its centre is along the normal.
double share_in_core(const Depot& depot, const PositionMm& offset, double spacing_mm) {
  const double radius = std::sqrt(squared_distance(depot, offset));
  const DepotWidths w = widths(depot);
  if (radius < 1.0e-6) return 1.0;
  // |grad sqrt(q)| = |Sigma^-1 x| / sqrt(q)
  const double across = 1.0 / (w.across_mm * w.across_mm);
  const double extra = 1.0 / (w.along_mm * w.along_mm) - across;
  const double along = dot(offset, depot.fibre);
  double square = 0.0;
  for (std::size_t a = 0; a < 3; ++a) {
    const double g = offset[a] * across + depot.fibre[a] * along * extra;
    square += g * g;
  }
  const double inside_mm = (1.0 - radius) * radius / std::sqrt(square);
  return std::clamp(0.5 + inside_mm / spacing_mm, 0.0, 1.0);
}

template <class Weight>
void weigh_core(SiteBox& site, Weight weight) {
  double sum = 0.0;
  std::vector<double> weights;
  site.core.clear();
  auto reach = site.reach.begin();
  std::size_t row = 0;
  for (int z = 0; z < site.box.count[2]; ++z) {
    for (int y = 0; y < site.box.count[1]; ++y) {
      const auto [from, to] = *reach++;
      for (int x = from; x < to; ++x) {
        const std::size_t i = row + static_cast<std::size_t>(x);
        if (!(site.shape[i] > 0.0F)) continue;
        const double w = static_cast<double>(site.walls.volume[i]) * weight(i, x, y, z);
        if (!(w > 0.0)) continue;
        site.core.push_back({static_cast<std::uint32_t>(i), 0.0F});
        weights.push_back(w);
        sum += w;
      }
      row += static_cast<std::size_t>(site.box.count[0]);
    }
  }
  for (std::size_t c = 0; c < weights.size(); ++c) {
    site.core[c].weight = static_cast<float>(weights[c] / sum);
  }
}

// The core is the tissue within one SD; where that holds none, all tissue by its share of cells.
void find_core(const Lattice& lattice, const Depot& depot, SiteBox& site) {
  const double spacing = lattice.spacing_mm();
  // Below e^-2, at 2 SD, no part of a cell is within one SD: spacing is at most half an SD across.
  constexpr float far = 0.13F;
  weigh_core(site, [&](std::size_t i, int x, int y, int z) {
    if (site.shape[i] < far) return 0.0;
    const PositionMm offset{lattice.centre_mm(0, site.box.first[0] + x) - depot.position_mm[0],
                            lattice.centre_mm(1, site.box.first[1] + y) - depot.position_mm[1],
                            lattice.centre_mm(2, site.box.first[2] + z) - depot.position_mm[2]};
    return share_in_core(depot, offset, spacing);
  });
  if (!site.core.empty()) return;
  weigh_core(site,
             [&](std::size_t i, int, int, int) { return static_cast<double>(site.shape[i]); });
}

DepotWidths half_axes(const Parameters& p, const Depot& depot) {
  const DepotWidths w = widths(depot);
  const double beyond = reach_lengths * p.secretion.decay_length_mm.value();
  return {reach_sd * w.along_mm + beyond, reach_sd * w.across_mm + beyond};
}

// Along a row, |d|^2/S^2 + (d.f)^2 (1/L^2 - 1/S^2) <= 1 is  a x^2 + 2 b x + c <= 0.
void find_reach(const Parameters& p, const Lattice& lattice, const Depot& depot, SiteBox& site) {
  const DepotWidths axes = half_axes(p, depot);
  const double across = 1.0 / (axes.across_mm * axes.across_mm);
  const double extra = 1.0 / (axes.along_mm * axes.along_mm) - across;
  const PositionMm& f = depot.fibre;
  const double a = across + extra * f[0] * f[0];
  const double first_mm = lattice.centre_mm(0, site.box.first[0]) - depot.position_mm[0];
  for (int k = 0; k < site.box.count[2]; ++k) {
    const double z = lattice.centre_mm(2, site.box.first[2] + k) - depot.position_mm[2];
    for (int j = 0; j < site.box.count[1]; ++j) {
      const double y = lattice.centre_mm(1, site.box.first[1] + j) - depot.position_mm[1];
      const double rest = f[1] * y + f[2] * z;
      const double b = extra * f[0] * rest;
      const double c = (y * y + z * z) * across + rest * rest * extra - 1.0;
      const double root = b * b - a * c;
      Stretch row;
      if (root > 0.0) {
        const double half = std::sqrt(root) / a;
        const double n = site.box.count[0];
        const auto index = [&](double x) {
          return std::clamp((x - first_mm) / lattice.spacing_mm(), -1.0, n);
        };
        row.from = std::max(0, static_cast<int>(std::ceil(index(-b / a - half))));
        row.to =
            std::min(site.box.count[0], static_cast<int>(std::floor(index(-b / a + half))) + 1);
      }
      site.reach.push_back({row.from, std::max(row.from, row.to)});
    }
  }
}

}  // namespace

DepotWidths widths(const Depot& depot) {
  const double third = std::cbrt(depot.elongation);
  return {depot.sd_mm.value() * third * third, depot.sd_mm.value() / third};
}

double squared_distance(const Depot& depot, const PositionMm& offset_mm) {
  const DepotWidths w = widths(depot);
  const double along = dot(offset_mm, depot.fibre);
  const double across = std::max(0.0, dot(offset_mm, offset_mm) - along * along);
  return along * along / (w.along_mm * w.along_mm) + across / (w.across_mm * w.across_mm);
}

bool within_reach(const Parameters& p, const Depot& depot, const PositionMm& offset_mm) {
  const DepotWidths axes = half_axes(p, depot);
  const double along = dot(offset_mm, depot.fibre);
  const double across = dot(offset_mm, offset_mm) - along * along;
  return along * along / (axes.along_mm * axes.along_mm) +
             across / (axes.across_mm * axes.across_mm) <=
         1.0;
}

PositionMm reach_mm(const Parameters& p, const Depot& depot) {
  const DepotWidths axes = half_axes(p, depot);
  PositionMm reach{};
  for (std::size_t a = 0; a < 3; ++a) {
    const double f = std::min(1.0, depot.fibre[a] * depot.fibre[a]);
    reach[a] =
        std::sqrt(axes.along_mm * axes.along_mm * f + axes.across_mm * axes.across_mm * (1.0 - f));
  }
  return reach;
}

SiteBox make_site_box(const Parameters& p, const Lattice& lattice, const Depot& depot) {
  SiteBox site;
  const FineBox all = lattice.around(depot.position_mm, reach_mm(p, depot));
  std::vector<float> levels = lattice.corner_levels(all);
  site.box = lattice.cropped(all, levels);
  if (site.box.size() == 0) return site;
  if (site.box.count != all.count) levels = lattice.corner_levels(site.box);
  site.grid = {site.box.count, lattice.spacing_mm()};
  site.walls = numerics::cut_cells(site.grid, levels);
  site.shape.assign(site.box.size(), 0.0F);
  find_reach(p, lattice, depot, site);
  fill_shape(lattice, depot, site);
  if (place(lattice, depot, site)) {
    find_core(lattice, depot, site);
  } else {
    site.shape.clear();
  }
  return site;
}

}  // namespace angiotrial::tissue
