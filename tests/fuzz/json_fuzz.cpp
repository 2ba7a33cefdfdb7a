// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/json.hpp>

#include <cstdint>

// Whatever the bytes: a tree or a problem with its line; and a tree is written and read back to
// the same bytes.
namespace angiotrial::formats {
namespace {

void demand(bool condition) {
  if (!condition) __builtin_trap();
}

void write(const JsonValue& value, JsonWriter& json) {
  switch (value.kind) {
    case JsonValue::Kind::null:
      json.null();
      break;
    case JsonValue::Kind::boolean:
      json.value(std::get<bool>(value.scalar));
      break;
    case JsonValue::Kind::integer:
      json.value(std::get<std::int64_t>(value.scalar));
      break;
    case JsonValue::Kind::number:
      json.value(std::get<double>(value.scalar));
      break;
    case JsonValue::Kind::string:
      json.value(std::get<std::string>(value.scalar));
      break;
    case JsonValue::Kind::array:
      json.begin_array();
      for (const JsonValue& element : value.elements) write(element, json);
      json.end_array();
      break;
    case JsonValue::Kind::object:
      json.begin_object();
      for (const auto& [key, member] : value.members) {
        json.key(key);
        write(member, json);
      }
      json.end_object();
  }
}

std::string written(const JsonValue& value) {
  JsonWriter json(JsonWriter::Layout::indented);
  write(value, json);
  demand(json.complete());
  return json.take();
}

void try_text(std::string_view text) {
  const auto tree = read_json(text, "a.json");
  demand(tree.ok() == tree.problems().empty());
  for (const auto& problem : tree.problems()) demand(problem.line >= 1 && !problem.rule.empty());
  if (!tree.ok()) return;
  const std::string once = written(tree.value());
  const auto again = read_json(once, "b.json");
  demand(again.ok());
  demand(written(again.value()) == once);
}

}  // namespace
}  // namespace angiotrial::formats

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  angiotrial::formats::try_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
