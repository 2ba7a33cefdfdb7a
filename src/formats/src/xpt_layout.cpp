// SPDX-License-Identifier: Apache-2.0
#include "xpt_layout.hpp"

#include "words.hpp"

#include <algorithm>
#include <array>

namespace angiotrial::formats::xpt {
namespace {

using diagnostics::Problem;
using diagnostics::Result;

constexpr std::string_view header_mark = "HEADER RECORD*******";

std::vector<Problem> refuse(const std::string& file, std::uint64_t byte, const std::string& rule,
                            std::string hint = "") {
  return {{file, 0, "", "", rule + ", at byte " + std::to_string(byte), std::move(hint)}};
}

/// The name of a header record (LIBRARY, MEMBER, NAMESTR ...), or nothing for any other record.
std::string_view header_name(std::string_view record) {
  if (record.size() < record_bytes || !record.starts_with(header_mark)) return {};
  if (record.substr(28, 20) != "HEADER RECORD!!!!!!!") return {};
  return trimmed(record.substr(20, 8));
}

std::size_t big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

/// Reads records one by one, by blocks.
class Records {
 public:
  explicit Records(const ByteSource& source) : source_(source) {}

  /// The record that begins at `byte`; shorter than a record at the end of the file, empty when it
  /// cannot be read.
  std::string_view at(std::uint64_t byte) {
    if (byte < from_ || byte + record_bytes > from_ + block_.size()) {
      const std::uint64_t left = source_.size() - std::min(byte, source_.size());
      block_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, 1U << 20U)));
      from_ = byte;
      block_.resize(source_.read(byte, block_.data(), block_.size()).value_or(0));
    }
    return std::string_view(block_).substr(static_cast<std::size_t>(byte - from_), record_bytes);
  }

 private:
  const ByteSource& source_;
  std::uint64_t from_ = 0;
  std::string block_;
};

class Finder {
 public:
  Finder(const ByteSource& source, const std::string& file)
      : source_(source), file_(file), records_(source) {}

  Result<std::vector<Member>> find() {
    if (auto problems = check_library(); !problems.empty()) return problems;
    std::uint64_t byte = 3 * record_bytes;
    std::vector<Member> members;
    while (byte < source_.size()) {
      Member member;
      member.begin = byte;
      if (auto problems = read_member(member); !problems.empty()) return problems;
      byte = member.end;
      members.push_back(std::move(member));
    }
    if (members.empty()) return refuse(file_, byte, "the file holds no data set");
    return members;
  }

 private:
  std::vector<Problem> check_library() {
    const std::string_view name = header_name(records_.at(0));
    if (name == "LIBV8") {
      return refuse(file_, 0, "is a SAS transport file of version 8; version 5 is read",
                    "write it with the XPORT engine, or as CSV or Dataset-JSON");
    }
    if (name != "LIBRARY") return refuse(file_, 0, "is not a SAS transport file of version 5");
    if (source_.size() % record_bytes != 0) {
      return refuse(file_, source_.size(),
                    "the file is cut short: its length is no multiple of 80");
    }
    if (source_.size() < 3 * record_bytes) {
      return refuse(file_, source_.size(), "the file ends within its header");
    }
    return {};
  }

  std::vector<Problem> expect(std::uint64_t byte, std::string_view name) {
    if (byte + record_bytes > source_.size()) {
      return refuse(file_, source_.size(), "the file ends within the header of a data set");
    }
    if (header_name(records_.at(byte)) == name) return {};
    return refuse(file_, byte, "a header record " + std::string(name) + " must stand here");
  }

  /// MEMBER, DSCRPTR, two records of description, NAMESTR, the variables, OBS, the rows.
  std::vector<Problem> read_member(Member& member) {
    const std::uint64_t names = member.begin + 4 * record_bytes;
    for (const auto& [byte, name] :
         {std::pair{member.begin, "MEMBER"}, std::pair{member.begin + record_bytes, "DSCRPTR"},
          std::pair{names, "NAMESTR"}}) {
      if (auto problems = expect(byte, name); !problems.empty()) return problems;
    }
    const auto size = number_of<std::uint64_t>(records_.at(member.begin).substr(74, 4));
    if (size != variable_bytes) {
      return refuse(file_, member.begin + 74, "a variable must be described in 140 bytes");
    }
    const auto count = number_of<std::uint64_t>(records_.at(names).substr(53, 5));
    if (!count || *count == 0) {
      return refuse(file_, names + 53, "the number of variables must be at least 1");
    }
    const std::uint64_t from = names + record_bytes;
    const std::uint64_t described = from + *count * variable_bytes;
    member.rows_from = (described + record_bytes - 1) / record_bytes * record_bytes + record_bytes;
    if (auto problems = expect(member.rows_from - record_bytes, "OBS"); !problems.empty()) {
      return problems;
    }
    for (std::uint64_t v = 0; v < *count; ++v) {
      auto problems = read_variable(from + v * variable_bytes, member);
      if (!problems.empty()) return problems;
    }
    return find_end(member);
  }

  std::vector<Problem> read_variable(std::uint64_t byte, Member& member) {
    std::array<char, variable_bytes> bytes{};
    if (source_.read(byte, bytes.data(), bytes.size()) != bytes.size()) {
      return refuse(file_, byte, "a variable's description cannot be read");
    }
    const std::string_view all(bytes.data(), bytes.size());
    const std::size_t type = big_endian(all.substr(0, 2));
    const std::size_t length = big_endian(all.substr(4, 2));
    const std::size_t place = big_endian(all.substr(84, 4));
    const std::string name(trimmed(all.substr(8, 8)));
    if (type != 1 && type != 2) {
      return refuse(file_, byte, "the variable " + name + " is neither number (1) nor text (2)");
    }
    const bool text = type == 2;
    if (length < (text ? 1U : 3U) || length > (text ? 32767U : 8U)) {
      return refuse(file_, byte + 4,
                    "the variable " + name + " has a length of " + std::to_string(length) +
                        " bytes; a number has 3 to 8, a text 1 to 32767");
    }
    if (place != member.row_bytes) {
      return refuse(file_, byte + 84,
                    "the variable " + name + " must follow the one before it without a gap");
    }
    member.variables.push_back({text, length});
    member.row_bytes += length;
    return {};
  }

  /// The rows go on to the next MEMBER record or the end of the file, filled up with blanks.
  std::vector<Problem> find_end(Member& member) {
    member.end = member.rows_from;
    while (member.end < source_.size()) {
      const std::string_view record = records_.at(member.end);
      if (record.size() < record_bytes) return refuse(file_, member.end, "cannot be read");
      if (header_name(record) == "MEMBER") break;
      member.end += record_bytes;
    }
    const std::uint64_t bytes = member.end - member.rows_from;
    member.rows = bytes / member.row_bytes;
    const std::uint64_t rest = bytes % member.row_bytes;
    std::string left(static_cast<std::size_t>(std::min(rest, record_bytes)), '\0');
    if (source_.read(member.end - left.size(), left.data(), left.size()) != left.size()) {
      return refuse(file_, member.end, "cannot be read");
    }
    if (rest < record_bytes && left.find_first_not_of(' ') == std::string::npos) return {};
    return refuse(file_, member.end,
                  "the data set is cut short in its record " + std::to_string(member.rows + 1));
  }

  const ByteSource& source_;
  const std::string& file_;
  Records records_;
};

}  // namespace

Result<std::vector<Member>> find_members(const ByteSource& source, const std::string& file) {
  return Finder(source, file).find();
}

}  // namespace angiotrial::formats::xpt
