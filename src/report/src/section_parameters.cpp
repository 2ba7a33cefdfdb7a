// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sections.hpp"

/// What the model was given: the weak link, what was chosen, every parameter, limitations.
namespace angiotrial::report {
namespace {

using schema::LedgerRow;
using schema::Provenance;

std::string ledger_value(std::size_t index, const LedgerRow& row) {
  return "<span data-ledger=\"" + std::to_string(index) + "\">" + escape(row.value) + "</span>";
}

std::string source(const LedgerRow& row) {
  std::string out = escape(row.citation);
  if (!row.identifier.empty()) out += (out.empty() ? "" : "; ") + escape(row.identifier);
  return out.empty() ? std::string(missing_mark) : "<span class=\"source\">" + out + "</span>";
}

std::string known(const LedgerRow& row) {
  const bool doubtful = row.provenance == Provenance::assumed ||
                        row.provenance == Provenance::recalled ||
                        row.provenance == Provenance::chosen;
  const std::string name(schema::name_of(row.provenance));
  return doubtful ? "<span class=\"mark\">" + name + "</span>" : name;
}

std::string set_in(std::size_t index, const LedgerRow& row) {
  if (row.line <= 0) return "default";
  return "study file, line <span data-ledger=\"" + std::to_string(index) +
         "\" data-part=\"line\">" + std::to_string(row.line) + "</span>";
}

/// The ledger rows that `wanted` picks, in their order.
template <class Wanted>
std::string ledger_table(const Sheet& sheet, const std::string& caption, Wanted&& wanted) {
  Table table(caption, {"Parameter", "Value", "Unit", "Meaning", "How known", "Source", "Set by"});
  for (std::size_t i = 0; i < sheet.input.ledger.size(); ++i) {
    const LedgerRow& row = sheet.input.ledger[i];
    if (!wanted(row)) continue;
    table.row({"<code>" + escape(row.path) + "</code>", ledger_value(i, row), escape(row.unit),
               "<span class=\"source\">" + escape(row.meaning) + "</span>", known(row), source(row),
               set_in(i, row)});
  }
  return table.empty() ? "" : table.html();
}

std::string room_of(const LedgerRow& row) { return row.path.substr(0, row.path.find('.')); }

}  // namespace

std::string weak_link_section(const Sheet& sheet) {
  return section(
      "weak-link", "The weak link: from vessels to flow",
      paragraph(
          "<b>That cells raise blood flow at all is an input of this model, and its size is "
          "calibrated to the low dose of ACT34-CMI.</b> A simulated benefit is therefore no "
          "evidence that the cells work. Ten injections reach a few cubic centimetres of an "
          "ischaemic zone many times that size. New capillaries there cannot by themselves give "
          "an effect of the published size, and very large local gains take flow from their "
          "neighbours. The model has to assume that small arteries remodel over a reach wider "
          "than the growth factors themselves.") +
          paragraph("There is evidence against that assumption: VEGF165 raised capillary density "
                    "4.4-fold while arterioles did not change. What the assumption costs can be "
                    "seen by setting the arteriolar ceiling to 0, which leaves capillaries "
                    "alone.") +
          ledger_table(sheet, "Parameters of the weak link", [](const LedgerRow& row) {
            return row.path.find("arteriolar") != std::string::npos ||
                   row.path.find("capillary_resistance_share") != std::string::npos;
          }));
}

std::string parameters_section(const Sheet& sheet) {
  if (sheet.input.ledger.empty()) return "";
  const std::string chosen =
      ledger_table(sheet, "Chosen so that the shipped study meets its published targets",
                   [](const LedgerRow& row) { return row.provenance == Provenance::chosen; });
  std::string out =
      paragraph(
          "<b>Seen</b>: read in the source. <b>Derived</b>: computed from numbers read in "
          "the source. <b>Fitted</b>: came out of a fit. <b>Chosen</b>: set so that the "
          "study meets its targets. <b>Recalled</b>: quoted from memory, unverified. "
          "<b>Assumed</b>: a judgement without a source.") +
      chosen;
  std::vector<std::string> rooms;
  for (const LedgerRow& row : sheet.input.ledger) {
    if (std::ranges::find(rooms, room_of(row)) == rooms.end()) rooms.push_back(room_of(row));
  }
  for (const std::string& room : rooms) {
    const std::string table =
        ledger_table(sheet, "Parameters: " + escape(room),
                     [&](const LedgerRow& row) { return room_of(row) == room; });
    out += details("All parameters of <code>" + escape(room) + "</code>", table);
  }
  return section("parameters", "Every parameter, and how it is known", out);
}

std::string limitations_section(const Sheet& sheet) {
  const bool calibrated = !sheet.trial.empty();
  std::string items;
  for (const std::string_view text :
       {"Every patient here is simulated. Nothing on this page concerns a real patient, and none "
        "of it is for clinical decisions.",
        "The effect of cells is an input (see the weak link). Judge the model by what it was not "
        "calibrated to: the high dose, 12 months, other trials.",
        "Intervals show the chance of the draw of patients and of measurement. They do not show "
        "how uncertain the parameters are: these stay fixed in every simulated trial.",
        "The placebo response can be explained in more than one way; the data cannot decide.",
        "Parameters marked assumed have no source; those marked recalled were not checked.",
        "The model overestimates what beta-blockers and coronary intervention add to exercise "
        "time. It must not be used for either."}) {
    items += "<li>" + escape(text) + "</li>\n";
  }
  if (calibrated) {
    items +=
        "<li>Published means and their errors were read from abstracts, registry records and "
        "summaries; tables inside the papers were not at hand.</li>\n";
  }
  const Manifest& m = sheet.input.manifest;
  std::string made = "Made by " + manifest_text("command_line", m.command_line) + " on " +
                     manifest_text("host", m.host) + " with " +
                     manifest_text("threads", std::to_string(m.threads)) + " threads in " +
                     manifest_text("elapsed_s", fixed(m.elapsed_s, 1)) + " s.";
  return section("limitations", "Limitations", "<ul>" + items + "</ul>\n") + "<footer><p>" + made +
         " Each number of this page carries the place of its row in results.json, counted from "
         "the first.</p></footer>\n";
}

}  // namespace angiotrial::report
