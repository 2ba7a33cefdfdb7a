// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "site_box.hpp"

namespace angiotrial::tissue {

/// All fine cells of several boxes, each once: a slot for every cell of every row of x that a box
/// crosses, from the first cell of any box in that row to the last.
class CellUnion {
 public:
  struct Row {
    int y = 0, z = 0, first_x = 0, count = 0;
    std::size_t slot = 0;  ///< of first_x
  };

  explicit CellUnion(std::span<const SiteBox> sites);

  [[nodiscard]] std::size_t slots() const { return slots_; }
  /// Rows that hold cells, in ascending slots.
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  /// Expects a cell of one of the boxes.
  [[nodiscard]] std::size_t slot(int x, int y, int z) const;

  /// visit(slot, index in the box, length) for each row of a box.
  template <class Visit>
  void each_row(const FineBox& box, Visit visit) const {
    const auto length = static_cast<std::size_t>(box.count[0]);
    std::size_t index = 0;
    for (int k = 0; k < box.count[2]; ++k) {
      for (int j = 0; j < box.count[1]; ++j, index += length) {
        visit(slot(box.first[0], box.first[1] + j, box.first[2] + k), index, length);
      }
    }
  }

 private:
  std::array<int, 2> low_{}, count_{};  ///< of y and z
  std::vector<std::size_t> row_of_;     ///< index in rows_ of (y, z)
  std::vector<Row> rows_;
  std::size_t slots_ = 0;
};

}  // namespace angiotrial::tissue
