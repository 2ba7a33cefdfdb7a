// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/from_tables.hpp>

#include <angiotrial/dataset/tables.hpp>

#include "checked_tables.hpp"
#include "flow.hpp"
#include "iso_dates.hpp"
#include "optional_cells.hpp"
#include "table_records.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace angiotrial::dataset {
namespace {

using std::chrono::sys_days;

constexpr std::string_view simulated_mark = "SIMULATED-";

/// Metres of centimetres, such that 100 times the metres are these centimetres again.
std::optional<double> metres(double centimetres) {
  if (std::isnan(centimetres)) return std::nullopt;
  const double metres = centimetres / 100.0;
  for (const double near : {metres, std::nextafter(metres, 0.0), std::nextafter(metres, 1e300)}) {
    if (100.0 * near == centimetres) return near;
  }
  return metres;
}

/// Fills a data set from tables that passed the checks.
class Assembly {
 public:
  Assembly(const CheckedTables& all, const TableExpectations& expectations)
      : all_(all), adsl_(all.table("ADSL")), expectations_(expectations) {}

  TrialDataset assemble() {
    identity();
    visits();
    reference_date();
    subjects();
    arms();
    read_records(all_, data_);
    data_.disposition = flow_of(data_);
    return std::move(data_);
  }

 private:
  void identity() {
    data_.simulated = false;
    for (const auto& [name, table] : all_.tables) {
      if (table.rows() == 0) continue;
      data_.study_id = table.texts("STUDYID")[0];
      data_.simulated = table.texts("SIMFL")[0] == "Y";
      break;
    }
    if (data_.simulated && data_.study_id.starts_with(simulated_mark)) {
      data_.study_id.erase(0, simulated_mark.size());
    }
  }

  void visits() {
    constexpr std::array first{visit_names::baseline, visit_names::after_collection,
                               visit_names::after_injection};
    std::vector<Visit> found = all_.visits;
    for (const std::string_view name : first) {
      const auto at = std::ranges::find(found, name, &Visit::avisit);
      if (at == found.end()) {
        if (data_.simulated) data_.visits.push_back({std::string(name), 0.0});
      } else {
        data_.visits.push_back(*at);
        found.erase(at);
      }
    }
    std::ranges::stable_sort(found, {}, &Visit::month);
    data_.visits.insert(data_.visits.end(), found.begin(), found.end());
  }

  void reference_date() {
    const Texts randomised = adsl_.texts("RANDDT");
    const Numbers day = adsl_.numbers("randomised_days");
    std::optional<sys_days> earliest;
    for (std::size_t row = 0; row < adsl_.rows(); ++row) {
      const auto date = day_of_iso(randomised[row]);
      if (date && !std::isnan(day[row])) {
        reference_ = *date - std::chrono::days{static_cast<int>(day[row])};
        return set_reference();
      }
      for (const std::string_view column : {"RANDDT", "TRTSDT", "EOSDT"}) {
        const auto other = day_of_iso(adsl_.texts(column)[row]);
        if (other && (!earliest || *other < *earliest)) earliest = other;
      }
    }
    reference_ = earliest.value_or(*day_of_iso(data_.reference_date));
    set_reference();
  }

  void set_reference() {
    const auto day = (reference_ - *day_of_iso(data_.reference_date)).count();
    data_.reference_date = iso_date(data_.reference_date, static_cast<int>(day));
  }

  std::optional<int> day_of(std::string_view date) const {
    const auto day = day_of_iso(date);
    if (!day) return std::nullopt;
    return static_cast<int>((*day - reference_).count());
  }

  void subjects() {
    const Texts arm = adsl_.texts("ARM", "TRT01P");
    const Texts actual = adsl_.texts("ACTARM", "TRT01A");
    for (std::size_t row = 0; row < adsl_.rows(); ++row) {
      Subject s;
      s.usubjid = text("USUBJID", row);
      s.subjid = text("SUBJID", row);
      s.siteid = text("SITEID", row);
      s.age_years = units::Years(number("AGE", row));
      s.sex = text("SEX", row) == "F" ? Sex::female : Sex::male;
      s.weight_kg = maybe_quantity<units::Kilograms>(number("WEIGHTBL", row));
      s.height_m = metres(number("HEIGHTBL", row));
      s.arm = arm[row];
      s.actarm = actual[row];
      s.randomised = text("RANDFL", row) == "Y";
      s.intention_to_treat = text("ITTFL", row) == "Y";
      s.full_analysis = text("FASFL", row) == "Y";
      s.safety = text("SAFFL", row) == "Y";
      s.randomised_day = day_of(text("RANDDT", row));
      s.treatment_day = day_of(text("TRTSDT", row));
      s.end_of_study_day = day_of(text("EOSDT", row));
      s.end_of_study = end_of_study(text("EOSSTT", row));
      s.discontinuation_reason = text("DCSREAS", row);
      baseline(row, s);
      s.dose_cells_per_kg = units::CellsPerKg(planned_dose(row));
      data_.subjects.push_back(std::move(s));
    }
  }

