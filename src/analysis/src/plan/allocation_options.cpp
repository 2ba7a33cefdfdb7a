// SPDX-License-Identifier: Apache-2.0
#include "plan/allocation_options.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plan/subject_data.hpp"

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Range any_count{.least = 0.0, .most = 1e6};

bool stratifies(Scheme scheme) {
  return scheme == Scheme::stratified_blocks || scheme == Scheme::biased_coin;
}

bool takes_order(Scheme scheme) { return scheme != Scheme::complete && scheme != Scheme::simple; }

double coin_of(const AllocationOptions& o) {
  if (o.coin > 0.0) return o.coin;
  return o.scheme == Scheme::biased_coin ? 2.0 / 3.0 : 0.8;
}

/// Numbers as whole numbers of at least 1; a problem for others.
std::vector<int> whole(std::string_view key, const std::vector<double>& numbers, const Task& task) {
  std::vector<int> out;
  for (const double number : numbers) {
    if (!(number >= 1.0 && number <= 1000.0 && number == std::floor(number))) {
      task.bad_option(key, formats::shortest(number), "must be a whole number from 1 to 1000");
      return {};
    }
    out.push_back(static_cast<int>(number));
  }
  return out;
}

/// What does not fit the scheme; nothing when it does.
void check(const AllocationOptions& o, const Frame& frame, const Task& task) {
  const std::string scheme(scheme_names[static_cast<std::size_t>(o.scheme)]);
  if (o.seed < 0) {
    task.bad_option("seed", "", "must be given: there is no default seed", "any whole number");
  }
  if (takes_order(o.scheme) && o.order.empty()) {
    task.bad_option("order", "", "must name the column with the order of entry for " + scheme);
  }
  if (!o.strata.empty() && !stratifies(o.scheme)) {
    task.bad_option("strata", o.strata.front(), scheme + " has no strata",
                    "stratified_blocks, or biased_coin");
  }
  if (o.scheme == Scheme::stratified_blocks && o.strata.empty()) {
    task.bad_option("strata", "", "must name the columns of the strata");
  }
  if ((o.scheme == Scheme::minimisation) == o.factors.empty()) {
    task.bad_option("factors", "",
                    "are the columns that minimisation balances, and no other scheme");
  }
  if (!o.factor_weights.empty() && o.factor_weights.size() != o.factors.size()) {
    task.bad_option("factor_weights", "", "must be as many as factors, or none");
  }
  if (!o.ratio.empty() && o.ratio.size() != frame.arms().size()) {
    task.bad_option("ratio", "", "must hold a number for each arm, in the order of arms");
  }
  const bool coin_only = o.scheme == Scheme::biased_coin || o.scheme == Scheme::urn;
  if (coin_only && frame.arms().size() != 2) {
    task.bad_option("scheme", scheme, "is for two arms");
  }
  if (coin_only && std::ranges::any_of(o.ratio, [&](double r) { return r != o.ratio.front(); })) {
    task.bad_option("ratio", "", scheme + " allocates 1 to 1");
  }
  if (o.scheme == Scheme::biased_coin && o.coin > 0.0 && o.coin < 0.5) {
    task.bad_option("coin", formats::shortest(o.coin), "must be from one half to 1");
  }
}

std::vector<std::size_t> entry_of(const AllocationOptions& o, Frame& frame) {
  std::vector<std::size_t> entry(frame.rows());
  std::iota(entry.begin(), entry.end(), std::size_t{0});
  if (o.order.empty()) return entry;
  const Factor order = frame.factor(o.order);
  std::vector<bool> taken(order.levels.size(), false);
  for (std::size_t i = 0; i < entry.size(); ++i) {
    if (order.codes[i] < 0) {
      frame.add_problem(i, o.order, "", "the order of entry is missing");
      continue;
    }
    const auto place = static_cast<std::size_t>(order.codes[i]);
    if (taken[place]) {
      frame.add_problem(i, o.order, order.levels[place],
                        "two subjects have the same order of entry",
                        "use a number that counts them");
    }
    taken[place] = true;
  }
  std::ranges::stable_sort(entry, {}, [&](std::size_t i) { return order.codes[i]; });
  return entry;
}

/// Codes in the order of entry; a problem where one is missing.
std::vector<int> codes_of(Frame& frame, const std::vector<std::string>& columns,
                          const std::vector<std::size_t>& entry) {
  const Strata strata = strata_of(frame, columns);
  std::vector<int> out;
  for (const std::size_t i : entry) {
    if (strata.codes[i] < 0) {
      frame.add_problem(i, columns.front(), "", "the level at randomisation is missing");
    }
    out.push_back(strata.codes[i]);
  }
  return out;
}

