// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/app/arguments.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <optional>
#include <string>

namespace angiotrial::app {

/// Where a run stands.
struct Standing {
  std::uint32_t done = 0;       ///< replicates, those of an earlier session included
  std::uint32_t total = 0;      ///< replicates
  std::optional<double> eta_s;  ///< unknown until one replicate is done in this session
};

/// `120 of 200 replicates, 60 %, 1 min 05 s left`
[[nodiscard]] std::string progress_line(const Standing& standing);

/// `{"replicates_done":120,"replicates":200,"percent":60,"eta_s":65.2}`
[[nodiscard]] std::string progress_json(const Standing& standing);

/// Counts replicates, from any thread, and shows them on standard error: one line that renews
/// itself on a terminal, JSON lines when asked, else nothing.
class Progress {
 public:
  Progress(const Session& session, std::uint32_t done, std::uint32_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void count_one();

 private:
  enum class Style { nothing, line, json };
  using Clock = std::chrono::steady_clock;
  void show(bool at_once);

  Style style_ = Style::nothing;
  std::mutex mutex_;
  std::uint32_t before_;  ///< done in earlier sessions
  std::uint32_t done_;
  std::uint32_t total_;
  Clock::time_point started_;
  Clock::time_point shown_;
};

}  // namespace angiotrial::app
