// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/composites/finkelstein_schoenfeld.hpp>
#include <angiotrial/analysis/composites/peron_scoring.hpp>
#include <angiotrial/analysis/composites/win_statistics.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/method.hpp"
#include "plan/subject_data.hpp"
#include "plan/win_tiers.hpp"

/// Hierarchies of outcomes in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

enum class Variance { preset, unbiased, plug_in, null };
constexpr std::array<std::string_view, 4> variances{"preset", "unbiased", "plug_in", "null"};
enum class Scoring { gehan, peron };
constexpr std::array<std::string_view, 2> scorings{"gehan", "peron"};
enum class AtEvent { preset, tie, survives };
constexpr std::array<std::string_view, 3> at_events{"preset", "tie", "survives"};
constexpr std::array<std::string_view, 3> weight_names{"mantel_haenszel", "pairs", "strata"};
constexpr std::array<std::string_view, 3> missings{"refuse", "tie", "exclude"};

/// What every comparison over a hierarchy needs.
struct Hierarchy {
  std::vector<std::string> tiers, strata;
  AtEvent censored_at_event = AtEvent::preset;
  TierMissing missing = TierMissing::refuse;
};

void describe_hierarchy(schema::Visitor& visit, Hierarchy& o) {
  visit("tiers", o.tiers,
        "outcomes, the most important first: \"time COLUMN event COLUMN better longer\" or \"value "
        "COLUMN better higher margin 30\"; `censored` for `event` where 1 marks censoring; "
        "`inclusive` at the end where a difference equal to the margin decides",
        analyst);
  visit("strata", o.strata, "columns within whose combinations pairs are made; or none", analyst);
  visit("censored_at_event", o.censored_at_event, at_events,
        "a subject censored at the very time of the other's event: undecided, or outlives; preset: "
        "tie, with scoring = \"peron\" survives, as in the Kaplan-Meier estimate",
        analyst);
  visit("missing", o.missing, missings,
        "subjects without a value of some tier: refused, undecided on that tier, or left out",
        analyst);
}

struct WinMethod {
  Hierarchy hierarchy;
  Scoring scoring = Scoring::gehan;
  Variance variance = Variance::preset;
  WinWeights weights = WinWeights::mantel_haenszel;
};

void describe(schema::Visitor& visit, WinMethod& o) {
  describe_hierarchy(visit, o.hierarchy);
  visit(
      "scoring", o.scoring, scorings,
      "pairs of which censoring hides the winner: undecided on that tier (gehan), or won and lost "
      "by the chances that the Kaplan-Meier curves of their arms give (peron)",
      analyst);
  visit("variance", o.variance, variances,
        "U-statistic over m (m - 1) and n (n - 1), over m^2 and n^2 (R package BuyseTest), or at "
        "equal chances (R package WINS; not with peron); preset: unbiased; for \"r\": null, with "
        "peron plug_in",
        analyst);
  visit("weights", o.weights, weight_names,
        "weights of the pairs of a stratum: 1 / subjects, 1, or 1 / pairs", analyst);
}

struct Score {
  Hierarchy hierarchy;
};

void describe(schema::Visitor& visit, Score& o) { describe_hierarchy(visit, o.hierarchy); }

/// Other than `compared`.
std::string words(WinStatus status) {
  if (status == WinStatus::no_variance) return "no pair is decided: the score has no variance";
  return status == WinStatus::empty_arm ? "no stratum has both arms"
                                        : "a value of some tier is not finite";
}

struct HierarchyData {
  SubjectData data;
  TierData tiers;
  Strata strata;
};

std::optional<HierarchyData> hierarchy_data(const Hierarchy& o, Task& task) {
  const EventStrategies& events = task.analysis.estimand.events;
  for (const Strategy strategy :
       {events.death, events.revascularisation, events.missed_injection, events.rescue}) {
    if (strategy != Strategy::composite) continue;
    task.bad_option("estimand.events", "composite", "a hierarchy has no one response to replace",
                    "make the event a tier");
    return std::nullopt;
  }
  auto frame = task.frame();
  if (!frame) return std::nullopt;
  const std::size_t missing = frame->keep_complete(o.strata);
  if (!frame->ok() || !frame->require_one_row_per_subject()) return std::nullopt;
  const std::size_t before = frame->rows();
  auto tiers = tier_data(o.tiers, o.missing, *frame, task);
  if (!tiers || !frame->require_every_arm()) return std::nullopt;
  const std::size_t gaps = before - frame->rows();
  HierarchyData out{{std::move(*frame), {}, missing + gaps}, std::move(*tiers), {}};
  out.strata = strata_of(out.data.frame, o.strata);
  const auto unknown = std::ranges::find(out.strata.codes, -1);
  if (unknown == out.strata.codes.end()) return out;
  const auto row = static_cast<std::size_t>(unknown - out.strata.codes.begin());
  out.data.frame.add_problem(row, o.strata.front(), "", "the stratum is missing");
  return std::nullopt;
}

