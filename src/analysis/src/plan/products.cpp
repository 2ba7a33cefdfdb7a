// SPDX-License-Identifier: Apache-2.0
#include "plan/products.hpp"

#include <algorithm>
#include <set>

namespace angiotrial::analysis {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ":") + part;
  return out;
}

std::vector<std::string> sorted_parts(const std::string& term) {
  std::vector<std::string> parts = parts_of(term);
  std::ranges::sort(parts);
  return parts;
}

}  // namespace

std::vector<std::string> parts_of(std::string_view term) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = std::min(term.find(':'), term.size());
    parts.emplace_back(term.substr(0, end));
    if (end == term.size()) return parts;
    term.remove_prefix(end + 1);
  }
}

void check_products(Frame& frame, std::span<const std::string> terms,
                    std::span<const std::string> others,
                    const std::function<bool(const std::string&)>& is_category) {
  std::set<std::vector<std::string>> known;
  for (const std::string& term : terms) known.insert(sorted_parts(term));
  for (const std::string& term : others) known.insert(sorted_parts(term));
  for (const std::string& term : terms) {
    const std::vector<std::string> parts = sorted_parts(term);
    for (std::size_t k = 0; parts.size() > 1 && k < parts.size(); ++k) {
      std::vector<std::string> rest = parts;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(k));
      if (!is_category(parts[k]) || known.contains(rest)) continue;
      known.insert(rest);
      frame.add_problem(
          term, "",
          "is a product without " + joined(rest) + ", which leaves out a category of " + parts[k],
          "add \"" + joined(rest) + "\" to the terms");
    }
  }
}

}  // namespace angiotrial::analysis
