// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/app/ending.hpp>
#include <angiotrial/study/spec.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

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
  std::optional<study::Resolution> resolution;
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

/// One patient's heart in three dimensions.
struct Heart {
  std::string study;
  std::optional<std::string> out;
  std::optional<std::uint64_t> seed;
  std::optional<double> spacing_mm;
  int patient = 1;                 ///< the n-th who could be treated
  std::optional<std::string> arm;  ///< the first that gets cells unless given
  std::vector<int> days{0, 30, 90, 180, 365};
  std::string plan;       ///< kind of plan instead of the study's; empty: the study's
  std::string map;        ///< file of an electromechanical map; empty: measured
  std::string sites;      ///< file of sites; empty: planned
  std::string mask;       ///< NIfTI file; empty: the ellipsoid
  std::string landmarks;  ///< of the mask
  bool verify = false;
  int compare_plans = 0;  ///< patients; 0: not asked for
  bool compare_treatments = false;
  Session session;
};

/// A plan on the user's own data, or a simulated trial analysed again.
struct Analyse {
  std::string data;  ///< file or folder; empty: the plan needs none
  std::string plan;  ///< empty: the folder is a finished run, and its study holds the plan
  std::optional<std::string> out;
  Session session;
};

using Command = std::variant<Init, Check, Explain, Run, Resume, Report, Heart, Analyse>;

/// The command asked for; or the ending at once: help, version, or what is wrong.
[[nodiscard]] std::variant<Command, Ending> parse(int argc, const char* const* argv);

}  // namespace angiotrial::app
