// SPDX-License-Identifier: Apache-2.0
#include "byte_source.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace angiotrial::formats {
namespace {

diagnostics::Result<ByteSource> refuse(const std::filesystem::path& path, std::string rule) {
  return std::vector{diagnostics::Problem{path.string(), 0, "", "", std::move(rule), ""}};
}

}  // namespace

diagnostics::Result<ByteSource> ByteSource::open(const std::filesystem::path& path) {
  auto file = std::make_shared<Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file->valid()) return refuse(path, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat status{};
  if (::fstat(file->number(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return refuse(path,
                  S_ISDIR(status.st_mode) ? "is a directory, not a file" : "is not a regular file");
  }
  return ByteSource(std::move(file), static_cast<std::uint64_t>(status.st_size));
}

std::optional<std::size_t> ByteSource::read(std::uint64_t offset, char* to,
                                            std::size_t most) const {
  if (offset >= size_) return 0;
  most = static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - offset));
  if (!file_) {
    std::memcpy(to, bytes_.data() + offset, most);
    return most;
  }
  std::size_t filled = 0;
  while (filled < most) {
    const ssize_t got =
        ::pread(file_->number(), to + filled, most - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

}  // namespace angiotrial::formats
