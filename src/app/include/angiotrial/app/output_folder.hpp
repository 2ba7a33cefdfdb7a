// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

/// The folder of one run and what lies in it.
namespace angiotrial::app {

namespace fs = std::filesystem;

/// Sole right to write to a folder, until destroyed or the process ends, however it ends.
class FolderLock {
 public:
  /// Throws diagnostics::IoError when the folder cannot be opened or another process has it.
  explicit FolderLock(const fs::path& dir);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

struct OutputFolder {
  fs::path dir;

  [[nodiscard]] fs::path record() const { return dir / "run.json"; }
  [[nodiscard]] fs::path work() const { return dir / "work"; }
  [[nodiscard]] fs::path results() const { return dir / "results.json"; }
  [[nodiscard]] fs::path manifest() const { return dir / "manifest.json"; }
  [[nodiscard]] fs::path report() const { return dir / "report.html"; }
  /// Shards are numbered by their place in campaign::split().
  [[nodiscard]] fs::path shard(std::size_t number) const;

  /// manifest.json is written last: with it, the folder is finished.
  [[nodiscard]] bool finished() const { return exists(manifest()); }
};

/// out/<study id in small letters>
[[nodiscard]] std::string default_folder(const std::string& study_id);

/// Makes a folder and those above it. Throws diagnostics::IoError.
void make_folder(const fs::path& dir);

/// Whether there is anything in a folder but temporary files of a write that was killed.
[[nodiscard]] bool occupied(const fs::path& dir);

/// Removes work/ and temporary files of writes that were killed. Expects the lock to be held.
void clear_away(const OutputFolder& folder);

}  // namespace angiotrial::app
