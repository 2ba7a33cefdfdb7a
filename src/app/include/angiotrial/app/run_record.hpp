// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/study/read_study.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angiotrial::app {

/// run.json: all that is needed to make a folder's results again.
struct RunRecord {
  std::string version;
  std::string commit;
  std::string study_file;                       ///< as the user named it
  std::string study_text;                       ///< the bytes read
  std::string hash;                             ///< study::Study::hash
  std::optional<std::uint64_t> seed;            ///< of --seed; empty when the study's own stands
  std::optional<study::Resolution> resolution;  ///< of --resolution, likewise
  std::uint32_t replicates = 1;
  std::uint32_t shard_size = 20;  ///< replicates in one file of work/

  bool operator==(const RunRecord&) const = default;
};

[[nodiscard]] std::string to_json(const RunRecord& record);

/// What to_json wrote; a missing member or one of the wrong kind is a problem.
[[nodiscard]] diagnostics::Result<RunRecord> read_run_record(std::string_view text,
                                                             const std::string& file);

/// The study of a record, read again. A problem when it no longer gives the recorded hash: this
/// program has other parameters than the one that made the folder.
[[nodiscard]] diagnostics::Result<study::Study> study_of(const RunRecord& record,
                                                         const std::string& file);

}  // namespace angiotrial::app
