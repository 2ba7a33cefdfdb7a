// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/row.hpp>
#include <angiotrial/diagnostics/problem.hpp>
#include <angiotrial/trial/trial.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Many replicates of one study, in shards that can be made anywhere and in any order.
namespace angiotrial::campaign {

/// Consecutive replicates: first, first + 1, ..., first + count - 1.
struct Shard {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// Rows of one replicate, `value` filled in. Patients that failed numerically are counted.
struct Replicate {
  std::uint32_t index = 0;
  std::vector<analysis::Row> rows;
  int patients = 0;  ///< whose heart was built: the referred
  int failed_patients = 0;
  bool enrolment_filled = true;

  bool operator==(const Replicate&) const = default;
};

/// Splits 0 .. replicates - 1 into shards of at most `size`.
[[nodiscard]] std::vector<Shard> split(std::uint32_t replicates, std::uint32_t size);

/// Conducts one replicate and analyses it: truth rows first, then those of the analysis plan.
/// `threads` share its patients; the result does not depend on them.
[[nodiscard]] Replicate run_replicate(const trial::Trial& trial, std::uint32_t index,
                                      int threads = 1);

/// Runs the replicates of a shard over `threads` threads; the result does not depend on them.
/// `on_done` is called once per finished replicate, from any thread; returning false stops the
/// shard early and leaves it incomplete (the result is then empty). `first` is the record of the
/// first replicate, if it was conducted before.
[[nodiscard]] std::vector<Replicate> run_shard(const trial::Trial& trial, Shard shard, int threads,
                                               const std::function<bool()>& on_done,
                                               const trial::TrialRecord* first = nullptr);

/// A finished shard as bytes, and back. The bytes hold the hash of the study; problems are reported
/// when the text is damaged or belongs to another study.
[[nodiscard]] std::string to_json(const std::string& study_hash,
                                  const std::vector<Replicate>& shard);
[[nodiscard]] diagnostics::Result<std::vector<Replicate>> from_json(const std::string& study_hash,
                                                                    std::string_view text,
                                                                    const std::string& file);

/// Gathers replicates, in the order of their index, into rows with mean, Monte Carlo standard error
/// and quantiles. With a single replicate the rows are its own and mcse stays empty. Keeps one
/// number per row and replicate: memory does not grow with patients.
class Aggregate {
 public:
  void add(const Replicate& replicate);
  [[nodiscard]] std::vector<analysis::Row> rows() const;
  [[nodiscard]] int replicates() const { return replicates_; }
  [[nodiscard]] std::int64_t patients() const { return patients_; }
  [[nodiscard]] std::int64_t failed_patients() const { return failed_patients_; }
  /// Replicates whose enrolment was given up before it was full.
  [[nodiscard]] int unfilled() const { return unfilled_; }

 private:
  struct Series {
    analysis::Row row;
    std::vector<double> values;
  };
  std::size_t find(const analysis::Row& row, std::size_t expected);
  std::vector<Series> series_;
  int replicates_ = 0, unfilled_ = 0;
  std::int64_t patients_ = 0, failed_patients_ = 0;
};

}  // namespace angiotrial::campaign
