// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/heart/parameters.hpp>
#include <angiotrial/heart/perfusion.hpp>
#include <angiotrial/heart/ventricle.hpp>

#include <string_view>

/// Other treatments as changes of the same heart (notes P8), for comparison with cells. Each
/// function returns a changed copy and touches nothing else.
namespace angiotrial::heart {

/// Size of each change.
struct Comparators {
  units::Mmhg nitrate_endocardial_fall_mmhg{8.0};  ///< of back pressure
  units::Mmhg nitrate_systolic_fall_mmhg{8.0};
  double nitrate_collateral_factor = 1.1;  ///< on the collateral flow index
  units::Bpm beta_blocker_rate_fall_bpm{10.0};
  units::Fraction beta_blocker_slope_fall_fraction{0.20};   ///< of heart rate against exertion
  units::Fraction ranolazine_demand_fall_fraction{0.0315};  ///< of oxygen demand
  units::Fraction reducer_endocardial_gain_fraction{0.05};  ///< of conductance
  units::Fraction reducer_epicardial_loss_fraction{0.025};
  units::Percent residual_stenosis_percent{0.0};  ///< left by intervention or graft
};
void describe(schema::Visitor& visit, Comparators& p);

enum class Treatment { nitrate, beta_blocker, ranolazine, intervention, bypass, reducer };

/// What the chain of this model made of it in the notes, against what was observed.
struct Standing {
  bool trustworthy = false;  ///< the chain came close
  std::string_view simulated, observed, verdict;
};
[[nodiscard]] Standing standing(Treatment treatment);

/// What a treatment changes outside the heart.
struct Haemodynamics {
  units::Bpm rest_heart_rate_fall;
  units::Mmhg rest_systolic_fall;
  double heart_rate_slope_factor = 1.0;
};

struct Treated {
  Parameters parameters;
  Ventricle ventricle;
  Haemodynamics haemodynamics;
};

/// Lower back pressure at the endocardium (never below that at the epicardium), better collaterals,
/// lower systolic pressure.
[[nodiscard]] Treated with_nitrate(const Comparators& comparators, const Parameters& parameters,
                                   const Ventricle& ventricle);
/// Acts on heart rate only.
[[nodiscard]] Treated with_beta_blocker(const Comparators& comparators,
                                        const Parameters& parameters, const Ventricle& ventricle);
[[nodiscard]] Treated with_ranolazine(const Comparators& comparators, const Parameters& parameters,
                                      const Ventricle& ventricle);
/// Opens one artery; collaterals behind a former occlusion fall to those of an open artery.
[[nodiscard]] Treated with_intervention(const Comparators& comparators,
                                        const Parameters& parameters, const Ventricle& ventricle,
                                        Territory vessel);
/// Opens all three.
[[nodiscard]] Treated with_bypass(const Comparators& comparators, const Parameters& parameters,
                                  const Ventricle& ventricle);
/// Coronary sinus reducer: flow turns from the epicardium to the endocardium, linear in depth.
[[nodiscard]] Treated with_reducer(const Comparators& comparators, const Parameters& parameters,
                                   const Ventricle& ventricle);

/// The territory of lowest FFR: the first of equals.
[[nodiscard]] Territory worst_vessel(const Perfusion& perfusion);

}  // namespace angiotrial::heart
