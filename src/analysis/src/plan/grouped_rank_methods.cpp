// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/ranks/rank_ancova.hpp>
#include <angiotrial/analysis/ranks/rank_tests.hpp>

#include <array>

#include "plan/method.hpp"
#include "plan/rank_status.hpp"
#include "plan/subject_data.hpp"

/// Rank tests of several arms, in strata and with covariates, in plan files.
namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

std::string words(RankStatus status) {
  switch (status) {
    case RankStatus::fitted:
      return "";
    case RankStatus::empty_sample:
      return "a sample is empty, or no stratum has both arms";
    case RankStatus::invalid_input:
      return "a value is not finite";
    case RankStatus::no_variation:
      return "every value is the same, or no stratum has both arms: nothing to compare";
  }
  return "";
}

/// A single value has no spread of its own: its arm's part of the reference is a guess.
std::string note_on_sizes(const Frame& frame, std::string_view reference) {
  if (frame.fewest_subjects() >= 2) return "";
  return "an arm has one subject: the " + std::string(reference) + " reference is rough";
}

struct KruskalWallis {
  std::string response;
};

void describe(schema::Visitor& visit, KruskalWallis& o) {
  visit("response", o.response, "column of the response", analyst);
}

void run(const KruskalWallis& o, Task& task) {
  task.out.row.method = "Kruskal-Wallis test";
  task.out.row.conventions = "ties: mid-ranks, corrected variance; reference: chi-square";
  const auto data = subject_data(o.response, {}, task);
  if (!data) return;
  const ChiSquareResult k = kruskal_wallis(data->response, data->frame.arm(),
                                           static_cast<int>(data->frame.arms().size()));
  if (!usable(k.status, task)) return;
  task.out.row.note = note_on_sizes(data->frame, "chi-square");
  task.out.put("chi_square", k.chi_square, "1");
  task.out.put("df", k.df);
  task.out.put("p_value", k.p_value, "probability");
  task.out.row.note.clear();
  put_subjects(*data, task);
}

constexpr std::array<std::string_view, 3> stratum_weights{"van_elteren", "equal", "overall"};

struct VanElteren {
  std::string response;
  std::vector<std::string> strata;
  StratumWeights weights = StratumWeights::van_elteren;
};

void describe(schema::Visitor& visit, VanElteren& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("strata", o.strata, "columns whose combinations are the strata", analyst);
  visit("weights", o.weights, stratum_weights,
        "rank sums of strata divided by subjects + 1, added as they are, or ranks over all strata "
        "permuted within them (R package coin)",
        analyst);
}

void run(const VanElteren& o, Task& task) {
  task.out.row.method = "stratified Wilcoxon test (van Elteren)";
  task.out.row.conventions =
      "weights of strata: " + std::string(stratum_weights[static_cast<std::size_t>(o.weights)]) +
      "; ties: mid-ranks; reference: normal";
  if (o.strata.empty()) {
    task.bad_option("strata", "", "must name the columns of the strata",
                    "without strata the method is wilcoxon");
    return;
  }
  auto data = subject_data(o.response, o.strata, task);
  if (!data) return;
  const Strata strata = strata_of(data->frame, o.strata);
  for_each_comparison(data->frame, task, [&](std::size_t arm) {
    const TwoArms two = two_arms(data->frame, arm);
    const StratifiedRankResult s = stratified_wilcoxon(
        two.of(data->response), two.active, two.of(strata.codes), strata.count(), o.weights);
    if (!usable(s.status, task)) return;
    task.out.row.note = note_on_sizes(data->frame, "normal");
    task.out.put("z", s.z, "1");
    task.out.put("p_value", s.p_value, "probability");
    task.out.row.note.clear();
    task.out.put("strata_used", s.strata_used);
  });
  put_subjects(*data, task);
}

enum class AncovaTest { mean_score, quade };
constexpr std::array<std::string_view, 2> ancova_tests{"mean_score", "quade"};
constexpr std::array<std::string_view, 2> score_names{"ranks", "modified_ridit"};

struct RankAncova {
  std::string response;
  std::vector<std::string> covariates, classes, strata;
  RankScores scores = RankScores::modified_ridit;
  AncovaTest test = AncovaTest::mean_score;
};

