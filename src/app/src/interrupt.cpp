// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/interrupt.hpp>

#include <atomic>
#include <csignal>

namespace angiotrial::app {
namespace {

std::atomic<bool> asked_to_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may set it");

extern "C" void ask_to_stop(int) { asked_to_stop.store(true); }

}  // namespace

void watch_for_interrupts() {
  struct sigaction action{};
  action.sa_handler = ask_to_stop;
  // One shot: whoever presses Ctrl-C twice does not want to wait. SA_RESTART keeps writes whole.
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return asked_to_stop.load(); }

}  // namespace angiotrial::app
