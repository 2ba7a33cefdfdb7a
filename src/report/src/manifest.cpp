// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/manifest.hpp>

#include <angiotrial/report/results_json.hpp>

#include "json_access.hpp"

namespace angiotrial::report {
namespace {

/// Calls `visit(name, member)` for each plain member. `M` is Manifest or const Manifest.
template <class M, class Visit>
void for_each_member(M& m, Visit&& visit) {
  visit("version", m.version);
  visit("commit", m.commit);
  visit("study", m.study_id);
  visit("seed", m.seed);
  visit("spec_sha256", m.spec_hash);
  visit("date", m.date);
  visit("host", m.host);
  visit("threads", m.threads);
  visit("replicates", m.replicates);
  visit("patients", m.patients);
  visit("failed_patients", m.failed_patients);
  visit("command_line", m.command_line);
  visit("elapsed_s", m.elapsed_s);
}

struct MemberWriter {
  formats::JsonWriter& json;

  template <class Value>
  void operator()(std::string_view name, const Value& value) {
    json.member(name, value);
  }
  /// As text: a reader in another language may hold no more than 53 bits.
  void operator()(std::string_view name, std::uint64_t value) {
    json.member(name, std::to_string(value));
  }
};

}  // namespace

std::string to_json(const Manifest& manifest) {
  formats::JsonWriter json(formats::JsonWriter::Layout::indented);
  json.begin_object();
  json.member("schema", 1);
  json.member("notice", notice);
  for_each_member(manifest, MemberWriter{json});
  json.key("inputs").begin_array();
  for (const InputFile& input : manifest.inputs) {
    json.begin_object().member("path", input.path).member("sha256", input.sha256).end_object();
  }
  json.end_array().end_object();
  return json.take() + "\n";
}

diagnostics::Result<Manifest> read_manifest(std::string_view text, const std::string& file) {
  const auto parsed = formats::read_json(text, file);
  if (!parsed.ok()) return parsed.problems();
  std::vector<diagnostics::Problem> problems;
  JsonMembers members(parsed.value(), file, problems);
  Manifest manifest;
  for_each_member(manifest, members);
  const formats::JsonValue* inputs = members.need("inputs");
  if (inputs != nullptr && inputs->kind != formats::JsonValue::Kind::array) {
    members.report(inputs->line, "inputs", "must be a list");
  } else if (inputs != nullptr) {
    for (const formats::JsonValue& element : inputs->elements) {
      JsonMembers entry(element, file, problems);
      InputFile input;
      entry("path", input.path);
      entry("sha256", input.sha256);
      manifest.inputs.push_back(std::move(input));
    }
  }
  if (!problems.empty()) return problems;
  return manifest;
}

}  // namespace angiotrial::report
