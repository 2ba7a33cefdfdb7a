// SPDX-License-Identifier: Apache-2.0
#include "markup.hpp"

#include <angiotrial/diagnostics/contract.hpp>

#include <cstdint>

namespace angiotrial::report {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Length of the UTF-8 sequence that starts at `at`, or 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 && first <= 0xF4   ? 4
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xC2 && first <= 0xDF ? 2
                                                              : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80) return 0;
  }
  const std::uint8_t second = byte(at + 1);
  // Overlong forms, surrogates, beyond U+10FFFF.
  const bool wrong = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return wrong ? 0 : length;
}

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return "";
  }
}

bool is_control(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
}

/// A real minus sign instead of the hyphen; the exponent keeps its hyphen.
std::string typeset(std::string text) {
  if (text.starts_with('-')) text.replace(0, 1, "\xE2\x88\x92");
  return text;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    const std::string_view special = length == 1 ? entity(text[i]) : std::string_view();
    if (length == 0 || (length == 1 && is_control(text[i]))) {
      out += replacement;
    } else if (!special.empty()) {
      out += special;
    } else {
      out += text.substr(i, length);
    }
    i += length == 0 ? 1 : length;
  }
  return out;
}

std::string number(const Shelf& shelf, const analysis::Row* row, Part part,
                   std::string_view element) {
  const std::string text = row == nullptr ? "" : typeset(number_text(*row, part));
  if (text.empty()) return std::string(missing_mark);
  const std::string tag(element);
  return "<" + tag + " data-row=\"" + std::to_string(shelf.number(*row)) + "\" data-part=\"" +
         std::string(name_of(part)) + "\">" + text + "</" + tag + ">";
}

std::string range(const Shelf& shelf, const analysis::Row* low, Part low_part,
                  const analysis::Row* high, Part high_part, std::string_view element) {
  const bool known =
      low != nullptr && high != nullptr && part_of(*low, low_part) && part_of(*high, high_part);
  if (!known) return std::string(missing_mark);
  return number(shelf, low, low_part, element) + " to " + number(shelf, high, high_part, element);
}

std::string replicate_range(const Shelf& shelf, const analysis::Row* row,
                            std::string_view element) {
  if (row == nullptr || !row->q025 || !row->q975 || *row->q025 == *row->q975) return "";
  return range(shelf, row, Part::q025, row, Part::q975, element);
}

std::string manifest_text(std::string_view member, std::string_view text) {
  return "<span data-manifest=\"" + std::string(member) + "\">" + escape(text) + "</span>";
}

Table::Table(std::string caption, std::vector<std::string> header)
    : caption_(std::move(caption)), header_(std::move(header)) {}

void Table::row(const std::vector<std::string>& cells) {
  ANGIOTRIAL_EXPECT(cells.size() == header_.size(), "a row is as wide as its table");
  body_ += "<tr><th scope=\"row\">" + cells[0] + "</th>";
  for (std::size_t i = 1; i < cells.size(); ++i) body_ += "<td>" + cells[i] + "</td>";
  body_ += "</tr>\n";
}

void Table::divider(std::string_view html) {
  body_ += "<tr class=\"divider\"><th scope=\"rowgroup\" colspan=\"" +
           std::to_string(header_.size()) + "\">" + std::string(html) + "</th></tr>\n";
}

std::string Table::html() const {
  // Focusable, so that the keyboard can scroll a table wider than the screen.
  std::string out = "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" +
                    caption_ + "\"><table><caption>" + caption_ + "</caption>\n<thead><tr>";
  for (const std::string& cell : header_) out += "<th scope=\"col\">" + cell + "</th>";
  return out + "</tr></thead>\n<tbody>\n" + body_ + "</tbody></table></div>\n";
}

std::string html(const Figure& figure) {
  std::string out = "<figure>" + figure.svg;
  if (!figure.caption.empty()) out += "<figcaption>" + figure.caption + "</figcaption>";
  if (!figure.table.empty()) out += details("Numbers of this figure", figure.table);
  return out + "</figure>\n";
}

std::string section(std::string_view id, std::string_view title, std::string_view body) {
  if (body.empty()) return "";
  const std::string name(id);
  return "<section id=\"" + name + "\" aria-labelledby=\"" + name + "-title\">\n<h2 id=\"" + name +
         "-title\">" + std::string(title) + "</h2>\n" + std::string(body) + "</section>\n";
}

std::string paragraph(std::string_view html) { return "<p>" + std::string(html) + "</p>\n"; }

std::string details(std::string_view summary, std::string_view html) {
  return "<details><summary>" + std::string(summary) + "</summary>\n" + std::string(html) +
         "</details>\n";
}

}  // namespace angiotrial::report
