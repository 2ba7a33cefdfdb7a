// SPDX-License-Identifier: Apache-2.0
#include "plan/allocation_options.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <cmath>

#include "plan/entry_order.hpp"
#include "plan/subject_data.hpp"

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
constexpr schema::Range any_count{.least = 0.0, .most = 1e6};

bool stratifies(Scheme scheme) {
  return scheme == Scheme::complete || scheme == Scheme::stratified_blocks ||
         scheme == Scheme::biased_coin;
}

bool takes_blocks(Scheme scheme) {
  return scheme == Scheme::blocks || scheme == Scheme::stratified_blocks;
}

bool takes_coin(Scheme scheme) {
  return scheme == Scheme::minimisation || scheme == Scheme::biased_coin;
}

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

std::string name_of(Scheme scheme) {
  return std::string(scheme_names[static_cast<std::size_t>(scheme)]);
}

/// Problems for options that the scheme does not read.
void check_unread(const AllocationOptions& o, const Task& task) {
  const auto unread = [&](bool given, std::string_view key, bool read, const char* readers) {
    if (given && !read) task.bad_option(key, "", "is not read by " + name_of(o.scheme), readers);
  };
  const bool urn = o.scheme == Scheme::urn;
  unread(!o.order.empty(), "order", takes_order(o.scheme), "");
  unread(!o.ratio.empty(), "ratio", o.scheme != Scheme::complete,
         "complete takes the arms' sizes from the data");
  unread(o.multiples != std::vector{1.0}, "multiples", takes_blocks(o.scheme),
         "blocks, or stratified_blocks");
  unread(!o.strata.empty(), "strata", stratifies(o.scheme),
         "stratified_blocks, biased_coin, or complete");
  unread(o.coin != 0.0, "coin", takes_coin(o.scheme), "minimisation, or biased_coin");
  unread(o.urn_initial != 1, "urn_initial", urn, "urn");
  unread(o.urn_added != 1, "urn_added", urn, "urn");
}

void check_factors(const AllocationOptions& o, const Task& task) {
  if ((o.scheme == Scheme::minimisation) == o.factors.empty()) {
    task.bad_option("factors", "",
                    "are the columns that minimisation balances, and no other scheme");
  }
  if (o.factor_weights.empty()) return;
  if (o.factor_weights.size() != o.factors.size()) {
    task.bad_option("factor_weights", "", "must be as many as factors, or none");
  } else if (std::ranges::all_of(o.factor_weights, [](double w) { return w == 0.0; })) {
    task.bad_option("factor_weights", "", "must not all be 0");
  }
}

