// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/explain.hpp>
#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/study/read_study.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace angiotrial::app {
namespace {

using schema::LedgerRow;

constexpr std::size_t width = 88;   // columns of the terminal that a text is laid out for
constexpr std::size_t indent = 13;  // where the texts begin

/// Keys that a study must give.
constexpr std::array<std::string_view, 5> without_default{
    "schema", "study.id", "study.seed", "arms.NAME.dose_cells_per_kg", "visits.NAME.month"};

std::string last_part(const std::string& path) { return path.substr(path.rfind('.') + 1); }

/// `arms.low.ratio` and `arms.NAME.ratio` are the same parameter.
std::string with_any_name(std::string_view key) {
  for (const std::string_view table : {"arms.", "visits.", "scenarios."}) {
    if (!key.starts_with(table)) continue;
    const auto end = std::min(key.find('.', table.size()), key.size());
    return std::string(table) + "NAME" + std::string(key.substr(end));
  }
  return std::string(key);
}

/// `text` broken between words, each line but the first indented.
std::string wrapped(const std::string& text) {
  std::string lines;
  std::size_t column = indent, begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::size_t length = end - begin;
    if (column > indent && column + 1 + length > width) {
      lines += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      lines += ' ';
      ++column;
    }
    lines.append(text, begin, length);
    column += length;
    begin = end + 1;
  }
  return lines;
}

std::string entry(std::string name, const std::string& text) {
  name.resize(indent - 2, ' ');
  return "  " + name + wrapped(text) + "\n";
}

std::string range_of(const LedgerRow& row) {
  const bool below = std::isfinite(row.range.least), above = std::isfinite(row.range.most);
  const auto number = [](double x) { return schema::toml_number(x); };
  if (below && above) return number(row.range.least) + " to " + number(row.range.most);
  if (below) return "at least " + number(row.range.least);
  if (above) return "at most " + number(row.range.most);
  return "";
}

std::string source_of(const LedgerRow& row) {
  if (row.citation.empty()) return row.identifier;
  return row.identifier.empty() ? row.citation : row.citation + "; " + row.identifier;
}

std::string told(const LedgerRow& row) {
  std::string text = row.path + "\n" + entry("meaning", row.meaning);
  if (!row.unit.empty()) text += entry("unit", row.unit == "1" ? "1 (a share)" : row.unit);
  if (const std::string range = range_of(row); !range.empty()) text += entry("range", range);
  if (!row.choices.empty()) {
    std::string values;
    for (const std::string& choice : row.choices) values += (values.empty() ? "" : ", ") + choice;
    text += entry("one of", values);
  }
  const bool required = std::ranges::find(without_default, row.path) != without_default.end();
  text += entry("default", required ? "none: a study has to give it" : row.default_value);
  text += entry("provenance", std::string(schema::name_of(row.provenance)));
  if (const std::string source = source_of(row); !source.empty()) text += entry("source", source);
  std::string name = "goes to";
  for (const std::string& station : route_of(row.path)) {
    text += entry(std::exchange(name, ""), station);
  }
  return text;
}

std::string listed(const std::vector<const LedgerRow*>& rows, std::string_view key) {
  std::string text = std::to_string(rows.size()) + " parameters match " + std::string(key) + ":\n";
  for (const LedgerRow* row : rows) {
    text += "  " + row->path + " = " + row->default_value +
            (row->unit.empty() || row->unit == "1" ? "" : " " + row->unit) + "\n";
    text += std::string(indent, ' ') + wrapped(row->meaning) + "\n";
  }
  return text + "angiotrial explain PATH tells one in full.\n";
}

std::vector<const LedgerRow*> matches(const std::vector<LedgerRow>& parameters,
                                      const std::string& key) {
  std::vector<const LedgerRow*> found;
  for (const LedgerRow& row : parameters) {
    if (row.path == key) return {&row};
    if (row.path.ends_with("." + key) || row.path.starts_with(key + ".")) found.push_back(&row);
  }
  return found;
}

/// Keys near in spelling, then paths that hold the word; at most six.
std::vector<std::string> neighbours(const std::vector<LedgerRow>& parameters,
                                    const std::string& key) {
  constexpr std::size_t most = 6;
  std::set<std::string> keys, paths;
  for (const LedgerRow& row : parameters) {
    keys.insert(last_part(row.path));
    paths.insert(row.path);
  }
  std::vector<std::string> near;
  const auto add = [&near](const std::string& text) {
    if (near.size() < most && std::ranges::find(near, text) == near.end()) near.push_back(text);
  };
  for (const auto* names : {&keys, &paths}) {
    const auto nearest = diagnostics::nearest(key, {names->begin(), names->end()});
    if (nearest) add(*nearest);
  }
  for (const std::string& path : paths) {
    if (path.find(last_part(key)) != std::string::npos) add(path);
  }
  return near;
}

}  // namespace

std::vector<LedgerRow> explainable() {
  std::vector<LedgerRow> rows;
  for (const auto& [path, meaning] : {std::pair{"schema", "version of the study format; 1"},
                                      std::pair{"study.seed",
                                                "key of every random number of the "
                                                "study: same seed, same bytes"}}) {
    LedgerRow row;
    row.path = path;
    row.meaning = meaning;
    row.range.least = 0.0;
    row.provenance = schema::Provenance::protocol;
    row.citation = "the study file";
    rows.push_back(row);
  }
  for (LedgerRow& row : study::all_parameters()) rows.push_back(std::move(row));
  return rows;
}

Ending explain(const std::vector<LedgerRow>& parameters, std::string_view key) {
  const std::string wanted = with_any_name(key);
  const auto found = wanted.empty() ? std::vector<const LedgerRow*>{} : matches(parameters, wanted);
  if (found.size() == 1) return {Exit::success, told(*found.front()), ""};
  if (!found.empty()) return {Exit::success, listed(found, key), ""};
  std::string text = "explain: there is no parameter " + std::string(key) + "\n";
  const auto near = neighbours(parameters, wanted);
  if (!near.empty()) text += "Nearest:\n";
  for (const std::string& name : near) text += "  " + name + "\n";
  return {Exit::bad_input, "", text};
}

}  // namespace angiotrial::app
