// SPDX-License-Identifier: Apache-2.0
#include "distance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::heart {
namespace {

constexpr double nothing = 1e18;  // mm2: no source on this line yet

/// One line of cells: f(q) becomes min over p of f(p) + (h (q - p))^2.
class Line {
 public:
  Line(int cells, double spacing_mm)
      : h_(spacing_mm),
        in_(static_cast<std::size_t>(cells)),
        out_(in_.size()),
        root_(in_.size()),
        from_(in_.size() + 1) {}

  double& operator[](std::size_t q) { return in_[q]; }
  [[nodiscard]] double result(std::size_t q) const { return out_[q]; }

  void solve() {
    std::size_t count = 0;
    for (std::size_t q = 0; q < in_.size(); ++q) {
      if (in_[q] >= 0.5 * nothing) continue;  // in float it is a little less
      double start = -std::numeric_limits<double>::infinity();
      while (count > 0) {
        start = crossing(root_[count - 1], q);
        if (start > from_[count - 1]) break;
        --count;
      }
      if (count == 0) start = -std::numeric_limits<double>::infinity();
      root_[count] = q;
      from_[count++] = start;
    }
    std::size_t n = 0;
    for (std::size_t q = 0; q < in_.size(); ++q) {
      if (count == 0) {
        out_[q] = nothing;
        continue;
      }
      while (n + 1 < count && from_[n + 1] < static_cast<double>(q)) ++n;
      const double d = h_ * (static_cast<double>(q) - static_cast<double>(root_[n]));
      out_[q] = in_[root_[n]] + d * d;
    }
  }

 private:
  /// Where the parabola of q falls below that of p < q, in cells.
  [[nodiscard]] double crossing(std::size_t p, std::size_t q) const {
    const auto a = static_cast<double>(p), b = static_cast<double>(q);
    return 0.5 * ((in_[q] - in_[p]) / (h_ * h_ * (b - a)) + a + b);
  }

  double h_;
  std::vector<double> in_, out_;
  std::vector<std::size_t> root_;
  std::vector<double> from_;
};

/// Along one axis: `step` between neighbours, lines that start at every cell of the other two.
void sweep(std::vector<float>& square, const std::array<int, 3>& cells, std::size_t axis,
           double spacing_mm) {
  std::array<std::size_t, 3> n{}, step{};
  for (std::size_t a = 0; a < 3; ++a) n[a] = static_cast<std::size_t>(cells[a]);
  step = {1, n[0], n[0] * n[1]};
  const std::size_t u = axis == 0 ? 1 : 0, v = axis == 2 ? 1 : 2;
  Line line(cells[axis], spacing_mm);
  for (std::size_t b = 0; b < n[v]; ++b) {
    for (std::size_t a = 0; a < n[u]; ++a) {
      const std::size_t first = a * step[u] + b * step[v];
      for (std::size_t q = 0; q < n[axis]; ++q) {
        line[q] = static_cast<double>(square[first + q * step[axis]]);
      }
      line.solve();
      for (std::size_t q = 0; q < n[axis]; ++q) {
        square[first + q * step[axis]] = static_cast<float>(line.result(q));
      }
    }
  }
}

}  // namespace

std::vector<float> distances_mm(const std::array<int, 3>& cells,
                                const std::array<double, 3>& spacing_mm,
                                const std::function<bool(std::size_t)>& is_source) {
  const std::size_t count = static_cast<std::size_t>(cells[0]) *
                            static_cast<std::size_t>(cells[1]) * static_cast<std::size_t>(cells[2]);
  std::vector<float> square(count);
  for (std::size_t i = 0; i < count; ++i) {
    square[i] = is_source(i) ? 0.0F : static_cast<float>(nothing);
  }
  for (std::size_t axis = 0; axis < 3; ++axis) sweep(square, cells, axis, spacing_mm[axis]);
  for (float& s : square) s = std::sqrt(s);
  return square;
}

}  // namespace angiotrial::heart
