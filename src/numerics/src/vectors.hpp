// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "layout.hpp"
#include "vector_clones.hpp"

/// Eight cells side by side. Each clone lowers them to what it has; operations and their order stay
/// the same. Handed on by reference, as a register of this width is not in every ABI.
namespace angiotrial::numerics {

using Doubles [[gnu::vector_size(chunk * sizeof(double))]] = double;
using Floats [[gnu::vector_size(chunk * sizeof(float))]] = float;

/// Any address of a number will do for these.
using FloatsAnywhere [[gnu::vector_size(chunk * sizeof(float)), gnu::aligned(4), gnu::may_alias]] =
    float;
using HalfAnywhere [[gnu::vector_size(stride * sizeof(float)), gnu::aligned(4), gnu::may_alias]] =
    float;
using DoublesAnywhere
    [[gnu::vector_size(chunk * sizeof(double)), gnu::aligned(8), gnu::may_alias]] = double;

/// All bits of a cell or none. Made and used as whole numbers: the compiler cannot compare vectors
/// of this width in clones.
using Masks [[gnu::vector_size(chunk * sizeof(std::uint64_t))]] = std::uint64_t;

/// Where a number >= 0 is not +0.
ANGIOTRIAL_ALWAYS_INLINE void find_positive(const Doubles& value, Masks& where) {
  const Masks bits = reinterpret_cast<Masks>(value);
  where = -((bits | -bits) >> 63U);
}
ANGIOTRIAL_ALWAYS_INLINE void keep_where(const Masks& where, Doubles& value) {
  value = reinterpret_cast<Doubles>(reinterpret_cast<Masks>(value) & where);
}
ANGIOTRIAL_ALWAYS_INLINE void choose(const Masks& where, const Doubles& yes, const Doubles& no,
                                     Doubles& to) {
  to = reinterpret_cast<Doubles>((reinterpret_cast<Masks>(yes) & where) |
                                 (reinterpret_cast<Masks>(no) & ~where));
}

ANGIOTRIAL_ALWAYS_INLINE void load(const float* from, Doubles& to) {
  to = __builtin_convertvector(*reinterpret_cast<const FloatsAnywhere*>(from), Doubles);
}
ANGIOTRIAL_ALWAYS_INLINE void load(const double* from, Doubles& to) {
  to = *reinterpret_cast<const DoublesAnywhere*>(from);
}
ANGIOTRIAL_ALWAYS_INLINE void store(const Doubles& from, double* to) {
  *reinterpret_cast<DoublesAnywhere*>(to) = from;
}
ANGIOTRIAL_ALWAYS_INLINE void store(const Doubles& from, float* to) {
  *reinterpret_cast<FloatsAnywhere*>(to) = __builtin_convertvector(from, Floats);
}

/// The first `count` of eight, 0 in the others.
template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void load_some(const Real* from, int count, Doubles& to) {
  for (int l = 0; l < chunk; ++l) to[l] = l < count ? double{from[l]} : 0.0;
}
template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void store_some(const Doubles& from, int count, Real* to) {
  for (int l = 0; l < count; ++l) to[l] = static_cast<Real>(from[l]);
}

/// Cells i .. i + 7 of a row of nx, 0 beyond its end.
template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void load_of_row(const Real* row, int i, int nx, Doubles& to) {
  if (i + chunk <= nx) {
    load(row + i, to);
  } else {
    load_some(row + i, nx - i, to);
  }
}

template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void store_of_row(const Doubles& from, int i, int nx, Real* row) {
  if (i + chunk <= nx) {
    store(from, row + i);
  } else {
    store_some(from, nx - i, row + i);
  }
}

/// The cells one before those of load_of_row, 0 before the row.
template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void load_before(const Real* row, int i, int nx, const Doubles& own,
                                          Doubles& to) {
  if (i > 0 && i + chunk <= nx) {
    load(row + i - 1, to);
  } else {
    to = __builtin_shufflevector(own, Doubles{}, 8, 0, 1, 2, 3, 4, 5, 6);
    if (i > 0) to[0] = double{row[i - 1]};
  }
}

/// The cells one after them.
template <class Real>
ANGIOTRIAL_ALWAYS_INLINE void load_after(const Real* row, int i, int nx, const Doubles& own,
                                         Doubles& to) {
  if (i + chunk < nx) {
    load(row + i + 1, to);
  } else {
    to = __builtin_shufflevector(own, Doubles{}, 1, 2, 3, 4, 5, 6, 7, 8);
  }
}

/// Every other cell to `even`, the rest to `odd`.
ANGIOTRIAL_ALWAYS_INLINE void store_split(const Doubles& from, float* even, float* odd) {
  const Floats both = __builtin_convertvector(from, Floats);
  *reinterpret_cast<HalfAnywhere*>(even) = __builtin_shufflevector(both, both, 0, 2, 4, 6);
  *reinterpret_cast<HalfAnywhere*>(odd) = __builtin_shufflevector(both, both, 1, 3, 5, 7);
}

ANGIOTRIAL_ALWAYS_INLINE void load_joined(const float* even, const float* odd, Doubles& to) {
  const HalfAnywhere& a = *reinterpret_cast<const HalfAnywhere*>(even);
  const HalfAnywhere& b = *reinterpret_cast<const HalfAnywhere*>(odd);
  to = __builtin_convertvector(__builtin_shufflevector(a, b, 0, 4, 1, 5, 2, 6, 3, 7), Doubles);
}

}  // namespace angiotrial::numerics
