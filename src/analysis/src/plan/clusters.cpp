// SPDX-License-Identifier: Apache-2.0
#include "plan/clusters.hpp"

#include <set>
#include <string>
#include <vector>

namespace angiotrial::analysis {

bool enough_clusters(const Frame& frame, std::span<const int> cluster, std::string_view of,
                     std::size_t columns, const Task& task) {
  const std::string by = "errors by " + std::string(of) + " need ";
  std::vector<std::set<int>> own(frame.arms().size());
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    own[static_cast<std::size_t>(frame.arm()[i])].insert(cluster[i]);
  }
  for (std::size_t arm = 0; arm < own.size(); ++arm) {
    if (own[arm].size() >= 2) continue;
    task.refuse(by + "two or more in arm " + frame.arms()[arm]);
    return false;
  }
  const std::size_t all = std::set<int>(cluster.begin(), cluster.end()).size();
  if (all > columns) return true;
  task.refuse(by + "more of them, " + std::to_string(all) + ", than columns of the model, " +
              std::to_string(columns));
  return false;
}

}  // namespace angiotrial::analysis
