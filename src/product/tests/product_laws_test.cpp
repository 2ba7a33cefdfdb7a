// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/product/bag.hpp>

#include "sample.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace angiotrial::product {
namespace {

double between(double least, double most) {
  return least + (most - least) * (*rc::gen::inRange(0, 1000001) / 1e6);
}

cohort::Patient any_patient() {
  cohort::Patient p = plain_patient(*rc::gen::arbitrary<std::uint32_t>());
  p.chart.weight_kg = units::Kilograms(between(40.0, 160.0));
  p.chart.age_years = units::Years(between(21.0, 80.0));
  p.chart.diabetes = *rc::gen::arbitrary<bool>();
  return p;
}

Parameters any_process() {
  Parameters parameters;
  parameters.source = *rc::gen::element(CellSource::apheresis, CellSource::marrow);
  parameters.device = *rc::gen::element(Device::isolex, Device::clinimacs, Device::isolex_marrow);
  parameters.expand = *rc::gen::arbitrary<bool>();
  parameters.hold.temperature = *rc::gen::element(HoldTemperature::refrigerated,
                                                  HoldTemperature::room, HoldTemperature::body);
  parameters.mobilisation.completion_fraction = units::Fraction(between(0.0, 1.0));
  return parameters;
}

RC_GTEST_PROP(Prescription, DoublingTheDoseDoublesTheCellsExactly, ()) {
  const double dose = between(0.0, 2e6);
  const auto weight = units::Kilograms(between(30.0, 200.0));
  RC_ASSERT(prescribe(dose_of(2.0 * dose), weight).cells ==
            2.0 * prescribe(dose_of(dose), weight).cells);
}

RC_GTEST_PROP(Placebo, BagIsTheSameForEveryPatientAndProcess, ()) {
  const cohort::Patient p = any_patient();
  const Parameters parameters = any_process();
  const Harvest h = harvest(parameters, p, streams_of(p));
  const Bag bag = fill_bag(parameters, dose_of(0.0), h, p, streams_of(p));
  RC_ASSERT(bag == Bag{});
  RC_ASSERT(bag.release == Release::released);
  RC_ASSERT(!bag.short_of_dose);
}

RC_GTEST_PROP(Arms, ShareEveryDraw, ()) {
  const cohort::Patient p = any_patient();
  const Parameters parameters;
  const Harvest h = harvest(parameters, p, streams_of(p));
  const Bag low = fill_bag(parameters, dose_of(1e3), h, p, streams_of(p));
  const Bag high = fill_bag(parameters, dose_of(2e3), h, p, streams_of(p));
  RC_PRE(low.release == Release::released && !high.short_of_dose);
  RC_PRE(high.delivered_cells < high.available_cells);
  RC_ASSERT(high.delivered_cells == 2.0 * low.delivered_cells);
  RC_ASSERT(h == harvest(parameters, p, streams_of(p)));
}

RC_GTEST_PROP(Bag, DeliveredCellsGrowWithTheDoseAndNeverExceedWhatThereIs, ()) {
  const cohort::Patient p = any_patient();
  const Parameters parameters = any_process();
  const Harvest h = harvest(parameters, p, streams_of(p));
  const double dose = between(1e3, 2e6);
  const Bag less = fill_bag(parameters, dose_of(dose), h, p, streams_of(p));
  const Bag more = fill_bag(parameters, dose_of(1.3 * dose), h, p, streams_of(p));
  RC_ASSERT(less.delivered_cells <= more.delivered_cells);
  RC_ASSERT(more.delivered_cells <= more.available_cells);
  RC_ASSERT(more.delivered_cells.value() <= 1.1000001 * more.planned_cells.value());
  RC_ASSERT(less.short_of_dose <= more.short_of_dose);
}

RC_GTEST_PROP(Harvest, RisesWithGcsfEfficiencyAndRecoveryAndFallsWithTheHold, ()) {
  const cohort::Patient p = any_patient();
  Parameters parameters;
  parameters.mobilisation.completion_fraction = units::Fraction(1.0);
  parameters.selection.isolex.run.capacity_cells = units::Cells(1e11);  // never the limit
  const auto viable = [&] { return harvest(parameters, p, streams_of(p)).viable_cells; };
  const double up = between(1.01, 1.5);
  units::Cells before = viable();
  parameters.mobilisation.gcsf_dose_ug_per_kg_per_day *= up;
  RC_ASSERT(viable() > before);
  before = viable();
  parameters.apheresis.collection_efficiency_fraction *= up;
  RC_ASSERT(viable() > before);
  before = viable();
  parameters.selection.isolex.run.recovery_fraction *= up;
  RC_ASSERT(viable() > before);
  before = viable();
  parameters.hold.hold_hours *= up;
  RC_ASSERT(viable() < before);
}

TEST(Harvest, RefusesAChartWithoutWeight) {
  cohort::Patient p = plain_patient();
  p.chart.weight_kg = units::Kilograms(0.0);
  EXPECT_THROW((void)harvest({}, p, streams_of(p)), diagnostics::ContractViolation);
}

/// Walks the description and moves one leaf, the n-th, to an end of its range (or another choice).
class Mover : public schema::Visitor {
 public:
  Mover(int leaf, int way) : leaf_(leaf), way_(way) {}
  [[nodiscard]] const std::string& moved() const { return moved_; }
  [[nodiscard]] int leaves() const { return count_; }

