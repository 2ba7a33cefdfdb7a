// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <numbers>

/// Exponentials and powers in single precision, without branches or calls, so that loops over cells
/// run side by side. Only sums, products, quotients and bit patterns: the same bytes everywhere.
#define ANGIOTRIAL_INLINE [[gnu::always_inline]] inline

namespace angiotrial::tissue {

/// 2^x for -126 <= x <= 126: whole part into the exponent, Taylor for the rest, |f| <= 1/2.
ANGIOTRIAL_INLINE float exp2_of(float x) {
  constexpr float round_here = 12582912.0F;  // 1.5 x 2^23: adding it rounds to a whole number
  const float whole = (x + round_here) - round_here;
  const float f = (x - whole) * std::numbers::ln2_v<float>;
  float sum = 1.0F / 5040.0F;
  sum = sum * f + 1.0F / 720.0F;
  sum = sum * f + 1.0F / 120.0F;
  sum = sum * f + 1.0F / 24.0F;
  sum = sum * f + 1.0F / 6.0F;
  sum = sum * f + 0.5F;
  sum = sum * f + 1.0F;
  sum = sum * f + 1.0F;
  return sum * std::bit_cast<float>((static_cast<std::int32_t>(whole) + 127) << 23);
}

/// log2(x) for normal x > 0: x = 2^e m, m in [sqrt(1/2), sqrt 2), log m = 2 artanh((m-1)/(m+1)).
ANGIOTRIAL_INLINE float log2_of(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t e = (bits - 0x3f3504f3) >> 23;
  const auto m = std::bit_cast<float>(bits - e * (1 << 23));
  const float s = (m - 1.0F) / (m + 1.0F);
  const float q = s * s;
  const float series = 1.0F + q * (1.0F / 3.0F + q * (1.0F / 5.0F + q * (1.0F / 7.0F)));
  return static_cast<float>(e) + s * series * (2.0F * std::numbers::log2e_v<float>);
}

/// x^exponent for x >= 0, relative error below 1e-5; 0 below x = 1e-30.
ANGIOTRIAL_INLINE float power_of(float x, float exponent) {
  constexpr float tiny = 1.0e-30F;
  const float y = exponent * log2_of(x > tiny ? x : tiny);
  const float held = y < -126.0F ? -126.0F : (y > 126.0F ? 126.0F : y);
  return x > tiny ? exp2_of(held) : 0.0F;
}

ANGIOTRIAL_INLINE float above_zero(float x) { return x > 0.0F ? x : 0.0F; }
ANGIOTRIAL_INLINE float greater(float a, float b) { return a > b ? a : b; }

}  // namespace angiotrial::tissue
