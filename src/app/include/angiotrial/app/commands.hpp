// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/app/arguments.hpp>

/// One function a command. Bad input is an Ending; diagnostics::IoError may be thrown by all.
namespace angiotrial::app {

/// Writes NAME.toml, a commented study; never over an existing file.
[[nodiscard]] Ending perform(const Init& command);

/// Every problem of a study, or what follows from it. Conducts no trial.
[[nodiscard]] Ending perform(const Check& command);

/// What a parameter is and where it goes.
[[nodiscard]] Ending perform(const Explain& command);

/// A study to its report, shard by shard:
///
///   DIR/run.json -> DIR/work/shard-*.json -> results.json, adam/, ... , manifest.json
///
/// Each file is written whole or not at all, and everything that is shown comes from the shard
/// files: a run that was killed at any moment and resumed gives the same bytes.
[[nodiscard]] Ending perform(const Run& command);

/// Goes on where a run stopped.
[[nodiscard]] Ending perform(const Resume& command);

/// One patient's heart in three dimensions, as images, tables and a bull's-eye; or a comparison of
/// plans or treatments, printed.
[[nodiscard]] Ending perform(const Heart& command);

/// A plan on the user's own data:
///
///   DATA, PLAN -> results.json, results.csv, report.html, plan.resolved.toml, manifest.json
///
/// Data that cannot be used write nothing. An analysis that the data cannot support keeps a row
/// that says why; the others stand, and the exit code is bad_data. Without a plan, DATA is a
/// finished run: its adam/ is analysed again and compared with results.json.
[[nodiscard]] Ending perform(const Analyse& command);

/// Draws report.html again from the files of a finished folder.
[[nodiscard]] Ending perform(const Report& command);

}  // namespace angiotrial::app
