// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/app/derived.hpp>
#include <angiotrial/cohort/population.hpp>
#include <angiotrial/delivery/administer.hpp>
#include <angiotrial/product/preview.hpp>

#include <algorithm>
#include <cstdio>

namespace angiotrial::app {
namespace {

using schema::LedgerRow;
using schema::Provenance;

constexpr units::Kilograms example_weight{90.0};
constexpr std::uint32_t sample = 2000;  ///< candidates: shares are then good to about 1 %

/// Three significant digits.
std::string three(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

std::string percent(units::Fraction share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100.0 * share.value());
  return text;
}

std::string row(const std::string& name, const std::string& text) {
  char line[256];
  std::snprintf(line, sizeof line, "  %-44s %s\n", name.c_str(), text.c_str());
  return line;
}

std::string heading(const study::Study& study) {
  const study::StudySpec& spec = study.spec;
  std::string text = spec.identity.id;
  if (!spec.identity.title.empty()) text += ": " + spec.identity.title;
  text += "\n" + row("patients to randomise", std::to_string(spec.protocol.randomised));
  std::string months;
  for (const study::Visit& visit : spec.visits) {
    months += (months.empty() ? "" : ", ") + std::to_string(visit.month);
  }
  text += row("visits, months after injection", months);
  text += row("end of follow-up, months", three(spec.protocol.horizon_months.value()));
  text += row("reference arm", spec.analysis.reference_arm);
  return text + row("seed", std::to_string(spec.identity.seed.value()));
}

/// Cells = dose x weight, in all, for each injection and in each mL that is injected.
std::string arms(const study::StudySpec& spec) {
  const delivery::Injection& injection = spec.delivery.injection;
  char line[256];
  std::snprintf(line, sizeof line, "\n%-18s %12s %14s %16s %14s\n", "Arm", "cells/kg",
                ("cells, " + three(example_weight.value()) + " kg").c_str(), "cells/injection",
                "cells/mL");
  std::string text = line;
  for (const study::Arm& arm : spec.arms) {
    const double cells = product::prescribe(arm.dose, example_weight).cells.value();
    const double each = cells / injection.sites;
    std::snprintf(line, sizeof line, "%-18s %12s %14s %16s %14s\n", arm.name.c_str(),
                  three(arm.dose.dose_cells_per_kg.value()).c_str(), three(cells).c_str(),
                  three(each).c_str(), three(each / injection.volume_per_site_ml.value()).c_str());
    text += line;
  }
  return text;
}

std::string geometry(const study::StudySpec& spec) {
  const delivery::Injection& injection = spec.delivery.injection;
  const double volume_ml = injection.sites * injection.volume_per_site_ml.value();
  return "\nInjection\n" + row("sites", std::to_string(injection.sites)) +
         row("volume of all sites, mL", three(volume_ml)) +
         row("depot, standard deviation, mm", three(delivery::depot_sd(injection).value())) +
         row("decay length of the factor field, mm",
             three(spec.tissue.secretion.decay_length_mm.value())) +
         row("reach of arteriolar remodelling, mm",
             three(spec.tissue.arterioles.arteriolar_reach_mm.value()));
}

std::vector<cohort::Patient> candidates(const study::StudySpec& spec) {
  const cohort::Population population(spec.cohort);
  std::vector<cohort::Patient> patients;
  patients.reserve(sample);
  for (std::uint32_t id = 0; id < sample; ++id) {
    patients.push_back(population.draw({spec.identity.seed.value(), 0, id}));
  }
  return patients;
}

/// One paragraph an arm: the process is the same, its shares of patients short of dose are not.
std::string process(const study::StudySpec& spec) {
  const std::vector<cohort::Patient> patients = candidates(spec);
  std::string text =
      "\nCell process, over " + std::to_string(sample) + " candidates before any selection\n";
  bool first = true;
  for (const study::Arm& arm : spec.arms) {
    if (arm.dose.dose_cells_per_kg.value() <= 0.0) continue;
    const product::Preview preview =
        product::preview(spec.product, arm.dose, patients, spec.identity.seed.value());
    if (std::exchange(first, false)) {
      text += row("blood CD34+ at collection, median cells/uL",
                  three(preview.median_blood_cd34_cells_per_ul.value()));
      text += row("CD34+ collected, median cells/kg",
                  three(preview.median_collected_cells_per_kg.value()));
      text += row("viable CD34+ at injection, median cells/kg",
                  three(preview.median_available_cells_per_kg.value()));
      text += row("patients without a product", percent(preview.without_product_fraction));
      text += row("products that fail a release test", percent(preview.failed_fraction));
    }
    text += row("products short of the dose of " + arm.name, percent(preview.short_fraction));
  }
  return first ? "" : text;
}

std::string named(const std::vector<LedgerRow>& ledger, Provenance provenance,
                  const std::string& title) {
  std::string text;
  std::size_t count = 0;
  for (const LedgerRow& parameter : ledger) {
    if (parameter.line > 0 || parameter.provenance != provenance) continue;
    ++count;
    text += "  " + parameter.path + " = " + parameter.value +
            (parameter.unit.empty() || parameter.unit == "1" ? "" : " " + parameter.unit) + "\n";
  }
  return count == 0 ? "" : "\n" + std::to_string(count) + " " + title + "\n" + text;
}

std::string parameters(const std::vector<LedgerRow>& ledger) {
  const auto given = static_cast<std::size_t>(
      std::ranges::count_if(ledger, [](const LedgerRow& parameter) { return parameter.line > 0; }));
  return "\nParameters\n" + row("set by the study file", std::to_string(given)) +
         row("at their default", std::to_string(ledger.size() - given)) +
         named(ledger, Provenance::chosen,
               "defaults were chosen so that the shipped study meets its published targets") +
         named(ledger, Provenance::recalled,
               "defaults are recalled from memory and not verified in their source");
}

}  // namespace

std::string derived_quantities(const study::Study& study) {
  return heading(study) + arms(study.spec) + geometry(study.spec) + process(study.spec) +
         parameters(study.ledger) + "\nNo problem found. No trial was run.\n";
}

}  // namespace angiotrial::app
