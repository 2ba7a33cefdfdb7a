// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/randomisation/rerandomisation_test.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "plan/allocation_options.hpp"
#include "plan/method.hpp"
#include "plan/subject_data.hpp"

/// Re-randomisation tests in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};
enum class Statistic { mean_difference, rank_sum, ancova };
constexpr std::array<std::string_view, 3> statistics{"mean_difference", "rank_sum", "ancova"};
constexpr std::array<std::string_view, 3> tails{"two_sided", "greater", "less"};

struct Rerandomisation {
  std::string response;
  Statistic statistic = Statistic::mean_difference;
  std::vector<std::string> covariates, classes;
  AllocationOptions allocation;
  RandomisationTail tail = RandomisationTail::two_sided;
  int replicates = 9999;
  bool enumerate = false;
};

void describe(schema::Visitor& visit, Rerandomisation& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("statistic", o.statistic, statistics,
        "difference of means; mid-ranks less their mean, summed over the arm (with more than two "
        "arms the difference of mean ranks); or the arm's coefficient by least squares",
        analyst);
  visit("covariates", o.covariates, "terms of the ancova besides the arm", analyst);
  visit("classes", o.classes, "number columns to be taken as categories", analyst);
  describe_allocation(visit, o.allocation);
  visit("tail", o.tail, tails, "which allocations are extreme", analyst);
  visit("replicates", o.replicates, {.least = 1, .most = 1000000}, "allocations drawn", analyst);
  visit("enumerate", o.enumerate,
        "all allocations with the arms' sizes instead of draws; scheme complete only, no seed",
        analyst);
}

std::string words(RerandomisationStatus status) {
  switch (status) {
    case RerandomisationStatus::tested:
      return "";
    case RerandomisationStatus::invalid_input:
      return "a response is not finite";
    case RerandomisationStatus::undefined:
      return "the statistic cannot be computed from these data";
    case RerandomisationStatus::too_many:
      return "more than a million allocations: draw instead of enumerating them";
    case RerandomisationStatus::empty_arm:
      return "an arm is empty";
  }
  return "";
}

/// Those with a response, and what was randomised.
struct Outcomes {
  Frame frame;
  std::vector<double> response;
  Design covariates;  ///< with an intercept
  Assign assign;      ///< arms of the rows of `frame`
  std::size_t missing = 0;
};

/// Draws for all that were randomised and hands out the arms of those with a response.
Assign of_observed(Allocation allocation, const Frame& all, const Frame& observed) {
  std::vector<std::size_t> position(all.subjects(), 0), wanted;
  for (std::size_t e = 0; e < allocation.entry.size(); ++e) {
    position[static_cast<std::size_t>(all.subject()[allocation.entry[e]])] = e;
  }
  for (const int subject : observed.subject()) {
    wanted.push_back(position[static_cast<std::size_t>(subject)]);
  }
  auto drawn = std::make_shared<std::vector<int>>(allocation.entry.size());
  return [assign = std::move(allocation.assign), wanted = std::move(wanted), drawn](
             std::uint32_t replicate, std::span<int> arm) {
    assign(replicate, *drawn);
    for (std::size_t i = 0; i < arm.size(); ++i) arm[i] = (*drawn)[wanted[i]];
  };
}

/// Problems with options that do not need the data. False if any.
bool check(const Rerandomisation& o, const Task& task) {
  const std::size_t before = task.problems.size();
  if (o.response.empty()) {
    task.bad_option("response", "", "must name the column of the response");
  }
  if (!o.covariates.empty() && o.statistic != Statistic::ancova) {
    task.bad_option("covariates", o.covariates.front(), "are for statistic = \"ancova\"");
  }
  task.check_classes(o.classes, o.covariates);
  task.check_without_arm("covariates", o.covariates);
  if (o.enumerate && o.allocation.scheme != Scheme::complete) {
    task.bad_option("enumerate", "true", "is for scheme = \"complete\"");
  }
  return task.problems.size() == before;
}

