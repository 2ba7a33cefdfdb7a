// SPDX-License-Identifier: Apache-2.0
#include "unit_fields.hpp"

#include <angiotrial/tissue/kinetics.hpp>

#include <algorithm>
#include <cmath>

#include "signal.hpp"

namespace angiotrial::tissue {
namespace {

// Theta(P) / Theta(P of the parameters) of each region; empty where no pressures are given.
std::vector<float> oxygen_factors(const Parameters& p, const Domain& domain) {
  std::vector<float> factors;
  Secretion local = p.secretion;
  const double usual = oxygen_factor(p.secretion);
  for (const float pressure : domain.region_oxygen_mmhg) {
    local.tissue_oxygen_mmhg = units::Mmhg(static_cast<double>(pressure));
    factors.push_back(static_cast<float>(oxygen_factor(local) / usual));
  }
  return factors;
}

}  // namespace

UnitFields::UnitFields(const Parameters& p, const Lattice& lattice, std::span<const Depot> depots,
                       std::span<const SiteBox> sites, const CellUnion& cells, double tolerance,
                       bool again)
    : p_(p),
      lattice_(lattice),
      depots_(depots),
      sites_(sites),
      cells_(cells),
      tolerance_(tolerance),
      again_(again),
      transport_(transport(p)),
      oxygen_(oxygen_factors(p, lattice.domain())),
      kept_(again ? sites.size() : 1) {}

void UnitFields::fill_source(std::size_t site, std::span<const float> spared) {
  const SiteBox& s = sites_[site];
  source_ = s.shape;
  if (!spared.empty()) {
    cells_.each_row(s.box, [&](std::size_t slot, std::size_t at, std::size_t length) {
      for (std::size_t i = 0; i < length; ++i) source_[at + i] *= spared[slot + i];
    });
  }
  if (oxygen_.empty()) return;
  const std::vector<std::uint16_t>& region = lattice_.domain().region;
  const int split = lattice_.split();
  auto reach = s.reach.begin();
  float* row = source_.data();
  for (int z = s.box.first[2]; z < s.box.first[2] + s.box.count[2]; ++z) {
    for (int y = s.box.first[1]; y < s.box.first[1] + s.box.count[1]; ++y) {
      const std::uint16_t* const of = region.data() + lattice_.domain_cell(s.box.first[0], y, z);
      const auto [from, to] = *reach++;
      for (int x = from; x < to;) {
        const std::uint16_t r = of[x / split];
        const float factor = r < oxygen_.size() ? oxygen_[r] : 1.0F;
        for (const int end = std::min(to, (x / split + 1) * split); x < end; ++x) row[x] *= factor;
      }
      row += s.box.count[0];
    }
  }
}

// Where the field has not been solved before: u = s/(k - loss).
void UnitFields::first_guess(const Component& component, Kept& kept) const {
  std::vector<float>& field = kept.*component.field;
  if (again_ && field.size() == source_.size()) return;
  const auto per_decay =
      static_cast<float>(1.0 / (transport_.decay_per_day - component.loss_per_day));
  field.resize(source_.size());
  for (std::size_t i = 0; i < field.size(); ++i) field[i] = source_[i] * per_decay;
}

void UnitFields::solve_one(std::size_t site, const Component& component, Kept& kept,
                           std::span<const float> decay) {
  const SiteBox& s = sites_[site];
  numerics::Helmholtz<float>& solver = *kept_[0].solver;
  if (decay.empty()) {
    solver.set_decay(transport_.decay_per_day - component.loss_per_day);
  } else {
    const auto k = static_cast<float>(transport_.decay_per_day);
    const auto loss = static_cast<float>(component.loss_per_day);
    decay_.resize(s.box.size());
    cells_.each_row(s.box, [&](std::size_t slot, std::size_t at, std::size_t length) {
      for (std::size_t i = 0; i < length; ++i) decay_[at + i] = k * decay[slot + i] - loss;
    });
    solver.set_decay(std::span<const float>(decay_));
  }
  first_guess(component, kept);
  const numerics::Certificate c =
      solver.solve(source_, kept.*component.field, {.tolerance = tolerance_});
  proof_.worst_residual = std::max(proof_.worst_residual, c.relative_residual);
  proof_.worst_balance = std::max(proof_.worst_balance, c.balance_error);
}

void UnitFields::add(std::size_t site, const Component& component,
                     const std::vector<float>& field) const {
  const auto amplitude = static_cast<float>(component.amplitude);
  std::vector<float>& sum = *component.sum;
  auto reach = sites_[site].reach.begin();
  cells_.each_row(sites_[site].box, [&](std::size_t slot, std::size_t at, std::size_t) {
    const auto [from, to] = *reach++;
    // The solver's error may leave a field a hair below zero where it fades out.
    for (auto i = static_cast<std::size_t>(from); i < static_cast<std::size_t>(to); ++i) {
      sum[slot + i] += amplitude * std::max(0.0F, field[at + i]);
    }
  });
}

void UnitFields::solve(std::span<const float> decay, std::span<const float> spared,
                       double time_days, UnitSignals& out) {
  const double phi = p_.survival.fast_loss_fraction.value();
  // A change of a few per cent in less than this share of the signal is not worth a solve.
  constexpr double negligible = 1.0e-3;
  const bool fast_lives = std::exp((transport_.slow_loss_per_day - transport_.fast_loss_per_day) *
                                   time_days) > negligible;
  out.slow.assign(cells_.slots(), 0.0F);
  if (fast_lives) out.fast.assign(cells_.slots(), 0.0F);
  if (p_.homing.homing) out.homed.assign(cells_.slots(), 0.0F);
  for (std::size_t s = 0; s < sites_.size(); ++s) {
    Kept& kept = kept_[again_ ? s : 0];
    std::optional<numerics::Helmholtz<float>>& solver = kept_[0].solver;  // serves all in turn
    if (solver) {
      solver->rebuild(sites_[s].grid, sites_[s].walls, transport_.diffusivity_mm2_per_day);
    } else {
      solver.emplace(sites_[s].grid, sites_[s].walls, transport_.diffusivity_mm2_per_day);
    }
    const double potency = transport_.decay_per_day * potency_per_density(p_, depots_[s].potency);
    const double peak = potency * sites_[s].peak_per_mm3;
    fill_source(s, spared);
    std::vector<Component> components{
        {transport_.slow_loss_per_day, (1.0 - phi) * peak, &Kept::slow, &out.slow}};
    if (fast_lives) {
      components.push_back({transport_.fast_loss_per_day, phi * peak, &Kept::fast, &out.fast});
    }
    // Crowding spares homed cells, as at radial resolution; their share of the source is small.
    if (p_.homing.homing) components.push_back({0.0, potency, &Kept::homed, &out.homed});
    for (const Component& component : components) {
      if (component.amplitude == 0.0) continue;
      if (&Kept::homed == component.field) fill_source(s, {});
      solve_one(s, component, kept, decay);
      add(s, component, kept.*component.field);
    }
  }
  ++proof_.rounds;
}

}  // namespace angiotrial::tissue
