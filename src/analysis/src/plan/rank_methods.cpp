// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "plan/method.hpp"
#include "plan/rank_status.hpp"
#include "plan/subject_data.hpp"

/// Rank tests in plan files: of two arms, and of changes within an arm.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

enum class PValue { preset, exact, asymptotic, continuity };
constexpr std::array<std::string_view, 4> p_values{"preset", "exact", "asymptotic", "continuity"};
enum class Interval { preset, exact, asymptotic };
constexpr std::array<std::string_view, 3> intervals{"preset", "exact", "asymptotic"};

struct Wilcoxon {
  std::string response;
  PValue p_value = PValue::preset;
  Interval interval = Interval::preset;
  int exact_limit = 400;
  int exact_limit_ties = 200;
};

void describe(schema::Visitor& visit, Wilcoxon& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("p_value", o.p_value, p_values,
        "permutation distribution, normal without or normal with continuity correction; preset: "
        "exact within the limits, else asymptotic; \"r\": exact below 50 an arm without ties, else "
        "continuity; \"sas\": continuity",
        analyst);
  visit("interval", o.interval, intervals,
        "rank of the differences that bound the shift: from the exact distribution without ties, "
        "or from the normal (Moses); preset: exact; \"r\": exact where the p-value is; \"sas\": "
        "asymptotic",
        analyst);
  visit("exact_limit", o.exact_limit, {.least = 0, .most = 1000},
        "most subjects of two arms for an exact p-value without ties", analyst);
  visit("exact_limit_ties", o.exact_limit_ties, {.least = 0, .most = 400},
        "the same with ties, where it takes longer", analyst);
}

PValue chosen(const Wilcoxon& o, const WilcoxonResult& w, std::size_t larger, Preset preset) {
  if (o.p_value != PValue::preset) return o.p_value;
  if (preset == Preset::sas) return PValue::continuity;
  if (preset == Preset::r) {
    return larger < 50 && !w.ties && w.p_exact ? PValue::exact : PValue::continuity;
  }
  return w.p_exact ? PValue::exact : PValue::asymptotic;
}

Interval chosen(const Wilcoxon& o, PValue p_value, Preset preset) {
  if (o.interval != Interval::preset) return o.interval;
  if (preset == Preset::recommended) return Interval::exact;
  return preset == Preset::r && p_value == PValue::exact ? Interval::exact : Interval::asymptotic;
}

void put_shift(const std::optional<ShiftInterval>& interval, Task& task) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (!interval) {
    task.out.row.note = "too few subjects for an interval of this level";
    put_interval(task, -infinity, infinity, task.analysis.unit);
    task.out.row.note.clear();
    return;
  }
  put_interval(task, interval->lower, interval->upper, task.analysis.unit);
  task.out.put("achieved_level", interval->achieved_level, "probability");
}

void put_brunner_munzel(const WilcoxonResult& w, Task& task) {
  if (!w.brunner_munzel) {
    task.out.row.note = "the arms do not overlap: no Brunner-Munzel test";
    task.out.put("brunner_munzel_p_value", std::nullopt, "probability");
    task.out.row.note.clear();
    return;
  }
  task.out.put("brunner_munzel_t", -w.brunner_munzel->t, "1");
  task.out.put("brunner_munzel_df", w.brunner_munzel->df, "1");
  task.out.put("brunner_munzel_p_value", w.brunner_munzel->p_value, "probability");
}

void put_wilcoxon(const Wilcoxon& o, const WilcoxonResult& w, std::size_t larger, Task& task) {
  const PValue p_value = chosen(o, w, larger, task.preset());
  const Interval interval = chosen(o, p_value, task.preset());
  task.out.row.conventions =
      "p-value: " + std::string(p_values[static_cast<std::size_t>(p_value)]) +
      "; interval: order statistics, " +
      std::string(intervals[static_cast<std::size_t>(interval)]) +
      (w.ties ? " rank without ties; ties: mid-ranks" : " rank; ties: none");
  if (p_value == PValue::exact && !w.p_exact) {
    task.refuse("more subjects than exact_limit or exact_limit_ties allow an exact p-value for");
    return;
  }
  task.out.put("hodges_lehmann_shift", w.hodges_lehmann, task.analysis.unit);
  put_shift(interval == Interval::exact ? w.exact_interval : w.asymptotic_interval, task);
  task.out.put("rank_sum", w.rank_sum, "1");
  task.out.put("mann_whitney_u", w.u, "1");
  task.out.put("z", p_value == PValue::continuity ? w.z_continuity : w.z, "1");
  task.out.put("p_value",
               p_value == PValue::exact        ? *w.p_exact
               : p_value == PValue::asymptotic ? w.p_asymptotic
                                               : w.p_continuity,
               "probability");
  task.out.put("probability_higher", w.probability, "probability");
  put_brunner_munzel(w, task);
}

void run(const Wilcoxon& o, Task& task) {
  task.out.row.method = "Wilcoxon rank sum test with Hodges-Lehmann shift";
  const auto data = subject_data(o.response, {}, task);
  if (!data) return;
  const WilcoxonOptions options{task.level(), static_cast<std::size_t>(o.exact_limit),
                                static_cast<std::size_t>(o.exact_limit_ties)};
  for_each_comparison(data->frame, task, [&](std::size_t arm) {
    const TwoArms two = two_arms(data->frame, arm);
    std::vector<double> x, y;
    for (std::size_t i = 0; i < two.rows.size(); ++i) {
      (two.active[i] == 1 ? x : y).push_back(data->response[two.rows[i]]);
    }
    const WilcoxonResult w = wilcoxon(x, y, options);
    if (usable(w.status, task)) put_wilcoxon(o, w, std::max(x.size(), y.size()), task);
  });
  put_subjects(*data, task);
}

