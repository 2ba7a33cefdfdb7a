// SPDX-License-Identifier: Apache-2.0
// Type I error and coverage of every procedure under the null and one alternative, at 20 patients
// an arm and at a usual size:
//
//   angiotrial_operating [--trials N] [--threads N] [--only TEXT ...] [--markdown FILE]
//
// `--only` takes the procedures whose names hold TEXT; given again, those of either text.
// Exits with 1 when a procedure breaks its claim beyond Monte Carlo error, family-wise at 1 %.
#include <angiotrial/parallel/for_each_index.hpp>

#include <boost/math/distributions/binomial.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "procedure.hpp"

namespace angiotrial::operating {
namespace {

constexpr std::uint64_t seed = 20261123;

struct Options {
  int trials = 10000;
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::string> only;  ///< empty: every procedure
  std::string markdown;

  [[nodiscard]] bool wants(const std::string& name) const {
    return only.empty() || std::ranges::any_of(only, [&](const std::string& text) {
             return name.find(text) != std::string::npos;
           });
  }
};

struct Rates {
  int trials = 0;  ///< not refused
  int refused = 0;
  int rejected = 0;
  int covered = 0;
};

struct Cell {
  Setting setting;
  Rates rates;
};

struct Line {
  const Procedure* procedure;
  std::vector<Cell> cells;
};

std::vector<Procedure> all() {
  std::vector<Procedure> out;
  for (const auto family : {&count_procedures,
                            &generalised_linear_procedures,
                            &zero_count_procedures,
                            &repeated_count_procedures,
                            &design_procedures,
                            &blinded_review_procedures,
                            &sequential_procedures,
                            &borrowing_procedures,
                            &dose_procedures,
                            &dose_target_procedures,
                            &linear_procedures,
                            &standardisation_procedures,
                            &survival_procedures,
                            &survival_curve_procedures,
                            &survival_model_procedures,
                            &mixed_procedures,
                            &mixed_structure_procedures,
                            &imputation_procedures,
                            &composite_procedures,
                            &win_procedures,
                            &rank_procedures,
                            &group_procedures,
                            &multiplicity_procedures,
                            &ordinal_procedures,
                            &repeated_ordinal_procedures}) {
    for (Procedure& procedure : family()) out.push_back(std::move(procedure));
  }
  return out;
}

/// Trial t of a setting draws from replicate t: the same trials whatever the threads.
Rates simulate(const Procedure& procedure, const Setting& setting, const Options& options) {
  std::vector<Verdict> verdicts(static_cast<std::size_t>(options.trials));
  constexpr std::size_t block = 16;
  const std::size_t blocks = (verdicts.size() + block - 1) / block;
  parallel::for_each_index(blocks, options.threads, [&](std::size_t b) {
    for (std::size_t t = b * block; t < std::min(verdicts.size(), (b + 1) * block); ++t) {
      random::Stream draw(seed, static_cast<std::uint32_t>(t),
                          static_cast<std::uint32_t>(setting.per_arm), random::Purpose::bootstrap,
                          setting.null ? 0 : 1);
      verdicts[t] = procedure.run(draw, setting);
    }
    return true;
  });
  Rates rates;
  for (const Verdict& verdict : verdicts) {
    if (verdict.refused) {
      ++rates.refused;
      continue;
    }
    ++rates.trials;
    rates.rejected += verdict.rejected ? 1 : 0;
    rates.covered += verdict.covered ? 1 : 0;
  }
  return rates;
}

bool too_many(int count, int trials, double nominal, double alpha) {
  if (trials == 0 || count == 0) return false;
  const boost::math::binomial reference(trials, std::min(nominal, 1.0));
  return cdf(complement(reference, count - 1)) < alpha;
}

/// What breaks the claim, in words; empty when nothing does.
std::string complaint(const Procedure& p, const Cell& cell, double alpha) {
  const bool small = cell.setting.per_arm <= 20;
  if (small && p.claim == Claim::asymptotic) return "";
  const Rates& r = cell.rates;
  std::string out;
  if (p.error >= 0.0 && cell.setting.null &&
      too_many(r.rejected, r.trials, p.error + p.slack, alpha)) {
    out += " type I error " + std::to_string(static_cast<double>(r.rejected) / r.trials);
  }
  const double miss = 1.0 - p.coverage + p.slack;
  if (p.coverage >= 0.0 && too_many(r.trials - r.covered, r.trials, miss, alpha)) {
    out += " coverage " + std::to_string(static_cast<double>(r.covered) / r.trials);
  }
  return out.empty() ? ""
                     : p.name + " at " + std::to_string(cell.setting.per_arm) + " an arm:" + out;
}

std::string percent(int count, int trials) {
  if (trials == 0) return "-";
  const double p = static_cast<double>(count) / trials;
  char text[48];
  std::snprintf(text, sizeof text, "%.2f (%.2f)", 100.0 * p,
                100.0 * std::sqrt(p * (1.0 - p) / trials));
  return text;
}

/// One row: name, n, error under the null, power, coverage under both, refusals.
std::string row(const Line& line, bool small) {
  const Procedure& p = *line.procedure;
  const auto at = [&](bool null) -> const Rates& {
    for (const Cell& cell : line.cells) {
      if (cell.setting.null == null && (cell.setting.per_arm <= 20) == small) return cell.rates;
    }
    throw std::logic_error("no such setting");
  };
  const Rates &null = at(true), &other = at(false);
  const auto if_tested = [&](const Rates& r) {
    return p.error < 0.0 ? std::string("-") : percent(r.rejected, r.trials);
  };
  const auto if_interval = [&](const Rates& r) {
    return p.coverage < 0.0 ? std::string("-") : percent(r.covered, r.trials);
  };
  const char* claims[] = {"exact", "corrected", "asymptotic"};
  return "| " + p.name + " | " + claims[static_cast<int>(p.claim)] + " | " +
         std::to_string(small ? 20 : p.usual_per_arm) + " | " + if_tested(null) + " | " +
         if_tested(other) + " | " + if_interval(null) + " | " + if_interval(other) + " | " +
         std::to_string(null.refused + other.refused) + " |\n";
}

std::string table(const std::vector<Line>& lines) {
  std::string out =
      "| procedure | claim | n an arm | type I error, % (MCSE) | power, % | coverage under the "
      "null, "
      "% | under the alternative, % | refused |\n|---|---|---|---|---|---|---|---|\n";
  for (const Line& line : lines) out += row(line, true) + row(line, false);
  return out;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string key = argv[i], value = argv[i + 1];
    if (key == "--trials") options.trials = std::atoi(value.c_str());
    if (key == "--threads") options.threads = std::atoi(value.c_str());
    if (key == "--only") options.only.push_back(value);
    if (key == "--markdown") options.markdown = value;
  }
  return options;
}

int run(const Options& options) {
  const std::vector<Procedure> procedures = all();
  std::vector<Line> lines;
  for (const Procedure& procedure : procedures) {
    if (!options.wants(procedure.name)) continue;
    Line line{&procedure, {}};
    for (const int per_arm : {20, procedure.usual_per_arm}) {
      for (const bool null : {true, false}) {
        const Setting setting{per_arm, null};
        line.cells.push_back({setting, simulate(procedure, setting, options)});
      }
    }
    std::printf("%s%s", row(line, true).c_str(), row(line, false).c_str());
    std::fflush(stdout);
    lines.push_back(std::move(line));
  }
  if (lines.empty()) return 2;
  if (!options.markdown.empty()) std::ofstream(options.markdown) << table(lines);
  const double alpha = 0.01 / (6.0 * static_cast<double>(lines.size()));
  int broken = 0;
  for (const Line& line : lines) {
    for (const Cell& cell : line.cells) {
      const std::string words = complaint(*line.procedure, cell, alpha);
      if (words.empty()) continue;
      std::printf("BROKEN: %s\n", words.c_str());
      ++broken;
    }
  }
  return broken == 0 ? 0 : 1;
}

}  // namespace
}  // namespace angiotrial::operating

int main(int argc, char** argv) {
  return angiotrial::operating::run(angiotrial::operating::parse(argc, argv));
}