/// The trial of two arms; `kept` and `stratum` hold what it points to.
struct PairTrial {
  TwoArms two;
  TierData::Kept kept;
  std::vector<int> stratum;

  PairTrial(const HierarchyData& h, std::size_t arm) : two(two_arms(h.data.frame, arm)) {
    h.tiers.keep(two, kept);
    stratum = two.of(h.strata.codes);
  }
  [[nodiscard]] WinTrial trial(const HierarchyData& h) const {
    return {two.active, kept.tiers, stratum, h.strata.count()};
  }
};

WinOptions options_of(const Hierarchy& o, const Task& task) {
  WinOptions options;
  options.level = task.level();
  options.censored_at_event =
      o.censored_at_event == AtEvent::survives ? CensoredAtEvent::survives : CensoredAtEvent::tie;
  options.missing = o.missing == TierMissing::tie ? WinMissing::tie : WinMissing::refuse;
  return options;
}

std::string conventions_of(const Hierarchy& o, const WinOptions& options) {
  return std::string("censored at the other's event: ") +
         (options.censored_at_event == CensoredAtEvent::tie ? "tie" : "survives") +
         "; missing value: " + std::string(missings[static_cast<std::size_t>(o.missing)]);
}

/// `estimate`, then its interval, error and test under names that begin with `prefix`.
void put_win(const std::string& name, const std::string& prefix, const WinEstimate& w, bool ratio,
             Task& task) {
  const std::string_view unit = ratio ? "ratio" : "1";
  task.out.put(name, w.estimate, unit);
  if (!w.inference) {
    task.out.row.note = "no standard error: too few subjects, or one side never wins";
    task.out.put(prefix + "p_value", std::nullopt, "probability");
    task.out.row.note.clear();
    return;
  }
  put_interval(task, w.inference->lower, w.inference->upper, unit, prefix);
  task.out.put(prefix + (ratio ? "se_log" : "se"), w.inference->se, ratio ? "ln" : "1");
  task.out.put(prefix + "z", w.inference->z, "1");
  task.out.put(prefix + "p_value", w.inference->p_value, "probability");
}

template <class Counts>
void put_counts(const Counts& counts, Task& task) {
  task.out.put("wins", static_cast<double>(counts.wins), "pairs");
  task.out.put("losses", static_cast<double>(counts.losses), "pairs");
  task.out.put("ties", static_cast<double>(counts.ties), "pairs");
}

template <class Statistics>
void put_groups(const Statistics& w, const WinMethod& o, const Strata& strata, Task& task) {
  for (std::size_t t = 0; t < w.tiers.size(); ++t) {
    const std::string tier = "tier " + std::to_string(t + 1) + ": " + o.hierarchy.tiers[t];
    task.out.row.group = tier;
    put_counts(w.tiers[t], task);
    task.out.row.group = "up to " + tier;
    const WinSummary& sum = w.cumulative[t];
    task.out.put("win_ratio", sum.win_ratio ? std::optional(sum.win_ratio->estimate) : std::nullopt,
                 "ratio");
    task.out.put("net_benefit", sum.net_benefit.estimate, "1");
    task.out.put("win_odds", sum.win_odds.estimate, "ratio");
  }
  for (std::size_t h = 0; strata.count() > 1 && h < w.strata.size(); ++h) {
    task.out.row.group = "stratum " + strata.names[h];
    put_counts(w.strata[h], task);
  }
  task.out.row.group.clear();
}

template <class Statistics>
void put_win_statistics(const Statistics& w, const WinMethod& o, const Strata& strata, Task& task) {
  if (w.win_ratio) {
    put_win("win_ratio", "", *w.win_ratio, true, task);
  } else {
    task.out.row.note = "no pair is decided";
    task.out.put("win_ratio", std::nullopt, "ratio");
    task.out.put("p_value", std::nullopt, "probability");
    task.out.row.note.clear();
  }
  put_win("net_benefit", "net_benefit_", w.net_benefit, false, task);
  put_win("win_odds", "win_odds_", w.win_odds, true, task);
  put_counts(w.counts, task);
  put_groups(w, o, strata, task);
}

