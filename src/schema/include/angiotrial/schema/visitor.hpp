// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/source.hpp>
#include <angiotrial/units/names.hpp>

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Every parameter is described once, by a function beside its struct:
///
///     void describe(schema::Visitor& visit, Apheresis& p) {
///       visit("collection_efficiency_fraction", p.collection_efficiency_fraction,
///             {.least = 0.0, .most = 1.0}, "share of processed CD34+ cells collected",
///             {Provenance::seen, "160 autologous procedures ...", "doi"});
///     }
///
/// The reader of study files, `explain`, the parameter table of the report and the writer of
/// study.resolved.toml all walk these functions. The member's initialiser is the default.
namespace angiotrial::schema {

struct Range {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

/// One described parameter, without its value.
struct Field {
  std::string_view key;
  std::string_view unit;    ///< label of the unit; empty for text, choices, booleans and counts
  std::string_view suffix;  ///< what the key must end with; empty when the type has no unit
  Range range;
  std::string_view meaning;
  Source source;
};

class Visitor {
 public:
  Visitor() = default;
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  virtual ~Visitor() = default;

  template <units::Unit U>
  void operator()(std::string_view key, units::Quantity<U>& value, Range range,
                  std::string_view meaning, Source source) {
    constexpr units::Suffix name = units::suffix_of<U>();
    number({key, name.label, name.suffix, range, meaning, source}, value.raw());
  }
  /// A pure number: an exponent, a ratio, a shape. Its key carries no unit suffix.
  void operator()(std::string_view key, double& value, Range range, std::string_view meaning,
                  Source source) {
    number({key, "", "", range, meaning, source}, value);
  }
  void operator()(std::string_view key, int& value, Range range, std::string_view meaning,
                  Source source) {
    integer({key, "", "", range, meaning, source}, value);
  }
  void operator()(std::string_view key, bool& value, std::string_view meaning, Source source) {
    boolean({key, "", "", {}, meaning, source}, value);
  }
  void operator()(std::string_view key, std::string& value, std::string_view meaning,
                  Source source) {
    text({key, "", "", {}, meaning, source}, value);
  }
  /// A list of texts: a TOML array.
  void operator()(std::string_view key, std::vector<std::string>& values, std::string_view meaning,
                  Source source) {
    texts({key, "", "", {}, meaning, source}, values);
  }
  /// A list of pure numbers, each within the range.
  void operator()(std::string_view key, std::vector<double>& values, Range range,
                  std::string_view meaning, Source source) {
    numbers({key, "", "", range, meaning, source}, values);
  }
  /// One of the named options; the enumerators of Choice are 0, 1, 2 ... in the order of `names`.
  template <class Choice>
    requires(std::is_enum_v<Choice>)
  void operator()(std::string_view key, Choice& value, std::span<const std::string_view> names,
                  std::string_view meaning, Source source) {
    auto index = static_cast<std::size_t>(value);
    choice({key, "", "", {}, meaning, source}, index, names);
    value = static_cast<Choice>(index);
  }
  /// A nested group of parameters: a TOML sub-table, found by argument-dependent lookup.
  template <class Group>
  void group(std::string_view key, Group& parameters) {
    if (enter(key)) {
      describe(*this, parameters);
      leave();
    }
  }

 protected:
  virtual void number(const Field& field, double& value) = 0;
  virtual void integer(const Field& field, int& value) = 0;
  virtual void boolean(const Field& field, bool& value) = 0;
  virtual void text(const Field& field, std::string& value) = 0;
  virtual void texts(const Field& field, std::vector<std::string>& values) = 0;
  virtual void numbers(const Field& field, std::vector<double>& values) = 0;
  virtual void choice(const Field& field, std::size_t& index,
                      std::span<const std::string_view> names) = 0;
  /// Returns whether the group is to be walked.
  virtual bool enter(std::string_view key) = 0;
  virtual void leave() = 0;
};

}  // namespace angiotrial::schema
