// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/tissue/domain.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

/// The domain's cells, each split into n x n x n fine ones, and boxes of these.
namespace angiotrial::tissue {

/// Fine cells first .. first + count - 1 along x, y, z; x fastest. Made of whole domain cells.
struct FineBox {
  std::array<int, 3> first{}, count{};
  [[nodiscard]] std::size_t size() const {
    return static_cast<std::size_t>(count[0]) * static_cast<std::size_t>(count[1]) *
           static_cast<std::size_t>(count[2]);
  }
};

class Lattice {
 public:
  /// Expects a well-formed domain, which must outlive this, and split >= 1.
  Lattice(const Domain& domain, int split);

  [[nodiscard]] const Domain& domain() const { return *domain_; }
  [[nodiscard]] int split() const { return split_; }
  [[nodiscard]] double spacing_mm() const { return spacing_mm_; }
  [[nodiscard]] double cell_mm3() const { return spacing_mm_ * spacing_mm_ * spacing_mm_; }
  [[nodiscard]] FineBox whole() const;
  [[nodiscard]] double centre_mm(int axis, int cell) const {
    const auto a = static_cast<std::size_t>(axis);
    return lower_mm_[a] + spacing_mm_ * (cell + 0.5);
  }
  /// The box of whole domain cells that holds centre +- extent, clipped to the domain.
  [[nodiscard]] FineBox around(const PositionMm& centre_mm, const PositionMm& extent_mm) const;
  /// Level set at the corners of the box's cells, linear between the domain's centres. The same
  /// corner has the same value in every box.
  [[nodiscard]] std::vector<float> corner_levels(const FineBox& box) const;
  /// The part of a box outside of which no corner is in tissue; no cells where there is none.
  [[nodiscard]] FineBox cropped(const FineBox& box, std::span<const float> corner_levels) const;
  /// Index in the domain of the domain cell that holds a fine cell.
  [[nodiscard]] std::size_t domain_cell(int x, int y, int z) const;

 private:
  const Domain* domain_;
  int split_;
  double spacing_mm_;
  PositionMm lower_mm_{};
};

/// Least whole number that splits `spacing_mm` into parts of at most `most_mm`.
[[nodiscard]] int least_split(double spacing_mm, double most_mm);

}  // namespace angiotrial::tissue
