// SPDX-License-Identifier: Apache-2.0
#include "rows/context.hpp"

#include <array>

/// Who was randomised: one block a characteristic, for each arm and for all together.
namespace angiotrial::analysis {
namespace {

using dataset::Subject;

struct Number {
  std::string_view paramcd, param, unit;
  std::optional<double> (*of)(const Subject&);
};

template <class Quantity>
std::optional<double> plain(const std::optional<Quantity>& value) {
  return value ? std::optional(value->value()) : std::nullopt;
}

const std::array numbers{
    Number{"AGE", "Age", "years",
           [](const Subject& s) { return std::optional(s.age_years.value()); }},
    Number{"WEIGHTBL", "Weight", "kg", [](const Subject& s) { return plain(s.weight_kg); }},
    Number{"LVEFBL", "Left ventricular ejection fraction", "%",
           [](const Subject& s) { return plain(s.lvef_percent); }},
    Number{"HGBBL", "Haemoglobin", "g/dL",
           [](const Subject& s) { return plain(s.haemoglobin_g_per_dl); }},
    Number{"ETTBL", "Total exercise time at baseline", "s",
           [](const Subject& s) { return plain(s.exercise_time_s); }},
    Number{"ANGFRBL", "Angina episodes per week at baseline", "1/week",
           [](const Subject& s) { return plain(s.angina_per_week); }}};

struct Flag {
  std::string_view paramcd, param;
  std::optional<bool> (*of)(const Subject&);
};

const std::array flags{
    Flag{"SEXM", "Male sex",
         [](const Subject& s) { return std::optional(s.sex == dataset::Sex::male); }},
    Flag{"DIABFL", "Diabetes", [](const Subject& s) { return s.diabetes; }},
    Flag{"PRCABGFL", "Prior bypass surgery", [](const Subject& s) { return s.prior_bypass; }},
    Flag{"PRPCIFL", "Prior percutaneous intervention",
         [](const Subject& s) { return s.prior_pci; }},
    Flag{"PRMIFL", "Prior myocardial infarction",
         [](const Subject& s) { return s.prior_infarction; }},
    Flag{"BBLFL", "Beta-blocker", [](const Subject& s) { return s.beta_blocker; }},
    Flag{"CCBFL", "Calcium-channel blocker",
         [](const Subject& s) { return s.calcium_channel_blocker; }},
    Flag{"LANFL", "Long-acting nitrate", [](const Subject& s) { return s.long_acting_nitrate; }},
    Flag{"RANOLFL", "Ranolazine", [](const Subject& s) { return s.ranolazine; }}};

constexpr int best_class = 1;
constexpr int worst_class = 4;

/// Calls `use` with each randomised subject of an arm; arm -1 means all arms.
template <class Use>
void for_each_randomised(const Context& c, int arm, Use&& use) {
  for (dataset::SubjectIndex i = 0; i < c.data.subjects.size(); ++i) {
    if (!c.contains(i, Population::randomised) || c.arm_of[i] < 0) continue;
    if (arm < 0 || c.arm_of[i] == arm) use(c.data.subjects[i]);
  }
}

void put_numbers(const Context& c, int arm, RowWriter& out, std::vector<double>& values) {
  for (const Number& number : numbers) {
    values.clear();
    for_each_randomised(c, arm, [&](const Subject& s) {
      if (const auto value = number.of(s)) values.push_back(*value);
    });
    out.row.paramcd = number.paramcd;
    out.row.param = number.param;
    out.row.method = "arithmetic mean";
    put_summary(out, values, number.unit);
  }
}

void put_flags(const Context& c, int arm, RowWriter& out) {
  for (const Flag& flag : flags) {
    int known = 0;
    int yes = 0;
    for_each_randomised(c, arm, [&](const Subject& s) {
      const auto value = flag.of(s);
      known += value.has_value() ? 1 : 0;
      yes += value.value_or(false) ? 1 : 0;
    });
    out.row.paramcd = flag.paramcd;
    out.row.param = flag.param;
    out.row.method = "share of known";
    out.put_share(yes, known, "subjects");
  }
}

void put_class(const Context& c, int arm, RowWriter& out) {
  std::array<int, worst_class + 1> counts{};
  int known = 0;
  for_each_randomised(c, arm, [&](const Subject& s) {
    if (!s.ccs_class || *s.ccs_class < 0 || *s.ccs_class > worst_class) return;
    ++counts[static_cast<std::size_t>(*s.ccs_class)];
    ++known;
  });
  out.row.paramcd = "CCSBL";
  out.row.param = "CCS angina class at baseline";
  out.row.method = "share of known";
  for (int level = best_class; level <= worst_class; ++level) {
    out.row.group = "class ";
    out.row.group += std::to_string(level);
    out.put_share(counts[static_cast<std::size_t>(level)], known, "subjects");
  }
  out.row.group.clear();
}

}  // namespace

void baseline_rows(Context& c, RowWriter& out) {
  out.row.avisit = dataset::visit_names::baseline;
  out.row.month = 0.0;
  out.row.estimand = "all randomised; baseline characteristic";
  std::vector<double> values;
  for (int arm = -1; arm < static_cast<int>(c.arms); ++arm) {
    out.row.arm = arm < 0 ? "" : c.arm_name(static_cast<std::size_t>(arm));
    put_numbers(c, arm, out, values);
    put_flags(c, arm, out);
    put_class(c, arm, out);
  }
}

}  // namespace angiotrial::analysis
