// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "display.hpp"
#include "shelf.hpp"

/// HTML text. Whatever comes from a study file, a row or a manifest passes through escape().
///
/// A shown number says where it came from: data-row is its place in results.json and data-part
/// which number of that row; data-ledger and data-manifest likewise.
namespace angiotrial::report {

/// For text and quoted attributes. Control characters and bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string escape(std::string_view text);

inline constexpr std::string_view missing_mark = "\xE2\x80\x93";  // en dash

/// A number of `row` (nullptr: none) in an element of that name, or the mark of a missing one.
[[nodiscard]] std::string number(const Shelf& shelf, const analysis::Row* row,
                                 Part part = Part::value, std::string_view element = "span");

/// "low to high" of two numbers, or the mark of a missing one.
[[nodiscard]] std::string range(const Shelf& shelf, const analysis::Row* low, Part low_part,
                                const analysis::Row* high, Part high_part,
                                std::string_view element = "span");

/// The 2.5 % to 97.5 % range over replicates, or nothing when there is none or all agree.
[[nodiscard]] std::string replicate_range(const Shelf& shelf, const analysis::Row* row,
                                          std::string_view element = "span");

/// A text of the manifest.
[[nodiscard]] std::string manifest_text(std::string_view member, std::string_view text);

/// A table with a header row; the first cell of each row is its header. Cells are HTML.
class Table {
 public:
  Table(std::string caption, std::vector<std::string> header);

  /// Expects as many cells as the header has.
  void row(const std::vector<std::string>& cells);
  /// A row that heads those after it.
  void divider(std::string_view html);
  [[nodiscard]] bool empty() const { return body_.empty(); }
  [[nodiscard]] std::string html() const;

 private:
  std::string caption_;
  std::vector<std::string> header_;
  std::string body_;
};

/// A figure: its title and description for those who cannot see it, and its numbers as a table.
struct Figure {
  std::string svg;
  std::string caption;
  std::string table;
};

[[nodiscard]] std::string html(const Figure& figure);

/// `<section id=...><h2>title</h2>body</section>`; nothing when the body is empty.
[[nodiscard]] std::string section(std::string_view id, std::string_view title,
                                  std::string_view body);

[[nodiscard]] std::string paragraph(std::string_view html);
[[nodiscard]] std::string details(std::string_view summary, std::string_view html);

}  // namespace angiotrial::report
