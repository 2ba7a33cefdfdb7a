// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angiotrial::report {

/// Reads members of one JSON object and collects what is wrong with them.
class JsonMembers {
 public:
  JsonMembers(const formats::JsonValue& object, std::string file,
              std::vector<diagnostics::Problem>& problems)
      : object_(object), file_(std::move(file)), problems_(problems) {}

  void operator()(std::string_view key, std::string& out);
  void operator()(std::string_view key, double& out);
  void operator()(std::string_view key, std::optional<double>& out);  ///< null is empty
  void operator()(std::string_view key, std::int64_t& out);
  /// A text of decimal digits: JSON's own numbers hold only 53 bits everywhere.
  void operator()(std::string_view key, std::uint64_t& out);

  void report(int line, std::string_view key, std::string rule);
  [[nodiscard]] const formats::JsonValue* need(std::string_view key);

 private:
  const formats::JsonValue& object_;
  std::string file_;
  std::vector<diagnostics::Problem>& problems_;
};

}  // namespace angiotrial::report
