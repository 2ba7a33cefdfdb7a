// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/text_file.hpp>

#include "descriptor.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace angiotrial::formats {
namespace {

diagnostics::Result<std::string> refuse(const std::string& file, std::string rule) {
  return std::vector{diagnostics::Problem{file, 0, "", "", std::move(rule), ""}};
}

}  // namespace

diagnostics::Result<std::string> read_text_file(const std::filesystem::path& path,
                                                std::size_t most_bytes) {
  const std::string file = path.string();
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in.valid()) return refuse(file, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat status{};
  if (::fstat(in.number(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return refuse(file, "is a directory, not a file");
  }
  std::string bytes;
  std::size_t filled = 0;
  while (filled <= most_bytes) {
    bytes.resize(
        std::min(most_bytes + 1, std::max<std::size_t>(std::size_t{1} << 16U, 2 * filled)));
    const ssize_t got = ::read(in.number(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refuse(file, std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > most_bytes) {
    return refuse(file, "is larger than " + std::to_string(most_bytes) + " bytes");
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace angiotrial::formats
