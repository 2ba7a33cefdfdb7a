// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/schema/visitor.hpp>

#include <string>
#include <vector>

namespace angiotrial::schema {

/// One parameter as used: what the report's parameter table and `explain` print.
struct LedgerRow {
  std::string path;           ///< dotted, such as `product.apheresis.blood_volume_ml`
  std::string value;          ///< as it would be written in a study file
  std::string default_value;  ///< the same, of a fresh parameter struct
  std::string unit;
  Range range;
  std::string meaning;
  Provenance provenance = Provenance::assumed;
  std::string citation;
  std::string identifier;
  int line = 0;                      ///< line of the study file that set it; 0 for a default
  std::vector<std::string> choices;  ///< what it may be; empty: any value of its kind and range
};

/// The shortest decimal text that reads back to the same double; "inf" and "nan" are not expected.
/// Integral values below 1e15 print without an exponent and with a trailing ".0".
[[nodiscard]] std::string toml_number(double value);

/// A TOML basic string: quoted, with the escapes TOML requires.
[[nodiscard]] std::string toml_string(std::string_view text);

/// A TOML array of such texts or numbers.
[[nodiscard]] std::string toml_list(const std::vector<std::string>& values);
[[nodiscard]] std::string toml_list(const std::vector<double>& values);

/// Collects one row for each described field, with the values as they stand.
class Lister : public Visitor {
 public:
  explicit Lister(std::string prefix = "") : prefix_(std::move(prefix)) {}
  [[nodiscard]] const std::vector<LedgerRow>& rows() const { return rows_; }

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
  void add(const Field& field, std::string value);
  std::string prefix_;
  std::vector<std::string> stack_;
  std::vector<LedgerRow> rows_;
};

/// Ledger rows of a parameter struct at its present values, keys prefixed by `prefix.`.
template <class Group>
[[nodiscard]] std::vector<LedgerRow> list(Group parameters, std::string prefix) {
  Lister lister(std::move(prefix));
  describe(static_cast<Visitor&>(lister), parameters);
  return lister.rows();
}

/// Visits a description and collects audit() findings.
class Auditor : public Lister {
 public:
  using Lister::Lister;
  [[nodiscard]] const std::vector<std::string>& findings() const { return findings_; }

 protected:
  void number(const Field& field, double& value) override;
  void integer(const Field& field, int& value) override;

 private:
  std::vector<std::string> findings_;
};

/// What is wrong with a description itself: keys that do not end in their unit's suffix, defaults
/// outside their range, empty meanings, sources without a citation. Empty when all is well.
template <class Group>
[[nodiscard]] std::vector<std::string> audit(Group parameters) {
  Auditor auditor;
  describe(static_cast<Visitor&>(auditor), parameters);
  std::vector<std::string> findings = auditor.findings();
  for (const LedgerRow& row : auditor.rows()) {
    if (row.meaning.empty()) findings.push_back(row.path + ": no meaning");
    if (row.citation.empty() && row.provenance != Provenance::assumed) {
      findings.push_back(row.path + ": a source without a citation");
    }
  }
  return findings;
}

}  // namespace angiotrial::schema
