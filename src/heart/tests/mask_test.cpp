// SPDX-License-Identifier: Apache-2.0
#include "sample.hpp"

#include <angiotrial/heart/mask.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <set>

namespace angiotrial::heart {
namespace {

using sample::Series;
using tissue::PositionMm;

constexpr double radians = 3.14159265358979323846 / 180.0;

std::size_t cell_of(const tissue::Domain& d, const PositionMm& at) {
  std::size_t index = 0;
  for (std::size_t a = 3; a-- > 0;) {
    const auto c = std::lround((at[a] - d.first_centre_mm[a]) / d.spacing_mm);
    if (c < 0 || c >= d.cells[a]) return d.level_mm.size();
    index = index * static_cast<std::size_t>(d.cells[a]) + static_cast<std::size_t>(c);
  }
  return index;
}

PositionMm centre_of(const tissue::Domain& d, std::size_t cell) {
  const auto nx = static_cast<std::size_t>(d.cells[0]), ny = static_cast<std::size_t>(d.cells[1]);
  return {d.first_centre_mm[0] + static_cast<double>(cell % nx) * d.spacing_mm,
          d.first_centre_mm[1] + static_cast<double>(cell / nx % ny) * d.spacing_mm,
          d.first_centre_mm[2] + static_cast<double>(cell / nx / ny) * d.spacing_mm};
}

double base_height_of(const Organ& organ) {
  double top = -1e9;
  for (const std::uint32_t cell : organ.voxel) {
    top = std::max(top, centre_of(organ.domain, cell)[2]);
  }
  return top + 0.5 * organ.domain.spacing_mm;
}

Landmarks landmarks_of(const Organ& organ) {
  const double r = 30.0;
  const double tip = centre_of(organ.domain, organ.voxel.front())[2];
  return {{0.0, 0.0, tip},
          {0.0, 0.0, base_height_of(organ)},
          {r * std::cos(120.0 * radians), r * std::sin(120.0 * radians), 0.0},
          {r * std::cos(240.0 * radians), r * std::sin(240.0 * radians), 5.0}};
}

/// The wall of an organ as a mask on its own grid.
Mask mask_of(const Organ& organ) {
  Mask mask;
  mask.name = "heart.nii";
  mask.cells = organ.domain.cells;
  mask.spacing_mm = {organ.domain.spacing_mm, organ.domain.spacing_mm, organ.domain.spacing_mm};
  mask.first_centre_mm = organ.domain.first_centre_mm;
  mask.inside.assign(organ.domain.level_mm.size(), 0);
  for (const std::uint32_t cell : organ.voxel) mask.inside[cell] = 1;
  mask.landmarks = landmarks_of(organ);
  mask.left_handed = true;
  return mask;
}

/// The same wall in a scanner's frame: mirrored, turned about two axes and shifted, sampled on
/// voxels of another size.
struct Scanner {
  PositionMm lateral{}, anterior{}, up{}, origin{12.0, -34.0, 56.0};

