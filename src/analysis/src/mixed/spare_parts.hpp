// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

namespace angiotrial::analysis {

/// All of `used` become spare, for their memory.
template <class Part>
void lay_aside(std::vector<Part>& used, std::vector<Part>& spare) {
  for (Part& part : used) spare.push_back(std::move(part));
  used.clear();
}

/// A part at the end of `used`, with the memory of a spare one: the first that is `alike`, or any.
/// What it holds is to be overwritten.
template <class Part, class Alike>
Part& add_part(std::vector<Part>& used, std::vector<Part>& spare, Alike&& alike) {
  if (spare.empty()) return used.emplace_back();
  auto chosen = std::find_if(spare.begin(), spare.end(), alike);
  if (chosen == spare.end()) --chosen;
  used.push_back(std::move(*chosen));
  if (chosen != spare.end() - 1) *chosen = std::move(spare.back());
  spare.pop_back();
  return used.back();
}

}  // namespace angiotrial::analysis
