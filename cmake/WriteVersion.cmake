# Script mode: writes HEADER from VERSION and from what git says about SOURCE_DIR, if it is there.
set(commit unknown)
find_program(GIT git)
if(GIT AND EXISTS ${SOURCE_DIR}/.git)
  execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} describe --always --dirty --tags --abbrev=12
    OUTPUT_VARIABLE described RESULT_VARIABLE code OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(code EQUAL 0 AND described)
    set(commit ${described})
  endif()
endif()
file(CONFIGURE OUTPUT ${HEADER} @ONLY CONTENT [[
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// What was built: the project's version, and the commit as `git describe` names it or "unknown".
namespace angiotrial {

inline constexpr std::string_view version = "@VERSION@";
inline constexpr std::string_view commit = "@commit@";

}  // namespace angiotrial
]])