constexpr std::size_t most_signs = 1000;   ///< for the exact distribution
constexpr std::size_t r_exact_below = 50;  ///< wilcox.test
constexpr std::size_t sas_exact_to = 20;   ///< PROC UNIVARIATE

enum class SignedP { preset, exact, asymptotic, continuity, t };
constexpr std::array<std::string_view, 5> signed_p_values{"preset", "exact", "asymptotic",
                                                          "continuity", "t"};

struct SignedRank {
  std::string response;
  bool by_arm = true;
  SignedP p_value = SignedP::preset;
  Interval interval = Interval::preset;
};

void describe(schema::Visitor& visit, SignedRank& o) {
  visit("response", o.response, "column of the differences, such as change from baseline", analyst);
  visit("by_arm", o.by_arm, "each arm on its own; otherwise all subjects together", analyst);
  visit(
      "p_value", o.p_value, signed_p_values,
      "permutation of signs, normal without or normal with continuity correction, or Student's t "
      "of the signed ranks; preset: exact up to 1,000 that are not zero, else asymptotic; \"r\": "
      "exact below 50 without ties and zeros, else continuity (wilcox.test); \"sas\": exact up to "
      "20, else t (PROC UNIVARIATE)",
      analyst);
  visit("interval", o.interval, intervals,
        "rank of the Walsh averages that bound the pseudo-median: from the exact distribution "
        "without ties, or from the normal; preset: exact where the p-value is, else asymptotic",
        analyst);
}

SignedP chosen(const SignedRank& o, const SignedRankResult& s, bool zeros, Preset preset) {
  if (o.p_value != SignedP::preset) return o.p_value;
  if (preset == Preset::r) {
    const bool exact = s.count < r_exact_below && !s.ties && !zeros;
    return exact ? SignedP::exact : SignedP::continuity;
  }
  if (preset == Preset::sas) return s.count <= sas_exact_to ? SignedP::exact : SignedP::t;
  return s.count <= most_signs ? SignedP::exact : SignedP::asymptotic;
}

double value_of(const SignedRankResult& s, SignedP p) {
  switch (p) {
    case SignedP::asymptotic:
      return s.p_asymptotic;
    case SignedP::continuity:
      return s.p_continuity;
    case SignedP::t:
      return s.p_t;
    default:
      return s.p_exact;
  }
}

void put_signed_rank(const SignedRank& o, const SignedRankResult& s, bool zeros, Task& task) {
  const SignedP p = chosen(o, s, zeros, task.preset());
  const bool exact_interval =
      o.interval == Interval::preset ? p == SignedP::exact : o.interval == Interval::exact;
  task.out.row.conventions =
      "p-value: " + std::string(signed_p_values[static_cast<std::size_t>(p)]) +
      (p == SignedP::exact ? " over all signs" : "") +
      "; zeros: dropped; ties: " + (s.ties ? "mid-ranks" : "none") +
      "; interval: order statistics of Walsh averages, " +
      (exact_interval ? "exact rank" : "asymptotic rank");
  if ((p == SignedP::exact || exact_interval) && s.count > most_signs) {
    task.refuse("more than " + std::to_string(most_signs) + " subjects for the exact distribution");
    return;
  }
  if (std::isnan(value_of(s, p))) {
    task.refuse("one subject that is not zero has no t");
    return;
  }
  task.out.put("pseudomedian", s.pseudomedian, task.analysis.unit);
  put_shift(exact_interval ? s.exact_interval : s.asymptotic_interval, task);
  const auto n = static_cast<double>(s.count);
  task.out.put("n_not_zero", n, "subjects");
  task.out.put("signed_rank", s.v, "1");
  task.out.put("centred_signed_rank", s.v - 0.25 * n * (n + 1.0), "1");
  if (p == SignedP::t && std::isfinite(s.t)) task.out.put("t", s.t, "1");
  if (p == SignedP::t) task.out.put("df", n - 1.0, "1");
  if (p == SignedP::asymptotic) task.out.put("z", s.z, "1");
  if (p == SignedP::continuity) task.out.put("z", s.z_continuity, "1");
  task.out.put("p_value", value_of(s, p), "probability");
}

void run(const SignedRank& o, Task& task) {
  task.out.row.method = "Wilcoxon signed rank test with pseudo-median";
  const auto data = subject_data(o.response, {}, task, o.by_arm);
  if (!data) return;
  const std::size_t arms = o.by_arm ? data->frame.arms().size() : 1;
  for (std::size_t arm = 0; arm < arms; ++arm) {
    std::vector<double> values;
    for (std::size_t i = 0; i < data->response.size(); ++i) {
      if (!o.by_arm || data->frame.arm()[i] == static_cast<int>(arm)) {
        values.push_back(data->response[i]);
      }
    }
    if (o.by_arm) task.out.row.arm = data->frame.arms()[arm];
    const SignedRankResult s = signed_rank(values, task.level(), most_signs);
    if (usable(s.status, task)) put_signed_rank(o, s, s.count < values.size(), task);
  }
  task.out.row.arm.clear();
  put_subjects(*data, task);
}

}  // namespace

std::vector<MethodEntry> rank_methods() {
  return {method<Wilcoxon>("wilcoxon", "rank sum test, Hodges-Lehmann shift, Brunner-Munzel test"),
          method<SignedRank>("signed_rank", "signed rank test of changes or paired differences")};
}

}  // namespace angiotrial::analysis
