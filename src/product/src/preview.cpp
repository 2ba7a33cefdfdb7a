// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/product/preview.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <vector>

namespace angiotrial::product {
namespace {

/// The middle value, the upper one of two.
double median(std::vector<double>& values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double share(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

Preview preview(const Parameters& parameters, const ArmDose& arm,
                std::span<const cohort::Patient> patients, std::uint64_t seed) {
  ANGIOTRIAL_EXPECT(!patients.empty(), "a preview needs patients");
  std::vector<double> count_per_ul, collected_per_kg, available_per_kg;
  std::size_t short_of_dose = 0;
  std::size_t failed = 0;
  for (const cohort::Patient& patient : patients) {
    const random::Streams streams(seed, 0, patient.id);
    const Harvest h = harvest(parameters, patient, streams);
    if (!h.collected) continue;
    count_per_ul.push_back(h.blood_cd34_cells_per_ul.value());
    collected_per_kg.push_back((h.collected_cells / patient.chart.weight_kg).value());
    available_per_kg.push_back((h.viable_cells / patient.chart.weight_kg).value());
    const Bag bag = fill_bag(parameters, arm, h, patient, streams);
    if (bag.short_of_dose) ++short_of_dose;
    if (inspect(parameters, h, streams) != Release::released) ++failed;
  }
  const std::size_t products = collected_per_kg.size();
  return {units::CellsPerUl(median(count_per_ul)),
          units::CellsPerKg(median(collected_per_kg)),
          units::CellsPerKg(median(available_per_kg)),
          units::Fraction(share(short_of_dose, products)),
          units::Fraction(share(failed, products)),
          units::Fraction(share(patients.size() - products, patients.size()))};
}

}  // namespace angiotrial::product
