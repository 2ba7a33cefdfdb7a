// SPDX-License-Identifier: Apache-2.0
// The twin of bad.cpp: reports by value and by exception, and must pass.
#include <sstream>
#include <stdexcept>
#include <string>

std::string reports(int code) noexcept(false) {
  if (code > 1) throw std::runtime_error("code above 1");
  std::ostringstream text;
  text << code;
  return text.str();
}
