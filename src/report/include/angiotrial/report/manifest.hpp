// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace angiotrial::report {

struct InputFile {
  std::string path;  ///< as the user named it
  std::string sha256;

  bool operator==(const InputFile&) const = default;
};

/// How an output folder came to be: the only file in it that may differ between two runs of the
/// same study. Clock, host and threads are filled in by `app`.
struct Manifest {
  std::string version;
  std::string commit;
  std::string study_id;
  std::uint64_t seed{};   ///< as the study file or --seed said
  std::string spec_hash;  ///< SHA-256 of study.resolved.toml
  std::vector<InputFile> inputs;
  std::string date;  ///< ISO 8601, UTC
  std::string host;
  std::int64_t threads = 1;
  std::int64_t replicates = 1;
  std::int64_t patients = 0;         ///< simulated, over all replicates
  std::int64_t failed_patients = 0;  ///< failed numerically
  std::string command_line;
  double elapsed_s = 0.0;

  bool operator==(const Manifest&) const = default;
};

[[nodiscard]] std::string to_json(const Manifest& manifest);

/// What to_json wrote; a missing member or one of the wrong kind is a problem with its line.
[[nodiscard]] diagnostics::Result<Manifest> read_manifest(std::string_view text,
                                                          const std::string& file);

}  // namespace angiotrial::report
