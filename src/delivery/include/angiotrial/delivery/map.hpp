// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/delivery/endocardium.hpp>
#include <angiotrial/random/stream.hpp>

#include <optional>
#include <vector>

/// The electromechanical map: what the operator sees of the wall, with its errors.
///
///   UPV = (mean true voltage of the reading's tissue) exp(N(0, 0.39))
///   LLS ~ N(15.7, 9.5) over normal, N(10.0, 5.1) over ischaemic or scarred wall
///   shown: both averaged over neighbouring readings, kernel (1 - d^2/R^2)^2
///
/// The recorded place is off by 2 mm in each direction along the wall. Nothing here knows the arm:
/// the map is the same for every arm of a patient.
namespace angiotrial::delivery {

/// What is true where the catheter stood. For tests and pictures; a plan must not read it.
struct Truth {
  int segment = 0;
  bool ischaemic = false;
  bool viable = true;
  double impaired_share = 0.0;  ///< of the reading's tissue, ischaemic or scarred
};

struct MapPoint {
  PositionMm position_mm{};                 ///< as recorded
  int segment = 0;                          ///< of the recorded place
  units::Millivolts unipolar_mv;            ///< UPV, averaged as the system shows it
  units::Percent local_shortening_percent;  ///< LLS, averaged as the system shows it
  units::Mm wall_mm;                        ///< as imaged, per segment
  Truth truth;
  std::optional<units::Millivolts> bipolar_mv;  ///< of maps from files; no rule reads it
  bool injected = false;                        ///< marked in the file as an injection
};

struct ElectromechanicalMap {
  std::vector<MapPoint> points;
  bool shortening_measured = true;  ///< false for systems that measure voltage alone
};

/// Draws from Purpose::map only: occasion 0 where points lie, 1 readings, 2 imaging. Expects
/// 1 <= fewest_points <= most_points.
[[nodiscard]] ElectromechanicalMap measure(const Parameters& parameters, const Endocardium& wall,
                                           const random::Streams& streams);

/// The same from the heart's own records.
[[nodiscard]] ElectromechanicalMap measure(const Parameters& parameters,
                                           const heart::Ventricle& ventricle,
                                           const heart::Perfusion& perfusion,
                                           const random::Streams& streams);

}  // namespace angiotrial::delivery
