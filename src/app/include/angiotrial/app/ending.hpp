// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace angiotrial::app {

/// The exit codes of the program; --help lists them.
enum class Exit : int {
  success = 0,
  bad_input = 2,      ///< an argument or a study file
  bad_data = 3,       ///< a file of an output folder
  run_failed = 4,     ///< the simulated trial itself
  outside_world = 5,  ///< disk, permissions, an existing file
  bug = 70,
  interrupted = 75  ///< and `resume` can go on
};

/// How a command ended. Only main() prints.
struct Ending {
  Exit code = Exit::success;
  std::string out;  ///< for standard output
  std::string err;  ///< for standard error
};

}  // namespace angiotrial::app
