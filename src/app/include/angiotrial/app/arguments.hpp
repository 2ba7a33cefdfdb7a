// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/app/ending.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// The command line as records. What is not built is not here, and so not in --help.
namespace angiotrial::app {

enum class ProgressMode { automatic, json, off };

/// How to run, without any effect on what comes out.
struct Session {
  int threads = 1;
  ProgressMode progress = ProgressMode::automatic;
  bool quiet = false;
  std::string command_line;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

struct Init {
  std::string name;
};
struct Check {
  std::string study;
  std::optional<std::uint64_t> seed;
};
struct Explain {
  std::string key;
};
struct Run {
  std::string study;
  std::optional<std::string> out;
  std::optional<std::uint64_t> seed;
  std::uint32_t replicates = 1;
  Session session;
};
struct Resume {
  std::string dir;
  Session session;
};
struct Report {
  std::string dir;
};

using Command = std::variant<Init, Check, Explain, Run, Resume, Report>;

/// The command asked for; or the ending at once: help, version, or what is wrong.
[[nodiscard]] std::variant<Command, Ending> parse(int argc, const char* const* argv);

}  // namespace angiotrial::app
