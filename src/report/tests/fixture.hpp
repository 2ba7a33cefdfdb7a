// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/report/html.hpp>
#include <angiotrial/report/published_rows.hpp>

#include <string>
#include <tuple>
#include <vector>

/// A made-up run of a trial with three arms, in the rows that analysis and campaign write. The
/// numbers are plausible and mean nothing.
namespace angiotrial::report::fixture {

using analysis::Row;

inline const std::vector<std::string> arms{"placebo", "low", "high"};

/// A summary over replicates: the range is two fifths of `spread` to either side.
inline Row row(std::string paramcd, std::string param, std::string avisit, double month,
               std::string arm, std::string statistic, double value, std::string unit,
               double spread = 0.0) {
  Row out;
  out.scenario = "base";
  out.paramcd = std::move(paramcd);
  out.param = std::move(param);
  out.avisit = std::move(avisit);
  out.month = month;
  out.arm = std::move(arm);
  out.statistic = std::move(statistic);
  out.value = value;
  out.unit = std::move(unit);
  if (spread > 0.0) {
    out.mcse = spread / 56.0;
    out.q025 = value - 0.4 * spread;
    out.q500 = value + 0.01 * spread;
    out.q975 = value + 0.41 * spread;
  }
  return out;
}

inline void means(std::vector<Row>& rows, const std::string& code, const std::string& param,
                  const std::string& unit, const std::string& visit, double month,
                  const std::vector<double>& values, double sd, double spread) {
  for (std::size_t i = 0; i < arms.size(); ++i) {
    rows.push_back(
        row(code, param, visit, month, arms[i], "n", 55.37 - month / 4.0, "subjects", 2));
    rows.push_back(row(code, param, visit, month, arms[i], "mean", values[i], unit, spread));
    rows.push_back(row(code, param, visit, month, arms[i], "sd", sd, unit, spread / 2));
    rows.push_back(row(code, param, visit, month, arms[i], "se", sd / 7.4, unit, spread / 9));
  }
}

inline void contrasts(std::vector<Row>& rows, const std::string& code, const std::string& param,
                      const std::string& visit, double month, const std::string& statistic,
                      const std::string& unit, const std::vector<double>& values, double spread) {
  for (std::size_t i = 1; i < arms.size(); ++i) {
    const double value = values[i - 1];
    for (const auto& [name, v] :
         std::vector<std::pair<std::string, double>>{{statistic, value},
                                                     {"lower", value - 0.4 * spread},
                                                     {"upper", value + 0.5 * spread},
                                                     {"p_value", 0.0213}}) {
      Row r = row(code, param, visit, month, arms[i], name, v,
                  name == "p_value" ? "probability" : unit, spread);
      r.arm_ref = "placebo";
      rows.push_back(r);
    }
  }
}

inline void endpoints(std::vector<Row>& rows) {
  const std::string angina = "Angina episodes per week";
  const std::string change = "Total exercise time, change from baseline";
  means(rows, "ANGWK", angina, "1/week", "Baseline", 0, {20.41, 20.63, 20.22}, 13.1, 8.1);
  means(rows, "ANGWK", angina, "1/week", "Month 3", 3, {11.63, 8.41, 7.62}, 10.4, 6.3);
  means(rows, "ANGWK", angina, "1/week", "Month 6", 6, {10.74, 7.37, 6.58}, 10.2, 6.1);
  means(rows, "ANGWK", angina, "1/week", "Month 12", 12, {10.92, 7.13, 6.44}, 10.8, 6.5);
  means(rows, "ETTCHG", change, "s", "Month 3", 3, {58.4, 101.7, 112.2}, 121, 77);
  means(rows, "ETTCHG", change, "s", "Month 6", 6, {66.3, 128.4, 139.7}, 131, 82);
  means(rows, "ETTCHG", change, "s", "Month 12", 12, {61.9, 126.2, 141.3}, 149, 95);
  int i = 0;
  for (const auto& [visit, month] : std::vector<std::pair<std::string, double>>{
           {"Month 3", 3}, {"Month 6", 6}, {"Month 12", 12}}) {
    contrasts(rows, "ANGWK", angina, visit, month, "rate_ratio", "ratio",
              {0.72 - 0.02 * i, 0.66 - 0.02 * i}, 0.47);
    contrasts(rows, "ETTCHG", change, visit, month, "difference", "s",
              {43.3 + 9.5 * i, 53.8 + 10.1 * i}, 118);
    ++i;
  }
}

inline void flow(std::vector<Row>& rows) {
  const auto put = [&](const std::string& code, const std::string& group, const std::string& arm,
                       double n, double spread) {
    Row r = row(code, "Subject disposition", "", 0, arm, "n", n, "subjects", spread);
    r.month.reset();
    r.group = group;
    rows.push_back(r);
  };
  put("FLOW", "candidates", "", 14210.4, 3400);
  put("FLOW", "referred", "", 812.3, 130);
  put("DISP", "screened", "", 318.2, 44);
  put("DISP", "screen failed", "", 145.1, 42);
  put("DISP", "mobilised", "", 173.1, 7);
  put("DISP", "completed mobilisation", "", 172.0, 7);
  put("DISP", "failed harvest", "", 4.0, 6);
  put("DISP", "randomised", "", 168, 0);
  put("DISP", "treated", "", 167.1, 2);
  double less = 0.0;
  for (const std::string& arm : arms) {
    put("DISP", "randomised", arm, 56, 0);
    put("DISP", "treated", arm, 55.7, 1);
    put("DISP", "followed at Month 3", arm, 55.1, 2);
    put("DISP", "followed at Month 6", arm, 54.2 + less, 3);
    put("DISP", "followed at Month 12", arm, 51.3 + less, 5);
    put("DISP", "completed", arm, 51.3 + less, 5);
    less += 0.8;
  }
  put("DISP", "screen failed: fewer than 7 attacks a week", "", 71.2, 20);
  put("DISP", "screen failed: exercise time outside the window", "", 52.7, 18);
  put("DISP", "screen failed: ejection fraction", "", 21.2, 12);
  Row share = row("FLOW", "Screen failures after consent", "", 0, "", "percent", 45.6, "%", 10);
  share.month.reset();
  share.group = "screen failure after consent";
  rows.push_back(share);
}

inline void baseline(std::vector<Row>& rows) {
  const std::vector<std::string> columns{"", "placebo", "low", "high"};
  const auto put = [&](const std::string& code, const std::string& param, const std::string& unit,
                       double mean, double sd) {
    for (const std::string& arm : columns) {
      for (const auto& [statistic, value] : std::vector<std::pair<std::string, double>>{
               {sd > 0 ? "mean" : "percent", mean + 0.1 * static_cast<double>(arm.size())},
               {"sd", sd}}) {
        if (statistic == "sd" && sd <= 0) continue;
        Row r = row(code, param, "Baseline", 0, arm, statistic, value, unit, 0.3 * mean);
        r.estimand = "all randomised; baseline characteristic";
        rows.push_back(r);
      }
    }
  };
  put("AGE", "Age", "years", 62.4, 9.1);
  put("SEXM", "Male sex", "%", 78.3, 0);
  put("WEIGHTBL", "Weight", "kg", 88.7, 14.2);
  put("DIABFL", "Diabetes", "%", 52.9, 0);
  put("PRCABGFL", "Prior bypass surgery", "%", 84.6, 0);
  put("LVEFBL", "Left ventricular ejection fraction", "%", 52.2, 9.4);
  put("ETTBL", "Total exercise time at baseline", "s", 361.2, 101.3);
  put("ANGFRBL", "Angina episodes per week at baseline", "1/week", 20.4, 13.1);
}

inline void safety(std::vector<Row>& rows) {
  const std::vector<std::string> columns{"", "placebo", "low", "high"};
  const auto put = [&](const std::string& code, const std::string& param, const std::string& visit,
                       const std::string& group, double percent) {
    for (const std::string& arm : columns) {
      Row r = row(code, param, visit, 0, arm, "percent", percent, "%", 15);
      r.group = group;
      rows.push_back(r);
    }
  };
  put("TROPI", "Troponin", "Baseline", "> 1 x ULN", 4.6);
  put("TROPI", "Troponin", "Baseline", "> 3 x ULN", 1.1);
  put("TROPI", "Troponin", "After collection", "> 1 x ULN", 21.5);
  put("TROPI", "Troponin", "After collection", "> 3 x ULN", 7.4);
  put("TROPI", "Troponin", "After injection", "> 1 x ULN", 45.2);
  put("TROPI", "Troponin", "After injection", "> 3 x ULN", 26.1);
  double percent = 14.2;
  for (const std::string& arm : arms) {
    rows.push_back(row("MACE", "First major adverse cardiac event", "Month 12", 12, arm, "percent",
                       percent, "%", 19));
    rows.push_back(row("DEATH", "Death", "Month 12", 12, arm, "percent", percent / 4.0, "%", 6));
    percent -= 1.4;
  }
  for (const std::string& arm : {"low", "high"}) {
    Row dose = row("CD34KG", "CD34+ cells given per kg of dosing weight", "After injection", 0, arm,
                   "mean", arm == std::string("low") ? 99100.0 : 443210.0, "cells/kg", 9100);
    rows.push_back(dose);
    Row less = row("CD34KG", "Subjects given less than the planned dose", "After injection", 0, arm,
                   "percent", arm == std::string("low") ? 1.2 : 27.3, "%", 12);
    less.group = "short of dose";
    rows.push_back(less);
  }
}

inline void truth(std::vector<Row>& rows) {
  const auto put = [&](const std::string& scenario, const std::string& code,
                       const std::vector<double>& levels) {
    const std::vector<std::string> groups{
        "1 at enrolment", "2 regression to the mean and noise", "3 drift of the threshold",
        "4 learning",     "5 tolerance and motivation",         "6 placebo reporting"};
    for (std::size_t i = 0; i < groups.size(); ++i) {
      Row r = row(code, code == "ANGWK" ? "Angina episodes per week" : "Change in exercise time",
                  "Month 6", 6, "placebo", "mean", levels[i], code == "ANGWK" ? "1/week" : "s",
                  code == "ANGWK" ? 5.0 : 44.0);
      r.source = "truth";
      r.scenario = scenario;
      r.group = groups[i];
      rows.push_back(r);
    }
  };
  Row spread =
      row("ANGWK", "Angina episodes per week", "Month 6", 6, "placebo", "sd", 10.1, "1/week", 1);
  spread.source = "truth";
  spread.group = "1 at enrolment";
  rows.push_back(spread);
  put("base", "ANGWK", {20.5, 16.31, 15.12, 15.12, 15.12, 10.73});
  put("strong_regression", "ANGWK", {21.4, 12.92, 12.11, 12.11, 12.11, 10.94});
  put("strong_reporting", "ANGWK", {19.9, 18.41, 17.62, 17.62, 17.62, 10.51});
  put("base", "ETTCHG", {0, 13.2, 27.4, 45.1, 66.3, 66.3});
  put("strong_regression", "ETTCHG", {0, 17.3, 31.2, 48.4, 68.9, 68.9});
  put("strong_reporting", "ETTCHG", {0, 6.1, -2.4, 34.2, 61.7, 61.7});
  for (const std::string& arm : {"low", "high"}) {
    for (const auto& [statistic, value] : std::vector<std::pair<std::string, double>>{
             {"mean_individual_effect", 61.2}, {"sd_individual_effect", 48.3}}) {
      Row r = row("ETTDUR", "Total exercise time", "Month 6", 6, arm, statistic, value, "s", 20);
      r.source = "truth";
      r.arm_ref = "placebo";
      rows.push_back(r);
    }
  }
  for (const auto& [code, what, value] : std::vector<std::tuple<std::string, std::string, double>>{
           {"RETAIN18", "Injected cells alive in the heart at 18 h", 6.73},
           {"SHORTHI", "Harvests that cannot reach the highest dose", 27.9}}) {
    Row cells = row(code, what, "", 0, "", "mean", value, "%", 1);
    cells.source = "truth";
    cells.month.reset();
    rows.push_back(cells);
  }
  Row silent =
      row("SILENT", "Share of ischaemic episodes without pain", "", 0, "", "mean", 0.71, "1", 0.1);
  silent.source = "truth";
  rows.push_back(silent);
}

inline std::vector<Row> published() {
  std::vector<Row> rows;
  const auto put = [&](const std::string& trial, const std::string& arm, const std::string& arm_ref,
                       const std::string& code, const std::string& param, const std::string& visit,
                       const std::string& statistic, double value, std::optional<double> se,
                       const std::string& unit, const std::string& how = "seen",
                       const std::string& group = "") {
    Row r;
    r.source = "published";
    r.scenario = trial;
    r.arm = arm;
    r.arm_ref = arm_ref;
    r.group = group;
    r.paramcd = code;
    r.param = param;
    r.avisit = visit;
    r.statistic = statistic;
    r.value = value;
    r.unit = unit;
    r.method = how + "; held out; Losordo 2011 Circ Res 109:428; 10.1161/CIRCRESAHA.111.245993";
    rows.push_back(r);
    if (!se) return;
    r.statistic = "se";
    r.value = se;
    rows.push_back(r);
  };
  const std::string a = "Angina episodes per week";
  const std::string e = "Total exercise time, change from baseline";
  const std::string t = "ACT34-CMI";
  put(t, "low", "", "ANGWK", a, "Month 6", "mean", 6.8, 1.1, "1/week");
  put(t, "placebo", "", "ANGWK", a, "Month 6", "mean", 10.9, 1.2, "1/week");
  put(t, "high", "", "ANGWK", a, "Month 6", "mean", 8.3, {}, "1/week", "recalled");
  put(t, "low", "", "ANGWK", a, "Month 12", "mean", 6.3, 1.2, "1/week");
  put(t, "placebo", "", "ANGWK", a, "Month 12", "mean", 11.0, 1.2, "1/week");
  put(t, "low", "placebo", "ANGWK", a, "Month 6", "rate_ratio", 0.62, {}, "ratio", "derived");
  put(t, "low", "", "ETTCHG", e, "Month 6", "mean", 139, 20.361, "s");
  put(t, "placebo", "", "ETTCHG", e, "Month 6", "mean", 69, 16.758, "s");
  put(t, "low", "placebo", "ETTCHG", e, "Month 6", "difference", 70, 26.5, "s", "derived");
  put(t, "", "", "TROPI", "Troponin", "After injection", "percent", 46.1, {}, "%", "seen",
      "> 1 x ULN");
  put(t, "", "", "AGE", "Age", "Baseline", "mean", 61, {}, "years", "recalled");
  put(t, "", "", "DISP", "Subject disposition", "", "n", 321, {}, "subjects", "seen", "screened");
  put(t, "", "", "FLOW", "Screening", "", "percent", 2.9, {}, "%", "derived",
      "lost between mobilisation and randomisation");
  put("RENEW", "low", "placebo", "ETTCHG", e, "Month 6", "difference", 46.2, 37.9, "s");
  return rows;
}

inline Manifest manifest() {
  Manifest m;
  m.version = "0.1.0";
  m.commit = "5149fe6d2c1a";
  m.study_id = "ACT34-CMI";
  m.seed = 18446744073709551615U;
  m.spec_hash = std::string(64, 'a');
  m.inputs = {{"studies/act34.toml", std::string(64, 'b')}};
  m.date = "2026-11-23T01:40:00Z";
  m.host = "host";
  m.threads = 2;
  m.replicates = 200;
  m.patients = 2842080;
  m.failed_patients = 3;
  m.command_line = "angiotrial run studies/act34.toml --replicates 200";
  m.elapsed_s = 412.75;
  return m;
}

inline std::vector<schema::LedgerRow> ledger() {
  using schema::Provenance;
  const auto put = [](std::string path, std::string value, std::string unit, std::string meaning,
                      Provenance provenance, std::string citation, int line) {
    schema::LedgerRow r;
    r.path = std::move(path);
    r.value = r.default_value = std::move(value);
    r.unit = std::move(unit);
    r.meaning = std::move(meaning);
    r.provenance = provenance;
    r.citation = std::move(citation);
    r.line = line;
    return r;
  };
  return {put("arms.placebo.dose_cells_per_kg", "0.0", "cells/kg", "planned dose",
              Provenance::protocol, "registry record", 12),
          put("arms.low.dose_cells_per_kg", "100000.0", "cells/kg", "planned dose",
              Provenance::protocol, "registry record", 16),
          put("arms.high.dose_cells_per_kg", "500000.0", "cells/kg", "planned dose",
              Provenance::protocol, "registry record", 20),
          put("tissue.arteriolar_reach_mm", "11.0", "mm", "reach of arteriolar remodelling",
              Provenance::chosen, "chosen to meet the low dose", 0),
          put("cohort.age_mean_years", "62.0", "years", "mean age", Provenance::recalled,
              "ACT34-CMI baseline as recalled", 0),
          put("heart.burden_fraction", "0.05", "fraction", "least ischaemic share",
              Provenance::assumed, "", 0)};
}

inline ReportInput input() {
  ReportInput in;
  in.study_id = "ACT34-CMI";
  in.title = "CD34+ cells in refractory angina: a simulated repetition of ACT34-CMI";
  in.description =
      "Three arms, double blind: placebo, a low and a high dose of the patient's own CD34+ cells, "
      "injected at ten sites of the left ventricle after mobilisation with G-CSF in every arm.";
  endpoints(in.rows);
  flow(in.rows);
  baseline(in.rows);
  safety(in.rows);
  truth(in.rows);
  in.rows = complete_rows(in.study_id, std::move(in.rows), published());
  in.ledger = ledger();
  in.manifest = manifest();
  in.arms = {{"placebo", units::CellsPerKg(0)},
             {"low", units::CellsPerKg(1e5)},
             {"high", units::CellsPerKg(5e5)}};
  in.visits = {{"Month 3", 3}, {"Month 6", 6}, {"Month 12", 12}};
  return in;
}

}  // namespace angiotrial::report::fixture
