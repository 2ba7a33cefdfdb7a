// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/study/read_study.hpp>

#include <angiotrial/formats/sha256.hpp>
#include <angiotrial/formats/text_file.hpp>
#include <angiotrial/formats/toml_tree.hpp>
#include <angiotrial/schema/reader.hpp>
#include <angiotrial/schema/resolved.hpp>
#include <angiotrial/study/protocol.hpp>

#include <algorithm>
#include <cctype>

namespace angiotrial::study {
namespace {

using diagnostics::Problem;
using formats::TomlNode;
using schema::Diagnosis;

const std::vector<std::string> top_keys{
    "schema",  "study",    "protocol", "arms",  "visits",   "scenarios",  "run",        "cohort",
    "product", "delivery", "tissue",   "heart", "symptoms", "assessment", "allocation", "analysis"};

int line_of(const TomlNode* node) { return node == nullptr ? 0 : node->line; }

void complain(Diagnosis& diagnosis, const TomlNode* where, std::string key, std::string value,
              std::string rule, std::string hint = "") {
  diagnosis.problems.push_back({diagnosis.file, line_of(where), std::move(key), std::move(value),
                                std::move(rule), std::move(hint)});
}

void add_row(Diagnosis& diagnosis, std::string path, std::string value, std::string meaning,
             int line) {
  schema::LedgerRow row;
  row.path = std::move(path);
  row.value = row.default_value = std::move(value);
  row.meaning = std::move(meaning);
  row.provenance = schema::Provenance::protocol;
  row.citation = "the study file";
  row.line = line;
  diagnosis.ledger.push_back(std::move(row));
}

/// `schema = 1` is the version of the study format.
void read_version(const TomlNode& root, Diagnosis& diagnosis) {
  if (!schema::require_key(&root, "schema", diagnosis.file, "", diagnosis.problems)) return;
  const TomlNode* node = root.find("schema");
  if (node->kind != TomlNode::Kind::integer || std::get<std::int64_t>(node->scalar) != 1) {
    complain(diagnosis, node, "schema", node->raw, "must be 1, the version of this format");
  }
  add_row(diagnosis, "schema", "1", "version of the study format", node->line);
}

void read_seed(const TomlNode* table, std::optional<std::uint64_t> given, Identity& identity,
               Diagnosis& diagnosis) {
  const TomlNode* node = table == nullptr ? nullptr : table->find("seed");
  if (node != nullptr) {
    if (node->kind != TomlNode::Kind::integer || std::get<std::int64_t>(node->scalar) < 0) {
      complain(diagnosis, node, "study.seed", node->raw,
               "must be a whole number from 0 to 9223372036854775807");
    } else {
      identity.seed = static_cast<std::uint64_t>(std::get<std::int64_t>(node->scalar));
    }
  } else if (!given) {
    complain(diagnosis, table, "study.seed", "", "is missing: there is no default seed",
             "write seed under [study], or give --seed");
  }
  if (given) identity.seed = given;
  add_row(diagnosis, "study.seed", std::to_string(identity.seed.value_or(0)),
          "key of every random number of the study", given ? 0 : line_of(node));
}

void read_identity(const TomlNode& root, std::optional<std::uint64_t> seed, Identity& identity,
                   Diagnosis& diagnosis) {
  const TomlNode* table = schema::sub_table(&root, "study", "", diagnosis);
  if (root.find("study") == nullptr) {
    complain(diagnosis, &root, "study", "", "the table [study] is missing");
  } else {
    schema::require_key(table, "id", diagnosis.file, "study", diagnosis.problems);
  }
  read_seed(table, seed, identity, diagnosis);
  schema::Reader reader(table, "study", diagnosis);
  reader.allow("seed");
  describe(static_cast<schema::Visitor&>(reader), identity);
  reader.finish();
  const bool plain = !identity.id.empty() && identity.id.size() <= 40 &&
                     std::ranges::all_of(identity.id, [](unsigned char c) {
                       return std::isalnum(c) != 0 || c == '-' || c == '_';
                     });
  if (!plain) {
    complain(diagnosis, table, "study.id", schema::toml_string(identity.id),
             "must be 1 to 40 letters, digits, - or _");
  }
}

void read_arms(const TomlNode& root, const Protocol& protocol, std::vector<Arm>& arms,
               Diagnosis& diagnosis) {
  if (root.find("arms") == nullptr) {
    complain(diagnosis, &root, "arms", "", "no arms: a study needs at least two [arms.NAME]");
    return;
  }
  for (const auto& [name, prefix, table] : schema::named_tables(&root, "arms", "", diagnosis)) {
    Arm arm;
    arm.name = name;
    schema::require_key(table, "dose_cells_per_kg", diagnosis.file, prefix, diagnosis.problems);
    schema::Reader reader(table, prefix, diagnosis);
    describe(static_cast<schema::Visitor&>(reader), arm.dose);
    describe(static_cast<schema::Visitor&>(reader), arm);
    reader.finish();
    if (arm.dose.dose_cells_per_kg.value() > 0.0 && !arm.injected) {
      complain(diagnosis, table, prefix + ".injected", "false",
               "an arm that gets cells must be injected");
    }
    if (arm.injected && arm.dose.dose_cells_per_kg.value() > 0.0 && !arm.mobilised) {
      complain(diagnosis, table, prefix + ".mobilised", "false",
               "an arm that gets its own cells must be mobilised and collected");
    }
    if (protocol.harvest_before_randomisation && !arm.mobilised) {
      complain(diagnosis, table, prefix + ".mobilised", "false",
               "every arm is mobilised when protocol.harvest_before_randomisation is true");
    }
    arms.push_back(std::move(arm));
  }
  if (arms.size() < 2) {
    complain(diagnosis, root.find("arms"), "arms", "", "a trial needs at least two arms");
  }
}

void read_visits(const TomlNode& root, const Protocol& protocol, std::vector<Visit>& visits,
                 Diagnosis& diagnosis) {
  if (root.find("visits") == nullptr) {
    complain(diagnosis, &root, "visits", "", "no visits: write [visits.NAME] with month = 6");
    return;
  }
  for (const auto& [name, prefix, table] : schema::named_tables(&root, "visits", "", diagnosis)) {
    Visit visit;
    schema::require_key(table, "month", diagnosis.file, prefix, diagnosis.problems);
    schema::read_group(table, prefix, visit, diagnosis);
    if (!visits.empty() && visit.month <= visits.back().month) {
      complain(diagnosis, table, prefix + ".month", std::to_string(visit.month),
               "visits stand in the order of time, each month once");
    }
    if (visit.month > protocol.horizon_months.value()) {
      complain(diagnosis, table, prefix + ".month", std::to_string(visit.month),
               "lies beyond protocol.horizon_months");
    }
    visits.push_back(visit);
  }
  if (visits.empty()) {
    complain(diagnosis, root.find("visits"), "visits", "", "a trial needs at least one visit");
  }
}

/// A key that a scenario leaves out stands as in the rest of the study.
void read_scenarios(const TomlNode& root, StudySpec& spec, Diagnosis& diagnosis) {
  if (root.find("scenarios") == nullptr) return;
  for (const auto& [name, prefix, table] :
       schema::named_tables(&root, "scenarios", "", diagnosis)) {
    Scenario scenario;
    scenario.name = name;
    scenario.reporting_median = spec.symptoms.placebo.reporting_median;
    scenario.fluctuation_sd_log = spec.symptoms.daily_life.fluctuation_sd_log;
    scenario.half_point_per_week = spec.allocation.referral.half_point_per_week;
    scenario.exertion_bouts_per_week = spec.cohort.daily_life.exertion_bouts_per_week;
    schema::read_group(table, prefix, scenario, diagnosis);
    spec.scenarios.push_back(std::move(scenario));
  }
}

template <class Group>
void read_room(const TomlNode& root, std::string_view key, Group& group, Diagnosis& diagnosis) {
  schema::read_group(schema::sub_table(&root, key, "", diagnosis), std::string(key), group,
                     diagnosis);
}

void read_rooms(const TomlNode& root, StudySpec& spec, Diagnosis& diagnosis) {
  read_room(root, "cohort", spec.cohort, diagnosis);
  read_room(root, "product", spec.product, diagnosis);
  read_room(root, "delivery", spec.delivery, diagnosis);
  read_room(root, "tissue", spec.tissue, diagnosis);
  read_room(root, "heart", spec.heart, diagnosis);
  read_room(root, "symptoms", spec.symptoms, diagnosis);
  read_room(root, "assessment", spec.assessment, diagnosis);
  read_room(root, "allocation", spec.allocation, diagnosis);
  read_room(root, "analysis", spec.analysis, diagnosis);
}

/// The visits an endpoint asks for must be visits of the study.
void check_visits(const TomlNode& root, const std::string& path, const std::string& visits,
                  const StudySpec& spec, Diagnosis& diagnosis) {
  if (visits == "all") return;
  std::vector<std::string> names{"Baseline", "After collection", "After injection"};
  for (const Visit& visit : spec.visits) names.push_back("Month " + std::to_string(visit.month));
  for (std::size_t begin = 0; begin <= visits.size();) {
    const std::size_t end = std::min(visits.find(';', begin), visits.size());
    const std::string name = visits.substr(begin, end - begin);
    if (std::ranges::find(names, name) == names.end()) {
      const auto near = diagnostics::nearest(name, names);
      complain(diagnosis, root.find("analysis"), path + ".visits", schema::toml_string(name),
               "is not a visit of this study", near ? "did you mean " + *near + "?" : "");
    }
    begin = end + 1;
  }
}

/// Events are read at the end of follow-up at the latest: a default beyond it is moved there.
void settle_horizons(const TomlNode& root, StudySpec& spec, Diagnosis& diagnosis) {
  const units::Months end = spec.protocol.horizon_months;
  for (analysis::EventEndpoint& event : spec.analysis.events) {
    if (event.horizon_months <= end) continue;
    const std::string path = "analysis.events." + event.paramcd + ".horizon_months";
    const auto row = std::ranges::find(diagnosis.ledger, path, &schema::LedgerRow::path);
    if (row == diagnosis.ledger.end() || row->line > 0) {
      complain(diagnosis, root.find("analysis"), path,
               schema::toml_number(event.horizon_months.value()),
               "lies beyond protocol.horizon_months");
      continue;
    }
    event.horizon_months = end;
    row->value = schema::toml_number(end.value());
  }
}

void check_plan(const TomlNode& root, StudySpec& spec, Diagnosis& diagnosis) {
  const auto each = [&](const auto& endpoints, const char* group) {
    for (const auto& endpoint : endpoints) {
      check_visits(root, std::string("analysis.") + group + "." + endpoint.paramcd, endpoint.visits,
                   spec, diagnosis);
    }
  };
  each(spec.analysis.counts, "counts");
  each(spec.analysis.continuous, "continuous");
  each(spec.analysis.categories, "categories");
  each(spec.analysis.labs, "labs");
  each(spec.analysis.findings, "findings");
  settle_horizons(root, spec, diagnosis);
}

/// Numbers of the science rooms that must fit each other.
void check_science(const TomlNode& root, const StudySpec& spec, Diagnosis& diagnosis) {
  const auto refuse = [&](bool broken, const char* room, std::string key, std::string rule) {
    if (broken) complain(diagnosis, root.find(room), std::move(key), "", std::move(rule));
  };
  const tissue::Vessels& vessels = spec.tissue.vessels;
  refuse(vessels.density_ceiling <= vessels.baseline_density_fraction.value(), "tissue",
         "tissue.vessels.density_ceiling", "must exceed baseline_density_fraction");
  const delivery::Injection& injection = spec.delivery.injection;
  refuse(injection.depot_sd_along_mm < injection.depot_sd_across_mm, "delivery",
         "delivery.injection.depot_sd_along_mm", "must not be below depot_sd_across_mm");
  refuse(spec.delivery.map.fewest_points > spec.delivery.map.most_points, "delivery",
         "delivery.map.fewest_points", "must not exceed most_points");
  if (spec.run.resolution == Resolution::radial) return;
  // Boxes carry the decay length and the depot: what is finer than this asks for gigabytes.
  constexpr double least_length_mm = 0.3, least_sd_mm = 0.5;
  refuse(spec.tissue.secretion.decay_length_mm.value() < least_length_mm, "tissue",
         "tissue.secretion.decay_length_mm", "must be at least 0.3 at resolution voxel");
  refuse(injection.depot_sd_across_mm.value() < least_sd_mm, "delivery",
         "delivery.injection.depot_sd_across_mm", "must be at least 0.5 at resolution voxel");
}

/// What no single key can tell.
void check_together(const TomlNode& root, const StudySpec& spec, Diagnosis& diagnosis) {
  check_science(root, spec, diagnosis);
  if (const auto why = cohort::refusal(spec.cohort.correlations)) {
    complain(diagnosis, root.find("cohort"), "cohort.correlations", "", *why);
  }
  const bool has_reference = std::ranges::any_of(
      spec.arms, [&](const Arm& arm) { return arm.name == spec.analysis.reference_arm; });
  if (!spec.arms.empty() && !has_reference) {
    std::vector<std::string> names;
    for (const Arm& arm : spec.arms) names.push_back(arm.name);
    const auto near = diagnostics::nearest(spec.analysis.reference_arm, names);
    complain(diagnosis, root.find("analysis"), "analysis.reference_arm",
             schema::toml_string(spec.analysis.reference_arm), "must name one of the arms",
             near ? "did you mean " + *near + "?" : "");
  }
  if (spec.delivery.planning.kind == delivery::PlanKind::listed) {
    complain(diagnosis, root.find("delivery"), "delivery.planning.kind", "\"listed\"",
             "a study holds no list of sites: give one to angiotrial heart --sites");
  }
  const allocation::EntryRules& entry = spec.allocation.entry;
  if (entry.least_age_years > entry.most_age_years) {
    complain(diagnosis, root.find("allocation"), "allocation.entry.least_age_years", "",
             "must not exceed most_age_years");
  }
  if (entry.shortest_test_s > entry.longest_test_s) {
    complain(diagnosis, root.find("allocation"), "allocation.entry.shortest_test_s", "",
             "must not exceed longest_test_s");
  }
}

/// Of paths and values alone: where a value was written changes no result.
std::string hash_of(const std::vector<schema::LedgerRow>& ledger) {
  std::string text;
  for (const schema::LedgerRow& row : ledger) text += row.path + " = " + row.value + '\n';
  return formats::sha256_hex(text);
}

void override_resolution(Resolution resolution, Run& run, Diagnosis& diagnosis) {
  run.resolution = resolution;
  const auto row = std::ranges::find(diagnosis.ledger, "run.resolution", &schema::LedgerRow::path);
  if (row == diagnosis.ledger.end()) return;
  row->value = schema::toml_string(std::string(name_of(resolution)));
  row->line = 0;
}

diagnostics::Result<Study> read_tree(const TomlNode& root, std::string_view text,
                                     const std::string& file, std::optional<std::uint64_t> seed,
                                     std::optional<Resolution> resolution) {
  Study study;
  Diagnosis diagnosis;
  diagnosis.file = file;
  StudySpec& spec = study.spec;
  schema::check_keys(root, "", top_keys, diagnosis);
  read_version(root, diagnosis);
  read_identity(root, seed, spec.identity, diagnosis);
  read_room(root, "protocol", spec.protocol, diagnosis);
  read_arms(root, spec.protocol, spec.arms, diagnosis);
  read_visits(root, spec.protocol, spec.visits, diagnosis);
  read_room(root, "run", spec.run, diagnosis);
  if (resolution) override_resolution(*resolution, spec.run, diagnosis);
  read_rooms(root, spec, diagnosis);
  read_scenarios(root, spec, diagnosis);
  check_plan(root, spec, diagnosis);
  check_together(root, spec, diagnosis);
  if (!diagnosis.ok()) {
    std::ranges::stable_sort(diagnosis.problems, {}, &Problem::line);
    return diagnosis.problems;
  }
  study.ledger = std::move(diagnosis.ledger);
  study.file = file;
  study.text = text;
  study.resolved = schema::to_toml(study.ledger);
  study.hash = hash_of(study.ledger);
  return study;
}

}  // namespace

diagnostics::Result<Study> read_study(std::string_view text, const std::string& file,
                                      std::optional<std::uint64_t> seed,
                                      std::optional<Resolution> resolution) {
  auto root = formats::read_toml(text, file);
  if (!root) return root.problems();
  return read_tree(root.value(), text, file, seed, resolution);
}

diagnostics::Result<Study> read_study_file(const std::filesystem::path& path,
                                           std::optional<std::uint64_t> seed,
                                           std::optional<Resolution> resolution) {
  auto text = formats::read_text_file(path, formats::largest_toml_bytes);
  if (!text) return text.problems();
  return read_study(text.value(), path.string(), seed, resolution);
}

std::vector<schema::LedgerRow> all_parameters() {
  std::vector<schema::LedgerRow> rows;
  const auto add = [&rows](std::vector<schema::LedgerRow> more) {
    rows.insert(rows.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  };
  const StudySpec spec;
  add(schema::list(spec.identity, "study"));
  add(schema::list(spec.protocol, "protocol"));
  add(schema::list(Arm{}.dose, "arms.NAME"));
  add(schema::list(Arm{}, "arms.NAME"));
  add(schema::list(Visit{}, "visits.NAME"));
  add(schema::list(Scenario{}, "scenarios.NAME"));
  add(schema::list(spec.run, "run"));
  add(schema::list(spec.cohort, "cohort"));
  add(schema::list(spec.product, "product"));
  add(schema::list(spec.delivery, "delivery"));
  add(schema::list(spec.tissue, "tissue"));
  add(schema::list(spec.heart, "heart"));
  add(schema::list(spec.symptoms, "symptoms"));
  add(schema::list(spec.assessment, "assessment"));
  add(schema::list(spec.allocation, "allocation"));
  add(schema::list(spec.analysis, "analysis"));
  return rows;
}

}  // namespace angiotrial::study
