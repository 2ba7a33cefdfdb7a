// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/posterior.hpp>

#include "map_model.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <cmath>

namespace angiotrial::delivery {
namespace {

/// Prior hearts of one patient: heart h is a function of the patient's key and h.
class Prior {
 public:
  Prior(const Parameters& p, const KnownHeart& known, const random::Streams& streams)
      : known_(known),
        arteries_known_(p.planning.arteries_known),
        ischaemic_flow_(p.map.ischaemic_flow_ml_per_min_per_g.value()),
        // 52 bits of the patient's own draw: a key that no other patient's prior shares.
        seed_(
            static_cast<std::uint64_t>(streams.at(random::Purpose::planning).uniform() * 0x1.0p52)),
        heart_(known.ventricle) {
    for (std::size_t i = 0; i < heart_.size(); ++i) {
      if (heart_.depth[i] > innermost_depth) inner_.push_back(i);
    }
    scar_.resize(inner_.size());
    impaired_.resize(inner_.size());
  }

  [[nodiscard]] std::vector<PositionMm> patches() const {
    std::vector<PositionMm> places;
    for (const std::size_t i : inner_) {
      places.push_back({heart_.x_mm[i], heart_.y_mm[i], heart_.z_mm[i]});
    }
    return places;
  }

  /// The known geometry and arteries with conductances and scar of heart h.
  const heart::Ventricle& draw(std::uint32_t h) {
    cohort::Patient like = known_.patient;
    const random::Streams own(seed_, 0, h);
    const double u = own.at(random::Purpose::planning).uniform();
    const auto other = static_cast<std::size_t>(u * static_cast<double>(known_.population.size()));
    like.traits.conductance_factor =
        known_.population[std::min(other, known_.population.size() - 1)].traits.conductance_factor;
    heart::build_into(known_.heart, like, own, fresh_);
    ANGIOTRIAL_EXPECT(fresh_.size() == heart_.size(), "the known heart was built by these rules");
    std::swap(heart_.conductance, fresh_.conductance);
    std::swap(heart_.viable, fresh_.viable);
    if (!arteries_known_) {
      std::swap(heart_.arteries, fresh_.arteries);
      std::swap(heart_.territory, fresh_.territory);
    }
    return heart_;
  }

  /// States of the patches of the heart drawn last.
  void look() {
    heart::perfuse(known_.heart, heart_, {}, perfusion_);
    for (std::size_t j = 0; j < inner_.size(); ++j) {
      const bool viable = heart_.viable[inner_[j]] != 0;
      const bool low = perfusion_.hyperaemic_flow[inner_[j]] < ischaemic_flow_;
      scar_[j] = viable ? 0.0 : 1.0;
      impaired_[j] = !viable || low ? 1.0 : 0.0;
    }
  }
  [[nodiscard]] const std::vector<double>& scar() const { return scar_; }
  [[nodiscard]] const std::vector<double>& impaired() const { return impaired_; }

 private:
  KnownHeart known_;
  bool arteries_known_;
  double ischaemic_flow_;
  std::uint64_t seed_;
  heart::Ventricle heart_, fresh_;
  heart::Perfusion perfusion_;
  std::vector<std::size_t> inner_;
  std::vector<double> scar_, impaired_;
};

/// Weights w ~ exp(tau ln L), summing to one.
std::vector<double> weights_of(const std::vector<double>& log_likelihood, double tau) {
  const double top = *std::max_element(log_likelihood.begin(), log_likelihood.end());
  std::vector<double> w;
  double sum = 0.0;
  for (const double l : log_likelihood) {
    w.push_back(std::exp(tau * (l - top)));
    sum += w.back();
  }
  for (double& value : w) value /= sum;
  return w;
}

/// (sum w)^2 / sum w^2, with the sum of weights one.
double effective_size(const std::vector<double>& w) {
  double squares = 0.0;
  for (const double value : w) squares += value * value;
  return 1.0 / squares;
}

/// Largest tau <= 1 that leaves the effective sample size at its floor: it falls as tau rises.
double temper_for(const std::vector<double>& log_likelihood, double least) {
  if (effective_size(weights_of(log_likelihood, 1.0)) >= least) return 1.0;
  double low = 0.0, high = 1.0;
  for (int step = 0; step < 30; ++step) {
    const double middle = 0.5 * (low + high);
    (effective_size(weights_of(log_likelihood, middle)) >= least ? low : high) = middle;
  }
  return low;
}

}  // namespace

Posterior hearts_given_map(const Parameters& p, const KnownHeart& known,
                           const ElectromechanicalMap& map, const random::Streams& streams) {
  ANGIOTRIAL_EXPECT(!known.population.empty(), "a prior needs people");
  ANGIOTRIAL_EXPECT(p.planning.prior_hearts >= 1 && p.planning.scored_hearts >= 1,
                    "a prior has hearts");
  Prior prior(p, known, streams);
  const MapModel model(p.map, prior.patches(), map);
  const auto hearts = static_cast<std::uint32_t>(p.planning.prior_hearts);
  Posterior posterior;
  posterior.overlap_temper = model.overlap_temper();
  std::vector<double> log_likelihood;
  std::vector<std::vector<double>> ischaemic;
  for (std::uint32_t h = 0; h < hearts; ++h) {
    prior.draw(h);
    prior.look();
    log_likelihood.push_back(posterior.overlap_temper *
                             model.log_likelihood(prior.scar(), prior.impaired()));
    ischaemic.push_back(prior.impaired());
    for (std::size_t j = 0; j < ischaemic.back().size(); ++j) {
      ischaemic.back()[j] -= prior.scar()[j];
    }
  }
  posterior.temper = temper_for(log_likelihood, p.planning.least_effective_hearts);
  const std::vector<double> w = weights_of(log_likelihood, posterior.temper);
  posterior.effective_hearts = effective_size(w);
  posterior.ischaemic_share.assign(ischaemic.front().size(), 0.0);
  for (std::uint32_t h = 0; h < hearts; ++h) {
    for (std::size_t j = 0; j < posterior.ischaemic_share.size(); ++j) {
      posterior.ischaemic_share[j] += w[h] * ischaemic[h][j];
    }
  }
  // Systematic resampling from the middle of each step: no draw, the least variance.
  const double step = 1.0 / p.planning.scored_hearts;
  double upto = w[0];
  std::uint32_t h = 0;
  for (int k = 0; k < p.planning.scored_hearts; ++k) {
    const double wanted = (k + 0.5) * step;
    while (upto < wanted && h + 1 < hearts) upto += w[++h];
    posterior.hearts.push_back(prior.draw(h));
  }
  return posterior;
}

}  // namespace angiotrial::delivery