/// What does not fit the scheme; nothing when it does.
void check(const AllocationOptions& o, bool draws, const Frame& frame, const Task& task) {
  const std::string scheme = name_of(o.scheme);
  check_unread(o, task);
  check_factors(o, task);
  if (draws && o.seed < 0) {
    task.bad_option("seed", "", "must be given: there is no default seed", "any whole number");
  }
  if (takes_order(o.scheme) && o.order.empty()) {
    task.bad_option("order", "", "must name the column with the order of entry for " + scheme);
  }
  if (o.scheme == Scheme::stratified_blocks && o.strata.empty()) {
    task.bad_option("strata", "", "must name the columns of the strata");
  }
  if (!o.ratio.empty() && o.ratio.size() != frame.arms().size()) {
    task.bad_option("ratio", "", "must hold a number for each arm, in the order of arms");
  }
  const bool two_arms = o.scheme == Scheme::biased_coin || o.scheme == Scheme::urn;
  if (two_arms && frame.arms().size() != 2) {
    task.bad_option("scheme", scheme, "is for two arms");
  }
  if (two_arms && std::ranges::any_of(o.ratio, [&](double r) { return r != o.ratio.front(); })) {
    task.bad_option("ratio", "", scheme + " allocates 1 to 1");
  }
  if (o.scheme == Scheme::biased_coin && o.coin > 0.0 && o.coin < 0.5) {
    task.bad_option("coin", formats::shortest(o.coin), "must be from one half to 1");
  }
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

/// Stratum by stratum, the size of each arm.
std::vector<int> arm_sizes(const Frame& frame, const std::vector<int>& strata,
                           const std::vector<std::size_t>& entry) {
  const std::size_t arms = frame.arms().size();
  const int last = strata.empty() ? 0 : std::ranges::max(strata);
  std::vector<int> out(static_cast<std::size_t>(last + 1) * arms, 0);
  for (std::size_t e = 0; e < entry.size(); ++e) {
    const auto stratum = static_cast<std::size_t>(strata.empty() ? 0 : strata[e]);
    ++out[stratum * arms + static_cast<std::size_t>(frame.arm()[entry[e]])];
  }
  return out;
}

/// The scheme into `out`, with the first subject whose arm it cannot have given.
void replay_into(Allocation& out, const AllocationOptions& o, const Frame& frame,
                 MinimisationAllocation balanced) {
  std::vector<int> arm;
  for (const std::size_t i : out.entry) arm.push_back(frame.arm()[i]);
  const auto seed = static_cast<std::uint64_t>(std::max(o.seed, 0));
  const auto checked = [&](auto scheme) {
    if (const auto first = first_impossible(scheme, arm)) out.impossible = out.entry[*first];
    out.assign = replay(std::move(scheme), seed);
  };
  switch (o.scheme) {
    case Scheme::complete:
      out.assign =
          replay(CompleteAllocation{arm_sizes(frame, out.strata, out.entry), out.strata}, seed);
      return;
    case Scheme::simple:
      out.assign = replay(SimpleAllocation{balanced.ratio}, seed);
      return;
    case Scheme::blocks:
    case Scheme::stratified_blocks: {
      const std::vector<int> multiples(o.multiples.begin(), o.multiples.end());
      return checked(BlockAllocation{balanced.ratio, multiples, out.strata});
    }
    case Scheme::minimisation:
      return checked(std::move(balanced));
    case Scheme::biased_coin:
      return checked(BiasedCoinAllocation{coin_of(o), out.strata});
    case Scheme::urn:
      out.assign = replay(UrnAllocation{o.urn_initial, o.urn_added}, seed);
      return;
  }
}

}  // namespace

bool takes_order(Scheme scheme) { return scheme != Scheme::complete && scheme != Scheme::simple; }

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

std::optional<Allocation> allocation_of(const AllocationOptions& o, bool draws, Frame& frame,
                                        const Task& task) {
  const std::size_t before = task.problems.size();
  check(o, draws, frame, task);
  const std::vector<int> multiples = whole("multiples", o.multiples, task);
  std::vector<int> ratio = whole("ratio", o.ratio, task);
  if (ratio.empty()) ratio.assign(frame.arms().size(), 1);
  if (multiples.empty()) task.bad_option("multiples", "", "must hold a number");
  if (task.problems.size() != before) return std::nullopt;
  Allocation out;
  out.entry = entry_order(o.order, frame);
  if (!o.strata.empty()) out.strata = codes_of(frame, o.strata, out.entry);
  MinimisationAllocation balanced = minimisation(o, frame, out.entry);
  balanced.ratio = ratio;
  if (!frame.ok()) return std::nullopt;
  replay_into(out, o, frame, std::move(balanced));
  return out;
}

std::string words_of(const AllocationOptions& o) {
  std::string out = "scheme: " + name_of(o.scheme);
  if (takes_coin(o.scheme)) out += ", coin " + formats::shortest(coin_of(o));
  for (const auto* columns : {&o.strata, &o.factors}) {
    for (std::size_t c = 0; c < columns->size(); ++c) {
      out += (c == 0 ? " by " : ", ") + (*columns)[c];
    }
  }
  return out;
}

}  // namespace angiotrial::analysis
