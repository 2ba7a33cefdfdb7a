// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/parallel/for_each_index.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace angiotrial::parallel {

bool for_each_index(std::size_t count, int threads, const std::function<bool(std::size_t)>& work) {
  ANGIOTRIAL_EXPECT(threads >= 1, "at least one thread");
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;  // guards the two below
  std::exception_ptr first_error;
  std::size_t first_error_index = count;

  const auto worker = [&] {
    while (!stop.load()) {
      const std::size_t index = next.fetch_add(1);
      if (index >= count) return;
      try {
        if (!work(index)) stop.store(true);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (index < first_error_index) {
          first_error_index = index;
          first_error = std::current_exception();
        }
        stop.store(true);
      }
    }
  };
  const auto extra = std::min<std::size_t>(static_cast<std::size_t>(threads), count);
  {
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < extra; ++i) others.emplace_back(worker);
    worker();
  }
  if (first_error) std::rethrow_exception(first_error);
  return !stop.load();
}

}  // namespace angiotrial::parallel
