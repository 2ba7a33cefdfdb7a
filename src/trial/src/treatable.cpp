// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/trial/treatable.hpp>

namespace angiotrial::trial {
namespace {

/// Everything before randomisation but the map, as the trial does it; whether there is a product.
bool is_treatable(const Conditions& conditions, const random::Streams& streams, Treatable& one) {
  if (one.candidate.outcome != Outcome::eligible) return false;
  one.preparation = prepare(conditions, one.candidate, streams, true, false);
  return product::is_released(
      product::inspect(conditions.spec.product, *one.preparation.harvest, streams));
}

/// The same patient with map and plan.
Treatable mapped(const Conditions& conditions, std::uint32_t replicate, const Treatable& one) {
  Treatable patient = one;
  patient.preparation.placement = place(
      conditions, patient.candidate, conditions.streams(replicate, patient.candidate.patient.id));
  return patient;
}

/// Calls `take` with each treatable patient in turn, until it returns false.
template <class Take>
void for_each_treatable(const Conditions& conditions, std::uint32_t replicate, Take&& take) {
  const auto most = static_cast<std::uint32_t>(conditions.spec.protocol.most_candidates);
  Treatable one;
  for (std::uint32_t id = 0; id < most; ++id) {
    screen(conditions, replicate, id, one.candidate);
    if (!is_treatable(conditions, conditions.streams(replicate, id), one)) continue;
    if (!take(one)) return;
  }
}

}  // namespace

std::vector<Treatable> find_treatable(const Conditions& conditions, std::uint32_t replicate,
                                      int patients) {
  std::vector<Treatable> found;
  for_each_treatable(conditions, replicate, [&](const Treatable& one) {
    found.push_back(mapped(conditions, replicate, one));
    return static_cast<int>(found.size()) < patients;
  });
  return found;
}

std::optional<Treatable> find_treatable_one(const Conditions& conditions, std::uint32_t replicate,
                                            int n) {
  std::optional<Treatable> found;
  int count = 0;
  for_each_treatable(conditions, replicate, [&](const Treatable& one) {
    if (++count < n) return true;
    found = mapped(conditions, replicate, one);
    return false;
  });
  return found;
}

void adopt_mask(const Conditions& conditions, std::uint32_t replicate, const heart::Mask& mask,
                Treatable& patient) {
  Candidate& candidate = patient.candidate;
  const random::Streams streams = conditions.streams(replicate, candidate.patient.id);
  patient.preparation.heart = voxel_heart(conditions, candidate.patient, streams,
                                          conditions.spec.run.voxel_spacing_mm, &mask);
  candidate.ventricle = patient.preparation.heart->organ.ventricle;
  candidate.perfusion = patient.preparation.heart->perfusion;
  patient.preparation.placement = place(conditions, candidate, streams);
}

}  // namespace angiotrial::trial
