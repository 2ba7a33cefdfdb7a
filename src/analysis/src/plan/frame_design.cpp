// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "plan/frame.hpp"
#include "plan/products.hpp"

/// Designs of regressions from the terms of a plan.
namespace angiotrial::analysis {
namespace {

constexpr std::string_view arm_term = "arm";

std::vector<double> indicator(std::span<const int> codes, int level) {
  std::vector<double> out(codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i) out[i] = codes[i] == level ? 1.0 : 0.0;
  return out;
}

}  // namespace

std::vector<std::string> Frame::columns_of(std::span<const std::string> terms) {
  std::vector<std::string> out;
  for (const std::string& term : terms) {
    for (std::string& part : parts_of(term)) {
      if (part != arm_term && std::ranges::find(out, part) == out.end()) {
        out.push_back(std::move(part));
      }
    }
  }
  return out;
}

void Frame::check_arm_term(std::span<const std::string> terms) {
  const bool named = std::ranges::any_of(terms, [](const std::string& term) {
    const auto parts = parts_of(term);
    return std::ranges::find(parts, arm_term) != parts.end();
  });
  if (!named || arm_column_name_ == arm_term || !has(arm_term)) return;
  add_problem(arm_term, "",
              "is a column of the data, but in a term `arm` means " + arm_column_name_,
              "rename the column, or name it in [columns] arm if it holds the arm");
}

/// The columns of one part of a term.
std::vector<std::vector<double>> Frame::term(std::string_view name,
                                             std::span<const std::string> classes,
                                             std::vector<std::string>& names) {
  std::vector<std::vector<double>> columns;
  names.clear();
  if (name == arm_term) {
    for (std::size_t a = 0; a < arms_.size(); ++a) {
      if (a == reference_) continue;
      columns.push_back(indicator(arm_, static_cast<int>(a)));
      names.push_back(arms_[a]);
    }
    return columns;
  }
  if (!is_category(name, classes)) {
    names.emplace_back(name);
    columns.push_back(numbers(name));
    return columns;
  }
  const Factor levels = factor(name);
  for (std::size_t l = 1; l < levels.levels.size(); ++l) {
    columns.push_back(indicator(levels.codes, static_cast<int>(l)));
    names.push_back(std::string(name) + " " + levels.levels[l]);
  }
  return columns;
}

/// The columns of a term, which may be a product.
Frame::Product Frame::product(std::string_view text, std::span<const std::string> classes) {
  Product out{{std::vector<double>(rows(), 1.0)}, {""}};
  for (const std::string& part : parts_of(text)) {
    std::vector<std::string> names;
    const auto factors = term(part, classes, names);
    Product next;
    for (std::size_t p = 0; p < out.columns.size(); ++p) {
      for (std::size_t f = 0; f < factors.size(); ++f) {
        next.columns.push_back(out.columns[p]);
        for (std::size_t i = 0; i < rows(); ++i) next.columns.back()[i] *= factors[f][i];
        next.names.push_back(out.names[p].empty() ? names[f] : out.names[p] + ":" + names[f]);
      }
    }
    out = std::move(next);
  }
  return out;
}

Design Frame::design(std::span<const std::string> terms, std::span<const std::string> classes,
                     bool with_arms, std::span<const std::string> others) {
  check_arm_term(terms);
  std::vector<std::string> beside(others.begin(), others.end());
  if (with_arms) beside.emplace_back(arm_term);
  check_products(*this, terms, beside, [&](const std::string& name) {
    return name == arm_term || !is_number(name) ||
           std::ranges::find(classes, name) != classes.end();
  });
  std::vector<std::vector<double>> columns{std::vector<double>(rows(), 1.0)};
  Design out;
  out.names.emplace_back("intercept");
  out.terms.emplace_back();
  const auto append = [&](std::string_view text) {
    Product added = product(text, classes);
    for (auto& column : added.columns) columns.push_back(std::move(column));
    for (auto& name : added.names) out.names.push_back(std::move(name));
    out.terms.resize(out.names.size(), std::string(text));
  };
  if (with_arms) append(arm_term);
  for (const std::string& text : terms) {
    if (!(with_arms && text == arm_term)) append(text);
  }
  out.values.reserve(rows() * columns.size());
  for (std::size_t i = 0; i < rows(); ++i) {
    for (const auto& column : columns) out.values.push_back(column[i]);
  }
  return out;
}

std::size_t Frame::arm_column(std::size_t arm) const {
  if (arm == reference_) return 0;
  return arm < reference_ ? arm + 1 : arm;
}

}  // namespace angiotrial::analysis
