// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/randomisation/allocation_schemes.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <algorithm>
#include <set>

#include "randomisation/margins.hpp"

/// Whether a scheme can have given an allocation.
namespace angiotrial::analysis {
namespace {

/// What blocks of one stratum may still hold: several where their sizes are drawn.
class OpenBlocks {
 public:
  explicit OpenBlocks(const BlockAllocation& scheme) : scheme_(scheme) {
    open_.emplace(scheme.ratio.size(), 0);
  }

  /// False where no block can give this arm next.
  bool take(int arm) {
    std::set<std::vector<int>> after;
    for (const std::vector<int>& left : open_) {
      const bool used = std::ranges::all_of(left, [](int n) { return n == 0; });
      for (const int multiple : scheme_.multiples) {
        std::vector<int> rest = used ? blocks(multiple) : left;
        if (--rest[static_cast<std::size_t>(arm)] >= 0) after.insert(std::move(rest));
        if (!used) break;
      }
    }
    open_ = std::move(after);
    return !open_.empty();
  }

 private:
  [[nodiscard]] std::vector<int> blocks(int multiple) const {
    std::vector<int> out = scheme_.ratio;
    for (int& n : out) n *= multiple;
    return out;
  }

  const BlockAllocation& scheme_;
  std::set<std::vector<int>> open_;
};

std::size_t strata_of(const std::vector<int>& stratum, std::size_t patients) {
  ANGIOTRIAL_EXPECT(stratum.empty() || stratum.size() == patients, "a stratum a patient");
  return stratum.empty() ? 1 : static_cast<std::size_t>(*std::ranges::max_element(stratum)) + 1;
}

std::size_t stratum_of(const std::vector<int>& stratum, std::size_t patient) {
  return stratum.empty() ? 0 : static_cast<std::size_t>(stratum[patient]);
}

}  // namespace

std::optional<std::size_t> first_impossible(const BlockAllocation& scheme,
                                            std::span<const int> arm) {
  std::vector<OpenBlocks> strata(strata_of(scheme.stratum, arm.size()), OpenBlocks(scheme));
  for (std::size_t i = 0; i < arm.size(); ++i) {
    if (!strata[stratum_of(scheme.stratum, i)].take(arm[i])) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> first_impossible(const MinimisationAllocation& scheme,
                                            std::span<const int> arm) {
  if (scheme.coin < 1.0) return std::nullopt;
  Margins margins(scheme);
  for (std::size_t i = 0; i < arm.size(); ++i) {
    const auto own = static_cast<std::size_t>(arm[i]);
    double best = margins.imbalance_if(own, i);
    for (std::size_t a = 0; a < scheme.ratio.size(); ++a) {
      best = std::min(best, margins.imbalance_if(a, i));
    }
    if (!margins.equal(margins.imbalance_if(own, i), best)) return i;
    margins.add(own, i);
  }
  return std::nullopt;
}

std::optional<std::size_t> first_impossible(const BiasedCoinAllocation& scheme,
                                            std::span<const int> arm) {
  if (scheme.coin < 1.0) return std::nullopt;
  std::vector<int> lead(strata_of(scheme.stratum, arm.size()), 0);
  for (std::size_t i = 0; i < arm.size(); ++i) {
    int& own = lead[stratum_of(scheme.stratum, i)];
    const int step = arm[i] == 1 ? 1 : -1;
    if (own * step > 0) return i;
    own += step;
  }
  return std::nullopt;
}

}  // namespace angiotrial::analysis
