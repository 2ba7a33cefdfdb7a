// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/atomic_file.hpp>

#include <angiotrial/diagnostics/io_error.hpp>

#include "descriptor.hpp"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace angiotrial::formats {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* deed) {
  throw diagnostics::IoError(path.string(), std::string(deed) + ": " + std::strerror(errno));
}

/// Removes the temporary file unless it has been renamed.
struct Temporary {
  fs::path path;
  bool kept = false;
  explicit Temporary(fs::path name) : path(std::move(name)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() {
    if (!kept) ::unlink(path.c_str());
  }
};

/// A name that no other process or thread uses: process number and a count.
fs::path beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  const std::string suffix = "." + std::to_string(::getpid()) + "." + std::to_string(count++);
  // 255 bytes is the longest file name the usual file systems take.
  const std::string name = path.filename().string().substr(0, 255 - 5 - suffix.size());
  return path.parent_path() / ("." + name + suffix + ".tmp");
}

void write_all(const Descriptor& out, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(out.number(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail(path, "cannot be written");
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

/// Some file systems cannot sync a folder and say EINVAL: the rename stands nevertheless.
void sync_folder(const fs::path& folder, const fs::path& path) {
  const Descriptor in(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!in.valid() || (::fsync(in.number()) != 0 && errno != EINVAL)) {
    fail(path, "its folder cannot be synced to disk");
  }
}

}  // namespace

void write_atomically(const fs::path& path, std::string_view bytes) {
  const fs::path name = beside(path);
  Descriptor out(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!out.valid()) fail(path, "cannot be created");
  Temporary temporary(name);
  write_all(out, bytes, path);
  if (::fsync(out.number()) != 0) fail(path, "cannot be synced to disk");
  if (!out.close()) fail(path, "cannot be closed");
  if (std::rename(temporary.path.c_str(), path.c_str()) != 0) fail(path, "cannot be put in place");
  temporary.kept = true;
  sync_folder(path.has_parent_path() ? path.parent_path() : fs::path("."), path);
}

}  // namespace angiotrial::formats
