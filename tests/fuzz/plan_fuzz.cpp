// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/plan/plan_file.hpp>
#include <angiotrial/formats/csv_table.hpp>
#include <angiotrial/schema/resolved.hpp>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

// Whatever the bytes: a plan or problems with file and line; an accepted plan, written as resolved,
// is accepted again; and on a small trial it gives rows, problems or refusals, the same each time.
namespace angiotrial::analysis {
namespace {

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

/// Numbers that look like nothing in particular, the same in each run.
class Values {
 public:
  int below(int bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<int>((state_ >> 33U) % static_cast<std::uint64_t>(bound));
  }

 private:
  std::uint64_t state_ = 20261123;
};

constexpr int patients = 18;

std::string arm_of(int patient) {
  constexpr const char* arms[] = {"placebo", "low", "high"};
  return arms[patient % 3];
}

std::string id_of(int patient) { return "P" + std::to_string(100 + patient); }

/// One row a patient, with the columns that the pages of docs/reference use.
std::string subject_table() {
  std::string csv =
      "USUBJID,id,ARM,treated,DOSE,REGION,STRAT1,STRAT2,SITEID,SEX,AGE,BASE,LOGBASE,CHG,AVAL,CNSR,"
      "EVENT,CAUSE,DTHDY,DTHFL,HOSPDY,HOSPFL,COUNT,EPISODES,WEEKS,YEARS,RESP,RESPFL01,RANDNO,CCS,"
      "CCSBL,death_time,death,rec_time,rec,node4,FASFL,y\n";
  Values draw;
  for (int i = 0; i < patients; ++i) {
    const auto cell = [&](int least, int count) {
      return std::to_string(least + draw.below(count));
    };
    const auto flag = [&] { return std::string(draw.below(3) == 0 ? "N" : "Y"); };
    csv += id_of(i) + "," + std::to_string(i) + "," + arm_of(i) + "," + std::to_string(i % 2) +
           "," + std::to_string(5 * (i % 3)) + "," + (draw.below(2) == 0 ? "north" : "south") +
           "," + (draw.below(2) == 0 ? "a" : "b") + "," + (draw.below(2) == 0 ? "c" : "d") + "," +
           cell(1, 3) + "," + (i % 4 < 2 ? "F" : "M") + "," + cell(50, 30) + "," + cell(200, 99) +
           ",0." + cell(10, 90) + "," + (i == 7 ? "" : cell(-40, 120)) + "," + cell(1, 60) + "," +
           cell(0, 2) + "," + cell(0, 2) + "," + cell(0, 3) + "," + cell(1, 300) + "," + flag() +
           "," + cell(1, 200) + "," + flag() + "," + cell(0, 12) + "," + cell(0, 9) + "," +
           cell(4, 9) + ",1." + cell(1, 9) + "," + cell(0, 2) + "," + flag() + "," +
           std::to_string(i + 1) + "," + cell(0, 5) + "," + cell(1, 4) + "," + cell(1, 900) + "," +
           cell(0, 2) + "," + cell(1, 700) + "," + cell(0, 2) + "," + cell(0, 2) + "," + flag() +
           "," + cell(0, 40) + "\n";
  }
  return csv;
}

/// Three rows a patient: visits, weeks, or periods at risk.
std::string long_table() {
  std::string csv =
      "USUBJID,ADY,AVISIT,AVISITN,WEEK,VISIT,CHG,CHANGE,BASVAL,AVAL,EPISODES,COUNT,WEEKS,CCS,"
      "TSTART,TSTOP,EVENT,CAUSE,EVENT_NUMBER,STRAT1,PARAMCD\n";
  Values draw;
  for (int i = 0; i < patients; ++i) {
    for (int visit = 1; visit <= 3; ++visit) {
      if (visit == 3 && i % 6 == 5) continue;
      const auto cell = [&](int least, int count) {
        return std::to_string(least + draw.below(count));
      };
      const std::string v = std::to_string(visit);
      csv += id_of(i) + "," + std::to_string(30 * visit) + ",Month " + v + "," + v + "," + v + "," +
             v + "," + (i == 4 && visit == 2 ? "" : cell(-50, 140)) + "," + cell(-20, 25) + "," +
             std::to_string(20 + i) + "," + cell(0, 5) + "," + cell(0, 8) + "," + cell(0, 8) +
             ",4," + cell(0, 5) + "," + std::to_string(30 * (visit - 1)) + "," +
             std::to_string(30 * visit) + "," + cell(0, 2) + "," + cell(0, 3) + "," + v + "," +
             (i % 2 == 0 ? "a" : "b") + ",DEATH\n";
    }
  }
  return csv;
}

const std::vector<formats::DataTable>& trial() {
  static const std::vector<formats::DataTable> tables = [] {
    std::vector<formats::DataTable> out;
    const auto add = [&](const std::string& csv, const std::string& name) {
      auto table = formats::parse_csv_table(csv, name + ".csv");
      demand(table.ok());
      out.push_back(std::move(table).value());
    };
    for (const char* name : {"ADSL", "ADTTE", "TOTALS"}) add(subject_table(), name);
    for (const char* name : {"ADQS", "ADWEEK", "ADDIARY", "PERIODS"}) add(long_table(), name);
    return out;
  }();
  return tables;
}

void demand_places(const std::vector<diagnostics::Problem>& problems, const std::string& file) {
  for (const diagnostics::Problem& problem : problems) {
    demand(problem.line >= 0 && !problem.rule.empty());
    demand(!problem.file.empty());
    demand(file.empty() || problem.file == file);
    demand(!diagnostics::to_string(problem).empty());
  }
}

/// Work that a plan asks for by a number: chains, draws, trials. A million of them are slow by
/// intent, which a fuzzer would report as a hang.
bool asks_for_much(const PlanFile& plan) {
  constexpr std::string_view counts[] = {"replicates", "iterations", "warmup",      "imputations",
                                         "trials",     "points",     "exact_limit", "given_size"};
  for (const schema::LedgerRow& row : plan.ledger) {
    const std::string_view path = row.path;
    const std::string_view key = path.substr(path.rfind('.') + 1);
    for (const std::string_view count : counts) {
      if (key == count && std::strtod(row.value.c_str(), nullptr) > 200.0) return true;
    }
  }
  return false;
}

/// Posteriors by a sampler take seconds whatever the options: their tests run them.
bool quick(const PlanFile& plan) {
  if (plan.analyses.size() > 6 || asks_for_much(plan)) return false;
  for (const PlannedAnalysis& analysis : plan.analyses) {
    if (analysis.method == "bayesian_markov_ordinal") return false;
  }
  return true;
}

bool same(const PlanResult& a, const PlanResult& b) {
  return a.rows == b.rows && a.problems == b.problems && a.refusals == b.refusals;
}

void demand_sound(const PlanResult& result) {
  demand_places(result.problems, "");
  demand_places(result.refusals, "");
  for (const Row& row : result.rows) {
    demand(!row.statistic.empty() && !row.analysis.empty() && !row.method.empty());
    demand(!row.value || !std::isnan(*row.value));
  }
}

void try_text(std::string_view text) {
  const auto plan = read_plan(text, "plan.toml");
  demand(plan.ok() == plan.problems().empty());
  demand_places(plan.problems(), "plan.toml");
  if (!plan.ok()) return;
  demand(!plan.value().analyses.empty());
  const auto again = read_plan(schema::to_toml(plan.value().ledger), "plan.resolved.toml");
  demand(again.ok() && again.value().ledger.size() == plan.value().ledger.size());
  for (std::size_t i = 0; i < again.value().ledger.size(); ++i) {
    demand(again.value().ledger[i].path == plan.value().ledger[i].path);
    demand(again.value().ledger[i].value == plan.value().ledger[i].value);
  }
  if (!quick(plan.value())) return;
  const PlanResult once = run_plan(plan.value(), trial());
  demand_sound(once);
  demand(same(once, run_plan(plan.value(), trial())));
}

}  // namespace
}  // namespace angiotrial::analysis

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::analysis::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
