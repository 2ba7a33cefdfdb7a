// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/endocardium.hpp>
#include <angiotrial/heart/growth.hpp>
#include <angiotrial/tissue/response_table.hpp>

#include <functional>
#include <span>
#include <vector>

/// What nominal depots at chosen places do to RPP*, over several hearts of one geometry. Private.
namespace angiotrial::delivery {

/// Where a nominal depot can lie.
struct Candidate {
  PositionMm position_mm{};  ///< centre of the depot
  double wall_mm = 0.0;
  double depth_mm = 0.0;
};

/// The nominal depot: cells, potency and width alike everywhere.
struct NominalDepot {
  units::Cells cells;
  double potency = 1.0;
  units::Mm sd_mm;
};

/// Growth around each candidate on its own: the arteriolar product and the deposited densities of a
/// set are then those of heart::conductance_gain, but that cells of neighbours do not mix.
class GainModel {
 public:
  GainModel(const heart::Parameters& heart, const tissue::ResponseTable& growth,
            units::Days horizon, const NominalDepot& depot, const heart::Ventricle& geometry,
            std::span<const Candidate> candidates);

  [[nodiscard]] std::size_t candidates() const { return first_.size() - 1; }

  /// A set of sites: what is left undriven and what is laid down in each microregion.
  struct State {
    std::vector<double> undriven, density;
  };
  [[nodiscard]] State none() const;
  void add(std::size_t candidate, State& to) const;
  /// g'/g of each microregion for the set.
  void gain(const State& of, std::span<double> gain) const;
  /// Changes `gain`, that of the set `of`, where one more candidate reaches.
  void gain_with(const State& of, std::size_t candidate, std::span<double> gain) const;

 private:
  struct Touch {
    std::size_t microregion;
    double undriven;  ///< 1 - drive kernel
    double density;
  };
  [[nodiscard]] double gain_at(double undriven, double density) const;

  std::size_t microregions_;
  double ceiling_, capillary_share_;
  std::vector<Touch> touches_;
  std::vector<std::size_t> first_;
};

/// Whether a candidate may join the sites taken so far, at one stage of the rule.
using Allowed = std::function<bool(std::size_t stage, const std::vector<std::size_t>& taken,
                                   std::size_t candidate)>;

struct Search {
  std::size_t wanted = 10;
  std::size_t stages = 1;  ///< tried in turn when no candidate is left
  int swap_passes = 1;
};

struct Found {
  std::vector<std::size_t> taken;
  double gain_log = 0.0;  ///< mean of ln RPP*' - ln RPP*
};

/// Site by site the candidate with the highest mean gain of ln RPP*; then each site in turn is
/// exchanged where another gains more. The first of equals wins.
[[nodiscard]] Found search_sites(const heart::Parameters& heart, const GainModel& model,
                                 std::span<const heart::Ventricle> hearts, const Search& search,
                                 const Allowed& allowed);

}  // namespace angiotrial::delivery
