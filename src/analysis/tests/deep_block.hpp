// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "reference_case.hpp"

/// Expected values that are nested deeper than reference::Block reads.
namespace angiotrial::analysis {

/// Every number below a path, in order; nested arrays one after the other.
class Deep {
 public:
  Deep(const std::string& file, const std::string& name)
      : root_(formats::read_json(reference::slurp(file), file).value()) {
    for (const auto& block : root_.find("results")->elements) {
      if (std::get<std::string>(block.find("name")->scalar) == name) block_ = &block;
    }
    if (block_ == nullptr) throw std::runtime_error("no block " + name);
  }
  [[nodiscard]] std::vector<double> numbers(std::initializer_list<std::string> path) const {
    const formats::JsonValue* at = block_->find("expected");
    for (const std::string& key : path) at = at->find(key);
    std::vector<double> out;
    flatten(*at, out);
    return out;
  }
  void expect(std::initializer_list<std::string> path, const std::vector<double>& actual) const {
    const std::vector<double> wanted = numbers(path);
    ASSERT_EQ(actual.size(), wanted.size()) << *path.begin();
    const double rel = reference::as_number(*block_->find("rel_tol"));
    const double abs = reference::as_number(*block_->find("abs_tol"));
    for (std::size_t i = 0; i < actual.size(); ++i) {
      EXPECT_NEAR(actual[i], wanted[i], abs + rel * std::fabs(wanted[i]))
          << *path.begin() << " " << i;
    }
  }
  void expect(std::initializer_list<std::string> path, double actual) const {
    expect(path, std::vector<double>{actual});
  }

 private:
  static void flatten(const formats::JsonValue& value, std::vector<double>& out) {
    for (const auto& member : value.members) flatten(member.value, out);
    for (const auto& element : value.elements) flatten(element, out);
    if (!value.members.empty() || !value.elements.empty()) return;
    if (std::holds_alternative<double>(value.scalar) ||
        std::holds_alternative<std::int64_t>(value.scalar)) {
      out.push_back(reference::as_number(value));
    }
  }
  formats::JsonValue root_;
  const formats::JsonValue* block_ = nullptr;
};

inline std::vector<double> where(const reference::Data& d, const std::string& column,
                                 const std::string& by, const std::string& level) {
  std::vector<double> out;
  for (std::size_t i = 0; i < d.rows(); ++i) {
    if (d.text(i, by) == level) out.push_back(d.number(i, column));
  }
  return out;
}

}  // namespace angiotrial::analysis
