// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/row_json.hpp>

namespace angiotrial::analysis {
namespace {

void number(formats::JsonWriter& json, std::string_view key, const std::optional<double>& value) {
  json.key(key);
  if (value) {
    json.value(*value);
  } else {
    json.null();
  }
}

}  // namespace

void write(formats::JsonWriter& json, const Row& row) {
  json.begin_object();
  json.member("source", row.source);
  json.member("scenario", row.scenario);
  json.member("arm", row.arm);
  json.member("arm_ref", row.arm_ref);
  json.member("group", row.group);
  json.member("paramcd", row.paramcd);
  json.member("param", row.param);
  json.member("avisit", row.avisit);
  number(json, "month", row.month);
  json.member("statistic", row.statistic);
  json.member("method", row.method);
  json.member("estimand", row.estimand);
  json.member("analysis", row.analysis);
  json.member("conventions", row.conventions);
  json.member("note", row.note);
  number(json, "level", row.level);
  number(json, "value", row.value);
  json.member("unit", row.unit);
  number(json, "mcse", row.mcse);
  number(json, "q025", row.q025);
  number(json, "q500", row.q500);
  number(json, "q975", row.q975);
  json.end_object();
}

}  // namespace angiotrial::analysis
