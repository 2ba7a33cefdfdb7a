// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/formats/toml_tree.hpp>
#include <angiotrial/schema/ledger.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Fills described parameters from a study file.
///
///   TomlNode + describe() -> the struct, LedgerRows, Problems
///
/// A value that is present and right overwrites the default; one that is wrong leaves it and is a
/// problem. Nothing is thrown for what a user wrote.
namespace angiotrial::schema {

/// What reading a file brought to light; one for all groups of a file.
struct Diagnosis {
  std::string file;  ///< as the user named it
  std::vector<diagnostics::Problem> problems;
  std::vector<LedgerRow> ledger;  ///< one row for each described field, in the order visited

  [[nodiscard]] bool ok() const { return problems.empty(); }
};

/// `prefix.key`, the key quoted if TOML asks for it; the key alone when the prefix is empty.
[[nodiscard]] std::string dotted(std::string_view prefix, std::string_view key);

/// Reads one table. Several groups may share a table: describe them all, then finish().
class Reader : public Visitor {
 public:
  /// `table` may be nullptr: the file does not have it, and all defaults stand. `table` and
  /// `diagnosis` must outlive the reader.
  Reader(const formats::TomlNode* table, std::string prefix, Diagnosis& diagnosis);

  /// A key of this table that the caller reads by itself: not an unknown one.
  void allow(std::string_view key);

  /// Reports unknown keys and puts this reader's problems in the order of lines. Call once, last.
  void finish();

 protected:
  void number(const Field& field, double& value) override;
  void integer(const Field& field, int& value) override;
  void boolean(const Field& field, bool& value) override;
  void text(const Field& field, std::string& value) override;
  void texts(const Field& field, std::vector<std::string>& values) override;
  void numbers(const Field& field, std::vector<double>& values) override;
  void choice(const Field& field, std::size_t& index,
              std::span<const std::string_view> names) override;
  bool enter(std::string_view key) override;
  void leave() override;

 private:
  struct Known {
    std::string key;
    std::string suffix;  ///< of its unit; empty where there is none
  };
  struct Frame {
    const formats::TomlNode* table;
    std::string prefix;
    std::vector<Known> known;
  };

  const formats::TomlNode* find(const Field& field);
  void refuse(const Field& field, const formats::TomlNode& node, std::string rule,
              std::string hint = "");
  bool within(const Field& field, const formats::TomlNode& node, double value);
  /// Of an array's elements, those that `read` accepts; false, with problems, unless all are.
  template <class Value, class Read>
  bool list(const Field& field, const formats::TomlNode& node, std::vector<Value>& values,
            Read&& read);
  void record(const Field& field, const formats::TomlNode* node, std::string default_value,
              std::string value);
  void report_unknown(const Frame& frame);

  Diagnosis& diagnosis_;
  std::size_t first_problem_;
  std::vector<Frame> frames_;
};

/// Reads one group from a table that is its alone.
template <class Group>
void read_group(const formats::TomlNode* table, std::string prefix, Group& group,
                Diagnosis& diagnosis) {
  Reader reader(table, std::move(prefix), diagnosis);
  describe(static_cast<Visitor&>(reader), group);
  reader.finish();
}

/// Adds a problem, and returns false, when a key without a default is not there. `table` may be
/// nullptr.
bool require_key(const formats::TomlNode* table, std::string_view key, const std::string& file,
                 std::string_view prefix, std::vector<diagnostics::Problem>& problems);

/// Adds a problem for each key of the table that is not among the known ones.
void check_keys(const formats::TomlNode& table, std::string_view prefix,
                const std::vector<std::string>& known, Diagnosis& diagnosis);

/// The sub-table of that name; nullptr when absent, and a problem too when it is something else.
[[nodiscard]] const formats::TomlNode* sub_table(const formats::TomlNode* parent,
                                                 std::string_view key, std::string_view prefix,
                                                 Diagnosis& diagnosis);

struct NamedTable {
  std::string name;    ///< as in the file, unquoted
  std::string prefix;  ///< dotted, for read_group
  const formats::TomlNode* table;
};

/// The tables of a table, such as [arms.low] and [arms.high] for "arms", in the file's order. What
/// is not a table is a problem and left out.
[[nodiscard]] std::vector<NamedTable> named_tables(const formats::TomlNode* parent,
                                                   std::string_view key, std::string_view prefix,
                                                   Diagnosis& diagnosis);

/// The tables of an array of tables ([[visits]]), named 1, 2, 3 ... likewise.
[[nodiscard]] std::vector<NamedTable> listed_tables(const formats::TomlNode* parent,
                                                    std::string_view key, std::string_view prefix,
                                                    Diagnosis& diagnosis);

}  // namespace angiotrial::schema
