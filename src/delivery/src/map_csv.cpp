// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/delivery/map_csv.hpp>

#include "kernel.hpp"

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/formats/csv.hpp>
#include <angiotrial/formats/number_text.hpp>

#include <array>
#include <cmath>
#include <map>
#include <optional>

namespace angiotrial::delivery {
namespace {

using diagnostics::Problem;

enum Column : std::size_t {
  x,
  y,
  z,
  unipolar,
  bipolar,
  shortening,
  segment,
  injected,
  wall,
  count
};
constexpr std::array<std::string_view, count> names{
    "x_mm",    "y_mm",     "z_mm",   "unipolar_mv", "bipolar_mv", "shortening_percent",
    "segment", "injected", "wall_mm"};

constexpr double most_mm = 1000.0;       // no heart is a metre wide
constexpr double most_mv = 1000.0;       // nor a volt strong
constexpr double most_percent = 1000.0;  // shortening far beyond any muscle is a slip of the pen

struct Limits {
  double least, most;
  std::string_view rule;
};
constexpr Limits place_limits{-most_mm, most_mm, "must be a number from -1000 to 1000 mm"};
constexpr Limits voltage_limits{0.0, most_mv, "must be a number from 0 to 1000 mV"};
constexpr Limits shortening_limits{-most_percent, most_percent,
                                   "must be a number from -1000 to 1000 percent"};
constexpr Limits segment_limits{1.0, 17.0, "must be a whole number from 1 to 17"};
constexpr Limits injected_limits{0.0, 1.0, "must be 0 or 1"};
constexpr Limits wall_limits{0.1, 100.0, "must be a number from 0.1 to 100 mm"};

/// Reads rows one after the other and keeps every problem.
class MapReader {
 public:
  MapReader(const formats::CsvTable& table, const std::string& file) : table_(table), file_(file) {}

  ElectromechanicalMap read(const Parameters& p) {
    find_columns();
    if (!problems_.empty()) return {};
    ElectromechanicalMap map;
    map.points.reserve(table_.rows.size());
    for (row_ = 0; row_ < table_.rows.size(); ++row_) map.points.push_back(point());
    settle_shortening(map);
    find_duplicates(map);
    const auto points = static_cast<long>(map.points.size());
    if (points < p.map.fewest_points) {
      problems_.push_back({file_, 1, "points", std::to_string(points),
                           "a map needs at least " + std::to_string(p.map.fewest_points) +
                               " points (map.fewest_points)",
                           ""});
    }
    return map;
  }
  std::vector<Problem>& problems() { return problems_; }

 private:
  void find_columns() {
    for (std::size_t c = 0; c < count; ++c) {
      at_[c] = table_.column(names[c]);
      if (at_[c] || c == wall) continue;
      problems_.push_back({file_, 1, std::string(names[c]), "", "this column is missing",
                           diagnostics::nearest(names[c], table_.header).value_or("")});
    }
    const std::vector<std::string> known(names.begin(), names.end());
    for (const std::string& name : table_.header) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      problems_.push_back({file_, 1, name, "", "no such column in a map",
                           diagnostics::nearest(name, known).value_or("")});
    }
  }

  [[nodiscard]] const std::string& cell(Column c) const { return table_.rows[row_][*at_[c]]; }

  void refuse(Column c, std::string rule) {
    problems_.push_back(
        {file_, table_.lines[row_], std::string(names[c]), cell(c), std::move(rule), ""});
  }

  /// The cell's number, or 0 with a problem.
  double number(Column c, const Limits& limits, bool whole = false) {
    const std::optional<double> value = formats::finite_number(cell(c));
    const bool good = value && *value >= limits.least && *value <= limits.most &&
                      (!whole || *value == std::floor(*value));
    if (!good) refuse(c, std::string(limits.rule));
    return good ? *value : 0.0;
  }

