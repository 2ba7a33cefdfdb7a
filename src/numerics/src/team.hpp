// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <barrier>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace angiotrial::numerics {

/// Threads that do one piece of work together and end with it.
class Team {
 public:
  explicit Team(int size) : size_(size), barrier_(size) {}

  [[nodiscard]] int size() const { return size_; }

  /// Calls work(0) here and work(1) .. work(size - 1) in threads. `work` may not throw.
  template <class Work>
  void run(const Work& work) {
    std::vector<std::jthread> others;
    others.reserve(static_cast<std::size_t>(size_ - 1));
    for (int member = 1; member < size_; ++member)
      others.emplace_back([&work, member] { work(member); });
    work(0);
  }

  /// Returns when every member has called it.
  void wait_for_all() {
    if (size_ > 1) barrier_.arrive_and_wait();
  }

 private:
  int size_;
  std::barrier<> barrier_;
};

/// How far each block of a pipeline has come. Counts only rise.
class Progress {
 public:
  explicit Progress(std::size_t blocks) : done_(std::make_unique<Count[]>(blocks)) {}

  void report(int block, std::int64_t step) {
    done_[static_cast<std::size_t>(block)].value.store(step, std::memory_order_release);
  }
  void wait_for(int block, std::int64_t step) const {
    const auto& done = done_[static_cast<std::size_t>(block)].value;
    for (int tries = 0; done.load(std::memory_order_acquire) < step; ++tries) {
      if (tries > 1000) std::this_thread::yield();
    }
  }

 private:
  struct alignas(64) Count {
    std::atomic<std::int64_t> value{0};
  };
  std::unique_ptr<Count[]> done_;
};

}  // namespace angiotrial::numerics
