// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/run_record.hpp>
#include <angiotrial/formats/json.hpp>
#include <angiotrial/report/results_json.hpp>

#include <limits>

namespace angiotrial::app {
namespace {

using diagnostics::Problem;
using formats::JsonValue;

constexpr std::int64_t format = 1;

/// Reads members of one object and gathers what is wrong.
class Members {
 public:
  Members(const JsonValue& object, const std::string& file) : object_(object), file_(file) {}

  std::string text(std::string_view key) {
    const JsonValue* value = find(key, JsonValue::Kind::string, "must be a text");
    return value == nullptr ? "" : std::get<std::string>(value->scalar);
  }

  std::int64_t integer(std::string_view key, std::int64_t least, std::int64_t most) {
    const std::string rule =
        "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
    const JsonValue* value = find(key, JsonValue::Kind::integer, rule);
    if (value == nullptr) return least;
    const auto number = std::get<std::int64_t>(value->scalar);
    if (number < least || number > most) complain(value->line, key, rule);
    return number;
  }

  study::Resolution resolution(std::string_view key) {
    const std::string name = text(key);
    if (name == study::name_of(study::Resolution::voxel)) return study::Resolution::voxel;
    if (name != study::name_of(study::Resolution::radial)) {
      complain(object_.line, key, "must be radial or voxel");
    }
    return study::Resolution::radial;
  }

  bool is_null(std::string_view key) const {
    const JsonValue* value = object_.find(key);
    return value != nullptr && value->kind == JsonValue::Kind::null;
  }

  std::vector<Problem> problems;

 private:
  const JsonValue* find(std::string_view key, JsonValue::Kind kind, const std::string& rule) {
    const JsonValue* value = object_.find(key);
    if (value != nullptr && value->kind == kind) return value;
    complain(value == nullptr ? object_.line : value->line, key,
             value == nullptr ? "is missing" : rule);
    return nullptr;
  }
  void complain(int line, std::string_view key, std::string rule) {
    problems.push_back({file_, line, std::string(key), "", std::move(rule), ""});
  }

  const JsonValue& object_;
  const std::string& file_;
};

}  // namespace

std::string to_json(const RunRecord& record) {
  formats::JsonWriter json(formats::JsonWriter::Layout::indented);
  json.begin_object()
      .member("schema", format)
      .member("notice", report::notice)
      .member("version", record.version)
      .member("commit", record.commit)
      .member("hash", record.hash);
  json.key("seed");
  if (record.seed) {
    json.value(*record.seed);
  } else {
    json.null();
  }
  json.key("resolution");
  if (record.resolution) {
    json.value(study::name_of(*record.resolution));
  } else {
    json.null();
  }
  json.member("replicates", record.replicates)
      .member("shard_size", record.shard_size)
      .member("study_file", record.study_file)
      .member("study_text", record.study_text)
      .end_object();
  return json.take() + "\n";
}

diagnostics::Result<RunRecord> read_run_record(std::string_view text, const std::string& file) {
  const auto parsed = formats::read_json(text, file);
  if (!parsed) return parsed.problems();
  constexpr std::int64_t most_seed = std::numeric_limits<std::int64_t>::max();
  Members members(parsed.value(), file);
  RunRecord record;
  members.integer("schema", format, format);
  record.version = members.text("version");
  record.commit = members.text("commit");
  record.hash = members.text("hash");
  if (!members.is_null("seed")) {
    record.seed = static_cast<std::uint64_t>(members.integer("seed", 0, most_seed));
  }
  if (!members.is_null("resolution")) {
    record.resolution = members.resolution("resolution");
  }
  record.replicates = static_cast<std::uint32_t>(members.integer("replicates", 1, 1'000'000));
  record.shard_size = static_cast<std::uint32_t>(members.integer("shard_size", 1, 1'000'000));
  record.study_file = members.text("study_file");
  record.study_text = members.text("study_text");
  if (!members.problems.empty()) return members.problems;
  return record;
}

diagnostics::Result<study::Study> study_of(const RunRecord& record, const std::string& file) {
  auto study =
      study::read_study(record.study_text, record.study_file, record.seed, record.resolution);
  if (study && study.value().hash != record.hash) {
    return std::vector<Problem>{{file, 0, "hash", record.hash,
                                 "the recorded study now gives " + study.value().hash,
                                 "the folder was made by AngioTrial " + record.version + " (" +
                                     record.commit + "), which had other parameters"}};
  }
  return study;
}

}  // namespace angiotrial::app