void describe(schema::Visitor& visit, RankAncova& o) {
  visit("response", o.response, "column of the response", analyst);
  visit("covariates", o.covariates, "columns whose ranks the response is adjusted for", analyst);
  visit("classes", o.classes, "number columns to be taken as categories", analyst);
  visit("strata", o.strata, "columns whose combinations are the strata; or none", analyst);
  visit("scores", o.scores, score_names,
        "residuals as they are, or divided by the subjects of the stratum + 1", analyst);
  visit("test", o.test, ancova_tests,
        "which p-value is the analysis' own: extended mean scores (Koch), or Quade's analysis of "
        "variance of the residuals, without strata",
        analyst);
}

/// The columns of the covariates, row by row, without an intercept.
RankAncovaModel rank_model(const RankAncova& o, const SubjectData& data, const Strata& strata,
                           const Design& design, std::vector<double>& covariates) {
  for (std::size_t i = 0; i < design.values.size(); ++i) {
    if (i % design.columns() != 0) covariates.push_back(design.values[i]);
  }
  RankAncovaModel model;
  model.response = data.response;
  model.covariates = covariates;
  model.covariate_count = design.columns() - 1;
  model.arm = data.frame.arm();
  model.arms = static_cast<int>(data.frame.arms().size());
  if (!o.strata.empty()) model.stratum = strata.codes;
  model.strata = strata.count();
  model.scores = o.scores;
  return model;
}

void put_rank_ancova(const RankAncova& o, const RankAncovaResult& r, const Frame& frame,
                     Task& task) {
  const bool quade = o.test == AncovaTest::quade;
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    task.out.row.arm = frame.arms()[arm];
    task.out.put("mean_residual_score", r.mean_residuals[arm], "1");
  }
  task.out.row.arm.clear();
  task.out.put("chi_square", r.chi_square, "1");
  task.out.put(quade ? "mean_score_df" : "df", r.df);
  task.out.put(quade ? "mean_score_p_value" : "p_value", r.p_value, "probability");
  task.out.put("strata_used", r.strata_used);
  if (!r.quade) return;
  task.out.put("quade_f", r.quade->f, "1");
  task.out.put("quade_df_between", r.quade->df_between);
  task.out.put("quade_df_within", r.quade->df_within);
  task.out.put(quade ? "p_value" : "quade_p_value", r.quade->p_value, "probability");
}

void run(const RankAncova& o, Task& task) {
  task.out.row.method = "rank analysis of covariance";
  task.out.row.conventions =
      "p-value: " + std::string(ancova_tests[static_cast<std::size_t>(o.test)]) +
      "; scores: " + std::string(score_names[static_cast<std::size_t>(o.scores)]) +
      "; ties: mid-ranks; reference: " + (o.test == AncovaTest::quade ? "F" : "chi-square");
  const bool fine = task.check_classes(o.classes, o.covariates) &&
                    task.check_without_arm("covariates", o.covariates);
  std::vector<std::string> needed = Frame::columns_of(o.covariates);
  needed.insert(needed.end(), o.strata.begin(), o.strata.end());
  auto data = subject_data(o.response, needed, task);
  if (!data || !fine) return;
  const Strata strata = strata_of(data->frame, o.strata);
  const Design design = data->frame.design(o.covariates, o.classes, false);
  if (!data->frame.ok()) return;
  std::vector<double> covariates;
  const RankAncovaResult r = rank_ancova(rank_model(o, *data, strata, design, covariates));
  if (!usable(r.status, task)) return;
  if (o.test == AncovaTest::quade && !r.quade) {
    task.refuse("Quade's test needs one stratum, and residuals that vary within arms");
    return;
  }
  task.out.row.note = note_on_sizes(data->frame, o.test == AncovaTest::quade ? "F" : "chi-square");
  put_rank_ancova(o, r, data->frame, task);
  task.out.row.note.clear();
  put_subjects(*data, task);
}

}  // namespace

bool usable(RankStatus status, const Task& task) {
  if (status == RankStatus::fitted) return true;
  task.refuse(words(status));
  return false;
}

std::vector<MethodEntry> grouped_rank_methods() {
  return {method<KruskalWallis>("kruskal_wallis", "rank test of several arms at once"),
          method<VanElteren>("van_elteren", "rank sum test in strata"),
          method<RankAncova>("rank_ancova", "arms compared on ranks adjusted for covariates")};
}

}  // namespace angiotrial::analysis
