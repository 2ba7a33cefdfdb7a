// SPDX-License-Identifier: Apache-2.0
#include "lattice.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::tissue {
namespace {

/// Between which two domain centres each corner of a box lies along one axis, and how far.
struct AxisWeights {
  std::vector<int> below;
  std::vector<float> share;  // of the centre above
};

AxisWeights weights(int first, int corners, int split, int domain_cells) {
  AxisWeights w;
  for (int i = first; i < first + corners; ++i) {
    const double position =
        std::clamp(static_cast<double>(i) / split - 0.5, 0.0, domain_cells - 1.0);
    const int below = std::min(static_cast<int>(position), std::max(0, domain_cells - 2));
    w.below.push_back(below);
    w.share.push_back(static_cast<float>(position - below));
  }
  return w;
}

}  // namespace

int least_split(double spacing_mm, double most_mm) {
  constexpr double rounding = 1.0e-9;
  return std::max(1, static_cast<int>(std::ceil(spacing_mm / most_mm - rounding)));
}

Lattice::Lattice(const Domain& domain, int split)
    : domain_(&domain), split_(split), spacing_mm_(domain.spacing_mm / split) {
  const auto& n = domain.cells;
  ANGIOTRIAL_EXPECT(split >= 1 && domain.spacing_mm > 0.0 && n[0] > 1 && n[1] > 1 && n[2] > 1,
                    "a domain needs a spacing and at least two cells along each side");
  const std::size_t size = static_cast<std::size_t>(n[0]) * static_cast<std::size_t>(n[1]) *
                           static_cast<std::size_t>(n[2]);
  ANGIOTRIAL_EXPECT(domain.level_mm.size() == size && domain.region.size() == size,
                    "a domain needs a level and a region for each cell");
  ANGIOTRIAL_EXPECT(
      domain.region_oxygen_mmhg.empty() ||
          domain.region_oxygen_mmhg.size() == static_cast<std::size_t>(domain.regions),
      "oxygen must be given for every region or for none");
  for (std::size_t a = 0; a < 3; ++a) {
    lower_mm_[a] = domain.first_centre_mm[a] - 0.5 * domain.spacing_mm;
  }
}

FineBox Lattice::whole() const {
  FineBox box;
  for (std::size_t a = 0; a < 3; ++a) box.count[a] = domain_->cells[a] * split_;
  return box;
}

FineBox Lattice::around(const PositionMm& centre_mm, const PositionMm& extent_mm) const {
  FineBox box;
  for (std::size_t a = 0; a < 3; ++a) {
    const double middle = (centre_mm[a] - lower_mm_[a]) / domain_->spacing_mm;
    const double half = extent_mm[a] / domain_->spacing_mm;
    const double cells = domain_->cells[a];
    const int low = static_cast<int>(std::clamp(std::floor(middle - half), 0.0, cells - 1.0));
    const int high = static_cast<int>(std::clamp(std::ceil(middle + half), low + 1.0, cells));
    box.first[a] = low * split_;
    box.count[a] = (high - low) * split_;
  }
  return box;
}

std::vector<float> Lattice::corner_levels(const FineBox& box) const {
  const auto [nx, ny, nz] = domain_->cells;
  const AxisWeights x = weights(box.first[0], box.count[0] + 1, split_, nx);
  const AxisWeights y = weights(box.first[1], box.count[1] + 1, split_, ny);
  const AxisWeights z = weights(box.first[2], box.count[2] + 1, split_, nz);
  const int from = x.below.front();
  const std::size_t row = static_cast<std::size_t>(x.below.back() + 2 - from);
  std::vector<float> blended(row);
  std::vector<float> levels(x.share.size() * y.share.size() * z.share.size());
  float* out = levels.data();
  const auto stride_y = static_cast<std::size_t>(nx);
  const std::size_t stride_z = stride_y * static_cast<std::size_t>(ny);
  for (std::size_t k = 0; k < z.share.size(); ++k) {
    for (std::size_t j = 0; j < y.share.size(); ++j) {
      const float* at = domain_->level_mm.data() + static_cast<std::size_t>(z.below[k]) * stride_z +
                        static_cast<std::size_t>(y.below[j]) * stride_y +
                        static_cast<std::size_t>(from);
      const float v = y.share[j];
      const float w = z.share[k];
      for (std::size_t i = 0; i < row; ++i) {
        const float near = (1.0F - v) * at[i] + v * at[i + stride_y];
        const float far = (1.0F - v) * at[i + stride_z] + v * at[i + stride_z + stride_y];
        blended[i] = (1.0F - w) * near + w * far;
      }
      for (std::size_t i = 0; i < x.share.size(); ++i) {
        const float* pair = &blended[static_cast<std::size_t>(x.below[i] - from)];
        *out++ = (1.0F - x.share[i]) * pair[0] + x.share[i] * pair[1];
      }
    }
  }
  return levels;
}

FineBox Lattice::cropped(const FineBox& box, std::span<const float> corner_levels) const {
  std::array<int, 3> low = box.count;
  std::array<int, 3> high{-1, -1, -1};
  std::size_t at = 0;
  for (int k = 0; k <= box.count[2]; ++k) {
    for (int j = 0; j <= box.count[1]; ++j) {
      for (int i = 0; i <= box.count[0]; ++i) {
        if (!(corner_levels[at++] < 0.0F)) continue;
        const std::array<int, 3> corner{i, j, k};
        for (std::size_t a = 0; a < 3; ++a) {
          low[a] = std::min(low[a], corner[a]);
          high[a] = std::max(high[a], corner[a]);
        }
      }
    }
  }
  FineBox part{box.first, {0, 0, 0}};
  if (high[0] < 0) return part;
  for (std::size_t a = 0; a < 3; ++a) {
    // A corner touches the cells on both sides of it; then out to whole domain cells.
    const int from = std::max(0, low[a] - 1) / split_ * split_;
    const int to = std::min(box.count[a], (high[a] / split_ + 1) * split_);
    part.first[a] = box.first[a] + from;
    part.count[a] = to - from;
  }
  return part;
}

std::size_t Lattice::domain_cell(int x, int y, int z) const {
  const auto& n = domain_->cells;
  return static_cast<std::size_t>(x / split_) +
         static_cast<std::size_t>(n[0]) *
             (static_cast<std::size_t>(y / split_) +
              static_cast<std::size_t>(n[1]) * static_cast<std::size_t>(z / split_));
}

}  // namespace angiotrial::tissue
