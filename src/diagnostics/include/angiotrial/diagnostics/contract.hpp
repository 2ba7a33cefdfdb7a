// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

/// Our own bugs: a broken precondition throws ContractViolation with file and line. It is never
/// used for what a user typed or for a patient whose numbers fail.
namespace angiotrial::diagnostics {

class ContractViolation : public std::logic_error {
 public:
  ContractViolation(const char* condition, const char* message, std::source_location where);
};

[[noreturn]] void violate(const char* condition, const char* message,
                          std::source_location where = std::source_location::current());

}  // namespace angiotrial::diagnostics

/// On in release builds too. Use inside loops only where measured to cost nothing.
#define ANGIOTRIAL_EXPECT(condition, message) \
  ((condition) ? void() : ::angiotrial::diagnostics::violate(#condition, message))
