// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/results_json.hpp>

#include "sections.hpp"

/// Banner and first screen.
namespace angiotrial::report {
namespace {

using analysis::Row;

/// Below this the outermost simulated trials, not quantiles, bound the range of 95 %.
constexpr std::int64_t enough_replicates = 40;

std::string fact(std::string_view term, const std::string& html) {
  return "<div><dt>" + std::string(term) + "</dt><dd>" + html + "</dd></div>";
}

std::string facts(const Manifest& m) {
  std::string out = "<dl class=\"facts\">";
  out += fact("Simulated trials", manifest_text("replicates", std::to_string(m.replicates)));
  out += fact("Patients referred", manifest_text("patients", std::to_string(m.patients)));
  out += fact("Failed numerically",
              manifest_text("failed_patients", std::to_string(m.failed_patients)));
  out += fact("Seed", manifest_text("seed", std::to_string(m.seed)));
  out += fact("Date", manifest_text("date", m.date));
  out += fact("Version", manifest_text("version", m.version));
  out += fact("Commit", manifest_text("commit", m.commit));
  out += "</dl>\n";
  out += "<p class=\"hash\">Parameters, SHA-256 " + manifest_text("spec_sha256", m.spec_hash);
  for (const InputFile& input : m.inputs) {
    out += "<br>" + manifest_text("inputs", input.path) + ", SHA-256 " +
           manifest_text("inputs", input.sha256);
  }
  return out + "</p>\n";
}

/// "rate ratio 0.68 (0.48 to 0.95); published 0.62"
std::string contrast(const Sheet& sheet, const Endpoint& endpoint, std::string_view arm) {
  const Want want{.arm = arm,
                  .arm_ref = sheet.input.reference_arm,
                  .paramcd = endpoint.paramcd,
                  .avisit = sheet.input.primary_avisit,
                  .statistic = endpoint.contrast};
  const Row* own = sheet.simulated(want);
  if (own == nullptr) return "";
  std::string out = "<strong>" + number(sheet.shelf, own) + "</strong>";
  const std::string unit = unit_title(own->unit);
  if (!unit.empty()) out += " " + escape(unit);
  std::string span = replicate_range(sheet.shelf, own);
  const Row* lower = sheet.shelf.companion(*own, "lower");
  const Row* upper = sheet.shelf.companion(*own, "upper");
  if (span.empty()) span = range(sheet.shelf, lower, Part::value, upper, Part::value);
  out += " (" + span + ")";
  if (const Row* published = sheet.published(want)) {
    out += "; published " + published_value(sheet, published);
  }
  return out;
}

std::string contrasts(const Sheet& sheet) {
  std::string out;
  for (const std::string& arm : sheet.treated_arms()) {
    const std::string ratio = contrast(sheet, angina, arm);
    const std::string difference = contrast(sheet, exercise, arm);
    if (ratio.empty() && difference.empty()) continue;
    out += "<li><b>" + escape(arm) + " against " + escape(sheet.input.reference_arm) + "</b>";
    if (!ratio.empty()) out += "<br>Angina, ratio of weekly rates: " + ratio;
    if (!difference.empty()) out += "<br>Exercise time, difference: " + difference;
    out += "</li>\n";
  }
  return out.empty() ? "" : "<ul class=\"plain\">" + out + "</ul>\n";
}

}  // namespace

std::string banner(const Sheet& sheet) {
  const ReportInput& input = sheet.input;
  std::string out = "<header>\n<p class=\"notice\" role=\"note\">" + escape(notice) + "</p>\n";
  out += "<p class=\"study\">" + escape(input.study_id) + "</p>\n<h1>" +
         escape(input.title.empty() ? input.study_id : input.title) + "</h1>\n";
  if (!input.description.empty()) out += paragraph(escape(input.description));
  return out + facts(input.manifest) + "</header>\n";
}

std::string answer_section(const Sheet& sheet) {
  const std::string& visit = sheet.input.primary_avisit;
  std::string plots;
  for (const Endpoint& endpoint : {angina, exercise}) {
    plots += dot_plot(sheet, "answer-" + std::string(endpoint.paramcd), std::string(endpoint.title),
                      endpoint.unit,
                      {.paramcd = endpoint.paramcd, .avisit = visit, .statistic = "mean"});
  }
  const std::string list = contrasts(sheet);
  if (plots.empty() && list.empty()) return "";
  std::string legend = "Filled: simulated mean; the line shows " + sheet.interval + ".";
  if (!sheet.trial.empty()) {
    legend += " Hollow diamond: published in " + escape(sheet.trial) +
              ", with one standard error to either side where one is known.";
  }
  if (sheet.many && sheet.input.manifest.replicates < enough_replicates) {
    legend += " With so few simulated trials that range is rough.";
  }
  return section("answer", "The answer: " + escape(visit),
                 "<div class=\"pair\">" + plots + "</div>\n" + paragraph(legend) + list +
                     paragraph("Parentheses hold the " +
                               std::string(sheet.many ? "range of 95 % of the simulated trials"
                                                      : "confidence interval of the one trial") +
                               ". That cells raise blood flow at all is an input of the model, "
                               "<a href=\"#weak-link\">see the weak link</a>."));
}

}  // namespace angiotrial::report
