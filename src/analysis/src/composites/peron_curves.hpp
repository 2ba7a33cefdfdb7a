// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/composites/win_statistics.hpp>

#include <cstdint>
#include <span>
#include <vector>

/// Curves of one outcome in both arms of a stratum, and what they say of each patient against the
/// other arm. For a patient with own time x (arm O) who meets one with time y (arm P), the chance
/// that the first outlives the second is
///
///   place of y < key of x:   1 - c_x d_y        otherwise:   b_x a_y
///
///   x event, y event         1                               0
///   x event, y censored      1 - S_P(x - margin) / S_P(y)    0
///   x censored, y event      1                               S_O(y + margin) / S_O(x)
///   x censored, y censored   1 - (S_P(x - margin) - I(x - margin) / S_O(x)) / S_P(y)
///                                                            I(y) / (S_O(x) S_P(y))
///
///   I(s) = sum over events t > s of arm P of -dS_P(t) S_O(t + margin)
///
/// with S_O(s) = 0 beyond the last time of arm O: what happens there is not known. Curves are
/// continuous from the right, so that a chance of exactly the margin decides only against the event
/// of x, where the tier says so: S_P(x - margin) is then the value there, otherwise that before.
namespace angiotrial::analysis::peron {

struct Timed {
  double time = 0.0;
  std::int32_t patient = 0;
};

/// Times of one arm in one tier, whatever the weights of the patients.
struct Order {
  std::vector<std::int32_t> place;  ///< of each patient among the distinct times; -1 missing
  std::vector<std::int32_t> event;  ///< of each patient: 1 event or known value, 0 censored
  std::vector<double> times;        ///< distinct, rising
  // Of each distinct time t, how many distinct times s of the other arm ...
  std::vector<std::int32_t> reach;            ///< ... have s - t of at most the margin
  std::vector<std::int32_t> sure_from;        ///< ... have s - t below the margin
  std::vector<std::int32_t> before_event;     ///< ... an event at t is beyond by the margin
  std::vector<std::int32_t> before_censored;  ///< ... have t - s of at least the margin
};

void fill_order(const WinTier& tier, std::span<const std::int32_t> patients,
                std::vector<Timed>& sorted, Order& order);
/// The counts against the other arm.
void match_orders(const WinTier& tier, Order& own, const Order& other);

/// Kaplan-Meier estimate with weights; survival[q] is that after the first q distinct times.
struct Curve {
  std::vector<double> at_risk, events, survival;
  std::int32_t last = -1;  ///< place of the last time with weight
};
/// Unit weights where `weights` is empty.
void fill_curve(const Order& order, std::span<const double> weights, Curve& curve);

/// Patients of one arm on one side of a comparison: key or place, c or d, b or a.
struct Half {
  std::vector<double> key, factor, tail;
  void resize(std::size_t n) {
    key.resize(n);
    factor.resize(n);
    tail.resize(n);
  }
};

/// "Arm O outlives arm P", as what patients of O bring and what those of P bring.
struct Comparison {
  const Order& own;
  const Order& other;
  const Curve& own_curve;
  const Curve& other_curve;

  /// `members`: patients wanted, of either arm; keys and places take the sign.
  void fill(std::span<const std::int32_t> own_members, std::span<const std::int32_t> other_members,
            double sign, std::vector<double>& integral, Half& own_half, Half& other_half) const;

  /// Derivatives with respect to factors and tails become derivatives with respect to the
  /// survivals, which are added. All patients are members.
  void spread(std::span<const double> integral, const Half& own_half, const Half& other_half,
              std::vector<double>& integral_slope, std::vector<double>& own_survival,
              std::vector<double>& other_survival) const;

  /// S_O(t + margin) at place e of arm P; 0 where it is not known.
  [[nodiscard]] double outlived(std::size_t e) const {
    return known(e) ? own_curve.survival[static_cast<std::size_t>(other.reach[e])] : 0.0;
  }
  [[nodiscard]] bool known(std::size_t e) const { return other.sure_from[e] <= own_curve.last; }
};

/// Adds to each patient's sum the derivative, through the curve, with respect to its weight, from
/// the derivatives with respect to survival[q].
void add_influence(const Order& order, const Curve& curve, std::span<const double> slope,
                   std::vector<double>& path, std::span<double> sums);

}  // namespace angiotrial::analysis::peron