std::optional<Outcomes> outcomes_of(const Rerandomisation& o, Task& task) {
  if (!check(o, task)) return std::nullopt;
  std::vector<std::string> needed{o.response};
  for (std::string& column : Frame::columns_of(o.covariates)) needed.push_back(std::move(column));
  auto all = task.frame({.response = o.response, .columns = needed});
  if (!all || !all->require_one_row_per_subject() || !all->require_every_arm()) return std::nullopt;
  Outcomes out{*all, {}, {}, {}, 0};
  out.missing = out.frame.keep_complete(needed);
  if (!out.frame.ok() || !out.frame.require_every_arm()) return std::nullopt;
  out.response = out.frame.response(o.response);
  out.covariates = out.frame.design(o.covariates, o.classes, false);
  if (!o.enumerate) {
    auto allocation = allocation_of(o.allocation, *all, task);
    if (!allocation) return std::nullopt;
    out.assign = of_observed(std::move(*allocation), *all, out.frame);
  } else if (out.missing > 0) {
    task.bad_option("enumerate", "true", "needs the response of every subject", "draw instead");
  }
  if (!out.frame.ok()) return std::nullopt;
  return out;
}

/// Mid-ranks less their mean.
std::vector<double> centred_ranks(const std::vector<double>& y) {
  std::vector<std::size_t> order(y.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return y[i]; });
  std::vector<double> out(y.size());
  const double centre = 0.5 * (static_cast<double>(y.size()) - 1.0);
  for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
    while (last < order.size() && y[order[last]] == y[order[first]]) ++last;
    const double rank = 0.5 * static_cast<double>(first + last - 1) - centre;
    for (std::size_t k = first; k < last; ++k) out[order[k]] = rank;
  }
  return out;
}

/// Mean of the scores in `arm` less that in `reference`; not a number where one is empty.
ArmStatistic mean_difference(std::vector<double> scores, int arm, int reference) {
  return [scores = std::move(scores), arm, reference](std::span<const int> drawn) {
    double sum[2] = {0.0, 0.0}, count[2] = {0.0, 0.0};
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      if (drawn[i] != arm && drawn[i] != reference) continue;
      const int side = drawn[i] == arm ? 1 : 0;
      sum[side] += scores[i];
      count[side] += 1.0;
    }
    return sum[1] / count[1] - sum[0] / count[0];
  };
}

ArmStatistic score_sum(std::vector<double> scores, int arm) {
  return [scores = std::move(scores), arm](std::span<const int> drawn) {
    double sum = 0.0;
    for (std::size_t i = 0; i < drawn.size(); ++i) sum += drawn[i] == arm ? scores[i] : 0.0;
    return sum;
  };
}

/// The coefficient of `arm` in y ~ arms + X, through what X leaves of y and of the indicators Z:
///   (Z'MZ) b = Z'My,   M = I - QQ',   Q a basis of the columns of X.
ArmStatistic adjusted_difference(const Outcomes& data, std::size_t arm) {
  using Eigen::Index;
  const auto rows = static_cast<Index>(data.response.size());
  const auto columns = static_cast<Index>(data.covariates.columns());
  const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> x(
      data.covariates.values.data(), rows, columns);
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(x);
  Eigen::MatrixXd q = qr.householderQ() * Eigen::MatrixXd::Identity(rows, qr.rank());
  const Eigen::Map<const Eigen::VectorXd> y(data.response.data(), rows);
  Eigen::VectorXd left = y - q * (q.transpose() * y);
  const auto arms = static_cast<Index>(data.frame.arms().size());
  const auto reference = static_cast<Index>(data.frame.reference());
  const auto place = [reference](Index a) { return a < reference ? a : a - 1; };
  return [q = std::move(q), left = std::move(left), arms, reference, place,
          at = place(static_cast<Index>(arm))](std::span<const int> drawn) {
    Eigen::MatrixXd basis = Eigen::MatrixXd::Zero(arms - 1, q.cols());
    Eigen::VectorXd moment = Eigen::VectorXd::Zero(arms - 1), size = moment;
    for (Index i = 0; i < q.rows(); ++i) {
      const Index a = drawn[static_cast<std::size_t>(i)];
      if (a == reference) continue;
      basis.row(place(a)) += q.row(i);
      moment[place(a)] += left[i];
      size[place(a)] += 1.0;
    }
    // Scaled by the arms' sizes, so that what X leaves of them is a share.
    constexpr double least_share = 1e-10;
    if (!(size.minCoeff() > 0.0)) return std::numeric_limits<double>::quiet_NaN();
    const Eigen::VectorXd scale = size.array().rsqrt();
    basis = scale.asDiagonal() * basis;
    const Eigen::LDLT<Eigen::MatrixXd> solver(
        Eigen::MatrixXd(Eigen::MatrixXd::Identity(arms - 1, arms - 1) - basis * basis.transpose()));
    if (!(solver.vectorD().minCoeff() > least_share)) {
      return std::numeric_limits<double>::quiet_NaN();
    }
    return scale[at] * solver.solve(Eigen::VectorXd(scale.asDiagonal() * moment))[at];
  };
}