/// None, with a problem, where options contradict the scoring.
std::optional<WinOptions> options_of(const WinMethod& o, Task& task) {
  const bool peron = o.scoring == Scoring::peron;
  const std::size_t before = task.problems.size();
  if (peron && o.variance == Variance::null) {
    task.bad_option("variance", "null", "has no counterpart with scoring = \"peron\"",
                    "unbiased or plug_in");
  }
  if (peron && o.hierarchy.censored_at_event == AtEvent::tie) {
    task.bad_option("censored_at_event", "tie", "contradicts the Kaplan-Meier estimate",
                    "survives, or leave it out");
  }
  if (task.problems.size() != before) return std::nullopt;
  WinOptions options = options_of(o.hierarchy, task);
  if (peron) options.censored_at_event = CensoredAtEvent::survives;
  const Variance like_r = peron ? Variance::plug_in : Variance::null;
  const Variance variance = o.variance != Variance::preset ? o.variance
                            : task.preset() == Preset::r   ? like_r
                                                           : Variance::unbiased;
  options.variance = static_cast<WinVariance>(static_cast<int>(variance) - 1);
  options.weights = o.weights;
  return options;
}

std::string conventions_of(const WinMethod& o, const WinOptions& options) {
  const auto variance = static_cast<std::size_t>(options.variance) + 1;
  std::string out = o.scoring == Scoring::peron ? "scoring: Peron" : "scoring: Gehan";
  out.append("; variance: ").append(variances[variance]);
  out.append("; weights of strata: ").append(weight_names[static_cast<std::size_t>(o.weights)]);
  out.append("; ").append(conventions_of(o.hierarchy, options));
  return out.append("; interval: Wald, log scale for ratio and odds");
}

void run(const WinMethod& o, Task& task) {
  task.out.row.method = "win statistics (generalised pairwise comparisons)";
  const auto options = options_of(o, task);
  if (!options) return;
  task.out.row.conventions = conventions_of(o, *options);
  const auto h = hierarchy_data(o.hierarchy, task);
  if (!h) return;
  const auto put = [&](const auto& w) {
    if (w.status == WinStatus::compared) {
      put_win_statistics(w, o, h->strata, task);
    } else {
      task.refuse(words(w.status));
    }
  };
  WinWorkspace gehan;
  PeronWorkspace peron;
  for_each_comparison(h->data.frame, task, [&](std::size_t arm) {
    const PairTrial pairs(*h, arm);
    if (o.scoring == Scoring::peron) {
      put(peron_statistics(pairs.trial(*h), *options, peron));
    } else {
      put(win_statistics(pairs.trial(*h), *options, gehan));
    }
  });
  put_subjects(h->data, task);
}

void run(const Score& o, Task& task) {
  task.out.row.method = "Finkelstein-Schoenfeld test";
  const WinOptions options = options_of(o.hierarchy, task);
  task.out.row.conventions = "variance: permutation within strata; ties: score 0; " +
                             conventions_of(o.hierarchy, options) + "; reference: normal";
  const auto h = hierarchy_data(o.hierarchy, task);
  if (!h) return;
  WinWorkspace workspace;
  for_each_comparison(h->data.frame, task, [&](std::size_t arm) {
    const PairTrial pairs(*h, arm);
    const FinkelsteinSchoenfeld f = finkelstein_schoenfeld(pairs.trial(*h), options, workspace);
    if (f.status != WinStatus::compared) {
      task.refuse(words(f.status));
      return;
    }
    task.out.put("score", f.statistic, "1");
    task.out.put("score_variance", f.variance, "1");
    task.out.put("z", f.z, "1");
    task.out.put("p_value", f.p_value, "probability");
  });
  put_subjects(h->data, task);
}

}  // namespace

std::vector<MethodEntry> composite_methods() {
  return {method<WinMethod>("win_statistics",
                            "win ratio, net benefit and win odds over a hierarchy of outcomes"),
          method<Score>("finkelstein_schoenfeld", "score test of a hierarchy of outcomes")};
}

}  // namespace angiotrial::analysis
