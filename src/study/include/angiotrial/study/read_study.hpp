// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/schema/ledger.hpp>
#include <angiotrial/study/spec.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angiotrial::study {

/// A study and where each of its numbers came from.
struct Study {
  StudySpec spec;
  std::vector<schema::LedgerRow> ledger;  ///< every parameter as used, in the order of the rooms
  std::string file;                       ///< as the user named it
  std::string text;                       ///< the bytes read
  std::string resolved;                   ///< study.resolved.toml: every parameter as used
  std::string hash;                       ///< SHA-256 of paths and values: what shards agree on
};

/// Reads and checks a study; every problem at once. `seed` and `resolution` override the file's.
[[nodiscard]] diagnostics::Result<Study> read_study(std::string_view text, const std::string& file,
                                                    std::optional<std::uint64_t> seed = {},
                                                    std::optional<Resolution> resolution = {});

/// The same from a file. A missing, unreadable, empty or binary file is a problem like any other.
[[nodiscard]] diagnostics::Result<Study> read_study_file(const std::filesystem::path& path,
                                                         std::optional<std::uint64_t> seed = {},
                                                         std::optional<Resolution> resolution = {});

/// Every described parameter at its default, for `explain`; arms, visits and scenarios stand under
/// `arms.NAME`, `visits.NAME` and `scenarios.NAME`.
[[nodiscard]] std::vector<schema::LedgerRow> all_parameters();

}  // namespace angiotrial::study
