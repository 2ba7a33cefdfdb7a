// SPDX-License-Identifier: Apache-2.0
#include "segmented.hpp"
#include "mask_grid.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::heart {
namespace {

using diagnostics::Problem;

// The rim of a segmented wall is rough: below the base plane by this many cells the wall must be
// tight, above it the cavity may be entered.
constexpr double rim_cells = 1.5;
constexpr double least_wall_ml = 20.0, least_cavity_ml = 10.0, most_ml = 600.0;
constexpr double probe_fraction = 0.35;  // of the way from base to apex: in any cavity

std::string listed(std::vector<std::size_t> sizes) {
  std::sort(sizes.rbegin(), sizes.rend());
  std::string text;
  for (std::size_t n = 0; n < sizes.size() && n < 5; ++n) {
    text += (n > 0 ? ", " : "") + std::to_string(sizes[n]);
  }
  return sizes.size() > 5 ? text + ", ..." : text;
}

/// Emptiness, edges, components.
std::vector<Problem> problems_of_muscle(const Mask& mask, const Grid& grid) {
  std::vector<Problem> problems;
  std::vector<std::size_t> sizes;
  std::vector<std::uint8_t> seen(mask.inside.size());
  bool at_edge = false;
  for (std::size_t i = 0; i < mask.inside.size(); ++i) {
    if (mask.inside[i] == 0) continue;
    at_edge = at_edge || grid.on_edge(grid.cell(i));
    if (seen[i] != 0) continue;
    sizes.push_back(flood(
        grid, {i}, [&](std::size_t j) { return mask.inside[j] != 0 && seen[j] == 0; },
        [&](std::size_t j) { seen[j] = 1; }));
  }
  if (sizes.empty()) {
    problems.push_back(problem_of(mask, "inside", "0", "at least one voxel is muscle",
                                  "which label of the segmentation is the left ventricle?"));
  } else if (sizes.size() > 1) {
    problems.push_back(problem_of(
        mask, "inside", listed(sizes) + " voxels",
        "muscle is one piece, joined by faces; this is " + std::to_string(sizes.size()) + " pieces",
        "keep the largest, or one label only"));
  }
  if (at_edge) {
    problems.push_back(problem_of(mask, "inside", "", "muscle does not touch the edge of the box",
                                  "add an empty margin, or take in the whole ventricle"));
  }
  return problems;
}

/// Finds outside and cavity below the rim, then carries both up to the base plane.
class Finder {
 public:
  Finder(const Mask& mask, const Grid& grid) : mask_(mask), grid_(grid), height_mm_(grid.size()) {
    out.axes = axes_of(mask);
    out.part.assign(grid.size(), Part::unknown);
    const double coarsest = *std::max_element(mask.spacing_mm.begin(), mask.spacing_mm.end());
    rim_mm_ = -rim_cells * coarsest;
    for (std::size_t i = 0; i < grid.size(); ++i) {
      height_mm_[i] = static_cast<float>(out.axes.to_heart(grid.centre(grid.cell(i)))[2]);
      if (mask.inside[i] != 0) out.part[i] = Part::muscle;
    }
  }

  std::vector<Problem> find() {
    std::vector<std::size_t> edge;
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      if (grid_.on_edge(grid_.cell(i))) edge.push_back(i);
    }
    take(edge, Part::outside);
    std::vector<Problem> problems = problems_of_cavity();
    if (!problems.empty()) return problems;
    carry_up();
    measure();
    return problems_of_size();
  }

  Segmented out;

 private:
  [[nodiscard]] bool below_rim(std::size_t i) const {
    return static_cast<double>(height_mm_[i]) <= rim_mm_;
  }
  [[nodiscard]] bool below_base(std::size_t i) const { return height_mm_[i] <= 0.0F; }

  std::size_t take(std::vector<std::size_t> seeds, Part as) {
    return flood(
        grid_, std::move(seeds),
        [&](std::size_t i) { return below_rim(i) && out.part[i] == Part::unknown; },
        [&](std::size_t i) { out.part[i] = as; });
  }

