// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/numerics/helmholtz.hpp>
#include <angiotrial/tissue/kinetics.hpp>
#include <angiotrial/tissue/voxel_reference.hpp>

#include <algorithm>
#include <cmath>

#include "lattice.hpp"
#include "signal.hpp"
#include "site_box.hpp"

namespace angiotrial::tissue {
namespace {

constexpr double tolerance = 1.0e-10;

// As reference.cpp.
double step_days(double time_days) {
  if (time_days < 10.0) return 0.05;
  return time_days < 40.0 ? 0.1 : 0.25;
}

/// A component of one depot's signal: its source at time 0 and its field, over the whole domain.
struct Part {
  std::size_t depot = 0;
  std::size_t component = 0;  ///< slow, fast or homed
  std::vector<double> source, field;
};

class WholeDomain {
 public:
  WholeDomain(const Parameters& p, const Domain& domain, std::span<const Depot> depots, int split,
              bool cut_off)
      : p_(p),
        model_(p),
        transport_(transport(p)),
        lattice_(domain, split),
        depots_(depots),
        cut_off_(cut_off),
        losses_per_day_{transport_.slow_loss_per_day, transport_.fast_loss_per_day, 0.0},
        grid_{lattice_.whole().count, lattice_.spacing_mm()},
        walls_(numerics::cut_cells(grid_, lattice_.corner_levels(lattice_.whole()))),
        solver_(grid_, walls_, transport_.diffusivity_mm2_per_day),
        points_(grid_.size()),
        young_(grid_.size(), 0.0),
        spared_(grid_.size(), 1.0) {
    signals_.fill(std::vector<double>(grid_.size(), 0.0));
    for (std::size_t j = 0; j < depots.size(); ++j) place(j);
    solve();
  }

  void advance_to(double end_days) {
    while (time_days_ < end_days) {
      const double rest = end_days - time_days_;
      const double step = std::min({step_days(time_days_), model_.longest_step_days(), rest});
      const std::array<std::array<double, 3>, 3> amplitudes{
          amplitude(time_days_), amplitude(time_days_ + 0.5 * step), amplitude(time_days_ + step)};
      for (std::size_t i = 0; i < points_.size(); ++i) {
        if (!(walls_.volume[i] > 0.0F)) continue;
        model_.advance(points_[i], step, signal(i, amplitudes[0]), signal(i, amplitudes[1]),
                       signal(i, amplitudes[2]));
      }
      if (p_.crowding.crowding) crowd(step);
      time_days_ = step == rest ? end_days : time_days_ + step;
      if (p_.crowding.crowding || p_.uptake.vessel_uptake_fraction.value() > 0.0) solve();
    }
  }

  void read(VoxelCourse& out) const {
    const Domain& domain = lattice_.domain();
    std::vector<double> sum(static_cast<std::size_t>(domain.regions), 0.0);
    std::vector<double> tissue(sum.size(), 0.0);
    double total = 0.0;
    each_cell([&](std::size_t i, int x, int y, int z) {
      const double volume = static_cast<double>(walls_.volume[i]) * lattice_.cell_mm3();
      const double part = volume * model_.gain(points_[i]);
      total += part;
      const std::uint16_t r = domain.region[lattice_.domain_cell(x, y, z)];
      if (r >= sum.size()) return;
      sum[r] += part;
      tissue[r] += volume;
    });
    for (std::size_t r = 0; r < sum.size(); ++r)
      sum[r] = tissue[r] > 0.0 ? sum[r] / tissue[r] : 0.0;
    out.total_gain_mm3.push_back(total);
    out.region_gain.push_back(std::move(sum));
    std::vector<double> drives;
    for (const Depot& depot : depots_) drives.push_back(drive(depot));
    out.depot_drive.push_back(std::move(drives));
  }

  [[nodiscard]] const std::vector<double>& placed_cells() const { return placed_; }

 private:
  template <class Visit>
  void each_cell(Visit visit) const {
    std::size_t i = 0;
    for (int z = 0; z < grid_.cells[2]; ++z) {
      for (int y = 0; y < grid_.cells[1]; ++y) {
        for (int x = 0; x < grid_.cells[0]; ++x, ++i) {
          if (walls_.volume[i] > 0.0F) visit(i, x, y, z);
        }
      }
    }
  }

  [[nodiscard]] PositionMm offset(const Depot& depot, int x, int y, int z) const {
    return {lattice_.centre_mm(0, x) - depot.position_mm[0],
            lattice_.centre_mm(1, y) - depot.position_mm[1],
            lattice_.centre_mm(2, z) - depot.position_mm[2]};
  }

  [[nodiscard]] double secretion(int x, int y, int z) const {
    const Domain& domain = lattice_.domain();
    const std::uint16_t r = domain.region[lattice_.domain_cell(x, y, z)];
    if (r >= domain.region_oxygen_mmhg.size()) return oxygen_factor(p_.secretion);
    Secretion local = p_.secretion;
    local.tissue_oxygen_mmhg = units::Mmhg(static_cast<double>(domain.region_oxygen_mmhg[r]));
    return oxygen_factor(local);
  }

