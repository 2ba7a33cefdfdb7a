// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/diagnostics/contract.hpp>

namespace angiotrial::diagnostics {

ContractViolation::ContractViolation(const char* condition, const char* message,
                                     std::source_location where)
    : std::logic_error(std::string(where.file_name()) + ':' + std::to_string(where.line()) +
                       ": contract broken: " + message + " [" + condition + "]") {}

void violate(const char* condition, const char* message, std::source_location where) {
  throw ContractViolation(condition, message, where);
}

}  // namespace angiotrial::diagnostics
