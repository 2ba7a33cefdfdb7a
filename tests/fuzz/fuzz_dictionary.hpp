// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <iostream>
#include <set>
#include <string>

/// Dictionaries as libFuzzer reads them with -dict=.
namespace angiotrial::fuzz {

/// One quoted word a line; those beyond libFuzzer's limit are left out.
inline void print_dictionary(const std::set<std::string>& words) {
  constexpr std::size_t longest_word = 64;
  for (const std::string& word : words) {
    if (word.size() > longest_word) continue;
    std::cout << '"';
    for (const char c : word) {
      if (c == '"' || c == '\\') std::cout << '\\';
      std::cout << c;
    }
    std::cout << "\"\n";
  }
}

}  // namespace angiotrial::fuzz
