// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/arguments.hpp>
#include <angiotrial/report/results_json.hpp>
#include <angiotrial/version.hpp>

#include <CLI/CLI.hpp>

#include <limits>
#include <sstream>
#include <thread>

namespace angiotrial::app {
namespace {

constexpr std::uint32_t most_replicates = 1'000'000;
constexpr int most_threads = 1024;

constexpr const char* footer =
    "Exit codes: 0 done; 2 a wrong argument or study; 3 a file of data that cannot be used;\n"
    "4 the simulated trial failed; 5 disk, permission or an existing file; 70 a bug of ours;\n"
    "75 interrupted, `angiotrial resume DIR` goes on.";

int hardware_threads() {
  const unsigned threads = std::thread::hardware_concurrency();
  return threads == 0 ? 1 : static_cast<int>(std::min<unsigned>(threads, most_threads));
}

std::string joined(int argc, const char* const* argv) {
  std::string line = "angiotrial";
  for (int i = 1; i < argc; ++i) line += std::string(" ") + argv[i];
  return line;
}

/// Everything CLI11 fills in; the sub-commands share what has the same name.
struct Parser {
  CLI::App app{"AngioTrial: simulated trials of CD34+ cell therapy for refractory angina",
               "angiotrial"};
  CLI::App* init = nullptr;
  CLI::App* check = nullptr;
  CLI::App* explain = nullptr;
  CLI::App* run = nullptr;
  CLI::App* resume = nullptr;
  CLI::App* report = nullptr;
  CLI::App* heart = nullptr;
  CLI::App* analyse = nullptr;
  Heart picture;
  Analyse statistics;
  std::string name, key, study, dir, progress = "auto", resolution;
  std::optional<std::string> out;
  std::optional<std::uint64_t> seed;
  std::uint32_t replicates = 1;
  int threads = hardware_threads();
  bool quiet = false;

