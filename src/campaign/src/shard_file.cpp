// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/campaign/campaign.hpp>
#include <angiotrial/formats/json.hpp>

#include <map>
#include <set>

namespace angiotrial::campaign {
namespace {

using analysis::Row;
using formats::JsonValue;
using formats::JsonWriter;

constexpr int version = 2;

// The texts of a row, in a fixed order; numbers follow separately.
const std::vector<std::string Row::*> text_members{
    &Row::source,   &Row::scenario, &Row::arm,      &Row::arm_ref,    &Row::group,
    &Row::paramcd,  &Row::param,    &Row::avisit,   &Row::statistic,  &Row::method,
    &Row::estimand, &Row::unit,     &Row::analysis, &Row::conventions};

void write_optional(JsonWriter& json, const std::optional<double>& number) {
  if (number) {
    json.value(*number);
  } else {
    json.null();
  }
}

std::optional<double> number_of(const JsonValue& value) {
  if (value.kind == JsonValue::Kind::number) return std::get<double>(value.scalar);
  if (value.kind == JsonValue::Kind::integer) {
    return static_cast<double>(std::get<std::int64_t>(value.scalar));
  }
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(const JsonValue* value) {
  if (value == nullptr || value->kind != JsonValue::Kind::integer) return std::nullopt;
  return std::get<std::int64_t>(value->scalar);
}

const std::string* text_of(const JsonValue* value) {
  if (value == nullptr || value->kind != JsonValue::Kind::string) return nullptr;
  return &std::get<std::string>(value->scalar);
}

/// Row identities are written once; replicates refer to them by number.
class Identities {
 public:
  std::size_t number(const Row& row) {
    Row key = row;
    key.value.reset();
    const auto [at, fresh] = numbers_.try_emplace(std::move(key), numbers_.size());
    if (fresh) rows_.push_back(&at->first);
    return at->second;
  }
  [[nodiscard]] const std::vector<const Row*>& rows() const { return rows_; }

 private:
  struct Before {
    bool operator()(const Row& a, const Row& b) const {
      return std::tuple(analysis::row_key(a), a.param, a.level) <
             std::tuple(analysis::row_key(b), b.param, b.level);
    }
  };
  std::map<Row, std::size_t, Before> numbers_;
  std::vector<const Row*> rows_;
};

void write_identity(JsonWriter& json, const Row& row) {
  json.begin_array();
  for (const auto member : text_members) json.value(row.*member);
  write_optional(json, row.month);
  write_optional(json, row.level);
  json.end_array();
}

void write_replicate(JsonWriter& json, const Replicate& replicate,
                     const std::vector<std::size_t>& numbers) {
  json.begin_object();
  json.member("index", replicate.index);
  json.member("patients", replicate.patients);
  json.member("failed_patients", replicate.failed_patients);
  json.member("enrolment_filled", replicate.enrolment_filled);
  json.key("rows").begin_array();
  for (const std::size_t number : numbers) json.value(number);
  json.end_array();
  json.key("values").begin_array();
  for (const Row& row : replicate.rows) write_optional(json, row.value);
  json.end_array();
  json.end_object();
}

class Damaged {};

const JsonValue& member(const JsonValue& object, std::string_view key, JsonValue::Kind kind) {
  const JsonValue* value = object.find(key);
  if (value == nullptr || value->kind != kind) throw Damaged();
  return *value;
}

Row read_identity(const JsonValue& value) {
  if (value.elements.size() != text_members.size() + 2) throw Damaged();
  Row row;
  for (std::size_t i = 0; i < text_members.size(); ++i) {
    const std::string* text = text_of(&value.elements[i]);
    if (text == nullptr) throw Damaged();
    row.*text_members[i] = *text;
  }
  row.month = number_of(value.elements[text_members.size()]);
  row.level = number_of(value.elements[text_members.size() + 1]);
  return row;
}

Replicate read_replicate(const JsonValue& value, const std::vector<Row>& identities) {
  const auto index = integer_of(value.find("index"));
  const auto patients = integer_of(value.find("patients"));
  const auto failed = integer_of(value.find("failed_patients"));
  if (!index || !patients || !failed) throw Damaged();
  Replicate replicate;
  replicate.index = static_cast<std::uint32_t>(*index);
  replicate.patients = static_cast<int>(*patients);
  replicate.failed_patients = static_cast<int>(*failed);
  replicate.enrolment_filled =
      std::get<bool>(member(value, "enrolment_filled", JsonValue::Kind::boolean).scalar);
  const JsonValue& numbers = member(value, "rows", JsonValue::Kind::array);
  const JsonValue& values = member(value, "values", JsonValue::Kind::array);
  if (numbers.elements.size() != values.elements.size()) throw Damaged();
  for (std::size_t i = 0; i < values.elements.size(); ++i) {
    const auto number = integer_of(&numbers.elements[i]);
    if (!number || *number < 0 || static_cast<std::size_t>(*number) >= identities.size()) {
      throw Damaged();
    }
    replicate.rows.push_back(identities[static_cast<std::size_t>(*number)]);
    replicate.rows.back().value = number_of(values.elements[i]);
  }
  return replicate;
}

std::vector<Replicate> read_shard(const JsonValue& root, const std::string& hash) {
  const std::string* study = text_of(root.find("study_hash"));
  if (integer_of(root.find("version")) != version || study == nullptr || *study != hash) {
    throw Damaged();
  }
  std::vector<Row> identities;
  for (const JsonValue& value : member(root, "rows", JsonValue::Kind::array).elements) {
    identities.push_back(read_identity(value));
  }
  std::vector<Replicate> shard;
  for (const JsonValue& value : member(root, "replicates", JsonValue::Kind::array).elements) {
    shard.push_back(read_replicate(value, identities));
  }
  return shard;
}

}  // namespace

std::string to_json(const std::string& study_hash, const std::vector<Replicate>& shard) {
  Identities identities;
  std::vector<std::vector<std::size_t>> numbers(shard.size());
  for (std::size_t r = 0; r < shard.size(); ++r) {
    for (const Row& row : shard[r].rows) numbers[r].push_back(identities.number(row));
  }
  JsonWriter json;
  json.begin_object();
  json.member("notice", "SIMULATED - not for clinical decisions");
  json.member("version", version);
  json.member("study_hash", std::string_view(study_hash));
  json.key("rows").begin_array();
  for (const Row* row : identities.rows()) write_identity(json, *row);
  json.end_array();
  json.key("replicates").begin_array();
  for (std::size_t r = 0; r < shard.size(); ++r) write_replicate(json, shard[r], numbers[r]);
  json.end_array();
  json.end_object();
  return json.take();
}

diagnostics::Result<std::vector<Replicate>> from_json(const std::string& study_hash,
                                                      std::string_view text,
                                                      const std::string& file) {
  const auto root = formats::read_json(text, file);
  if (!root) return root.problems();
  try {
    return read_shard(root.value(), study_hash);
  } catch (const Damaged&) {
    return std::vector<diagnostics::Problem>{{file, 0, "", "",
                                              "is not a finished shard of this study",
                                              "delete it and resume: it will be made again"}};
  }
}

}  // namespace angiotrial::campaign