 protected:
  void number(const schema::Field& field, double& value) override {
    if (here(field)) value = way_ == 0 ? field.range.least : field.range.most;
  }
  void integer(const schema::Field& field, int& value) override {
    if (here(field)) value = static_cast<int>(way_ == 0 ? field.range.least : field.range.most);
  }
  void boolean(const schema::Field& field, bool& value) override {
    if (here(field)) value = !value;
  }
  void text(const schema::Field& field, std::string&) override { here(field); }
  void texts(const schema::Field& field, std::vector<std::string>&) override { here(field); }
  void numbers(const schema::Field& field, std::vector<double>&) override { here(field); }
  void choice(const schema::Field& field, std::size_t& index,
              std::span<const std::string_view> names) override {
    if (here(field)) index = (index + 1) % names.size();
  }
  bool enter(std::string_view) override { return true; }
  void leave() override {}

 private:
  bool here(const schema::Field& field) {
    const bool mine = count_++ == leaf_;
    if (mine) moved_ = field.key;
    return mine;
  }
  int leaf_, way_, count_ = 0;
  std::string moved_;
};

void append(std::vector<double>& out, const Parameters& parameters) {
  for (std::uint32_t id = 0; id < 12; ++id) {
    cohort::Patient p = plain_patient(id);
    p.chart.diabetes = id % 2 == 0;
    p.chart.age_years = units::Years(70.0);
    p.chart.haemoglobin_g_per_dl = units::GramsPerDl(13.0);
    const Harvest h = harvest(parameters, p, streams_of(p));
    const Bag bag = fill_bag(parameters, dose_of(5e5), h, p, streams_of(p));
    out.insert(out.end(), {h.baseline_cd34_cells_per_ul.value(), h.blood_cd34_cells_per_ul.value(),
                           h.collected_cells.value(), h.input_cd34_fraction.value(),
                           h.selected_cells.value(), h.purity_fraction.value(), h.expansion_fold,
                           h.viability_fraction.value(), h.viable_cells.value(), h.potency,
                           bag.delivered_cells.value(), static_cast<double>(bag.release)});
  }
}

/// Outputs of every variant that some parameter needs to be alive.
std::vector<double> fingerprint(int leaf, int way, std::string* name) {
  std::vector<Parameters> variants(6);
  variants[1].expand = true;
  variants[2].source = CellSource::marrow;
  variants[2].device = Device::isolex_marrow;
  variants[3].device = Device::clinimacs;
  variants[3].hold.temperature = HoldTemperature::room;
  variants[4].mobilisation.gcsf_days = 3;
  variants[4].mobilisation.gcsf_dose_ug_per_kg_per_day = units::UgPerKgPerDay(10.0);
  variants[5].hold.temperature = HoldTemperature::body;
  std::vector<double> out;
  for (Parameters& parameters : variants) {
    Mover mover(leaf, way);
    describe(mover, parameters);
    if (name != nullptr) *name = mover.moved();
    append(out, parameters);
  }
  return out;
}

TEST(Parameters, EachOneChangesSomethingAndNothingBreaksAtTheEndsOfItsRange) {
  Parameters parameters;
  Mover counter(-1, 0);
  describe(counter, parameters);
  ASSERT_GT(counter.leaves(), 70);
  const std::vector<double> base = fingerprint(-1, 0, nullptr);
  for (int leaf = 0; leaf < counter.leaves(); ++leaf) {
    std::string name;
    bool alive = false;
    for (int way = 0; way < 2; ++way) {
      const std::vector<double> moved = fingerprint(leaf, way, &name);
      alive = alive || moved != base;
      EXPECT_TRUE(
          std::all_of(moved.begin(), moved.end(), [](double x) { return std::isfinite(x); }))
          << name << (way == 0 ? " at its least" : " at its most");
    }
    EXPECT_TRUE(alive) << name << " changes nothing";
  }
}

}  // namespace
}  // namespace angiotrial::product
