// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/sha256.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/diagnostics/io_error.hpp>

#include "descriptor.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace angiotrial::formats {
namespace {

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    ANGIOTRIAL_EXPECT(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1,
                      "the crypto library offers SHA-256");
  }
  void add(std::string_view bytes) {
    ANGIOTRIAL_EXPECT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1,
                      "the crypto library hashes bytes");
  }
  [[nodiscard]] std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
    unsigned length = 0;
    ANGIOTRIAL_EXPECT(EVP_DigestFinal_ex(context_.get(), sum.data(), &length) == 1,
                      "the crypto library ends a hash");
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
      text += "0123456789abcdef"[sum[i] >> 4U];
      text += "0123456789abcdef"[sum[i] & 15U];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.hex();
}

std::string sha256_hex_of_file(const std::filesystem::path& path) {
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in.valid()) throw diagnostics::IoError(path.string(), std::strerror(errno));
  Digest digest;
  std::vector<char> block(std::size_t{1} << 18U);
  for (;;) {
    const ssize_t got = ::read(in.number(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw diagnostics::IoError(path.string(), std::strerror(errno));
    if (got == 0) return digest.hex();
    digest.add({block.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace angiotrial::formats
