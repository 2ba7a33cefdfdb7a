// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/nifti.hpp>
#include <angiotrial/formats/text_file.hpp>

#include "gzip.hpp"
#include "nifti_header.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace angiotrial::formats {
namespace {

using diagnostics::Problem;

std::vector<Problem> refuse(const std::string& file, std::string key, std::string value,
                            std::string rule) {
  return {Problem{file, 0, std::move(key), std::move(value), std::move(rule), ""}};
}

template <class Element>
Element element_at(const char* from, bool swapped) {
  std::array<char, sizeof(Element)> bytes;
  std::memcpy(bytes.data(), from, bytes.size());
  if (swapped) std::ranges::reverse(bytes);
  Element element;
  std::memcpy(&element, bytes.data(), bytes.size());
  return element;
}

/// value = slope raw + intercept. False when a finite value leaves the range of a float.
template <class Element>
bool decode(std::string_view data, const NiftiPlan& plan, std::vector<float>& values) {
  constexpr double most = std::numeric_limits<float>::max();
  const bool scaled = plan.slope != 1.0 || plan.intercept != 0.0;
  values.reserve(plan.voxels);
  for (std::size_t i = 0; i < plan.voxels; ++i) {
    const auto raw =
        static_cast<double>(element_at<Element>(data.data() + i * sizeof(Element), plan.swapped));
    const double value = scaled ? plan.slope * raw + plan.intercept : raw;
    if (std::isfinite(raw) && !(std::abs(value) <= most)) return false;
    values.push_back(static_cast<float>(value));
  }
  return true;
}

bool decode(std::string_view data, const NiftiPlan& plan, std::vector<float>& values) {
  switch (plan.element) {
    case NiftiElement::u8:
      return decode<std::uint8_t>(data, plan, values);
    case NiftiElement::i8:
      return decode<std::int8_t>(data, plan, values);
    case NiftiElement::i16:
      return decode<std::int16_t>(data, plan, values);
    case NiftiElement::u16:
      return decode<std::uint16_t>(data, plan, values);
    case NiftiElement::i32:
      return decode<std::int32_t>(data, plan, values);
    case NiftiElement::u32:
      return decode<std::uint32_t>(data, plan, values);
    case NiftiElement::i64:
      return decode<std::int64_t>(data, plan, values);
    case NiftiElement::u64:
      return decode<std::uint64_t>(data, plan, values);
    case NiftiElement::f32:
      return decode<float>(data, plan, values);
    case NiftiElement::f64:
      return decode<double>(data, plan, values);
  }
  return false;
}

/// Expects the whole file, of the size that the plan names.
diagnostics::Result<Volume> volume_of(std::string_view bytes, const std::string& file,
                                      const NiftiPlan& plan) {
  Volume volume{plan.cells, plan.spacing_mm, plan.voxel_to_world_mm, {}};
  if (!decode(bytes.substr(plan.begin), plan, volume.values)) {
    return refuse(file, "values", "", "a value is beyond the range of 32 bit floats");
  }
  return volume;
}

diagnostics::Result<Volume> read_plain(std::string_view bytes, const std::string& file,
                                       const NiftiLimits& limits) {
  const auto plan = read_nifti_header(bytes, file, limits);
  if (!plan.ok()) return plan.problems();
  const std::size_t wanted = plan.value().end;
  if (bytes.size() != wanted) {
    return refuse(file, "size", std::to_string(bytes.size()) + " bytes",
                  std::string(bytes.size() < wanted ? "is cut short" : "has bytes too many") +
                      ": the header makes it " + std::to_string(wanted));
  }
  return volume_of(bytes, file, plan.value());
}

diagnostics::Result<Volume> read_gzip(std::string_view bytes, const std::string& file,
                                      const NiftiLimits& limits) {
  const auto broken = [&] {
    return refuse(file, "gzip", "", "the compressed data are damaged or cut short");
  };
  const Inflated start = gunzip(bytes, nifti_data_begin);
  if (start.end == Inflated::End::corrupt || start.end == Inflated::End::truncated) return broken();
  const auto plan = read_nifti_header(start.bytes, file, limits);
  if (!plan.ok()) return plan.problems();
  const std::size_t wanted = plan.value().end;
  const Inflated whole = gunzip(bytes, wanted);
  if (whole.end == Inflated::End::corrupt || whole.end == Inflated::End::truncated) return broken();
  if (whole.end == Inflated::End::more || whole.bytes.size() != wanted) {
    return refuse(file, "size",
                  (whole.end == Inflated::End::more ? "more than " : "") +
                      std::to_string(whole.bytes.size()) + " bytes inflated",
                  "the header makes it " + std::to_string(wanted));
  }
  return volume_of(whole.bytes, file, plan.value());
}

}  // namespace

diagnostics::Result<Volume> read_nifti(std::string_view bytes, const std::string& file,
                                       const NiftiLimits& limits) {
  return is_gzip(bytes) ? read_gzip(bytes, file, limits) : read_plain(bytes, file, limits);
}

diagnostics::Result<Volume> read_nifti_file(const std::filesystem::path& path,
                                            const NiftiLimits& limits) {
  const auto bytes = read_text_file(path, limits.most_file_bytes);
  if (!bytes.ok()) return bytes.problems();
  return read_nifti(bytes.value(), path.string(), limits);
}

}  // namespace angiotrial::formats