ArmStatistic statistic_of(const Rerandomisation& o, const Outcomes& data, std::size_t arm) {
  const int a = static_cast<int>(arm), reference = static_cast<int>(data.frame.reference());
  if (o.statistic == Statistic::ancova) return adjusted_difference(data, arm);
  if (o.statistic == Statistic::mean_difference)
    return mean_difference(data.response, a, reference);
  if (data.frame.arms().size() == 2) return score_sum(centred_ranks(data.response), a);
  return mean_difference(centred_ranks(data.response), a, reference);
}

/// The interval for a shift of the one arm, by the same draws.
void put_shift(const Rerandomisation& o, const Outcomes& data,
               const RerandomisationOptions& options, Task& task) {
  const int reference = static_cast<int>(data.frame.reference());
  std::vector<int> treated;
  for (const int arm : data.frame.arm()) treated.push_back(arm == reference ? 0 : 1);
  const Assign assign = [&](std::uint32_t replicate, std::span<int> arm) {
    data.assign(replicate, arm);
    for (int& a : arm) a = a == reference ? 0 : 1;
  };
  const RerandomisationShift shift =
      rerandomisation_shift({data.response, treated}, assign,
                            static_cast<ShiftStatistic>(static_cast<int>(o.statistic)), options);
  if (shift.status != RerandomisationStatus::tested) return;
  const bool ranks = o.statistic == Statistic::rank_sum;
  if (ranks) task.out.put("hodges_lehmann_shift", shift.estimate, task.analysis.unit);
  if (!std::isfinite(shift.lower) || !std::isfinite(shift.upper)) {
    task.out.row.note = "too few replicates for an interval of this level";
  }
  put_interval(task, shift.lower, shift.upper, task.analysis.unit);
  task.out.row.note.clear();
}

void put_test(const Rerandomisation& o, const Outcomes& data, std::size_t arm, Task& task) {
  const RerandomisationOptions options{static_cast<std::uint32_t>(o.replicates), o.tail,
                                       task.level()};
  const ArmStatistic statistic = statistic_of(o, data, arm);
  const RerandomisationTest test =
      o.enumerate ? enumeration_test(data.frame.arm(), statistic, o.tail)
                  : rerandomisation_test(data.frame.arm(), data.assign, statistic, options);
  if (test.status != RerandomisationStatus::tested) {
    task.refuse(words(test.status));
    return;
  }
  const bool ranks = o.statistic == Statistic::rank_sum;
  task.out.put(ranks ? "rank_statistic" : "difference", test.observed,
               ranks ? "1" : task.analysis.unit);
  if (data.frame.arms().size() == 2 && o.statistic != Statistic::ancova && !o.enumerate &&
      o.tail == RandomisationTail::two_sided) {
    put_shift(o, data, options, task);
  }
  task.out.put("p_value", test.p_value, "probability");
  put_interval(task, test.monte_carlo_lower, test.monte_carlo_upper, "probability", "p_value_");
  task.out.put("allocations", static_cast<double>(test.allocations), "1");
  task.out.put("extreme_allocations", static_cast<double>(test.extreme), "1");
  task.out.put("undefined_allocations", static_cast<double>(test.undefined), "1");
}

void run(const Rerandomisation& o, Task& task) {
  task.out.row.method = "re-randomisation test, statistic " +
                        std::string(statistics[static_cast<std::size_t>(o.statistic)]);
  task.out.row.conventions =
      (o.enumerate ? "scheme: complete, all allocations"
                   : words_of(o.allocation) + "; draws: " + std::to_string(o.replicates)) +
      "; tail: " + std::string(tails[static_cast<std::size_t>(o.tail)]) +
      "; null hypothesis: each subject's response is the same on every arm";
  const std::size_t before = task.problems.size();
  const auto data = outcomes_of(o, task);
  if (!data || task.problems.size() != before) return;
  for_each_comparison(data->frame, task, [&](std::size_t arm) { put_test(o, *data, arm, task); });
  task.out.put("n", static_cast<double>(data->frame.rows()), "subjects");
  task.out.put("n_missing", static_cast<double>(data->missing), "subjects");
}

}  // namespace

std::vector<MethodEntry> randomisation_methods() {
  return {method<Rerandomisation>("rerandomisation_test",
                                  "test under the allocation scheme that the trial used")};
}

}  // namespace angiotrial::analysis
