// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "byte_source.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Where the parts of a SAS transport file lie, and whether they fit each other: checked before the
/// file is handed to the library that decodes it (SAS Institute, TS-140).
namespace angiotrial::formats::xpt {

inline constexpr std::uint64_t record_bytes = 80;
inline constexpr std::uint64_t variable_bytes = 140;  ///< of a NAMESTR

struct Variable {
  bool text = false;
  std::size_t bytes = 0;  ///< in a row
};

/// One data set of the file.
struct Member {
  std::uint64_t begin = 0;      ///< byte of its MEMBER record
  std::uint64_t rows_from = 0;  ///< byte after its OBS record
  std::uint64_t end = 0;        ///< byte after its last record
  std::vector<Variable> variables;
  std::size_t row_bytes = 0;
  std::uint64_t rows = 0;  ///< that fit between rows_from and end
};

/// The members of a file of version 5 whose headers are sound.
[[nodiscard]] diagnostics::Result<std::vector<Member>> find_members(const ByteSource& source,
                                                                    const std::string& file);

}  // namespace angiotrial::formats::xpt
