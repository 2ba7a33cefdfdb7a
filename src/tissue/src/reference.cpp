// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/tissue/kinetics.hpp>
#include <angiotrial/tissue/reference.hpp>
#include <angiotrial/tissue/regions.hpp>

#include <algorithm>
#include <cmath>

#include "shell_sums.hpp"
#include "signal.hpp"

namespace angiotrial::tissue {
namespace {

// Short against the 6 h half-life of the fast cells at first, against vessel growth (weeks) later.
double step_days(double time_days) {
  if (time_days < 10.0) return 0.05;
  return time_days < 40.0 ? 0.1 : 0.25;
}

class DepotRun {
 public:
  DepotRun(const Parameters& p, const Depot& depot, const Shells& shells)
      : model_(p), signal_(p, depot, shells), points_(shells.radius_mm.size()) {
    start_ = signal_.at(0.0, model_);
  }

  void advance_to(double end_days) {
    while (time_days_ < end_days) {
      const double step =
          std::min({step_days(time_days_), model_.longest_step_days(), end_days - time_days_});
      const bool last = step == end_days - time_days_;
      const std::vector<Signal> middle = signal_.at(time_days_ + 0.5 * step, model_);
      time_days_ = last ? end_days : time_days_ + step;
      const std::vector<Signal>& end = signal_.at(time_days_, model_);
      for (std::size_t k = 0; k < points_.size(); ++k) {
        model_.advance(points_[k], step, start_[k], middle[k], end[k]);
      }
      start_ = end;
    }
  }

  void read(std::vector<double>& gains, std::vector<double>& drives) const {
    for (std::size_t k = 0; k < points_.size(); ++k) {
      gains[k] = model_.gain(points_[k]);
      drives[k] = points_[k].drive;
    }
  }

 private:
  PointModel model_;
  ShellSignal signal_;
  std::vector<PointState> points_;
  std::vector<Signal> start_;
  double time_days_ = 0.0;
};

}  // namespace

VesselCourse grow_reference(const Parameters& p, std::span<const Depot> depots,
                            std::span<const units::Days> times) {
  ANGIOTRIAL_EXPECT(
      std::is_sorted(times.begin(), times.end()) && (times.empty() || times[0].value() >= 0.0),
      "times must ascend from 0 or later");
  VesselCourse course;
  course.times.assign(times.begin(), times.end());
  const Regions regions(depots);
  for (std::size_t j = 0; j < depots.size(); ++j) {
    const Shells shells = make_shells(p, depots[j].sd_mm.value());
    const std::size_t n = shells.radius_mm.size();
    std::vector<double> shares(n);
    std::vector<double> gains(n);
    std::vector<double> drives(n);
    regions.shares(j, shells.radius_mm, shares);
    const std::vector<double> core = core_weights(shells, depots[j].sd_mm.value());
    DepotRun run(p, depots[j], shells);
    DepotCourse grown;
    for (const units::Days time : times) {
      run.advance_to(time.value());
      run.read(gains, drives);
      const GainSums sums = sum_gain(shells, shares, gains);
      grown.density_gain_mm3.push_back(sums.gain_mm3);
      grown.gain_radius_mm.push_back(sums.radius_mm);
      grown.arteriolar_drive.push_back(weighted_sum(core, drives));
    }
    course.depots.push_back(std::move(grown));
  }
  return course;
}

}  // namespace angiotrial::tissue
