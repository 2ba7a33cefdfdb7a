// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/numerics/helmholtz.hpp>
#include <angiotrial/tissue/field.hpp>

#include <optional>
#include <span>
#include <vector>

#include "cell_union.hpp"

namespace angiotrial::tissue {

/// c/c50 in each slot at time 0 of the slowly and the quickly dying cells, and per homed cell per
/// mm3 at a depot's centre.
struct UnitSignals {
  std::vector<float> slow, fast, homed;
};

/// Fields of all depots, each in its own box, and their sum:
///
///   D Lap u - (k(x) - loss) u + k_d psi Theta(x) n(x) = 0
///
/// with a loss of its own for each component of cell survival (numerics V10).
class UnitFields {
 public:
  struct Proof {
    double worst_residual = 0.0, worst_balance = 0.0;
    int rounds = 0;
  };

  /// Keeps the last fields as first guesses if `again` is true; one solver serves all boxes in
  /// turn. All referred to must outlive this.
  UnitFields(const Parameters& p, const Lattice& lattice, std::span<const Depot> depots,
             std::span<const SiteBox> sites, const CellUnion& cells, double tolerance, bool again);

  /// `decay` is k/k_d and `spared` what crowding leaves of the cells, in each slot; empty for 1.
  /// The fast part stays as it is once hardly any of its cells live.
  void solve(std::span<const float> decay, std::span<const float> spared, double time_days,
             UnitSignals& out);

  [[nodiscard]] const Proof& proof() const { return proof_; }

 private:
  struct Kept {
    std::optional<numerics::Helmholtz<float>> solver;
    std::vector<float> slow, fast, homed;
  };
  struct Component {
    double loss_per_day, amplitude;
    std::vector<float> Kept::* field;
    std::vector<float>* sum;
  };
  void fill_source(std::size_t site, std::span<const float> spared);
  void first_guess(const Component& component, Kept& kept) const;
  void solve_one(std::size_t site, const Component& component, Kept& kept,
                 std::span<const float> decay);
  void add(std::size_t site, const Component& component, const std::vector<float>& field) const;

  const Parameters& p_;
  const Lattice& lattice_;
  std::span<const Depot> depots_;
  std::span<const SiteBox> sites_;
  const CellUnion& cells_;
  double tolerance_;
  bool again_;
  Transport transport_;
  std::vector<float> oxygen_;  ///< secretion over that at the parameters' pressure, by region
  std::vector<Kept> kept_;
  std::vector<float> source_, decay_;
  Proof proof_;
};

}  // namespace angiotrial::tissue
