// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/formats/carto_mesh.hpp>

#include <angiotrial/formats/text_file.hpp>

#include "carto_layout.hpp"
#include "utf8.hpp"
#include "words.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>

//   #TriangulatedMeshVersion2.0
//   [GeneralAttributes]       key = value: MeshName, NumVertex, NumTriangle, ColorsNames ...
//   [VerticesSection]         n = x y z  nx ny nz  group
//   [TrianglesSection]        n = vertex vertex vertex  nx ny nz  group
//   [VerticesColorsSection]   n = one value for each name
// A line that begins with ';' is a comment; the last before a section's rows names their columns.
namespace angiotrial::formats {
namespace {

using diagnostics::Problem;

constexpr float no_value = -10000.0F;  // what CARTO writes where a colour was not determined

class MeshParser {
 public:
  MeshParser(std::string_view text, const std::string& file, const CartoLimits& limits)
      : text_(without_bom(text)),
        file_(file),
        limits_(limits),
        latin1_(find_invalid_utf8(text, file).has_value()) {}

  diagnostics::Result<CartoMesh> run() {
    constexpr std::string_view version = "#TriangulatedMeshVersion2.0";
    const std::string_view first = next_line();
    if (first != version) {
      refuse("", first, "a CARTO mesh begins with the line " + std::string(version));
      return std::move(problems_);
    }
    while (!text_.empty() && !full()) take(next_line());
    if (!full()) check_counts();
    if (!problems_.empty()) return std::move(problems_);
    return std::move(mesh_);
  }

 private:
  static constexpr std::size_t enough = 50;
  [[nodiscard]] bool full() const { return problems_.size() > enough; }

  std::string_view next_line() {
    const std::size_t end = text_.find('\n');
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    ++line_;
    return trimmed(line);
  }

  [[nodiscard]] std::string utf8(std::string_view raw) const {
    return latin1_ ? utf8_of_latin1(raw) : std::string(raw);
  }

  void refuse(std::string key, std::string_view value, std::string rule) {
    if (full()) return;
    if (problems_.size() == enough) {
      problems_.push_back({file_, line_, "", "", "further problems are not listed", ""});
      return;
    }
    const std::string shown = shortened(utf8(value), 80);
    problems_.push_back({file_, line_, std::move(key), shown, std::move(rule), ""});
  }

  void refuse_row(std::string_view value, std::string rule) {
    refuse("[" + name_ + "]", value, std::move(rule));
  }

  void take(std::string_view line) {
    if (line.empty()) return;
    if (line.front() == ';') {
      const std::string_view comment = trimmed(line.substr(1));
      if (!comment.empty() && !rows_begun_) comment_ = comment;
    } else if (line.front() == '[') {
      open_section(line);
    } else if (section_ == CartoSection::general) {
      take_attribute(line);
    } else if (section_ == CartoSection::none) {
      refuse("", line, "a section such as [GeneralAttributes] is expected first");
    } else if (section_ != CartoSection::other) {
      take_row(line);
    }
  }

  void open_section(std::string_view line) {
    const std::size_t end = line.find(']');
    if (end == std::string_view::npos) return refuse("", line, "a section's name ends with ]");
    name_ = std::string(line.substr(1, end - 1));
    section_ = carto_section_of(name_);
    comment_ = {};
    rows_begun_ = false;
    row_ = 0;
    if (section_ != CartoSection::other && !seen_.insert(section_).second) {
      refuse_row("", "stands in the file twice");
      section_ = CartoSection::other;
    }
  }

  void take_attribute(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return refuse("", line, "key = value is expected");
    const std::string_view key = trimmed(line.substr(0, equals));
    const std::string_view value = trimmed(line.substr(equals + 1));
    if (key == "MeshName") mesh_.name = utf8(value);
    if (key == "NumVertex") take_count("NumVertex", value, limits_.most_vertices, vertices_);
    if (key == "NumTriangle") take_count("NumTriangle", value, limits_.most_triangles, triangles_);
    if (key == "ColorsNames") colours_ = value;
  }

  void take_count(const char* key, std::string_view value, std::size_t most,
                  std::optional<std::size_t>& count) {
    const auto number = number_of<std::size_t>(value);
    if (!number || *number > most) {
      return refuse(key, value, "must be a whole number up to " + std::to_string(most));
    }
    if (count) return refuse(key, value, "is given twice");
    count = number;
  }

  void take_row(std::string_view line) {
    const std::size_t equals = line.find('=');
    const auto number = number_of<std::size_t>(trimmed(line.substr(0, equals)));
    if (equals == std::string_view::npos || number != row_) {
      refuse_row(line, "row " + std::to_string(row_) + " = values is expected here");
      if (number) row_ = *number + 1;  // one gap is one problem
      return;
    }
    ++row_;
    if (section_ == CartoSection::vertices) vertex_rows_ = row_;
    if (section_ == CartoSection::triangles) triangle_rows_ = row_;
    if (section_ == CartoSection::colours) colour_rows_ = row_;
    if (!take_numbers(line.substr(equals + 1))) return;
    if (section_ == CartoSection::vertices) take_vertex();
    if (section_ == CartoSection::triangles) take_triangle();
    if (section_ == CartoSection::colours) take_colours();
    rows_begun_ = true;
  }

