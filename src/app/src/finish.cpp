// SPDX-License-Identifier: Apache-2.0
#include "finish.hpp"

#include <angiotrial/formats/sha256.hpp>
#include <angiotrial/report/published_rows.hpp>
#include <angiotrial/report/results_json.hpp>
#include <angiotrial/report/terminal.hpp>
#include <angiotrial/version.hpp>

#include "folder_files.hpp"
#include "rendering.hpp"
#include "today.hpp"

#include <unistd.h>

namespace angiotrial::app {
namespace {

using diagnostics::Problem;

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown";
}

/// The replicates of one shard file; a problem when they are not those that belong there.
diagnostics::Result<std::vector<campaign::Replicate>> read_shard(const fs::path& path,
                                                                 const study::Study& study,
                                                                 campaign::Shard shard) {
  auto replicates = read_file(path, [&study](std::string_view text, const std::string& file) {
    return campaign::from_json(study.hash, text, file);
  });
  if (!replicates) {
    std::vector<Problem> problems = replicates.problems();
    problems.back().hint = "remove this file, and resume simulates it again";
    return problems;
  }
  bool right = replicates.value().size() == shard.count;
  for (std::size_t i = 0; right && i < shard.count; ++i) {
    right = replicates.value()[i].index == shard.first + i;
  }
  if (right) return replicates;
  return std::vector<Problem>{{path.string(), 0, "", "",
                               "holds other replicates than its name says",
                               "remove this file, and resume simulates it again"}};
}

report::Manifest manifest_of(const study::Study& study, const campaign::Aggregate& aggregate,
                             const Session& session) {
  report::Manifest manifest;
  manifest.version = version;
  manifest.commit = commit;
  manifest.study_id = study.spec.identity.id;
  manifest.seed = study.spec.identity.seed.value();
  manifest.spec_hash = study.hash;
  manifest.inputs = {{study.file, formats::sha256_hex(study.text)}};
  manifest.date = today();
  manifest.host = host_name();
  manifest.threads = session.threads;
  manifest.replicates = aggregate.replicates();
  manifest.patients = aggregate.patients();
  manifest.failed_patients = aggregate.failed_patients();
  manifest.command_line = session.command_line;
  manifest.elapsed_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - session.started).count();
  return manifest;
}

/// Exit 4 when more patients failed than the study allows; the outputs stand all the same.
Ending verdict(const OutputFolder& folder, const study::Study& study,
               const report::ReportInput& input, bool quiet) {
  const report::Manifest& manifest = input.manifest;
  const double limit = study.spec.run.most_failed_patients_fraction.value();
  const auto patients = static_cast<double>(manifest.patients);
  if (static_cast<double>(manifest.failed_patients) > limit * patients) {
    return {Exit::run_failed, "",
            std::to_string(manifest.failed_patients) + " of " + std::to_string(manifest.patients) +
                " patients failed numerically, more than run.most_failed_patients_fraction = " +
                schema::toml_number(limit) + " allows. Do not use the results in " +
                folder.dir.string() + "\n"};
  }
  return {Exit::success, quiet ? "" : report::terminal_summary(input, folder.report().string()),
          ""};
}

}  // namespace

Ending finish(const OutputFolder& folder, const study::Study& study,
              const std::vector<campaign::Shard>& shards, const report::OutputFiles& adam,
              const Session& session) {
  campaign::Aggregate aggregate;
  for (std::size_t number = 0; number < shards.size(); ++number) {
    const auto replicates = read_shard(folder.shard(number), study, shards[number]);
    if (!replicates) return damaged(replicates.problems());
    for (const campaign::Replicate& replicate : replicates.value()) aggregate.add(replicate);
  }
  const std::string& id = study.spec.identity.id;
  const report::ReportInput input = report_input(study, report::complete_rows(id, aggregate.rows()),
                                                 manifest_of(study, aggregate, session));
  report::OutputFiles files{{"results.json", report::results_json(id, input.rows)}};
  files.insert(files.end(), adam.begin(), adam.end());
  files.push_back({"study.resolved.toml", study.resolved});
  files.push_back({"report.html", report::html_report(input)});
  files.push_back({"manifest.json", report::to_json(input.manifest)});
  report::write_output(folder.dir, files);
  clear_away(folder);
  return verdict(folder, study, input, session.quiet);
}

}  // namespace angiotrial::app
