// SPDX-License-Identifier: Apache-2.0
#include "today.hpp"

#include <ctime>

namespace angiotrial::app {

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace angiotrial::app
