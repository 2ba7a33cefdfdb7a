// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <numeric>

/// Strong units. A Quantity is a double that knows its unit at compile time and costs nothing.
///
///   base dimensions   cell, kg, mm, day, mmHg (pressure is a base of its own)
///   scale             how many base units one of this unit is, as a ratio: an hour is 1/24 day
///   kind              keeps apart what has no dimension: a fraction is not a MET
///
/// Sums and comparisons need the same unit. `to<Hours>()` converts between units of one dimension.
/// Products and quotients get the unit that follows. Inside a kernel, unwrap with `value()` into a
/// double that carries its unit as a suffix.
namespace angiotrial::units {

struct Unit {
  int cell = 0, kg = 0, mm = 0, day = 0, mmhg = 0;
  std::int64_t num = 1, den = 1;  ///< scale to the base units
  int kind = 0;                   ///< 0 for a true dimension

  constexpr bool operator==(const Unit&) const = default;
};

[[nodiscard]] constexpr bool same_dimension(const Unit& a, const Unit& b) {
  return a.cell == b.cell && a.kg == b.kg && a.mm == b.mm && a.day == b.day && a.mmhg == b.mmhg &&
         a.kind == b.kind;
}

[[nodiscard]] constexpr Unit reduced(Unit u) {
  const std::int64_t g = std::gcd(u.num, u.den);
  u.num /= g;
  u.den /= g;
  return u;
}

[[nodiscard]] constexpr Unit product(const Unit& a, const Unit& b) {
  return reduced({a.cell + b.cell, a.kg + b.kg, a.mm + b.mm, a.day + b.day, a.mmhg + b.mmhg,
                  a.num * b.num, a.den * b.den, a.kind + b.kind});
}

[[nodiscard]] constexpr Unit inverse(const Unit& a) {
  return {-a.cell, -a.kg, -a.mm, -a.day, -a.mmhg, a.den, a.num, -a.kind};
}

template <Unit U>
class Quantity {
 public:
  static constexpr Unit unit = U;

  constexpr Quantity() = default;
  constexpr explicit Quantity(double value) : value_(value) {}

  [[nodiscard]] constexpr double value() const { return value_; }
  /// For the reader of study files, which fills a parameter in place.
  [[nodiscard]] constexpr double& raw() { return value_; }

  /// The same amount in another unit of the same dimension.
  template <class Other>
    requires(same_dimension(U, Other::unit))
  [[nodiscard]] constexpr Other to() const {
    constexpr Unit ratio =
        reduced({.num = U.num * Other::unit.den, .den = U.den * Other::unit.num});
    return Other(value_ * (static_cast<double>(ratio.num) / static_cast<double>(ratio.den)));
  }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity(-value_); }
  constexpr Quantity& operator+=(Quantity b) {
    value_ += b.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity b) {
    value_ -= b.value_;
    return *this;
  }
  constexpr Quantity& operator*=(double b) {
    value_ *= b;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.value_ + b.value_);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.value_ - b.value_);
  }
  friend constexpr Quantity operator*(double a, Quantity b) { return Quantity(a * b.value_); }
  friend constexpr Quantity operator*(Quantity a, double b) { return Quantity(a.value_ * b); }
  friend constexpr Quantity operator/(Quantity a, double b) { return Quantity(a.value_ / b); }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.value_ / b.value_; }

 private:
  double value_ = 0.0;
};

template <Unit A, Unit B>
[[nodiscard]] constexpr auto operator*(Quantity<A> a, Quantity<B> b) {
  return Quantity<product(A, B)>(a.value() * b.value());
}

template <Unit A, Unit B>
  requires(!(A == B))
[[nodiscard]] constexpr auto operator/(Quantity<A> a, Quantity<B> b) {
  return Quantity<product(A, inverse(B))>(a.value() / b.value());
}

}  // namespace angiotrial::units