  static EndOfStudy end_of_study(std::string_view text) {
    if (text == "COMPLETED") return EndOfStudy::completed;
    return text == "DISCONTINUED" ? EndOfStudy::discontinued : EndOfStudy::ongoing;
  }

  void baseline(std::size_t row, Subject& s) const {
    s.ccs_class = maybe_int(number("CCSBL", row));
    s.exercise_time_s = maybe_quantity<units::Seconds>(number("ETTBL", row));
    s.angina_per_week = maybe_quantity<units::PerWeek>(number("ANGFRBL", row));
    s.lvef_percent = maybe_quantity<units::Percent>(number("LVEFBL", row));
    s.haemoglobin_g_per_dl = maybe_quantity<units::GramsPerDl>(number("HGBBL", row));
    s.diabetes = maybe_flag(text("DIABFL", row));
    s.prior_bypass = maybe_flag(text("PRCABGFL", row));
    s.prior_pci = maybe_flag(text("PRPCIFL", row));
    s.prior_infarction = maybe_flag(text("PRMIFL", row));
    s.beta_blocker = maybe_flag(text("BBLFL", row));
    s.calcium_channel_blocker = maybe_flag(text("CCBFL", row));
    s.long_acting_nitrate = maybe_flag(text("LANFL", row));
    s.ranolazine = maybe_flag(text("RANOLFL", row));
    s.stratum_1 = text("STRAT1", row);
    s.stratum_2 = text("STRAT2", row);
  }

  double planned_dose(std::size_t row) const {
    const double native = number("dose_cells_per_kg", row);
    const double dose = std::isnan(native) ? number("CD34DOSE", row) : native;
    return std::isnan(dose) ? 0.0 : dose;
  }

  /// Arms with the number that orders them, as first met.
  void arms() {
    std::vector<std::pair<double, Arm>> found;
    for (std::size_t row = 0; row < adsl_.rows(); ++row) {
      const Subject& s = data_.subjects[row];
      if (!s.randomised) continue;
      const auto same = [&](const auto& known) { return known.second.name == s.arm; };
      if (std::ranges::any_of(found, same)) continue;
      found.emplace_back(rank_of(row), Arm{s.arm, s.dose_cells_per_kg});
    }
    std::ranges::stable_sort(found, {}, [](const auto& arm) { return arm.first; });
    for (auto& [rank, arm] : found) data_.arms.push_back(std::move(arm));
  }

  double rank_of(std::size_t row) const {
    const Subject& s = data_.subjects[row];
    if (!expectations_.arms.empty()) {
      const auto at = std::ranges::find(expectations_.arms, s.arm);
      return static_cast<double>(at - expectations_.arms.begin());
    }
    const double number_of_arm = number("TRT01PN", row);
    return std::isnan(number_of_arm) ? s.dose_cells_per_kg.value() : number_of_arm;
  }

  std::string text(std::string_view column, std::size_t row) const {
    return std::string(adsl_.texts(column)[row]);
  }
  double number(std::string_view column, std::size_t row) const {
    return adsl_.numbers(column)[row];
  }

  const CheckedTables& all_;
  const TypedTable& adsl_;
  const TableExpectations& expectations_;
  TrialDataset data_;
  sys_days reference_{};
};

}  // namespace

diagnostics::Result<TrialDataset> read_trial(std::span<const formats::DataTable> tables,
                                             const TableExpectations& expectations) {
  const CheckedTables all = typed_and_checked(tables, expectations);
  if (!all.problems.empty()) return all.problems;
  TrialDataset data = Assembly(all, expectations).assemble();
  auto problems = check(data);
  if (!problems.empty()) return problems;
  return data;
}

}  // namespace angiotrial::dataset
