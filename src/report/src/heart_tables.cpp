// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/csv.hpp>
#include <angiotrial/report/bullseye_svg.hpp>
#include <angiotrial/report/heart_files.hpp>
#include <angiotrial/report/results_json.hpp>

#include "display.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <initializer_list>

namespace angiotrial::report {
namespace {

constexpr double percent = 100.0;

/// Four decimals are more than any of these numbers is good for.
double rounded(double value) { return std::round(value * 1e4) / 1e4; }

using Cells = std::vector<formats::CsvCell>;

void add(Cells& cells, std::initializer_list<double> values) {
  for (const double value : values) cells.emplace_back(rounded(value));
}

std::string segments_csv(const trial::View& view) {
  formats::CsvWriter csv({"notice", "day", "segment", "mass_g", "stress_flow_ml_per_min_per_g",
                          "rest_flow_ml_per_min_per_g", "flow_reserve", "density_gain_percent",
                          "conductance_gain_percent", "ischaemic_at_15000_percent"});
  for (const trial::ViewDay& day : view.days()) {
    for (std::size_t s = 0; s < trial::view_segments; ++s) {
      const double reserve = day.rest_flow[s] > 0.0 ? day.stress_flow[s] / day.rest_flow[s] : 0.0;
      Cells cells{std::string(notice), day.day.value(), static_cast<long>(s + 1)};
      add(cells,
          {view.segment_mass_g()[s], day.stress_flow[s], day.rest_flow[s], reserve,
           day.density_gain_percent[s], day.conductance_gain_percent[s], day.ischaemic_percent[s]});
      csv.row(cells);
    }
  }
  return csv.take();
}

std::string sites_csv(const trial::View& view) {
  formats::CsvWriter csv({"notice", "site", "x_mm", "y_mm", "z_mm", "image_x_mm", "segment",
                          "truly_ischaemic", "truly_viable", "injected_cells", "retained_cells",
                          "leaked_cells", "washed_out_cells", "outside_cells", "placed_cells"});
  long number = 0;
  for (const trial::ViewSite& site : view.sites()) {
    Cells cells{std::string(notice), ++number};
    add(cells,
        {site.position_mm[0], site.position_mm[1], site.position_mm[2], -site.position_mm[0]});
    cells.emplace_back(static_cast<long>(site.segment));
    cells.emplace_back(site.truly_ischaemic ? 1L : 0L);
    cells.emplace_back(site.truly_viable ? 1L : 0L);
    add(cells, {site.injected_cells, site.retained_cells, site.leaked_cells, site.washed_out_cells,
                site.outside_cells, site.placed_cells});
    csv.row(cells);
  }
  return csv.take();
}

std::string course_csv(const trial::View& view) {
  formats::CsvWriter csv({"notice", "day", "threshold_bpm_mmhg", "burden_at_15000_percent",
                          "stress_flow_ml_per_min_per_g", "rest_flow_ml_per_min_per_g",
                          "flow_reserve", "endo_epi_ratio", "ffr_lad", "ffr_lcx", "ffr_rca",
                          "imr_lad", "imr_lcx", "imr_rca", "density_gain_mm3",
                          "mean_arteriolar_drive"});
  for (const trial::ViewDay& day : view.days()) {
    Cells cells{std::string(notice), day.day.value()};
    add(cells,
        {day.threshold, percent * day.burden_at_15000, day.mean_stress_flow, day.mean_rest_flow,
         day.flow_reserve, day.endo_epi_ratio, day.fractional_flow_reserve[0],
         day.fractional_flow_reserve[1], day.fractional_flow_reserve[2],
         day.microvascular_resistance[0], day.microvascular_resistance[1],
         day.microvascular_resistance[2], day.density_gain_mm3, day.mean_drive});
    csv.row(cells);
  }
  return csv.take();
}

std::string burden_csv(const trial::View& view) {
  formats::CsvWriter csv({"notice", "day", "rate_pressure_bpm_mmhg", "burden_percent"});
  for (const trial::ViewDay& day : view.days()) {
    for (std::size_t k = 0; k < day.burden_percent.size(); ++k) {
      csv.row({std::string(notice), day.day.value(), trial::view_rate_pressure(k),
               rounded(day.burden_percent[k])});
    }
  }
  return csv.take();
}

/// In the axes of the images: what `heart --landmarks` takes with segment.nii as a mask.
std::string landmarks_csv(const trial::View& view) {
  constexpr std::array<const char*, 4> names{"apex", "base_centre", "anterior_insertion",
                                             "inferior_insertion"};
  formats::CsvWriter csv({"name", "x_mm", "y_mm", "z_mm", "notice"});
  const auto points = view.landmarks_mm();
  for (std::size_t k = 0; k < names.size(); ++k) {
    Cells cells{std::string(names[k])};
    add(cells, {-points[k][0], points[k][1], points[k][2]});
    cells.emplace_back(std::string(notice));
    csv.row(cells);
  }
  return csv.take();
}

std::string bullseye(const trial::View& view, const HeartCaption& caption) {
  const trial::ViewDay& first = view.days().front();
  const trial::ViewDay& last = view.days().back();
  std::array<double, trial::view_segments> change{};
  for (std::size_t s = 0; s < change.size(); ++s) {
    change[s] = last.stress_flow[s] - first.stress_flow[s];
  }
  const std::string title = caption.study_id + ", patient " + std::to_string(view.patient_id()) +
                            ", arm " + caption.arm + ": hyperaemic flow";
  return bullseye_svg(title, {{"Day " + fixed(first.day.value(), 0), "mL/min/g", first.stress_flow},
                              {"Day " + fixed(last.day.value(), 0), "mL/min/g", last.stress_flow},
                              {"Change", "mL/min/g", change, BullseyeScale::change}});
}

std::string line(const char* format, auto... values) {
  std::array<char, 200> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

/// Where the cells went, and whether the sum is right to the last one.
std::string account(const trial::View& view) {
  double injected = 0.0, retained = 0.0, leaked = 0.0, washed = 0.0, outside = 0.0, placed = 0.0;
  int on_target = 0;
  for (const trial::ViewSite& site : view.sites()) {
    injected += site.injected_cells;
    retained += site.retained_cells;
    leaked += site.leaked_cells;
    washed += site.washed_out_cells;
    outside += site.outside_cells;
    placed += site.placed_cells;
    on_target += site.truly_ischaemic && site.truly_viable ? 1 : 0;
  }
  std::string text = line("%zu injections, %d of them in wall that is viable and ischaemic\n",
                          view.sites().size(), on_target);
  text += line("cells: %.0f injected = %.0f retained + %.0f leaked\n", injected, retained, leaked);
  text += line("       + %.0f washed out + %.0f outside; difference %.0f\n", washed, outside,
               injected - retained - leaked - washed - outside);
  text += line("       bag %.0f = injected + %.0f lost in the catheter + %.0f unused\n",
               view.account().bag, view.account().killed, view.account().unused);
  text += line("       %.1f counted again on the grid\n", placed);
  return text + line("factor: residual of the field at most %.1e, balance %.1e\n",
                     view.worst_residual(), view.worst_balance_error());
}

}  // namespace

OutputFiles heart_tables(const trial::View& view, const HeartCaption& caption) {
  OutputFiles files{{"segments.csv", segments_csv(view)},
                    {"sites.csv", sites_csv(view)},
                    {"course.csv", course_csv(view)},
                    {"burden.csv", burden_csv(view)},
                    {"bullseye.svg", bullseye(view, caption)}};
  // Those of a mask are the user's.
  if (!view.is_masked()) files.push_back({"landmarks.csv", landmarks_csv(view)});
  return files;
}

std::string heart_summary(const trial::View& view, const HeartCaption& caption) {
  std::string text = line("%s, patient %u, arm %s\n", caption.study_id.c_str(),
                          static_cast<unsigned>(view.patient_id()), caption.arm.c_str());
  text += view.description() + "\n";
  text += line("%zu voxels of %.2g mm; boxes around the sites of %.2g mm\n\n", view.muscle_voxels(),
               view.spacing_mm(), view.box_spacing_mm());
  text += account(view) + "\n";
  text += "  day    RPP*  change  burden  stress flow  reserve  endo/epi  new vessels  drive\n";
  const double before = view.days().front().threshold;
  for (const trial::ViewDay& day : view.days()) {
    text += line("%5.0f %7.0f %+6.1f%% %6.1f%% %12.2f %8.2f %9.2f %8.0f mm3 %6.2f\n",
                 day.day.value(), day.threshold, percent * (day.threshold / before - 1.0),
                 percent * day.burden_at_15000, day.mean_stress_flow, day.flow_reserve,
                 day.endo_epi_ratio, day.density_gain_mm3, day.mean_drive);
  }
  text +=
      "RPP*: rate-pressure product at which ischaemia begins, bpm mmHg. burden: share\n"
      "of the left ventricle ischaemic at 15 000. Flows in mL/min/g.\n";
  return text + std::string(notice) + "\n";
}

std::string refinement_table(const trial::View& view) {
  using Row = trial::View::Refinement;
  const std::vector<Row> rows = view.refine();
  std::string text =
      "\nGrids as shipped and coarsened, last day\n"
      "  voxel, mm  box, mm  new vessels, mm3    RPP*  RPP* gain, %\n";
  for (const Row& row : rows) {
    text += line("  %9.3g %8.3g %17.2f %7.0f %13.3f\n", row.voxel_mm, row.box_mm,
                 row.density_gain_mm3, row.threshold, row.threshold_gain_percent);
  }
  // Second order: the error left is a third of the step from twice the spacing.
  const auto error = [&](auto member) {
    return (std::abs(rows[1].*member - rows[0].*member) +
            std::abs(rows[2].*member - rows[0].*member)) /
           3.0;
  };
  text += line("estimated error as shipped: new vessels %.2f %%, RPP* %.2f %%, RPP* gain\n",
               percent * error(&Row::density_gain_mm3) / std::max(rows[0].density_gain_mm3, 1e-9),
               percent * error(&Row::threshold) / rows[0].threshold);
  return text +
         line(
             "  %.2f points. Masses of microregions are exact, so RPP* moves with their depth\n"
             "  and place alone, which are counted from voxels.\n",
             error(&Row::threshold_gain_percent));
}

}  // namespace angiotrial::report
