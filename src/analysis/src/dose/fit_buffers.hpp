// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_fit.hpp>

#include <optional>
#include <vector>

#include "dose/profile.hpp"

namespace angiotrial::analysis {
namespace dose {

/// What depends on doses, S and bounds, not on the estimates.
struct Prepared {
  std::vector<double> doses, covariance;
  Metric metric;
  std::vector<double> scratch;

  [[nodiscard]] const Grid& grid(Shape shape, const ShapeConstants& constants,
                                 const ShapeBounds& bounds) {
    for (const Kept& kept : grids_) {
      if (kept.shape == shape && kept.constants == constants && kept.bounds == bounds) {
        return kept.grid;
      }
    }
    grids_.push_back(
        {shape, constants, bounds, make_grid(shape, doses, constants, metric, bounds)});
    return grids_.back().grid;
  }
  void restart(const DoseEstimates& data) {
    doses = data.doses;
    covariance = data.covariance;
    metric = metric_of(covariance, doses.size());
    grids_.clear();
  }

 private:
  struct Kept {
    Shape shape;
    ShapeConstants constants;
    ShapeBounds bounds;
    Grid grid;
  };
  std::vector<Kept> grids_;
};

}  // namespace dose

struct DoseFitWorkspace::Buffers {
  dose::Prepared prepared;
  std::vector<double> best_t;  ///< of the candidates of each fit of an MCP-Mod

  dose::Prepared& prepare(const DoseEstimates& data) {
    if (prepared.doses != data.doses || prepared.covariance != data.covariance) {
      prepared.restart(data);
    }
    return prepared;
  }
};

}  // namespace angiotrial::analysis