MinimisationAllocation minimisation(const AllocationOptions& o, Frame& frame,
                                    const std::vector<std::size_t>& entry) {
  MinimisationAllocation out;
  out.coin = coin_of(o);
  out.factor_count = o.factors.size();
  out.weights = o.factor_weights;
  out.factors.resize(entry.size() * o.factors.size());
  for (std::size_t f = 0; f < o.factors.size(); ++f) {
    const std::vector<int> codes = codes_of(frame, {o.factors[f]}, entry);
    for (std::size_t i = 0; i < codes.size(); ++i) out.factors[i * o.factors.size() + f] = codes[i];
  }
  return out;
}

std::vector<int> arm_sizes(const Frame& frame) {
  std::vector<int> out(frame.arms().size(), 0);
  for (const int arm : frame.arm()) ++out[static_cast<std::size_t>(arm)];
  return out;
}

}  // namespace

void describe_allocation(schema::Visitor& visit, AllocationOptions& o) {
  visit("scheme", o.scheme, scheme_names,
        "how subjects were allocated; complete: every order of the arms' sizes is equally likely",
        analyst);
  visit("order", o.order, "column with the order of entry, needed where it matters", analyst);
  visit("ratio", o.ratio, {.least = 1.0, .most = 1000.0},
        "allocation ratio, a number for each arm in their order; empty: equal", analyst);
  visit("multiples", o.multiples, {.least = 1.0, .most = 1000.0},
        "block sizes as multiples of the ratio, drawn with equal chance", analyst);
  visit("strata", o.strata, "columns whose combinations have a list of their own", analyst);
  visit("factors", o.factors, "columns that minimisation balances", analyst);
  visit("factor_weights", o.factor_weights, any_count, "weights of the factors; empty: equal",
        analyst);
  visit("coin", o.coin, {.least = 0.0, .most = 1.0},
        "chance of the favoured arm; 0: 0.8 for minimisation, 2/3 for biased_coin", analyst);
  visit("urn_initial", o.urn_initial, {.least = 1, .most = 1000}, "balls of each arm at first",
        analyst);
  visit("urn_added", o.urn_added, {.least = 0, .most = 1000},
        "balls of the other arm that a draw adds", analyst);
  visit("seed", o.seed, {.least = -1, .most = 2147483647},
        "seed of the draws, which must be given; -1: none", analyst);
}

std::optional<Allocation> allocation_of(const AllocationOptions& o, Frame& frame,
                                        const Task& task) {
  const std::size_t before = task.problems.size();
  check(o, frame, task);
  const std::vector<int> multiples = whole("multiples", o.multiples, task);
  std::vector<int> ratio = whole("ratio", o.ratio, task);
  if (ratio.empty()) ratio.assign(frame.arms().size(), 1);
  if (multiples.empty()) task.bad_option("multiples", "", "must hold a number");
  if (task.problems.size() != before) return std::nullopt;
  Allocation out{{}, entry_of(o, frame)};
  std::vector<int> strata;
  if (!o.strata.empty()) strata = codes_of(frame, o.strata, out.entry);
  MinimisationAllocation balanced = minimisation(o, frame, out.entry);
  if (!frame.ok()) return std::nullopt;
  const auto seed = static_cast<std::uint64_t>(o.seed);
  switch (o.scheme) {
    case Scheme::complete:
      out.assign = replay(CompleteAllocation{arm_sizes(frame)}, seed);
      break;
    case Scheme::simple:
      out.assign = replay(SimpleAllocation{ratio}, seed);
      break;
    case Scheme::blocks:
    case Scheme::stratified_blocks:
      out.assign = replay(BlockAllocation{ratio, multiples, strata}, seed);
      break;
    case Scheme::minimisation:
      balanced.ratio = ratio;
      out.assign = replay(std::move(balanced), seed);
      break;
    case Scheme::biased_coin:
      out.assign = replay(BiasedCoinAllocation{coin_of(o), strata}, seed);
      break;
    case Scheme::urn:
      out.assign = replay(UrnAllocation{o.urn_initial, o.urn_added}, seed);
      break;
  }
  return out;
}

std::string words_of(const AllocationOptions& o) {
  std::string out = "scheme: " + std::string(scheme_names[static_cast<std::size_t>(o.scheme)]);
  if (o.scheme == Scheme::minimisation || o.scheme == Scheme::biased_coin) {
    out += ", coin " + formats::shortest(coin_of(o));
  }
  for (const auto* columns : {&o.strata, &o.factors}) {
    for (std::size_t c = 0; c < columns->size(); ++c) {
      out += (c == 0 ? " by " : ", ") + (*columns)[c];
    }
  }
  return out + "; seed: " + std::to_string(o.seed);
}

}  // namespace angiotrial::analysis
