// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/atomic_file.hpp>
#include <angiotrial/formats/nifti.hpp>
#include <angiotrial/formats/vtkhdf.hpp>
#include <angiotrial/report/heart_files.hpp>
#include <angiotrial/report/results_json.hpp>

#include <algorithm>
#include <cstdio>

namespace angiotrial::report {
namespace {

/// The heart's x runs from the septum to the lateral wall; that of images runs the other way, so
/// that they are not mirrored.
template <class T>
void turn_x(const std::array<int, 3>& cells, std::vector<T>& values) {
  const auto row = static_cast<std::ptrdiff_t>(cells[0]);
  for (auto begin = values.begin(); begin != values.end(); begin += row) {
    std::reverse(begin, begin + row);
  }
}

/// Centre of the first cell after turning.
std::array<double, 3> first_centre(const trial::View& view) {
  const std::array<double, 3>& first = view.first_centre_mm();
  return {-(first[0] + (view.cells()[0] - 1) * view.spacing_mm()), first[1], first[2]};
}

trial::ViewLabels turned_labels(const trial::View& view) {
  trial::ViewLabels labels = view.labels();
  for (auto* of : {&labels.segment, &labels.territory, &labels.scar, &labels.depot}) {
    turn_x(view.cells(), *of);
  }
  return labels;
}

trial::ViewFields turned_fields(const trial::View& view, std::size_t day) {
  trial::ViewFields fields = view.fields(day);
  for (auto* of : {&fields.stress_flow, &fields.rest_flow, &fields.vessel_density, &fields.signal,
                   &fields.cells_per_mm3}) {
    turn_x(view.cells(), *of);
  }
  return fields;
}

std::string day_name(const char* stem, units::Days day, const char* extension) {
  std::array<char, 96> name{};
  std::snprintf(name.data(), name.size(), "%s_day_%04.0f%s", stem, day.value(), extension);
  return name.data();
}

formats::CellImage image_of(const trial::View& view, const HeartCaption& caption,
                            const trial::ViewLabels& labels, const trial::ViewFields& fields,
                            const trial::ViewDay& day) {
  formats::CellImage image;
  image.cells = view.cells();
  // VTK 9.1 of Debian 12 cannot read cell arrays of such files; points lose half a voxel of margin.
  image.placement = formats::CellPlacement::points;
  const double h = view.spacing_mm();
  image.spacing_mm = {h, h, h};
  const std::array<double, 3> first = first_centre(view);
  for (std::size_t k = 0; k < 3; ++k) image.origin_mm[k] = first[k] - 0.5 * h;
  image.cell_fields = {
      {"stress_flow", "mL/min/g", std::span<const float>(fields.stress_flow)},
      {"rest_flow", "mL/min/g", std::span<const float>(fields.rest_flow)},
      {"vessel_density", "relative to control", std::span<const float>(fields.vessel_density)},
      {"factor_signal", "c/c50", std::span<const float>(fields.signal)},
      {"cells", "1/mm3", std::span<const float>(fields.cells_per_mm3)},
      {"segment", "AHA 17", std::span<const std::uint8_t>(labels.segment)},
      {"territory", "1 LAD, 2 LCX, 3 RCA", std::span<const std::uint8_t>(labels.territory)},
      {"scar", "1", std::span<const std::uint8_t>(labels.scar)},
      {"depot", "number", std::span<const std::uint8_t>(labels.depot)}};
  image.attributes = {{"study", caption.study_id},
                      {"arm", caption.arm},
                      {"seed", static_cast<std::int64_t>(caption.seed)},
                      {"patient", static_cast<std::int64_t>(view.patient_id())},
                      {"version", caption.version},
                      {"day", day.day.value()},
                      {"threshold_bpm_mmhg", day.threshold}};
  return image;
}

formats::Volume volume_of(const trial::View& view, std::vector<float> values) {
  const double h = view.spacing_mm();
  const std::array<double, 3> first = first_centre(view);
  formats::Volume volume;
  volume.cells = view.cells();
  volume.spacing_mm = {h, h, h};
  for (std::size_t k = 0; k < 3; ++k) {
    volume.voxel_to_world_mm[k][k] = h;
    volume.voxel_to_world_mm[k][3] = first[k];
  }
  volume.values = std::move(values);
  return volume;
}

}  // namespace

std::vector<std::string> write_heart_images(const trial::View& view, const HeartCaption& caption,
                                            const std::filesystem::path& dir) {
  std::vector<std::string> names;
  const auto nifti = [&](const std::string& name, std::vector<float> values,
                         formats::NiftiType type, const char* what) {
    const formats::NiftiLabel label{std::string(notice), what, formats::NiftiSpace::aligned};
    formats::write_atomically(
        dir / name, formats::nifti_bytes(volume_of(view, std::move(values)), type, label));
    names.push_back(name);
  };
  const trial::ViewLabels labels = turned_labels(view);
  nifti("segment.nii", {labels.segment.begin(), labels.segment.end()}, formats::NiftiType::uint8,
        "AHA segment");
  for (std::size_t day = 0; day < view.days().size(); ++day) {
    const trial::ViewDay& one = view.days()[day];
    trial::ViewFields fields = turned_fields(view, day);
    names.push_back(day_name("heart", one.day, ".vtkhdf"));
    formats::write_vtkhdf_image(dir / names.back(), image_of(view, caption, labels, fields, one));
    for (auto* done : {&fields.rest_flow, &fields.signal, &fields.cells_per_mm3}) {
      std::vector<float>().swap(*done);  // tens of MB that the images below do not need
    }
    nifti(day_name("stress_flow", one.day, ".nii"), std::move(fields.stress_flow),
          formats::NiftiType::float32, "mL/min/g");
    nifti(day_name("vessel_density", one.day, ".nii"), std::move(fields.vessel_density),
          formats::NiftiType::float32, "vessel density");
  }
  return names;
}

}  // namespace angiotrial::report
