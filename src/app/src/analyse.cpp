// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/analyse.hpp>
#include <angiotrial/analysis/plan/plan_file.hpp>
#include <angiotrial/app/commands.hpp>
#include <angiotrial/app/output_folder.hpp>
#include <angiotrial/app/run_record.hpp>
#include <angiotrial/dataset/check_dates.hpp>
#include <angiotrial/dataset/from_tables.hpp>
#include <angiotrial/diagnostics/io_error.hpp>
#include <angiotrial/formats/json.hpp>
#include <angiotrial/formats/sha256.hpp>
#include <angiotrial/formats/text_file.hpp>
#include <angiotrial/formats/toml_tree.hpp>
#include <angiotrial/report/output.hpp>
#include <angiotrial/report/plan_report.hpp>
#include <angiotrial/report/results_json.hpp>
#include <angiotrial/schema/resolved.hpp>
#include <angiotrial/version.hpp>

#include <algorithm>
#include <array>

#include "data_files.hpp"
#include "folder_files.hpp"
#include "rendering.hpp"
#include "today.hpp"

namespace angiotrial::app {
namespace {

using analysis::Row;
using diagnostics::Problem;

Ending bad_data(const std::vector<Problem>& problems) {
  const std::size_t count = problems.size();
  return {Exit::bad_data, "",
          diagnostics::to_string(problems) + std::to_string(count) +
              (count == 1 ? " problem\n" : " problems\n")};
}

/// out/<name of the plan>-analysis, unless the command line says another.
fs::path folder_of(const Analyse& command) {
  if (command.out) return *command.out;
  return default_folder(fs::path(command.plan).stem().string() + "-analysis");
}

report::PlanReport report_of(const analysis::PlanFile& plan, const analysis::PlanResult& result,
                             const DataFiles& data) {
  report::PlanReport out;
  out.title = plan.head.title.empty() ? plan.file : plan.head.title;
  out.rows = result.rows;
  out.ledger = plan.ledger;
  for (const fs::path& file : data.files) {
    out.inputs.push_back({file.string(), formats::sha256_hex_of_file(file)});
  }
  out.version = version;
  out.commit = commit;
  out.date = today();
  return out;
}

std::string manifest_of(const report::PlanReport& report, const Analyse& command) {
  formats::JsonWriter json(formats::JsonWriter::Layout::indented);
  json.begin_object()
      .member("schema", 1)
      .member("notice", report::notice_of(report.rows))
      .member("version", report.version)
      .member("commit", report.commit)
      .member("date", report.date)
      .member("command_line", command.session.command_line);
  json.key("inputs").begin_array();
  for (const report::InputFile& input : report.inputs) {
    json.begin_object().member("path", input.path).member("sha256", input.sha256).end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

/// The path from the root, so that `./trial.csv` is `trial.csv`.
std::string whole(const fs::path& path) { return fs::absolute(path).lexically_normal().string(); }

/// The paths of files that the manifest of a folder says were read; empty where it has none.
std::vector<std::string> inputs_in(const fs::path& folder) {
  const fs::path file = folder / "manifest.json";
  if (!fs::exists(file)) return {};
  const auto read = read_file(file, [](std::string_view text, const std::string& name) {
    return formats::read_json(text, name);
  });
  std::vector<std::string> paths;
  const formats::JsonValue* inputs = read ? read.value().find("inputs") : nullptr;
  if (inputs == nullptr || inputs->kind != formats::JsonValue::Kind::array) return {};
  for (const formats::JsonValue& input : inputs->elements) {
    const formats::JsonValue* path = input.find("path");
    if (path != nullptr && path->kind == formats::JsonValue::Kind::string) {
      paths.push_back(whole(std::get<std::string>(path->scalar)));
    }
  }
  return paths;
}

/// Two plans of one name share a folder unless --out says another: none may replace the other's.
void check_whose(const fs::path& folder, const Analyse& command, const DataFiles& data) {
  const std::vector<std::string> theirs = inputs_in(folder);
  std::vector<std::string> own{whole(command.plan)};
  for (const fs::path& file : data.files) own.push_back(whole(file));
  if (command.out || theirs.empty() || theirs == own) return;
  std::string of;
  for (const std::string& path : theirs) of += (of.empty() ? "" : ", ") + path;
  throw diagnostics::IoError(folder.string(),
                             "holds the analysis of " + of + "; name another with --out");
}

/// Beside problems, what stands in the folder would look like the answer.
std::string of_earlier_results(const fs::path& folder) {
  if (!fs::exists(folder / "report.html")) return "";
  return folder.string() + " still holds the results of an earlier analysis\n";
}

void write_all(const fs::path& folder, const report::PlanReport& report, const std::string& id,
               const Analyse& command) {
  make_folder(folder);
  if (occupied(folder) && !fs::exists(folder / "plan.resolved.toml")) {
    throw diagnostics::IoError(folder.string(), "holds other files; name another with --out");
  }
  report::write_output(
      folder,
      {{"results.json", report::results_json(id, report.rows, report::notice_of(report.rows))},
       {"results.csv", report::rows_csv(report.rows)},
       {"plan.resolved.toml", schema::to_toml(report.ledger)},
       {"report.html", report::plan_html(report)},
       {"manifest.json", manifest_of(report, command)}});
}

Ending run_the_plan(const Analyse& command) {
  const auto text = formats::read_text_file(command.plan, formats::largest_toml_bytes);
  if (!text) return {Exit::bad_input, "", diagnostics::to_string(text.problems())};
  const auto plan = analysis::read_plan(text.value(), command.plan);
  if (!plan) return {Exit::bad_input, "", diagnostics::to_string(plan.problems())};
  DataFiles data;
  if (!command.data.empty()) {
    auto read = read_data_files(command.data);
    if (!read) {
      Ending refused = bad_data(read.problems());
      refused.err += of_earlier_results(folder_of(command));
      return refused;
    }
    data = std::move(read).value();
  }
  const fs::path folder = folder_of(command);
  check_whose(folder, command, data);
  std::vector<Problem> problems = dataset::check_dates(data.tables);
  const analysis::PlanResult result = analysis::run_plan(plan.value(), data.tables);
  problems.insert(problems.end(), result.problems.begin(), result.problems.end());
  if (!problems.empty()) {
    Ending refused = bad_data(problems);
    refused.err += of_earlier_results(folder);
    return refused;
  }
  report::PlanReport report = report_of(plan.value(), result, data);
  report.inputs.insert(report.inputs.begin(),
                       report::InputFile{command.plan, formats::sha256_hex(text.value())});
  write_all(folder, report, fs::path(command.plan).stem().string(), command);
  Ending ending;
  if (!command.session.quiet) {
    ending.out =
        report::plan_terminal(report) + "\nWrote " + (folder / "report.html").string() + "\n";
  }
  if (!result.refusals.empty()) {
    ending.code = Exit::bad_data;
    ending.err = diagnostics::to_string(result.refusals);
  }
  return ending;
}

/// What re-analysis found: how many rows are equal, and those that are not.
struct Agreement {
  std::size_t equal = 0;
  std::size_t different = 0;
  std::string differences;  ///< the first few, a line each
};

std::string words_of(const Row& row) {
  std::string text = row.paramcd;
  for (const std::string* part : {&row.avisit, &row.arm, &row.group, &row.statistic}) {
    if (!part->empty()) text += " " + *part;
  }
  return text;
}

std::string number_or_none(const std::optional<double>& value) {
  return value ? schema::toml_number(*value) : "none";
}

/// Subjects that never reach the data sets of a sponsor: counted at screening and collection.
bool of_screening(const Row& row) {
  constexpr std::array<std::string_view, 5> groups{"screened", "screen failed", "mobilised",
                                                   "completed mobilisation", "failed harvest"};
  const bool listed = std::ranges::find(groups, row.group) != groups.end();
  return row.paramcd == "DISP" && (listed || row.group.starts_with("screen failed: "));
}

/// The rows of the observed trial, each against the row of results.json that holds the same.
Agreement compare(const std::vector<Row>& own, const std::vector<Row>& stored) {
  constexpr std::size_t most = 20;
  Agreement out;
  std::size_t from = 0;
  for (const Row& row : own) {
    const Row* same = nullptr;
    for (std::size_t step = 0; step < stored.size() && same == nullptr; ++step) {
      const std::size_t i = (from + step) % stored.size();
      if (!analysis::same_statistic(row, stored[i])) continue;
      same = &stored[i];
      from = i + 1;
    }
    if (same != nullptr && same->value == row.value) {
      ++out.equal;
    } else if (++out.different <= most) {
      out.differences += "  " + words_of(row) + ": " + number_or_none(row.value) +
                         ", results.json " +
                         (same == nullptr ? "has no such row" : number_or_none(same->value)) + "\n";
    }
  }
  return out;
}

/// The trial of a finished folder, from its adam/ files alone.
Ending analyse_again(const Analyse& command) {
  const OutputFolder folder{command.data};
  const auto record = read_file(folder.record(), read_run_record);
  if (!record) return damaged(record.problems());
  const auto study = study_of(record.value(), folder.record().string());
  if (!study) return damaged(study.problems());
  const auto stored = read_file(folder.results(), report::read_results_json);
  if (!stored) return damaged(stored.problems());
  if (record.value().replicates != 1) {
    return {Exit::bad_data, "",
            command.data + ": its results are means over " +
                std::to_string(record.value().replicates) +
                " trials, and adam/ holds the first alone; give a --plan to analyse that one\n"};
  }
  const auto files = read_data_files(command.data);
  if (!files) return bad_data(files.problems());
  dataset::TableExpectations expectations;
  for (const study::Arm& arm : study.value().spec.arms) expectations.arms.push_back(arm.name);
  const auto trial = dataset::read_trial(files.value().tables, expectations);
  if (!trial) return bad_data(trial.problems());
  const analysis::AnalysisPlan& plan = study.value().spec.analysis;
  const auto problems = analysis::check_plan(trial.value(), plan);
  if (!problems.empty()) return bad_data(problems);
  std::vector<Row> own = analysis::analyse(trial.value(), plan);
  const std::size_t all = own.size();
  std::erase_if(own, of_screening);
  for (Row& row : own) row.scenario = "base";
  const Agreement agreement = compare(own, stored.value());
  if (agreement.different > 0) {
    return {Exit::bad_data, "",
            command.data + ": " + std::to_string(agreement.different) + " of " +
                std::to_string(own.size()) + " rows differ from results.json\n" +
                agreement.differences};
  }
  return {Exit::success,
          "Analysed " + command.data + "/adam again with the study's own plan: all " +
              std::to_string(agreement.equal) +
              " rows equal those of results.json, bit for bit.\n" +
              std::to_string(all - own.size()) +
              " counts of screening and collection are not in these data sets, and left out.\n" +
              std::string(report::notice) + "\n",
          ""};
}

}  // namespace

Ending perform(const Analyse& command) {
  if (!command.plan.empty()) return run_the_plan(command);
  if (OutputFolder{command.data}.finished()) return analyse_again(command);
  return {Exit::bad_input, "",
          command.data + ": is no finished run of ours, so a plan is needed: --plan FILE\n"};
}

}  // namespace angiotrial::app
