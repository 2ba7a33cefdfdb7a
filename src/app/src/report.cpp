// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/commands.hpp>
#include <angiotrial/app/output_folder.hpp>
#include <angiotrial/app/run_record.hpp>
#include <angiotrial/formats/atomic_file.hpp>
#include <angiotrial/report/results_json.hpp>

#include "folder_files.hpp"
#include "rendering.hpp"

namespace angiotrial::app {

Ending perform(const Report& command) {
  const OutputFolder folder{command.dir};
  if (!folder.finished()) {
    return {Exit::bad_input, "",
            command.dir + ": no finished run: it holds no manifest.json" +
                (exists(folder.record()) ? "; to go on: angiotrial resume " + command.dir : "") +
                "\n"};
  }
  const auto record = read_file(folder.record(), read_run_record);
  if (!record) return damaged(record.problems());
  const auto study = study_of(record.value(), folder.record().string());
  if (!study) return damaged(study.problems());
  auto manifest = read_file(folder.manifest(), report::read_manifest);
  if (!manifest) return damaged(manifest.problems());
  auto rows = read_file(folder.results(), report::read_results_json);
  if (!rows) return damaged(rows.problems());
  const report::ReportInput input =
      report_input(study.value(), std::move(rows).value(), std::move(manifest).value());
  formats::write_atomically(folder.report(), report::html_report(input));
  return {Exit::success, "Wrote " + folder.report().string() + "\n", ""};
}

}  // namespace angiotrial::app