  Scanner() {
    const double a = 0.6, b = 0.9;
    lateral = {std::cos(a), std::sin(a), 0.0};
    up = {-std::sin(a) * std::sin(b), std::cos(a) * std::sin(b), std::cos(b)};
    // Left-handed triple in a right-handed frame: anterior = lateral x up.
    anterior = {lateral[1] * up[2] - lateral[2] * up[1], lateral[2] * up[0] - lateral[0] * up[2],
                lateral[0] * up[1] - lateral[1] * up[0]};
  }
  [[nodiscard]] PositionMm to_world(const PositionMm& at) const {
    PositionMm out = origin;
    for (std::size_t i = 0; i < 3; ++i) {
      out[i] += at[0] * lateral[i] + at[1] * anterior[i] + at[2] * up[i];
    }
    return out;
  }
  [[nodiscard]] PositionMm to_heart(const PositionMm& at) const {
    PositionMm out{};
    for (std::size_t i = 0; i < 3; ++i) {
      const double d = at[i] - origin[i];
      out[0] += d * lateral[i];
      out[1] += d * anterior[i];
      out[2] += d * up[i];
    }
    return out;
  }
};

Mask scanned(const Organ& organ, const std::array<double, 3>& spacing_mm) {
  const Scanner scanner;
  Mask mask;
  mask.name = "scan.nii";
  mask.spacing_mm = spacing_mm;
  for (std::size_t a = 0; a < 3; ++a) {
    mask.cells[a] = static_cast<int>(170.0 / spacing_mm[a]);
    mask.first_centre_mm[a] = scanner.origin[a] - 85.0;
  }
  for (int k = 0; k < mask.cells[2]; ++k) {
    for (int j = 0; j < mask.cells[1]; ++j) {
      for (int i = 0; i < mask.cells[0]; ++i) {
        const std::size_t cell =
            cell_of(organ.domain, scanner.to_heart({mask.first_centre_mm[0] + i * spacing_mm[0],
                                                    mask.first_centre_mm[1] + j * spacing_mm[1],
                                                    mask.first_centre_mm[2] + k * spacing_mm[2]}));
        const bool muscle = cell < organ.domain.level_mm.size() && organ.domain.level_mm[cell] < 0;
        mask.inside.push_back(muscle ? 1 : 0);
      }
    }
  }
  const Landmarks l = landmarks_of(organ);
  mask.landmarks = {scanner.to_world(l.apex_mm), scanner.to_world(l.base_centre_mm),
                    scanner.to_world(l.anterior_insertion_mm),
                    scanner.to_world(l.inferior_insertion_mm)};
  return mask;
}

Organ ellipsoid(std::uint32_t id, double h = 1.0) {
  return build_organ(Parameters{}, sample::patient(id), sample::streams(id), units::Mm(h));
}

diagnostics::Result<Organ> fed_back(const Mask& mask, std::uint32_t id, double h = 1.0) {
  return build_organ(Parameters{}, sample::patient(id), sample::streams(id), mask, units::Mm(h));
}

struct Agreement {
  double segments = 0.0, microregions = 0.0, mass = 0.0, threshold = 0.0, depth = 0.0;
};

Agreement compare(const Organ& a, const Organ& b) {
  Agreement out;
  double common = 0.0;
  for (std::size_t n = 0; n < b.size(); ++n) {
    const PositionMm at = centre_of(b.domain, b.voxel[n]);
    const std::size_t cell = cell_of(a.domain, at);
    const auto it = std::lower_bound(a.voxel.begin(), a.voxel.end(), cell);
    if (it == a.voxel.end() || *it != cell) continue;
    const auto m = static_cast<std::size_t>(it - a.voxel.begin());
    common += 1.0;
    out.segments += a.segment[m] == b.segment[n] ? 1.0 : 0.0;
    out.microregions += a.domain.region[cell] == b.domain.region[b.voxel[n]] ? 1.0 : 0.0;
    out.depth += static_cast<double>(std::abs(a.depth[m] - b.depth[n]));
  }
  out.segments /= common;
  out.microregions /= common;
  out.depth /= common;
  out.mass = b.ventricle.mass_g.value() / a.ventricle.mass_g.value();
  out.threshold = sample::perfusion(Parameters{}, b.ventricle).threshold.value() /
                  sample::perfusion(Parameters{}, a.ventricle).threshold.value();
  return out;
}

TEST(Mask, OfTheEllipsoidGivesTheEllipsoidBack) {
  Series threshold;
  double worst = 0.0;
  for (std::uint32_t id = 0; id < 12; ++id) {
    const Organ organ = ellipsoid(id);
    const auto back = fed_back(mask_of(organ), id);
    ASSERT_TRUE(back.ok()) << diagnostics::to_string(back.problems());
    const Agreement a = compare(organ, back.value());
    EXPECT_GT(a.segments, 0.97);
    EXPECT_NEAR(a.mass, 1.0, 0.02);
    EXPECT_LT(a.depth, 0.05);
    EXPECT_NEAR(static_cast<double>(back.value().size()), static_cast<double>(organ.size()),
                0.01 * static_cast<double>(organ.size()));
    threshold.add(a.threshold);
    worst = std::max(worst, std::abs(a.threshold - 1.0));
    if (id < 3) {
      std::printf(
          "own mask: segments %.4f, microregions %.4f, depth off by %.4f, mass %.4f, RPP* "
          "%.4f\n",
          a.segments, a.microregions, a.depth, a.mass, a.threshold);
    }
  }
  std::printf("RPP* of the mask against its ellipsoid: mean %.4f, SD %.4f, worst %.4f\n",
              threshold.mean(), threshold.sd(), worst);
  EXPECT_NEAR(threshold.mean(), 1.0, 0.01);
  EXPECT_LT(worst, 0.02);
}

TEST(Mask, FromAScannerIsTurnedIntoTheProjectsFrame) {
  const Organ organ = ellipsoid(3, 0.5);
  for (const auto& spacing : {std::array{1.0, 1.0, 1.0}, std::array{0.8, 0.8, 2.4}}) {
    const auto back = fed_back(scanned(organ, spacing), 3);
    ASSERT_TRUE(back.ok()) << diagnostics::to_string(back.problems());
    const Agreement a = compare(organ, back.value());
    std::printf("scanner: segments %.4f, depth off by %.4f, mass %.4f, RPP* %.4f\n", a.segments,
                a.depth, a.mass, a.threshold);
    EXPECT_GT(a.segments, 0.97);
    EXPECT_NEAR(a.mass, 1.0, 0.02);
    EXPECT_NEAR(a.threshold, 1.0, 0.03);
    std::set<int> regions;
    for (const std::uint32_t cell : back.value().voxel) {
      regions.insert(back.value().domain.region[cell]);
    }
    EXPECT_GT(regions.size(), 0.95 * static_cast<double>(back.value().ventricle.size()));
  }
}

TEST(Mask, PutsInsertionsWhereTheyAreAtOneHundredTwentyAndTwoHundredForty) {
  Mask mask = mask_of(ellipsoid(2));
  // A septum of 90 degrees instead of 120.
  const double r = 30.0;
  mask.landmarks.anterior_insertion_mm = {r * std::cos(135 * radians), r * std::sin(135 * radians),
                                          0};
  mask.landmarks.inferior_insertion_mm = {r * std::cos(225 * radians), r * std::sin(225 * radians),
                                          0};
  const auto built = fed_back(mask, 2);
  ASSERT_TRUE(built.ok());
  const Organ& organ = built.value();
  double septum = 0.0, ring = 0.0;
  for (const std::uint8_t s : organ.segment) {
    ring += s >= 7 && s <= 12 ? 1.0 : 0.0;
    septum += s == 8 || s == 9 ? 1.0 : 0.0;
  }
  EXPECT_NEAR(septum / ring, 0.25, 0.005);
}

/// What is said about a mask that was spoilt.
std::string complaint(const std::function<void(Mask&)>& spoil) {
  static const Organ organ = ellipsoid(1, 2.0);
  Mask mask = mask_of(organ);
  spoil(mask);
  const auto problems = problems_of(mask);
  const auto built = fed_back(mask, 1, 2.0);
  EXPECT_EQ(built.problems(), problems);
  return diagnostics::to_string(problems);
}

void set(Mask& mask, const PositionMm& low, const PositionMm& high, std::uint8_t value) {
  std::size_t index = 0;
  for (int k = 0; k < mask.cells[2]; ++k) {
    for (int j = 0; j < mask.cells[1]; ++j) {
      for (int i = 0; i < mask.cells[0]; ++i, ++index) {
        const std::array<int, 3> c{i, j, k};
        bool in = true;
        for (std::size_t a = 0; a < 3; ++a) {
          const double x = mask.first_centre_mm[a] + c[a] * mask.spacing_mm[a];
          in = in && x >= low[a] && x <= high[a];
        }
        if (in) mask.inside[index] = value;
      }
    }
  }
}

TEST(Mask, IsRefusedWithTheReason) {
  const auto contains = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  EXPECT_EQ(complaint([](Mask&) {}), "");
  contains(complaint([](Mask& m) { std::fill(m.inside.begin(), m.inside.end(), 0); }),
           "at least one voxel");
  contains(complaint([](Mask& m) { m.inside.pop_back(); }), "one value for each");
  contains(complaint([](Mask& m) { m.cells[0] = 2000000000; }), "at most 200 million");
  contains(complaint([](Mask& m) { m.cells[1] = -4; }), "at least 3 cells");
  contains(complaint([](Mask& m) { m.spacing_mm[2] = std::nan(""); }), "0.1 to 4 mm");
  contains(complaint([](Mask& m) { m.spacing_mm[2] = 0.2; }), "4 times as coarse");
  contains(complaint([](Mask& m) { m.first_centre_mm[0] = std::nan(""); }), "finite place");
  contains(complaint([](Mask& m) { set(m, {-2, -2, -40}, {2, 2, -35}, 1); }), "one piece");
  contains(complaint([](Mask& m) { set(m, {0, -2, 0}, {500, 2, 3}, 1); }), "edge of the box");
  contains(complaint([](Mask& m) { set(m, {0, -3, -10}, {500, 3, -5}, 0); }),
           "joined to the outside");
  contains(complaint([](Mask& m) { set(m, {-3, -3, -500}, {3, 3, -30}, 0); }),
           "joined to the outside");
  contains(complaint([](Mask& m) { set(m, {-18, -18, -30}, {18, 18, 15}, 1); }), "cavity");
  contains(complaint([](Mask& m) {
             const double top = m.landmarks.base_centre_mm[2];
             set(m, {-24, -24, top - 4}, {24, 24, top}, 1);
           }),
           "open at the base");
  contains(complaint([](Mask& m) {
             const auto inside = m.inside;
             for (std::size_t i = 0; i < inside.size(); ++i) {
               const auto nx = static_cast<std::size_t>(m.cells[0]);
               const std::size_t nxy = nx * static_cast<std::size_t>(m.cells[1]);
               if (inside[i] != 0 && inside[i - 1] != 0 && inside[i + 1] != 0 &&
                   inside[i - nx] != 0 && inside[i + nx] != 0 && inside[i - nxy] != 0 &&
                   inside[i + nxy] != 0) {
                 m.inside[i] = 0;
                 return;
               }
             }
           }),
           "no closed holes");
  contains(complaint([](Mask& m) { m.landmarks.apex_mm[2] = -500; }), "in the box");
  contains(complaint([](Mask& m) { m.landmarks.apex_mm[0] = std::nan(""); }), "in the box");
  contains(complaint([](Mask& m) { m.landmarks.apex_mm = m.landmarks.base_centre_mm; }),
           "30 to 180 mm");
  contains(complaint([](Mask& m) { m.landmarks.anterior_insertion_mm = {0, 0, 0}; }),
           "5 mm from the axis");
  contains(complaint([](Mask& m) {
             m.landmarks.anterior_insertion_mm = m.landmarks.inferior_insertion_mm;
           }),
           "60 to 170 degrees");
  contains(complaint([](Mask& m) {
             std::swap(m.landmarks.anterior_insertion_mm, m.landmarks.inferior_insertion_mm);
           }),
           "swapped");
  contains(complaint([](Mask& m) { m.left_handed = false; }), "mirrored");
  contains(complaint([](Mask& m) {
             std::swap(m.landmarks.apex_mm, m.landmarks.base_centre_mm);
             std::swap(m.landmarks.anterior_insertion_mm, m.landmarks.inferior_insertion_mm);
           }),
           "apex and base swapped");
  contains(complaint([](Mask& m) {
             for (std::size_t a = 0; a < 3; ++a) {
               m.spacing_mm[a] *= 0.5;
               m.first_centre_mm[a] *= 0.5;
               m.landmarks.apex_mm[a] *= 0.5;
               m.landmarks.base_centre_mm[a] *= 0.5;
               m.landmarks.anterior_insertion_mm[a] *= 0.5;
               m.landmarks.inferior_insertion_mm[a] *= 0.5;
             }
           }),
           "20 to 600 mL");
}

RC_GTEST_PROP(MaskLaw, IsBuiltOrRefusedButNeverThrows, ()) {
  // A sound mask with a few boxes cut out or filled in, and landmarks that have slipped.
  static const Mask sound = mask_of(ellipsoid(1, 3.0));
  Mask mask = sound;
  const auto seed = *rc::gen::inRange(0, 1000000);
  auto stream = random::Streams(1, 0, static_cast<std::uint32_t>(seed)).at(random::Purpose::map);
  const int boxes = *rc::gen::inRange(0, 4);
  for (int n = 0; n < boxes; ++n) {
    PositionMm low{}, high{};
    for (std::size_t a = 0; a < 3; ++a) {
      low[a] = mask.first_centre_mm[a] + 3.0 * mask.cells[a] * stream.uniform();
      high[a] = low[a] + 20.0 * stream.uniform();
    }
    set(mask, low, high, stream.bernoulli(0.5) ? 1 : 0);
  }
  Landmarks& l = mask.landmarks;
  for (PositionMm* at :
       {&l.apex_mm, &l.base_centre_mm, &l.anterior_insertion_mm, &l.inferior_insertion_mm}) {
    for (double& x : *at) x += 4.0 * stream.normal();
  }
  const auto built =
      build_organ(Parameters{}, sample::patient(1), sample::streams(1), mask, units::Mm(3.0));
  RC_CLASSIFY(built.ok(), "built");
  RC_ASSERT(built.ok() == problems_of(mask).empty());
  if (!built.ok()) return;
  double mass = 0.0;
  for (const double m : built.value().ventricle.mass_of_g) mass += m;
  RC_ASSERT(std::abs(mass - built.value().ventricle.mass_g.value()) < 1e-9);
}

TEST(Mask, IsRefusedUnderTheNameOfItsFile) {
  EXPECT_EQ(complaint([](Mask& m) { m.inside.clear(); }).find("heart.nii: inside = 0"), 0U);
}

}  // namespace
}  // namespace angiotrial::heart
