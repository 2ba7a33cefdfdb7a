// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/commands.hpp>
#include <angiotrial/app/interrupt.hpp>
#include <angiotrial/app/output_folder.hpp>
#include <angiotrial/app/progress.hpp>
#include <angiotrial/app/run_record.hpp>
#include <angiotrial/diagnostics/io_error.hpp>
#include <angiotrial/formats/atomic_file.hpp>
#include <angiotrial/version.hpp>

#include "finish.hpp"
#include "folder_files.hpp"

#include <algorithm>

namespace angiotrial::app {
namespace {

using campaign::Replicate;
using campaign::Shard;

/// Shards that are simulated together, so that many threads do not wait for the last replicate of
/// each; they are written one by one.
struct Batch {
  std::vector<std::size_t> numbers;  ///< of consecutive shards
  Shard replicates;
};

/// One run from its record to its outputs.
class Campaign {
 public:
  Campaign(const OutputFolder& folder, const RunRecord& record, const study::Study& study,
           const Session& session)
      : folder_(folder),
        record_(record),
        study_(study),
        session_(session),
        trial_(study.spec),
        shards_(campaign::split(record.replicates, record.shard_size)) {}

  Ending conduct() {
    const trial::TrialRecord first = trial_.conduct(0, session_.threads);
    if (!first.enrolment_filled) return unfilled(0);
    Ending simulated = simulate(first);
    if (simulated.code != Exit::success) return simulated;
    return finish(folder_, study_, shards_, report::adam_files(first.observed), session_);
  }

 private:
  /// Simulates the shards that are not there yet.
  Ending simulate(const trial::TrialRecord& first) {
    make_folder(folder_.work());
    Progress progress(session_, done(), record_.replicates);
    for (const Batch& batch : missing()) {
      if (interrupted()) return stopped();
      const std::vector<Replicate> replicates = campaign::run_shard(
          trial_, batch.replicates, session_.threads,
          [&progress] {
            progress.count_one();
            return !interrupted();
          },
          batch.replicates.first == 0 ? &first : nullptr);
      if (replicates.empty()) return stopped();
      const auto short_one = std::ranges::find(replicates, false, &Replicate::enrolment_filled);
      if (short_one != replicates.end()) return unfilled(short_one->index);
      write(batch, replicates);
    }
    return {};
  }

  void write(const Batch& batch, const std::vector<Replicate>& replicates) const {
    auto begin = replicates.begin();
    for (const std::size_t number : batch.numbers) {
      const auto end = begin + static_cast<std::ptrdiff_t>(shards_[number].count);
      formats::write_atomically(folder_.shard(number),
                                campaign::to_json(study_.hash, {begin, end}));
      begin = end;
    }
  }

  [[nodiscard]] std::vector<Batch> missing() const {
    const auto enough = static_cast<std::uint32_t>(4 * session_.threads);
    std::vector<Batch> batches;
    for (std::size_t number = 0; number < shards_.size(); ++number) {
      if (exists(folder_.shard(number))) continue;
      const bool follows = !batches.empty() && batches.back().numbers.back() + 1 == number;
      if (!follows || batches.back().replicates.count >= enough) {
        batches.push_back({{number}, shards_[number]});
      } else {
        batches.back().numbers.push_back(number);
        batches.back().replicates.count += shards_[number].count;
      }
    }
    return batches;
  }

  [[nodiscard]] std::uint32_t done() const {
    std::uint32_t count = 0;
    for (std::size_t number = 0; number < shards_.size(); ++number) {
      if (exists(folder_.shard(number))) count += shards_[number].count;
    }
    return count;
  }

  [[nodiscard]] Ending stopped() const {
    return {Exit::interrupted, "",
            "Interrupted. " + std::to_string(done()) + " of " + std::to_string(record_.replicates) +
                " replicates are kept. To go on: angiotrial resume " + folder_.dir.string() + "\n"};
  }

  /// Nothing of a run that cannot end is kept.
  [[nodiscard]] Ending unfilled(std::uint32_t replicate) const {
    clear_away(folder_);
    fs::remove(folder_.record());
    std::error_code ignored;  // the folder may hold something of the user's
    fs::remove(folder_.dir, ignored);
    return {Exit::run_failed, "",
            "replicate " + std::to_string(replicate) + ": enrolment was not filled: " +
                std::to_string(study_.spec.protocol.most_candidates) +
                " candidates (protocol.most_candidates) did not give " +
                std::to_string(study_.spec.protocol.randomised) +
                " randomised patients (protocol.randomised). Allow more candidates, randomise "
                "fewer, or widen allocation.entry. Nothing was kept.\n"};
  }

  const OutputFolder& folder_;
  const RunRecord& record_;
  const study::Study& study_;
  const Session& session_;
  trial::Trial trial_;
  std::vector<Shard> shards_;
};

/// The outside world may fail at any write; what is written stays good.
Ending carry_on(const OutputFolder& folder, const RunRecord& record, const study::Study& study,
                const Session& session) {
  watch_for_interrupts();
  try {
    return Campaign(folder, record, study, session).conduct();
  } catch (const diagnostics::IoError& error) {
    return {Exit::outside_world, "",
            error.what() + std::string("\nWhat was done is kept. To go on: angiotrial resume ") +
                folder.dir.string() + "\n"};
  }
}

RunRecord record_of(const Run& command, const study::Study& study) {
  RunRecord record;
  record.version = version;
  record.commit = commit;
  record.study_file = study.file;
  record.study_text = study.text;
  record.hash = study.hash;
  record.seed = command.seed;
  record.resolution = command.resolution;
  record.replicates = command.replicates;
  return record;
}

}  // namespace

Ending perform(const Run& command) {
  const auto study = study::read_study_file(command.study, command.seed, command.resolution);
  if (!study) return {Exit::bad_input, "", diagnostics::to_string(study.problems())};
  const OutputFolder folder{command.out.value_or(default_folder(study.value().spec.identity.id))};
  make_folder(folder.dir);
  const FolderLock lock(folder.dir);
  if (occupied(folder.dir)) {
    const std::string dir = folder.dir.string();
    const bool resumable = exists(folder.record()) && !folder.finished();
    return {Exit::outside_world, "",
            dir + ": is not empty and is left as it is. " +
                (resumable ? "To go on with it: angiotrial resume " + dir + ". " : "") +
                "For a new run, give another --out\n"};
  }
  const RunRecord record = record_of(command, study.value());
  formats::write_atomically(folder.record(), to_json(record));
  return carry_on(folder, record, study.value(), command.session);
}

Ending perform(const Resume& command) {
  const OutputFolder folder{command.dir};
  if (!exists(folder.record())) {
    return {Exit::bad_input, "", command.dir + ": no run to resume: it holds no run.json\n"};
  }
  const FolderLock lock(folder.dir);
  if (folder.finished()) {
    clear_away(folder);
    const std::string text = command.dir + ": this run is finished\n";
    return {Exit::success, command.session.quiet ? "" : text, ""};
  }
  const auto record = read_file(folder.record(), read_run_record);
  if (!record) return damaged(record.problems());
  const RunRecord& run = record.value();
  if (run.version != version || run.commit != commit) {
    return {
        Exit::bad_input, "",
        command.dir + ": was begun by AngioTrial " + run.version + " (" + run.commit +
            "); only the same version may go on with it, or results of two versions would mix\n"};
  }
  const auto study = study_of(run, folder.record().string());
  if (!study) return damaged(study.problems());
  return carry_on(folder, run, study.value(), command.session);
}

}  // namespace angiotrial::app