  Parser();
  void add_study(CLI::App* command);
  void add_dir(CLI::App* command);
  void add_seed(CLI::App* command);
  void add_session(CLI::App* command);
  void add_heart();
  void add_analyse();
  void add_comparisons();
  [[nodiscard]] std::optional<study::Resolution> chosen_resolution() const;
  [[nodiscard]] Command command(const std::string& line) const;
};

Parser::Parser() {
  app.footer(std::string(footer) + "\n" + std::string(report::notice));
  app.set_version_flag("--version",
                       "angiotrial " + std::string(version) + " (" + std::string(commit) + ")");
  app.require_subcommand(1);
  init = app.add_subcommand("init", "write a commented study file to start from");
  init->add_option("NAME", name, "the study goes to NAME.toml")->required();
  check = app.add_subcommand("check", "list every problem of a study, or what follows from it");
  add_study(check);
  add_seed(check);
  explain = app.add_subcommand("explain", "what a parameter is, and where it goes");
  explain->add_option("KEY", key, "its key, or its path, or a table; methods: those of a plan")
      ->required();
  run = app.add_subcommand("run", "simulate a study, to the report");
  add_study(run);
  run->add_option("--out", out, "output folder; out/<study id> unless given")->type_name("DIR");
  add_seed(run);
  run->add_option("--replicates", replicates, "simulated trials")
      ->check(CLI::Range(std::uint32_t{1}, most_replicates))
      ->type_name("N")
      ->capture_default_str();
  run->add_option("--resolution", resolution,
                  "hearts of treated patients, instead of the study's: radial or voxel")
      ->check(CLI::IsMember({"radial", "voxel"}))
      ->type_name("");
  add_session(run);
  resume = app.add_subcommand("resume", "go on with a run that was interrupted");
  add_dir(resume);
  add_session(resume);
  report = app.add_subcommand("report", "draw the report of a finished run again");
  add_dir(report);
  add_heart();
  add_analyse();
}

void Parser::add_analyse() {
  analyse =
      app.add_subcommand("analyse", "statistics of a plan on your own data, or a run's again");
  analyse->add_option("DATA", statistics.data, "file or folder: CSV, SAS transport, Dataset-JSON")
      ->type_name("");
  analyse->add_option("--plan", statistics.plan, "analysis plan; a run's own study unless given")
      ->type_name("FILE");
  analyse
      ->add_option("--out", statistics.out,
                   "output folder; out/<name of the plan>-analysis unless given")
      ->type_name("DIR");
  analyse->add_flag("--quiet", quiet, "print nothing when all goes well");
  analyse->callback([this] {
    if (!statistics.data.empty() || !statistics.plan.empty()) return;
    throw CLI::ValidationError("analyse",
                               "DATA is missing: data with --plan FILE, or a run's folder");
  });
}

void Parser::add_heart() {
  heart = app.add_subcommand("heart", "one patient's heart in 3D, before and after, as images");
  add_study(heart);
  heart->add_option("--out", out, "output folder; out/<study id>-heart unless given")
      ->type_name("DIR");
  add_seed(heart);
  heart->add_option("--patient", picture.patient, "which of those who could be treated, from 1")
      ->check(CLI::Range(1, 100000))
      ->type_name("N")
      ->capture_default_str();
  heart->add_option("--arm", picture.arm, "the first arm that gets cells unless given")
      ->type_name("ARM");
  heart->add_option("--days", picture.days, "days after injection; day 0 is always there")
      ->delimiter(',')
      ->check(CLI::Range(0, 3650))
      ->type_name("D,D")
      ->capture_default_str();
  // Range lets a number pass that is none.
  const CLI::Validator finite(
      [](std::string& text) {
        return std::string(text.find_first_of("nN") == std::string::npos ? "" : "must be a number");
      },
      "");
  heart
      ->add_option("--spacing", picture.spacing_mm, "edge of a voxel in mm, instead of the study's")
      ->check(finite)
      ->check(CLI::Range(0.25, 2.0))
      ->type_name("MM");
  heart->add_option("--plan", picture.plan, "how sites are chosen, instead of the study's way")
      ->check(CLI::IsMember({"protocol", "even", "optimised", "oracle"}))
      ->type_name("");
  auto* map = heart->add_option("--map", picture.map,
                                "electromechanical map to plan on: CSV, or CARTO .mesh");
  map->type_name("FILE");
  heart->add_option("--sites", picture.sites, "sites to inject: CSV with x_mm, y_mm, z_mm")
      ->type_name("FILE");
  auto* mask = heart->add_option("--mask", picture.mask, "muscle of the left ventricle: NIfTI-1");
  auto* marks = heart->add_option("--landmarks", picture.landmarks,
                                  "of the mask: CSV with name, x_mm, y_mm, z_mm");
  mask->type_name("FILE")->needs(marks);
  marks->type_name("FILE")->needs(mask);
  add_comparisons();
  add_session(heart);
}

void Parser::add_comparisons() {
  auto* verify =
      heart->add_flag("--verify", picture.verify, "also coarsen the grids, and print the error");
  auto* treatments = heart->add_flag("--compare-treatments", picture.compare_treatments,
                                     "instead: drugs, stents, bypass and cells on this heart");
  auto* plans = heart->add_option("--compare-plans", picture.compare_plans,
                                  "instead: injection plans side by side over so many patients");
  plans->check(CLI::Range(10, 10000))->type_name("N");
  // What one patient's files or pictures say has no place over many patients.
  for (const char* other : {"--patient", "--arm", "--days", "--spacing", "--plan", "--map",
                            "--sites", "--mask", "--landmarks", "--out"}) {
    plans->excludes(heart->get_option(other));
  }
  plans->excludes(verify)->excludes(treatments);
  treatments->excludes(verify)->excludes(heart->get_option("--out"));
  heart->get_option("--plan")->excludes(heart->get_option("--sites"));
}

void Parser::add_study(CLI::App* command) {
  command->add_option("STUDY", study, "study file (TOML)")->required()->type_name("");
}

void Parser::add_dir(CLI::App* command) {
  command->add_option("DIR", dir, "output folder of a run")->required()->type_name("");
}

/// A study file can hold whole numbers up to 2^63 - 1, and study.resolved.toml is one.
void Parser::add_seed(CLI::App* command) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  command->add_option("--seed", seed, "seed, instead of the one in the study")
      ->check(CLI::Range(std::uint64_t{0}, most))
      ->type_name("N");
}

void Parser::add_session(CLI::App* command) {
  command->add_option("--threads", threads, "threads; results do not depend on them")
      ->check(CLI::Range(1, most_threads))
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--progress", progress, "auto: on a terminal; json: one object a line; off")
      ->check(CLI::IsMember({"auto", "json", "off"}))
      ->type_name("")
      ->capture_default_str();
  command->add_flag("--quiet", quiet, "print nothing when all goes well");
}

std::optional<study::Resolution> Parser::chosen_resolution() const {
  if (resolution.empty()) return {};
  return resolution == "voxel" ? study::Resolution::voxel : study::Resolution::radial;
}

Command Parser::command(const std::string& line) const {
  Session session;
  session.threads = threads;
  session.quiet = quiet;
  session.command_line = line;
  if (progress == "json") session.progress = ProgressMode::json;
  if (progress == "off") session.progress = ProgressMode::off;
  if (init->parsed()) return Init{name};
  if (check->parsed()) return Check{study, seed};
  if (explain->parsed()) return Explain{key};
  if (run->parsed()) return Run{study, out, seed, chosen_resolution(), replicates, session};
  if (resume->parsed()) return Resume{dir, session};
  if (report->parsed()) return Report{dir};
  if (analyse->parsed()) {
    Analyse asked = statistics;
    asked.session = session;
    return asked;
  }
  Heart asked = picture;
  asked.study = study;
  asked.out = out;
  asked.seed = seed;
  asked.session = session;
  return asked;
}

}  // namespace

std::variant<Command, Ending> parse(int argc, const char* const* argv) {
  Parser parser;
  try {
    parser.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    const bool asked = parser.app.exit(error, out, err) == 0;
    return Ending{asked ? Exit::success : Exit::bad_input, out.str(), err.str()};
  }
  return parser.command(joined(argc, argv));
}

}  // namespace angiotrial::app