  std::vector<Problem> problems_of_cavity() {
    const Landmarks& l = mask_.landmarks;
    tissue::PositionMm probe_mm{};
    for (std::size_t a = 0; a < 3; ++a) {
      probe_mm[a] = l.base_centre_mm[a] + probe_fraction * (l.apex_mm[a] - l.base_centre_mm[a]);
    }
    const std::size_t probe = grid_.nearest(probe_mm);
    if (out.part[probe] == Part::muscle) {
      return {problem_of(mask_, "inside", "",
                         "the axis runs through a cavity, here it is in muscle",
                         "is the cavity filled in, or are the landmarks of another heart?")};
    }
    if (out.part[probe] == Part::outside) {
      return {
          problem_of(mask_, "inside", "",
                     "the cavity is open at the base only; below it, it is joined to the outside",
                     "a hole in the wall, apex and base swapped, or a base centre too high")};
    }
    take({probe}, Part::cavity);
    std::vector<std::size_t> holes;
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      if (below_rim(i) && out.part[i] == Part::unknown) holes.push_back(take({i}, Part::muscle));
    }
    if (!holes.empty()) {
      return {problem_of(mask_, "inside", listed(holes) + " voxels",
                         "the wall has no closed holes; this has " + std::to_string(holes.size()),
                         "fill them")};
    }
    if (!reaches_the_open()) {
      return {problem_of(mask_, "inside", "", "the cavity is open at the base",
                         "remove the lid (valve plane), or move the base centre below it")};
    }
    return {};
  }

  /// Whether one gets from the cavity through the base to the edge of the box.
  [[nodiscard]] bool reaches_the_open() const {
    std::vector<std::uint8_t> seen(grid_.size());
    std::vector<std::size_t> seeds;
    bool reached = false;
    const auto open = [&](std::size_t i) {
      return !below_rim(i) && seen[i] == 0 && out.part[i] == Part::unknown;
    };
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      if (out.part[i] != Part::cavity) continue;
      grid_.each_neighbour(i, [&](std::size_t j) {
        if (open(j)) seeds.push_back(j);
      });
    }
    flood(grid_, seeds, open, [&](std::size_t i) {
      seen[i] = 1;
      reached = reached || grid_.on_edge(grid_.cell(i));
    });
    return reached;
  }

  /// Cells between rim and base plane belong to whichever of cavity and outside is nearer, step by
  /// step; cells above the plane to neither.
  void carry_up() {
    std::vector<std::size_t> front, next;
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      if (!below_base(i)) out.part[i] = Part::above;
      if (out.part[i] == Part::outside || out.part[i] == Part::cavity) front.push_back(i);
    }
    while (!front.empty()) {
      next.clear();
      for (const std::size_t i : front) {
        grid_.each_neighbour(i, [&](std::size_t j) {
          if (out.part[j] != Part::unknown) return;
          out.part[j] = out.part[i];
          next.push_back(j);
        });
      }
      front.swap(next);
    }
  }

  void measure() {
    const double cell_mm3 = mask_.spacing_mm[0] * mask_.spacing_mm[1] * mask_.spacing_mm[2];
    const double half_mm = 0.5 * std::cbrt(cell_mm3);
    for (std::size_t i = 0; i < grid_.size(); ++i) {
      const double depth_mm = half_mm - static_cast<double>(height_mm_[i]);
      if (out.part[i] == Part::muscle) {
        out.wall_mm3 += cell_mm3;
        out.tip_mm = std::max(out.tip_mm, depth_mm);
      } else if (out.part[i] == Part::cavity) {
        out.cavity_mm3 += cell_mm3;
        out.cavity_depth_mm = std::max(out.cavity_depth_mm, depth_mm);
      }
    }
  }

  [[nodiscard]] std::vector<Problem> problems_of_size() const {
    std::vector<Problem> problems;
    const auto check = [&](const char* what, double ml, double least) {
      if (ml >= least && ml <= most_ml) return;
      problems.push_back(problem_of(mask_, "inside", std::to_string(std::lround(ml)) + " mL",
                                    std::string(what) + " has " +
                                        std::to_string(std::lround(least)) +
                                        " to 600 mL below the base plane",
                                    "is the spacing right?"));
    };
    check("the wall", 1e-3 * out.wall_mm3, least_wall_ml);
    check("the cavity", 1e-3 * out.cavity_mm3, least_cavity_ml);
    if (out.tip_mm <= out.cavity_depth_mm) {
      problems.push_back(
          problem_of(mask_, "inside", "", "muscle closes the cavity at the apex", ""));
    }
    return problems;
  }

  const Mask& mask_;
  const Grid& grid_;
  std::vector<float> height_mm_;
  double rim_mm_ = 0.0;
};

}  // namespace

diagnostics::Result<Segmented> segment(const Mask& mask) {
  const Grid grid(mask);
  std::vector<Problem> problems = problems_of_muscle(mask, grid);
  if (!problems.empty()) return problems;
  Finder finder(mask, grid);
  problems = finder.find();
  if (!problems.empty()) return problems;
  return std::move(finder.out);
}

}  // namespace angiotrial::heart