  void place(std::size_t index) {
    const Depot& depot = depots_[index];
    std::vector<double> shape(grid_.size(), 0.0);
    double sum = 0.0;
    each_cell([&](std::size_t i, int x, int y, int z) {
      const PositionMm at = offset(depot, x, y, z);
      if (cut_off_ && !within_reach(p_, depot, at)) return;
      shape[i] = std::exp(-0.5 * squared_distance(depot, at));
      sum += static_cast<double>(walls_.volume[i]) * lattice_.cell_mm3() * shape[i];
    });
    const double peak = sum > 0.0 ? depot.cells.value() / sum : 0.0;
    placed_.push_back(peak * sum);
    const double phi = p_.survival.fast_loss_fraction.value();
    const double per_cell = transport_.decay_per_day * p_.secretion.potency_ratio * depot.potency /
                            reference_cells_per_mm3;
    const std::array<double, 3> weight{(1.0 - phi) * peak, phi * peak,
                                       p_.homing.homing ? 1.0 : 0.0};
    for (std::size_t c = 0; c < 3; ++c) {
      if (weight[c] == 0.0) continue;
      Part part{index, c, shape, std::vector<double>(grid_.size(), 0.0)};
      each_cell([&](std::size_t i, int x, int y, int z) {
        part.source[i] *= weight[c] * per_cell * secretion(x, y, z);
      });
      parts_.push_back(std::move(part));
    }
    for (std::size_t i = 0; i < shape.size(); ++i) young_[i] += peak * shape[i];
  }

  void solve() {
    const double u = p_.uptake.vessel_uptake_fraction.value();
    const double rest = p_.vessels.baseline_density_fraction.value();
    for (std::vector<double>& s : signals_) std::fill(s.begin(), s.end(), 0.0);
    std::vector<float> decay(grid_.size());
    for (Part& part : parts_) {
      std::vector<double> source = part.source;
      for (std::size_t i = 0; i < decay.size(); ++i) {
        const double grown = points_[i].mature_excess + points_[i].immature;
        decay[i] = static_cast<float>(transport_.decay_per_day * (1.0 + u * grown / rest) -
                                      losses_per_day_[part.component]);
        if (part.component != 2) source[i] *= spared_[i];  // crowding spares homed cells
      }
      solver_.set_decay(std::span<const float>(decay));
      (void)solver_.solve(source, part.field, {.tolerance = tolerance});
      each_cell([&](std::size_t i, int x, int y, int z) {
        const Depot& depot = depots_[part.depot];
        if (cut_off_ && !within_reach(p_, depot, offset(depot, x, y, z))) return;
        signals_[part.component][i] += part.field[i];
      });
    }
  }

  [[nodiscard]] std::array<double, 3> amplitude(double time_days) const {
    return {std::exp(-transport_.slow_loss_per_day * time_days),
            std::exp(-transport_.fast_loss_per_day * time_days),
            p_.homing.homing ? homed_cells_per_mm3(p_, transport_, time_days) : 0.0};
  }

  [[nodiscard]] Signal signal(std::size_t i, const std::array<double, 3>& amplitudes) const {
    double level = 0.0;
    for (std::size_t k = 0; k < 3; ++k) level += amplitudes[k] * signals_[k][i];
    return model_.signal(std::max(0.0, level));
  }

  void crowd(double step) {
    const Crowding& c = p_.crowding;
    const double phi = p_.survival.fast_loss_fraction.value();
    const std::array<double, 3> alive = amplitude(time_days_ + 0.5 * step);
    for (std::size_t i = 0; i < spared_.size(); ++i) {
      const double density = young_[i] * spared_[i] * ((1.0 - phi) * alive[0] + phi * alive[1]);
      const double x = std::pow(1000.0 * density / c.half_density_cells_per_ml.value(), c.exponent);
      spared_[i] *= std::exp(-c.death_per_day.value() * x / (1.0 + x) * step);
    }
  }

  // Mean over the tissue within one SD; each cell counts by its points of 4 x 4 x 4 inside.
  [[nodiscard]] double drive(const Depot& depot) const {
    if (!(depot.cells.value() > 0.0) && !p_.homing.homing) return 0.0;
    double sum = 0.0;
    double weights = 0.0;
    each_cell([&](std::size_t i, int x, int y, int z) {
      const PositionMm middle = offset(depot, x, y, z);
      int inside = 0;
      for (int s = 0; s < 64; ++s) {
        const auto at = [&](std::size_t axis, int k) {
          return middle[axis] + grid_.spacing * ((k + 0.5) / 4.0 - 0.5);
        };
        const PositionMm point{at(0, s % 4), at(1, s / 4 % 4), at(2, s / 16)};
        inside += squared_distance(depot, point) < 1.0 ? 1 : 0;
      }
      const double weight = inside * static_cast<double>(walls_.volume[i]);
      sum += weight * points_[i].drive;
      weights += weight;
    });
    return weights > 0.0 ? sum / weights : 0.0;
  }

  const Parameters& p_;
  PointModel model_;
  Transport transport_;
  Lattice lattice_;
  std::span<const Depot> depots_;
  bool cut_off_;
  std::array<double, 3> losses_per_day_;
  numerics::Grid grid_;
  numerics::Walls walls_;
  numerics::Helmholtz<double> solver_;
  std::vector<PointState> points_;
  std::vector<double> young_, spared_;
  std::vector<Part> parts_;
  std::array<std::vector<double>, 3> signals_;  ///< slow, fast, homed: summed over depots
  std::vector<double> placed_;
  double time_days_ = 0.0;
};

}  // namespace

VoxelCourse grow_voxel_reference(const Parameters& p, const Domain& domain,
                                 std::span<const Depot> depots, std::span<const units::Days> times,
                                 int split, bool cut_off) {
  WholeDomain whole(p, domain, depots, split, cut_off);
  VoxelCourse course;
  course.times.assign(times.begin(), times.end());
  course.box_spacing_mm = domain.spacing_mm / split;
  course.placed_cells = whole.placed_cells();
  for (const units::Days time : times) {
    whole.advance_to(time.value());
    whole.read(course);
  }
  return course;
}

}  // namespace angiotrial::tissue
