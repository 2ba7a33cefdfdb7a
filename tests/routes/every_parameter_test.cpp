// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/campaign/campaign.hpp>
#include <angiotrial/dataset/tables.hpp>
#include <angiotrial/study/read_study.hpp>
#include <angiotrial/trial/trial.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

/// No described parameter is decoration: each one, moved within its range, changes what a study
/// gives, in at least one of the contexts below.
namespace angiotrial {
namespace {

using schema::LedgerRow;
using Settings = std::map<std::string, std::string>;  // dotted key -> value as in a study file

/// A small study in which some part of the model is switched on.
struct Context {
  std::string about;  ///< parameters that begin so are tried here first
  Settings settings;
};

Settings plus(Settings settings, const Settings& more) {
  for (const auto& [key, value] : more) settings.insert_or_assign(key, value);
  return settings;
}

std::vector<Context> make_contexts() {
  // Doses as in ACT34-CMI. Twins and decomposition cost time and are a context of their own.
  const Settings base{{"schema", "1"},
                      {"study.id", "\"SMALL\""},
                      {"study.seed", "5"},
                      {"visits.month_03.month", "3"},
                      {"visits.month_06.month", "6"},
                      {"visits.month_12.month", "12"},
                      {"protocol.randomised", "12"},
                      {"protocol.most_candidates", "4000"},
                      {"arms.placebo.dose_cells_per_kg", "0.0"},
                      {"arms.low.dose_cells_per_kg", "1.0e5"},
                      {"arms.high.dose_cells_per_kg", "5.0e5"},
                      {"run.twins", "false"},
                      {"run.decomposition", "false"},
                      {"scenarios.base.reporting_median", "0.6"},
                      {"analysis.reference_arm", "\"placebo\""}};
  const Settings pair = plus(base, {{"protocol.randomised", "2"}});
  const Settings voxel =
      plus(pair, {{"run.resolution", "\"voxel\""}, {"run.voxel_spacing_mm", "2.0"}});
  return {
      {"", base},
      {"product.marrow.",
       plus(base, {{"product.source", "\"marrow\""}, {"product.device", "\"isolex_marrow\""}})},
      {"product.expansion.", plus(base, {{"product.expand", "true"}})},
      {"product.mobilisation.",
       plus(base, {{"product.mobilisation.gcsf_days", "2"},
                   {"product.mobilisation.collection_days", "5.0"},
                   {"product.mobilisation.gcsf_dose_ug_per_kg_per_day", "10.0"}})},
      {"product.selection.clinimacs.", plus(base, {{"product.device", "\"clinimacs\""}})},
      {"product.hold.loss_room", plus(base, {{"product.hold.temperature", "\"room\""}})},
      {"product.hold.loss_body",
       plus(base, {{"product.hold.temperature", "\"body\""}, {"product.hold.hold_hours", "4.0"}})},
      {"delivery.", plus(base, {{"delivery.target.order", "\"as_mapped\""},
                                {"delivery.injection.volume_per_site_ml", "0.3"}})},
      {"heart.oxygen.arterial_oxygen_content", voxel},
      {"heart.anatomy.endocardial_helix_deg", voxel},
      {"heart.anatomy.epicardial_helix_deg", voxel},
      {"run.voxel_spacing_mm", voxel},
      {"tissue.uptake.", voxel},
      {"heart.microcirculation.",
       plus(base, {{"heart.microcirculation.heterogeneity", "\"fractal\""}})},
      {"delivery.planning.", plus(base, {{"delivery.planning.kind", "\"optimised\""}})},
      {"heart.oxygen.", plus(base, {{"heart.oxygen.capillary_density_per_mm2", "1100.0"}})},
      {"analysis.", plus(base, {{"analysis.counts.NTGWK.compare", "true"},
                                {"analysis.counts.NTGWK.baseline_shift_per_week", "0.4"},
                                {"analysis.continuous.ETTANG.compare", "true"}})},
      {"tissue.vessels.maturation", plus(base, {{"tissue.vessels.maturation_from_cells", "0.1"}})},
      {"tissue.aberrant.",
       plus(base, {{"tissue.aberrant.aberrant", "true"}, {"tissue.aberrant.threshold", "1.0"}})},
      {"tissue.retention.", plus(base, {{"tissue.retention.saturation", "true"},
                                        {"tissue.retention.scale_cells", "1.0e6"}})},
      {"tissue.homing.", plus(pair, {{"tissue.homing.homing", "true"}})},
      {"tissue.crowding.", plus(pair, {{"tissue.crowding.crowding", "true"},
                                       {"tissue.crowding.half_density_cells_per_ml", "1.0e6"}})},
      {"allocation.randomisation.minimisation",
       plus(base, {{"allocation.randomisation.scheme", "\"minimisation\""}})},
      {"allocation.randomisation.",
       plus(base, {{"allocation.randomisation.scheme", "\"stratified_blocks\""}})},
      {"scenarios.", plus(pair, {{"run.twins", "true"}, {"run.decomposition", "true"}})},
      {"arms.", plus(base, {{"protocol.harvest_before_randomisation", "false"},
                            {"arms.open.dose_cells_per_kg", "0.0"},
                            {"arms.open.mobilised", "false"},
                            {"arms.open.injected", "false"},
                            {"arms.open.blinded", "false"}})},
  };
}

/// Parameters that no row of a study can show, with the place where they act.
const std::map<std::string, std::string> acts_elsewhere{
    {"study.title", "a text, printed on the report"},
    {"delivery.planning.farthest_from_wall_mm", "files of maps and sites are judged by it"},
    {"run.most_failed_patients_fraction", "the program judges a finished run by it"},
};

std::string text_of(const Settings& settings) {
  std::string text;
  for (const auto& [key, value] : settings) text += key + " = " + value + "\n";
  return text;
}

diagnostics::Result<study::Study> read(const Settings& settings) {
  return study::read_study(text_of(settings), "small.toml");
}

std::string rows_of(const trial::Trial& trial, std::uint32_t replicate) {
  return campaign::to_json("", {campaign::run_replicate(trial, replicate)});
}

std::string tables_of(const trial::Trial& trial, std::uint32_t replicate) {
  std::string text;
  for (const auto& table : dataset::to_tables(trial.conduct(replicate).observed)) {
    text += dataset::to_csv(table);
  }
  return text;
}

constexpr std::uint32_t replicates = 2;

/// What a context gives when nothing is moved.
struct Baseline {
  Settings settings;
  std::map<std::string, std::string> values;  ///< every parameter as used
  std::vector<std::string> rows, tables;      ///< by replicate
};

Baseline baseline_of(const Settings& settings) {
  Baseline baseline{settings, {}, {}, {}};
  const auto study = read(settings);
  if (!study.ok()) {
    ADD_FAILURE() << diagnostics::to_string(study.problems());
    return baseline;
  }
  for (const LedgerRow& row : study.value().ledger) baseline.values[row.path] = row.value;
  const trial::Trial trial(study.value().spec);
  for (std::uint32_t r = 0; r < replicates; ++r) {
    baseline.rows.push_back(rows_of(trial, r));
    baseline.tables.push_back(tables_of(trial, r));
  }
  return baseline;
}

/// Baselines are made when first asked for.
class Bench {
 public:
  /// Contexts in the order in which to try a parameter: its own first.
  std::vector<std::size_t> order_for(const std::string& path) const {
    std::vector<std::size_t> order(contexts_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_partition(order, [&](std::size_t i) {
      return !contexts_[i].about.empty() && path.starts_with(contexts_[i].about);
    });
    return order;
  }
  const Baseline& baseline(std::size_t context) {
    auto& made = baselines_[context];
    if (!made) made = std::make_unique<Baseline>(baseline_of(contexts_[context].settings));
    return *made;
  }

 private:
  std::vector<Context> contexts_ = make_contexts();
  std::map<std::size_t, std::unique_ptr<Baseline>> baselines_;
};

/// The options of a choice, from the message about a wrong one; empty for a text.
std::vector<std::string> options_of(const std::string& path) {
  const auto study = read(plus(make_contexts()[0].settings, {{path, "\"\\u0001\""}}));
  std::vector<std::string> options;
  if (study.ok()) return options;
  for (const diagnostics::Problem& problem : study.problems()) {
    if (problem.key != path || !problem.rule.starts_with("must be one of")) continue;
    std::size_t at = problem.rule.find('"');
    while (at != std::string::npos) {
      const std::size_t end = problem.rule.find('"', at + 1);
      options.push_back(problem.rule.substr(at, end + 1 - at));
      at = problem.rule.find('"', end + 1);
    }
  }
  return options;
}

/// Between value and bound: the geometric mean where both are of one sign, and a far bound is
/// drawn near first.
double towards(double value, double bound) {
  if (std::isinf(bound)) bound = value + std::copysign(1.0 + std::abs(value), bound);
  return value * bound > 0.0 ? std::copysign(std::sqrt(value * bound), value)
                             : 0.5 * (value + bound);
}

/// Values to try, small steps first, the ends of the range last.
std::vector<std::string> moved_numbers(const LedgerRow& row, double value) {
  const auto [least, most] = row.range;
  std::vector<double> values{1.25 * value, 0.8 * value, towards(value, least),
                             towards(value, most)};
  if (value == 0.0) values.push_back(std::min(0.1, most));
  if (std::isfinite(least)) values.push_back(least);
  if (std::isfinite(most)) values.push_back(most);
  std::vector<std::string> texts;
  for (const double x : values) {
    if (x >= least && x <= most && x != value) texts.push_back(schema::toml_number(x));
  }
  return texts;
}

std::vector<std::string> moved_integers(const LedgerRow& row, long value) {
  const auto number = static_cast<double>(value);
  std::vector<double> values{number + 1.0, number - 1.0};
  for (const std::string& text : moved_numbers(row, number)) {
    values.push_back(std::round(std::stod(text)));
  }
  std::vector<std::string> texts;
  for (const double x : values) {
    const auto whole = static_cast<long>(x);
    if (x >= row.range.least && x <= row.range.most && whole != value) {
      texts.push_back(std::to_string(whole));
    }
  }
  return texts;
}

/// Other values than `value`, which the row's parameter has in a context.
std::vector<std::string> moved(const LedgerRow& row, const std::string& path,
                               const std::string& value) {
  if (value == "true") return {"false"};
  if (value == "false") return {"true"};
  if (value.starts_with('"')) {
    std::vector<std::string> texts = options_of(path);
    if (texts.empty()) texts = {"\"Moved\"", "\"low\"", "\"Month 6\""};
    std::erase(texts, value);
    return texts;
  }
  const bool whole = value.find_first_of(".eE") == std::string::npos;
  return whole ? moved_integers(row, std::stol(value)) : moved_numbers(row, std::stod(value));
}

bool changes(const Baseline& baseline, const std::string& path, const std::string& value) {
  const auto study = read(plus(baseline.settings, {{path, value}}));
  if (!study.ok()) return false;
  const trial::Trial trial(study.value().spec);
  for (std::uint32_t r = 0; r < replicates; ++r) {
    if (rows_of(trial, r) != baseline.rows[r]) return true;
    if (tables_of(trial, r) != baseline.tables[r]) return true;
  }
  return false;
}

/// The paths in a context that a described path stands for.
std::vector<std::string> paths_of(const std::string& described, const Baseline& baseline) {
  const std::size_t at = described.find(".NAME.");
  if (at == std::string::npos) return {described};
  const std::string before = described.substr(0, at + 1), after = described.substr(at + 5);
  std::vector<std::string> paths;
  for (const auto& [path, value] : baseline.values) {
    if (path.starts_with(before) && path.ends_with(after)) paths.push_back(path);
  }
  return paths;
}

bool is_alive(Bench& bench, const LedgerRow& row) {
  for (const std::size_t context : bench.order_for(row.path)) {
    const Baseline& baseline = bench.baseline(context);
    for (const std::string& path : paths_of(row.path, baseline)) {
      const auto value = baseline.values.find(path);
      if (value == baseline.values.end()) continue;
      for (const std::string& other : moved(row, path, value->second)) {
        if (changes(baseline, path, other)) return true;
      }
    }
  }
  return false;
}

std::string table_of(const LedgerRow& row) { return row.path.substr(0, row.path.find('.')); }

std::vector<std::string> all_tables() {
  std::vector<std::string> tables;
  for (const LedgerRow& row : study::all_parameters()) {
    if (std::ranges::find(tables, table_of(row)) == tables.end()) tables.push_back(table_of(row));
  }
  return tables;
}

class EveryParameter : public testing::TestWithParam<std::string> {};

TEST_P(EveryParameter, ChangesSomeRowWhenItIsMoved) {
  Bench bench;
  for (const LedgerRow& row : study::all_parameters()) {
    if (table_of(row) != GetParam() || acts_elsewhere.contains(row.path)) continue;
    EXPECT_TRUE(is_alive(bench, row)) << row.path << " changes nothing: " << row.meaning;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, EveryParameter, testing::ValuesIn(all_tables()),
                         [](const auto& tested) { return tested.param; });

TEST(EveryParameterThatActsElsewhere, IsDescribedAndKeptInTheResolvedStudy) {
  const auto study = read(make_contexts()[0].settings);
  ASSERT_TRUE(study.ok());
  for (const auto& [path, where] : acts_elsewhere) {
    const bool length = path.ends_with("_mm");
    const std::string value = path == "study.title" ? "\"Moved\"" : length ? "12.5" : "0.125";
    const auto other = read(plus(make_contexts()[0].settings, {{path, value}}));
    ASSERT_TRUE(other.ok()) << path << ": " << where;
    EXPECT_NE(other.value().resolved, study.value().resolved) << path;
    EXPECT_NE(other.value().resolved.find(value), std::string::npos) << path;
  }
}

TEST(TheSearchForDeadParameters, FindsOneWhoseSwitchIsOff) {
  const Baseline apheresis = baseline_of(make_contexts()[0].settings);
  EXPECT_FALSE(changes(apheresis, "product.marrow.aspirate_ml", "500.0"));
  EXPECT_TRUE(changes(apheresis, "product.apheresis.blood_volumes", "3.0"));
}

}  // namespace
}  // namespace angiotrial