  MapPoint point() {
    MapPoint made;
    made.position_mm = {number(x, place_limits), number(y, place_limits), number(z, place_limits)};
    made.unipolar_mv = units::Millivolts(number(unipolar, voltage_limits));
    if (!cell(bipolar).empty()) {
      made.bipolar_mv = units::Millivolts(number(bipolar, voltage_limits));
    }
    if (!cell(shortening).empty()) {
      ++with_shortening_;
      made.local_shortening_percent = units::Percent(number(shortening, shortening_limits));
    }
    made.segment = static_cast<int>(number(segment, segment_limits, true));
    made.injected = number(injected, injected_limits, true) > 0.0;
    if (at_[wall] && !cell(wall).empty()) made.wall_mm = units::Mm(number(wall, wall_limits));
    made.truth.segment = made.segment;
    return made;
  }

  /// A map has shortening everywhere or nowhere.
  void settle_shortening(ElectromechanicalMap& map) {
    map.shortening_measured = with_shortening_ > 0 || table_.rows.empty();
    if (with_shortening_ == 0 || with_shortening_ == table_.rows.size()) return;
    for (row_ = 0; row_ < table_.rows.size(); ++row_) {
      if (cell(shortening).empty()) {
        refuse(shortening, "must be given at every point or at none");
      }
    }
  }

  void find_duplicates(const ElectromechanicalMap& map) {
    std::map<PositionMm, std::size_t> seen;
    for (row_ = 0; row_ < map.points.size(); ++row_) {
      const auto [first, fresh] = seen.try_emplace(map.points[row_].position_mm, row_);
      if (fresh) continue;
      const std::string before = std::to_string(table_.lines[first->second]);
      refuse(x, "no two points may lie at one place: see line " + before);
    }
  }

  const formats::CsvTable& table_;
  const std::string& file_;
  std::array<std::optional<std::size_t>, count> at_{};
  std::size_t row_ = 0, with_shortening_ = 0;
  std::vector<Problem> problems_;
};

}  // namespace

std::string write_map_csv(const ElectromechanicalMap& map) {
  formats::CsvWriter csv({names.begin(), names.end()});
  for (const MapPoint& point : map.points) {
    ANGIOTRIAL_EXPECT(std::isfinite(point.unipolar_mv.value()), "a point has a voltage");
    std::vector<formats::CsvCell> row(count);
    for (std::size_t k = 0; k < 3; ++k) row[k] = point.position_mm[k];
    row[unipolar] = point.unipolar_mv.value();
    if (point.bipolar_mv) row[bipolar] = point.bipolar_mv->value();
    if (map.shortening_measured) row[shortening] = point.local_shortening_percent.value();
    row[segment] = static_cast<long>(point.segment);
    row[injected] = point.injected ? 1L : 0L;
    if (point.wall_mm.value() > 0.0) row[wall] = point.wall_mm.value();
    csv.row(row);
  }
  return csv.take();
}

diagnostics::Result<ElectromechanicalMap> read_map_csv(const Parameters& p, std::string_view text,
                                                       const std::string& file) {
  const diagnostics::Result<formats::CsvTable> table = formats::read_csv(text, file);
  if (!table.ok()) return table.problems();
  MapReader reader(table.value(), file);
  ElectromechanicalMap map = reader.read(p);
  if (!reader.problems().empty()) return std::move(reader.problems());
  return map;
}

std::vector<Problem> check_on_the_wall(const Parameters& p, const Endocardium& wall,
                                       const ElectromechanicalMap& map, const std::string& file) {
  const double reach_mm = p.planning.farthest_from_wall_mm.value();
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < map.points.size(); ++i) {
    const PositionMm& at = map.points[i].position_mm;
    const double off_mm = std::sqrt(distance2_mm2(at, wall.position(nearest_patch(wall, at))));
    if (off_mm <= reach_mm) continue;
    problems.push_back({file, 0, "point " + std::to_string(i + 1),
                        formats::shortest(std::round(off_mm)) + " mm off",
                        "must lie within " + formats::shortest(reach_mm) +
                            " mm of the endocardium (planning.farthest_from_wall_mm)",
                        ""});
  }
  return problems;
}

void fill_walls(const Parameters& p, const Endocardium& wall, ElectromechanicalMap& map) {
  for (MapPoint& point : map.points) {
    if (point.wall_mm.value() > 0.0) continue;
    const double mm = wall.wall_mm[nearest_patch(wall, point.position_mm)];
    point.wall_mm = units::Mm(p.wall.imaging_ratio * mm);
  }
}

}  // namespace angiotrial::delivery
