// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/output_folder.hpp>
#include <angiotrial/diagnostics/io_error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace angiotrial::app {
namespace {

using diagnostics::IoError;

/// formats::write_atomically names its temporary files so.
bool is_temporary(const fs::path& path) {
  return path.filename().string().starts_with('.') && path.extension() == ".tmp";
}

std::vector<fs::path> content(const fs::path& dir) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    paths.push_back(entry->path());
  }
  if (error) throw IoError(dir.string(), "cannot be listed: " + error.message());
  return paths;
}

void remove_temporaries(const fs::path& dir) {
  if (!fs::is_directory(dir)) return;
  for (const fs::path& path : content(dir)) {
    if (is_temporary(path)) fs::remove(path);
  }
}

}  // namespace

FolderLock::FolderLock(const fs::path& dir)
    : descriptor_(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (descriptor_ < 0) {
    throw IoError(dir.string(), std::string("cannot be opened: ") + std::strerror(errno));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int reason = errno;
  ::close(descriptor_);
  throw IoError(dir.string(), reason == EWOULDBLOCK
                                  ? "another run is writing to this folder"
                                  : std::string("cannot be locked: ") + std::strerror(reason));
}

FolderLock::~FolderLock() { ::close(descriptor_); }

fs::path OutputFolder::shard(std::size_t number) const {
  std::string digits = std::to_string(number);
  digits.insert(0, 5 - std::min<std::size_t>(5, digits.size()), '0');
  return work() / ("shard-" + digits + ".json");
}

std::string default_folder(const std::string& study_id) {
  std::string name = study_id;
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return "out/" + name;
}

void make_folder(const fs::path& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  if (!error && !fs::is_directory(dir, error))
    error = std::make_error_code(std::errc::not_a_directory);
  if (error) throw IoError(dir.string(), "cannot be made a folder: " + error.message());
}

bool occupied(const fs::path& dir) { return !std::ranges::all_of(content(dir), is_temporary); }

void clear_away(const OutputFolder& folder) {
  remove_temporaries(folder.dir);
  remove_temporaries(folder.dir / "adam");
  std::error_code error;
  fs::remove_all(folder.work(), error);
  if (error) throw IoError(folder.work().string(), "cannot be removed: " + error.message());
}

}  // namespace angiotrial::app
