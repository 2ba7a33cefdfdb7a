// SPDX-License-Identifier: Apache-2.0
#include "gain_model.hpp"

#include "nominal.hpp"

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/heart/perfusion.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::delivery {
GainModel::GainModel(const heart::Parameters& heart, const tissue::ResponseTable& growth,
                     units::Days horizon, const NominalDepot& nominal,
                     const heart::Ventricle& geometry, std::span<const Candidate> candidates)
    : microregions_(geometry.size()),
      ceiling_(growth.parameters().arterioles.arteriolar_ceiling_fraction.value()),
      capillary_share_(heart.growth.capillary_resistance_share_fraction.value()),
      first_{0} {
  const heart::ArteriolarReach reach{growth.parameters().arterioles.arteriolar_reach_mm,
                                     growth.parameters().arterioles.arteriolar_ceiling_fraction};
  const std::size_t time = horizon_index(growth.times(), horizon);
  std::vector<double> density(microregions_);
  for (const Candidate& at : candidates) {
    tissue::Depot depot;
    depot.position_mm = at.position_mm;
    depot.cells = nominal.cells;
    depot.potency = nominal.potency;
    depot.sd_mm = nominal.sd_mm;
    depot.wall_thickness_mm = units::Mm(at.wall_mm);
    depot.depth_mm = units::Mm(at.depth_mm);
    const std::span<const tissue::Depot> one(&depot, 1);
    const tissue::VesselCourse course = tissue::grow(growth, one);
    const auto weights = heart::deposition_weights(heart, geometry, course, one, reach);
    heart::deposit(weights, course, time, density);
    const double drive = course.depots[0].arteriolar_drive[time];
    for (const auto& pair : weights.pairs) {
      touches_.push_back(
          {pair.microregion, 1.0 - drive * pair.arteriolar_kernel, density[pair.microregion]});
    }
    first_.push_back(touches_.size());
  }
}

double GainModel::gain_at(double undriven, double density) const {
  // 1/g' = (1/g) [ (1-s)/(1+A) + s/(1+dRho) ]
  const double arteriolar = ceiling_ * (1.0 - undriven);
  return 1.0 / ((1.0 - capillary_share_) / (1.0 + arteriolar) + capillary_share_ / (1.0 + density));
}

GainModel::State GainModel::none() const {
  return {std::vector<double>(microregions_, 1.0), std::vector<double>(microregions_, 0.0)};
}

void GainModel::add(std::size_t candidate, State& to) const {
  for (std::size_t k = first_[candidate]; k < first_[candidate + 1]; ++k) {
    to.undriven[touches_[k].microregion] *= touches_[k].undriven;
    to.density[touches_[k].microregion] += touches_[k].density;
  }
}

void GainModel::gain(const State& of, std::span<double> gain) const {
  for (std::size_t i = 0; i < microregions_; ++i) gain[i] = gain_at(of.undriven[i], of.density[i]);
}

void GainModel::gain_with(const State& of, std::size_t candidate, std::span<double> gain) const {
  for (std::size_t k = first_[candidate]; k < first_[candidate + 1]; ++k) {
    const Touch& touch = touches_[k];
    gain[touch.microregion] = gain_at(of.undriven[touch.microregion] * touch.undriven,
                                      of.density[touch.microregion] + touch.density);
  }
}

namespace {

/// Scores of sets of sites over the hearts.
class Scorer {
 public:
  Scorer(const heart::Parameters& heart, const GainModel& model,
         std::span<const heart::Ventricle> hearts)
      : heart_(heart), model_(model), hearts_(hearts), gain_(hearts.front().size()), trial_(gain_) {
    for (const heart::Ventricle& v : hearts_) {
      heart::perfuse(heart_, v, {}, perfusion_);
      before_.push_back(perfusion_.threshold.value());
    }
  }

  /// Mean of ln RPP*' - ln RPP* with these gains; a heart that never turns ischaemic counts as 0.
  double mean_gain_log(std::span<const double> gain) {
    double sum = 0.0;
    for (std::size_t h = 0; h < hearts_.size(); ++h) {
      heart::perfuse(heart_, hearts_[h], gain, perfusion_);
      const double gained = std::log(perfusion_.threshold.value() / before_[h]);
      sum += std::isfinite(gained) ? gained : 0.0;
    }
    return sum / static_cast<double>(hearts_.size());
  }

  void start(const std::vector<std::size_t>& taken) {
    state_ = model_.none();
    for (const std::size_t c : taken) model_.add(c, state_);
    model_.gain(state_, gain_);
  }
  /// Of the set of start() and one more.
  double with(std::size_t candidate) {
    trial_ = gain_;
    model_.gain_with(state_, candidate, trial_);
    return mean_gain_log(trial_);
  }
  double of(const std::vector<std::size_t>& taken) {
    start(taken);
    return mean_gain_log(gain_);
  }

 private:
  const heart::Parameters& heart_;
  const GainModel& model_;
  std::span<const heart::Ventricle> hearts_;
  std::vector<double> before_, gain_, trial_;
  GainModel::State state_;
  heart::Perfusion perfusion_;
};

constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

struct Best {
  std::size_t candidate = nowhere;
  double gain_log = -std::numeric_limits<double>::infinity();
};

/// The candidate that adds most to the sites taken, at one stage.
Best best_addition(Scorer& scorer, std::size_t candidates, std::size_t stage,
                   const std::vector<std::size_t>& taken, const Allowed& allowed) {
  Best best;
  scorer.start(taken);
  for (std::size_t c = 0; c < candidates; ++c) {
    if (!allowed(stage, taken, c)) continue;
    const double gain_log = scorer.with(c);
    if (gain_log > best.gain_log) best = {c, gain_log};
  }
  return best;
}

}  // namespace

Found search_sites(const heart::Parameters& heart, const GainModel& model,
                   std::span<const heart::Ventricle> hearts, const Search& search,
                   const Allowed& allowed) {
  Found found;
  Scorer scorer(heart, model, hearts);
  std::size_t stage = 0;
  while (found.taken.size() < search.wanted && stage < search.stages) {
    const Best best = best_addition(scorer, model.candidates(), stage, found.taken, allowed);
    if (best.candidate == nowhere) {
      ++stage;
    } else {
      found.taken.push_back(best.candidate);
    }
  }
  found.gain_log = scorer.of(found.taken);
  const std::size_t last = std::min(stage, search.stages - 1);
  for (int pass = 0; pass < search.swap_passes; ++pass) {
    for (std::size_t j = 0; j < found.taken.size(); ++j) {
      std::vector<std::size_t> rest = found.taken;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(j));
      const Best best = best_addition(scorer, model.candidates(), last, rest, allowed);
      if (best.gain_log <= found.gain_log) continue;
      found.taken[j] = best.candidate;
      found.gain_log = best.gain_log;
    }
  }
  return found;
}

}  // namespace angiotrial::delivery
