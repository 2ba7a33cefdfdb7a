// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/progress.hpp>

#include <angiotrial/formats/json.hpp>

#include <unistd.h>

#include <cmath>

namespace angiotrial::app {
namespace {

using namespace std::chrono_literals;

double percent(const Standing& standing) {
  return standing.total == 0 ? 100.0 : 100.0 * standing.done / standing.total;
}

std::string padded(long number) { return (number < 10 ? "0" : "") + std::to_string(number); }

/// `7 s`, `1 min 05 s`, `2 h 03 min`
std::string duration(double seconds) {
  const long whole = std::lround(seconds);
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + padded(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + padded(whole % 3600 / 60) + " min";
}

}  // namespace

std::string progress_line(const Standing& standing) {
  std::string line = std::to_string(standing.done) + " of " + std::to_string(standing.total) +
                     (standing.total == 1 ? " replicate, " : " replicates, ") +
                     std::to_string(static_cast<int>(percent(standing))) + " %";
  if (standing.eta_s) line += ", " + duration(*standing.eta_s) + " left";
  return line;
}

std::string progress_json(const Standing& standing) {
  formats::JsonWriter json;
  json.begin_object()
      .member("replicates_done", standing.done)
      .member("replicates", standing.total)
      .member("percent", percent(standing));
  json.key("eta_s");
  if (standing.eta_s) {
    json.value(std::round(*standing.eta_s * 10.0) / 10.0);
  } else {
    json.null();
  }
  json.end_object();
  return json.take();
}

Progress::Progress(const Session& session, std::uint32_t done, std::uint32_t total)
    : before_(done), done_(done), total_(total), started_(Clock::now()), shown_(started_) {
  if (session.progress == ProgressMode::json) {
    style_ = Style::json;
  } else if (session.progress == ProgressMode::automatic && !session.quiet &&
             ::isatty(STDERR_FILENO) == 1) {
    style_ = Style::line;
  }
  show(true);
}

Progress::~Progress() {
  if (style_ == Style::line) std::fputs("\r\x1b[K", stderr);
}

void Progress::count_one() {
  const std::lock_guard lock(mutex_);
  ++done_;
  show(done_ == total_);
}

/// A line is renewed at most 5 times a second, a JSON line written at most once a second; the
/// first and the last always.
void Progress::show(bool at_once) {
  if (style_ == Style::nothing) return;
  const Clock::time_point now = Clock::now();
  if (!at_once && now - shown_ < (style_ == Style::json ? 1000ms : 200ms)) return;
  shown_ = now;
  Standing standing{done_, total_, {}};
  if (done_ > before_) {
    const double elapsed_s = std::chrono::duration<double>(now - started_).count();
    standing.eta_s = elapsed_s / (done_ - before_) * (total_ - done_);
  }
  if (style_ == Style::json) {
    std::fputs((progress_json(standing) + "\n").c_str(), stderr);
  } else {
    std::fputs(("\r" + progress_line(standing) + "\x1b[K").c_str(), stderr);
  }
  std::fflush(stderr);
}

}  // namespace angiotrial::app
