// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/formats/csv.hpp>
#include <angiotrial/formats/json.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

/// Reads the cases in tests/data/stat_reference.
namespace angiotrial::analysis::reference {

inline std::string slurp(const std::string& name) {
  const std::string path =
      std::string(ANGIOTRIAL_SOURCE_DIR) + "/tests/data/stat_reference/" + name;
  const std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Data {
 public:
  explicit Data(const std::string& name) : table_(formats::read_csv(slurp(name), name).value()) {}

  [[nodiscard]] std::size_t rows() const { return table_.rows.size(); }
  [[nodiscard]] const std::string& text(std::size_t row, const std::string& column) const {
    return table_.rows.at(row).at(table_.column(column).value());
  }
  [[nodiscard]] double number(std::size_t row, const std::string& column) const {
    return std::stod(text(row, column));
  }
  [[nodiscard]] double is(std::size_t row, const std::string& column,
                          const std::string& level) const {
    return text(row, column) == level ? 1.0 : 0.0;
  }

 private:
  formats::CsvTable table_;
};

inline double as_number(const formats::JsonValue& value) {
  if (const auto* i = std::get_if<std::int64_t>(&value.scalar)) return static_cast<double>(*i);
  return std::get<double>(value.scalar);
}

/// One result block: expected numbers by path, and its tolerance.
class Block {
 public:
  Block(const std::string& file, const std::string& name)
      : root_(formats::read_json(slurp(file), file).value()) {
    for (const auto& block : root_.find("results")->elements) {
      if (std::get<std::string>(block.find("name")->scalar) == name) block_ = &block;
    }
    if (block_ == nullptr) throw std::runtime_error("no block " + name);
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  /// The numbers at a path, a scalar counting as one.
  [[nodiscard]] std::vector<double> numbers(std::initializer_list<std::string> path) const {
    const formats::JsonValue& at = find(path);
    std::vector<double> out;
    for (const auto& member : at.members) out.push_back(as_number(member.value));
    for (const auto& element : at.elements) out.push_back(as_number(element));
    if (out.empty()) out.push_back(as_number(at));
    return out;
  }

  [[nodiscard]] bool truth(std::initializer_list<std::string> path) const {
    return std::get<bool>(find(path).scalar);
  }
  /// The names of the numbers at a path.
  [[nodiscard]] std::vector<std::string> names(std::initializer_list<std::string> path) const {
    std::vector<std::string> out;
    for (const auto& member : find(path).members) out.push_back(member.key);
    return out;
  }
  /// The texts in a list at a path.
  [[nodiscard]] std::vector<std::string> texts(std::initializer_list<std::string> path) const {
    std::vector<std::string> out;
    for (const auto& element : find(path).elements) {
      out.push_back(std::get<std::string>(element.scalar));
    }
    return out;
  }

  void expect(std::initializer_list<std::string> path, const std::vector<double>& actual) const {
    const std::vector<double> expected = numbers(path);
    ASSERT_EQ(actual.size(), expected.size()) << *path.begin();
    const double rel = as_number(*block_->find("rel_tol"));
    const double abs = as_number(*block_->find("abs_tol"));
    for (std::size_t i = 0; i < actual.size(); ++i) {
      EXPECT_NEAR(actual[i], expected[i], abs + rel * std::fabs(expected[i]))
          << *path.begin() << " " << i;
    }
  }
  void expect(std::initializer_list<std::string> path, double actual) const {
    expect(path, std::vector<double>{actual});
  }

 private:
  [[nodiscard]] const formats::JsonValue& find(std::initializer_list<std::string> path) const {
    const formats::JsonValue* at = block_->find("expected");
    for (const std::string& key : path) {
      at = at->find(key);
      if (at == nullptr) throw std::runtime_error("no key " + key);
    }
    return *at;
  }

  formats::JsonValue root_;
  const formats::JsonValue* block_ = nullptr;
};

}  // namespace angiotrial::analysis::reference
