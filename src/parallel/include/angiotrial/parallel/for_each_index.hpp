// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace angiotrial::parallel {

/// Calls work(0) ... work(count - 1), each once, over `threads` threads (at least 1), in no order.
/// The first exception, by index, is thrown again after all threads have stopped; when one call
/// throws or `work` returns false, no new index is begun. Returns whether every call returned true.
/// `work` writes only to its own slot: results are put together by index afterwards.
bool for_each_index(std::size_t count, int threads, const std::function<bool(std::size_t)>& work);

}  // namespace angiotrial::parallel