  bool take_numbers(std::string_view text) {
    numbers_.clear();
    for (auto word = take_word(text); !word.empty(); word = take_word(text)) {
      const auto number = number_of<double>(word);
      if (!number || !(std::abs(*number) <= std::numeric_limits<float>::max())) {
        refuse_row(word, "is not a finite number");
        return false;
      }
      numbers_.push_back(*number);
      if (numbers_.size() > std::max<std::size_t>(limits_.most_columns, 7)) {
        refuse_row("", "has too many values in a row");
        return false;
      }
    }
    return true;
  }

  /// A whole number of the row, or nothing.
  [[nodiscard]] std::optional<int> whole(std::size_t i) const {
    constexpr double most = std::numeric_limits<int>::max();
    const double x = numbers_[i];
    if (x != std::floor(x) || !(std::abs(x) <= most)) return std::nullopt;
    return static_cast<int>(x);
  }

  bool seven_with_group(std::size_t most) {
    if (numbers_.size() != 7 || !whole(6)) {
      refuse_row("", "a row has six numbers and a group that is a whole number");
      return false;
    }
    if (row_ <= most) return true;
    refuse_row("", "has more than " + std::to_string(most) + " rows");
    section_ = CartoSection::other;
    return false;
  }

  void take_vertex() {
    if (!seven_with_group(limits_.most_vertices)) return;
    mesh_.vertices_mm.push_back({numbers_[0], numbers_[1], numbers_[2]});
    mesh_.normals.push_back({numbers_[3], numbers_[4], numbers_[5]});
    mesh_.vertex_groups.push_back(*whole(6));
  }

  void take_triangle() {
    if (!seven_with_group(limits_.most_triangles)) return;
    std::array<int, 3> corners{};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto corner = whole(i);
      if (!corner || *corner < 0 || static_cast<std::size_t>(*corner) >= vertex_rows_) {
        return refuse_row("", "triangle " + std::to_string(row_ - 1) +
                                  " names a vertex that is not among " + "the " +
                                  std::to_string(vertex_rows_) + " above it");
      }
      corners[i] = *corner;
    }
    mesh_.triangles.push_back(corners);
    mesh_.triangle_groups.push_back(*whole(6));
  }

  void take_colours() {
    if (!rows_begun_ && !name_columns(numbers_.size())) {
      section_ = CartoSection::other;
      return;
    }
    if (numbers_.size() != mesh_.columns.size()) {
      return refuse_row(
          "", "a row has " + std::to_string(mesh_.columns.size()) + " values, as the first");
    }
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      const auto value = static_cast<float>(numbers_[i]);
      mesh_.columns[i].values.push_back(value == no_value ? std::numeric_limits<float>::quiet_NaN()
                                                          : value);
    }
  }

  bool name_columns(std::size_t count) {
    const auto names = carto_column_names(comment_, colours_, count);
    if (!names) {
      refuse_row("", "neither the comment above the rows nor ColorsNames names its " +
                         std::to_string(count) + " columns, each differently");
      return false;
    }
    for (const std::string_view name : *names) mesh_.columns.push_back({utf8(name), {}});
    return true;
  }

  /// What rows were wrong has been said; here it is whether there are as many as there must be.
  void check_counts() {
    check_count("NumVertex", vertices_, vertex_rows_);
    check_count("NumTriangle", triangles_, triangle_rows_);
    if (vertex_rows_ == 0) refuse("[VerticesSection]", "", "the mesh has no vertices");
    if (!mesh_.columns.empty() && colour_rows_ != vertex_rows_) {
      refuse("[VerticesColorsSection]", std::to_string(colour_rows_) + " rows",
             "must have a row for each of the " + std::to_string(vertex_rows_) + " vertices");
    }
  }

  void check_count(const char* key, std::optional<std::size_t> declared, std::size_t found) {
    if (!declared) return refuse(key, "", "is missing from [GeneralAttributes]");
    if (*declared != found) {
      refuse(key, std::to_string(*declared), "the file has " + std::to_string(found) + " of them");
    }
  }

  std::string_view text_;
  const std::string& file_;
  const CartoLimits& limits_;
  bool latin1_;
  int line_ = 0;
  std::vector<Problem> problems_;
  CartoMesh mesh_;

  CartoSection section_ = CartoSection::none;
  std::string name_;          ///< of the section
  std::string_view comment_;  ///< the last one above the section's rows
  bool rows_begun_ = false;
  std::size_t row_ = 0;  ///< the number the next row must have
  std::set<CartoSection> seen_;
  std::vector<double> numbers_;  ///< of the row

  std::optional<std::size_t> vertices_, triangles_;  ///< as declared
  std::size_t vertex_rows_ = 0;                      ///< in the file, right or wrong
  std::size_t triangle_rows_ = 0;
  std::size_t colour_rows_ = 0;
  std::string_view colours_;  ///< ColorsNames
};

}  // namespace

const MeshColumn* CartoMesh::column(std::string_view wanted) const {
  const auto found = std::ranges::find(columns, wanted, &MeshColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

diagnostics::Result<CartoMesh> read_carto_mesh(std::string_view text, const std::string& file,
                                               const CartoLimits& limits) {
  if (text.size() > limits.most_file_bytes) {
    return std::vector{Problem{file, 0, "size", std::to_string(text.size()) + " bytes",
                               "must not be more than " + std::to_string(limits.most_file_bytes),
                               ""}};
  }
  return MeshParser(text, file, limits).run();
}

diagnostics::Result<CartoMesh> read_carto_mesh_file(const std::filesystem::path& path,
                                                    const CartoLimits& limits) {
  const auto text = read_text_file(path, limits.most_file_bytes);
  if (!text.ok()) return text.problems();
  return read_carto_mesh(text.value(), path.string(), limits);
}

}  // namespace angiotrial::formats
