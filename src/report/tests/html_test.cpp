// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <angiotrial/report/html.hpp>
#include <angiotrial/report/results_json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fixture.hpp"
#include "markup.hpp"

namespace angiotrial::report {
namespace {

using analysis::Row;

/// A start tag, an end tag or the text between tags.
struct Token {
  enum class Kind { start, end, text };
  Kind kind = Kind::text;
  std::string name;  ///< of the element; the text itself for text
  std::map<std::string, std::string> attributes;
  bool closed = false;  ///< <br> or <line/>
};

const std::set<std::string> void_elements{"meta", "br", "!DOCTYPE"};

/// Reads the tags of a page that we wrote: attributes quoted, no comments, no scripts.
std::vector<Token> tokens(const std::string& page) {
  std::vector<Token> out;
  std::size_t at = 0;
  while (at < page.size()) {
    const std::size_t open = std::min(page.find('<', at), page.size());
    if (open > at) out.push_back({Token::Kind::text, page.substr(at, open - at), {}, false});
    if (open == page.size()) break;
    Token token;
    std::size_t i = open + 1;
    token.kind = page[i] == '/' ? Token::Kind::end : Token::Kind::start;
    if (page[i] == '/') ++i;
    while (page[i] != '>' && page[i] != ' ' && page[i] != '/') token.name += page[i++];
    while (page[i] != '>') {
      if (page[i] == ' ' || page[i] == '/') {
        token.closed = page[i] == '/';
        ++i;
        continue;
      }
      std::string name;
      while (page[i] != '=' && page[i] != '>' && page[i] != ' ') name += page[i++];
      std::string value;
      if (page[i] == '=') {
        EXPECT_EQ(page[i + 1], '"') << name << " is not quoted";
        const std::size_t end = page.find('"', i + 2);
        value = page.substr(i + 2, end - i - 2);
        i = end + 1;
      }
      EXPECT_TRUE(token.attributes.emplace(name, value).second) << name << " twice";
    }
    token.closed = token.closed || void_elements.contains(token.name);
    out.push_back(token);
    at = i + 1;
  }
  return out;
}

std::string page() { return html_report(fixture::input()); }

bool has_digit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The shown text as a number, and half a unit of its last place.
std::pair<double, double> shown(std::string text) {
  const std::string minus = "\xE2\x88\x92";
  if (text.starts_with(minus)) text.replace(0, minus.size(), "-");
  const std::size_t e = text.find('e');
  const std::size_t point = text.find('.');
  const std::size_t mantissa = std::min(e, text.size());
  int decimals = point == std::string::npos ? 0 : static_cast<int>(mantissa - point - 1);
  if (e != std::string::npos) decimals = std::max(decimals, 2) - std::atoi(text.c_str() + e + 1);
  return {std::strtod(text.c_str(), nullptr), 0.5001 * std::pow(10.0, -decimals)};
}

double part_of_row(const Row& row, const std::string& part) {
  if (part == "value") return row.value.value();
  if (part == "mcse") return row.mcse.value();
  if (part == "q025") return row.q025.value();
  if (part == "q500") return row.q500.value();
  return row.q975.value();
}

TEST(html_report, closes_every_element_it_opens) {
  std::vector<std::string> open;
  for (const Token& token : tokens(page())) {
    if (token.kind == Token::Kind::text || token.closed) continue;
    if (token.kind == Token::Kind::start) {
      open.push_back(token.name);
    } else {
      ASSERT_FALSE(open.empty()) << token.name;
      ASSERT_EQ(open.back(), token.name);
      open.pop_back();
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST(html_report, uses_each_id_once_and_points_only_to_what_is_there) {
  std::set<std::string> ids;
  std::vector<std::string> wanted;
  for (const Token& token : tokens(page())) {
    if (token.attributes.contains("id")) {
      EXPECT_TRUE(ids.insert(token.attributes.at("id")).second) << token.attributes.at("id");
    }
    if (token.attributes.contains("href")) wanted.push_back(token.attributes.at("href").substr(1));
    if (token.attributes.contains("aria-labelledby")) {
      const std::string& names = token.attributes.at("aria-labelledby");
      wanted.push_back(names.substr(0, names.find(' ')));
      if (names.find(' ') != std::string::npos) wanted.push_back(names.substr(names.find(' ') + 1));
    }
  }
  EXPECT_GT(wanted.size(), 20U);
  for (const std::string& id : wanted) EXPECT_TRUE(ids.contains(id)) << id;
}

TEST(html_report, loads_nothing_and_runs_nothing) {
  const std::string text = page();
  EXPECT_EQ(text.find("http:"), std::string::npos);
  EXPECT_EQ(text.find("https:"), std::string::npos);
  EXPECT_EQ(text.find("<script"), std::string::npos);
  EXPECT_EQ(text.find("url("), std::string::npos);
  EXPECT_NE(text.find("default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
            std::string::npos);
  for (const Token& token : tokens(text)) {
    EXPECT_FALSE(token.attributes.contains("src")) << token.name;
    for (const auto& [name, value] : token.attributes) EXPECT_FALSE(name.starts_with("on")) << name;
    if (token.attributes.contains("href"))
      EXPECT_TRUE(token.attributes.at("href").starts_with('#'));
  }
}

TEST(html_report, shows_numbers_that_are_those_of_the_named_rows) {
  const ReportInput input = fixture::input();
  const auto all = tokens(html_report(input));
  int checked = 0;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    if (!all[i].attributes.contains("data-row")) continue;
    const Row& row = input.rows.at(std::stoul(all[i].attributes.at("data-row")));
    const double value = part_of_row(row, all[i].attributes.at("data-part"));
    const auto [number, half] = shown(all[i + 1].name);
    EXPECT_NEAR(number, value, half) << row.paramcd << " " << row.statistic << all[i + 1].name;
    ++checked;
  }
  EXPECT_GT(checked, 500);
}

TEST(html_report, shows_no_number_in_a_table_cell_that_names_no_row) {
  std::vector<Token> open;
  for (const Token& token : tokens(page())) {
    if (token.kind == Token::Kind::start && !token.closed) open.push_back(token);
    if (token.kind == Token::Kind::end) open.pop_back();
    if (token.kind != Token::Kind::text || !has_digit(token.name)) continue;
    const auto is = [&](std::string_view name) {
      return std::ranges::any_of(open, [&](const Token& t) { return t.name == name; });
    };
    const bool traced = std::ranges::any_of(open, [](const Token& t) {
      return t.attributes.contains("data-row") || t.attributes.contains("data-ledger") ||
             t.attributes.contains("data-manifest");
    });
    const bool words = std::ranges::any_of(open, [](const Token& t) {
      const auto found = t.attributes.find("class");
      return found != t.attributes.end() && (found->second == "source" || found->second == "tick");
    });
    if (is("td") || is("dd")) EXPECT_TRUE(traced || words) << token.name;
  }
}

TEST(html_report, shows_ledger_and_manifest_as_they_are) {
  const ReportInput input = fixture::input();
  const auto all = tokens(html_report(input));
  std::set<std::string> ledger;
  std::map<std::string, std::set<std::string>> manifest;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    const auto& attributes = all[i].attributes;
    if (attributes.contains("data-ledger") && !attributes.contains("data-part")) {
      const auto& row = input.ledger.at(std::stoul(attributes.at("data-ledger")));
      EXPECT_EQ(all[i + 1].name, escape(row.value));
      ledger.insert(row.path);
    }
    if (attributes.contains("data-manifest")) {
      manifest[attributes.at("data-manifest")].insert(all[i + 1].name);
    }
  }
  EXPECT_EQ(ledger.size(), input.ledger.size());
  EXPECT_TRUE(manifest["seed"].contains("18446744073709551615"));
  EXPECT_TRUE(manifest["spec_sha256"].contains(std::string(64, 'a')));
  EXPECT_TRUE(manifest["commit"].contains("5149fe6d2c1a"));
}

TEST(html_report, says_simulated_before_anything_else_and_marks_what_is_unverified) {
  const std::string text = page();
  EXPECT_LT(text.find("SIMULATED - not for clinical decisions", text.find("<body>")),
            text.find("<h1>"));
  EXPECT_NE(text.find(">unverified</abbr>"), std::string::npos);
}

TEST(html_report, has_every_section_and_names_each_picture) {
  const std::string text = page();
  for (const char* id : {"answer", "flow", "baseline", "comparison", "courses", "forest", "placebo",
                         "product", "safety", "truth", "weak-link", "parameters", "limitations"}) {
    EXPECT_NE(text.find("<section id=\"" + std::string(id) + "\""), std::string::npos) << id;
  }
  const auto all = tokens(text);
  const auto count = [&](std::string_view name) {
    return std::ranges::count_if(
        all, [&](const Token& t) { return t.kind == Token::Kind::start && t.name == name; });
  };
  EXPECT_EQ(count("svg"), 14);
  EXPECT_EQ(count("desc"), count("svg"));
  EXPECT_EQ(count("title"), count("svg") + 1);
}

TEST(html_report, shows_all_three_scenarios_of_the_placebo_arm) {
  const std::string text = page();
  for (const char* title :
       {"Base scenario", "Strong regression to the mean", "Strong placebo reporting"}) {
    EXPECT_NE(text.find(title), std::string::npos);
  }
}

TEST(html_report, escapes_whatever_a_user_may_write) {
  const std::string evil = "</script><b onclick=\"x\">&'\xFF\x01";
  ReportInput input = fixture::input();
  input.study_id = input.title = input.description = evil;
  input.manifest.command_line = input.manifest.host = evil;
  input.manifest.inputs[0].path = evil;
  input.arms[1].name = evil;
  input.visits[0].avisit = evil;
  input.ledger[0].value = input.ledger[0].meaning = input.ledger[0].path = evil;
  for (Row& row : input.rows) {
    if (row.arm == "low") row.arm = evil;
    if (row.scenario == "strong_reporting") row.scenario = evil;
    if (row.statistic == "n" && !row.group.empty()) row.group += evil;
    if (row.source == "published") row.method += evil;
  }
  const std::string text = html_report(input);
  EXPECT_EQ(text.find("<b onclick"), std::string::npos);
  EXPECT_EQ(text.find("</script"), std::string::npos);
  EXPECT_EQ(text.find('\x01'), std::string::npos);
  EXPECT_EQ(text.find('\xFF'), std::string::npos);
  EXPECT_NE(text.find("&lt;/script&gt;&lt;b onclick=&quot;x&quot;&gt;&amp;&#39;"),
            std::string::npos);
}

TEST(html_report, of_no_rows_at_all_is_still_a_page) {
  ReportInput input;
  input.study_id = "S";
  const std::string text = html_report(input);
  EXPECT_NE(text.find("SIMULATED"), std::string::npos);
  EXPECT_EQ(text.find("<svg"), std::string::npos);
  EXPECT_NE(text.find("</html>"), std::string::npos);
}

TEST(html_report, shows_a_missing_value_as_a_dash) {
  ReportInput input = fixture::input();
  for (Row& row : input.rows) {
    if (row.statistic != "mean" || row.arm != "high") continue;
    row.value = row.mcse = row.q025 = row.q500 = row.q975 = std::nullopt;
  }
  const std::string text = html_report(input);
  EXPECT_NE(text.find("<td>" + std::string(missing_mark) + "</td>"), std::string::npos);
  EXPECT_EQ(text.find("nan"), std::string::npos);
}

TEST(html_report, of_one_trial_speaks_of_standard_errors_and_not_of_replicates) {
  ReportInput input = fixture::input();
  input.manifest.replicates = 1;
  for (Row& row : input.rows) row.mcse = row.q025 = row.q500 = row.q975 = std::nullopt;
  const std::string text = html_report(input);
  EXPECT_EQ(text.find("the range that holds 95 %"), std::string::npos);
  EXPECT_NE(text.find("within the one simulated trial"), std::string::npos);
}

TEST(html_report, of_the_same_input_is_the_same_bytes) { EXPECT_EQ(page(), page()); }

TEST(escape, replaces_what_is_no_text) {
  EXPECT_EQ(escape("a<b>\"c\"&'d'"), "a&lt;b&gt;&quot;c&quot;&amp;&#39;d&#39;");
  EXPECT_EQ(escape("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(escape("\xC3"), "\xEF\xBF\xBD");
  EXPECT_EQ(escape("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace angiotrial::report
