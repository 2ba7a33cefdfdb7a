// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/diagnostics/contract.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <string_view>

namespace angiotrial::dataset {

/// A parameter code such as ANGWK: at most 8 characters, as ADaM's PARAMCD. Held in place, so
/// that ten thousand rows cost no allocation. A longer text violates the contract.
class Code {
 public:
  static constexpr std::size_t capacity = 8;

  constexpr Code() = default;
  constexpr Code(std::string_view text) {  // NOLINT(*-explicit-*): a literal is a code
    ANGIOTRIAL_EXPECT(text.size() <= capacity, "a parameter code has at most 8 characters");
    for (std::size_t i = 0; i < text.size(); ++i) text_[i] = text[i];
  }
  constexpr Code(const char* text) : Code(std::string_view(text)) {}  // NOLINT(*-explicit-*)

  [[nodiscard]] constexpr std::string_view view() const {
    std::size_t length = 0;
    while (length < capacity && text_[length] != '\0') ++length;
    return {text_.data(), length};
  }

  constexpr auto operator<=>(const Code&) const = default;

 private:
  std::array<char, capacity> text_{};
};

/// The codes that this engine writes. A user's own data may hold others.
namespace codes {
inline constexpr Code angina = "ANGWK";            ///< ADDIARY: angina episodes per week
inline constexpr Code nitroglycerin = "NTGWK";     ///< ADDIARY: nitroglycerin doses per week
inline constexpr Code exercise_time = "ETTDUR";    ///< ADEFF: total exercise time, s
inline constexpr Code time_to_angina = "ETTANG";   ///< ADEFF: time to onset of angina, s
inline constexpr Code time_to_st = "ETTST1";       ///< ADEFF: time to 1 mm ST depression, s
inline constexpr Code peak_met = "METPK";          ///< ADEFF: peak workload, MET
inline constexpr Code ccs_class = "CCSCLS";        ///< ADEFF: Canadian class, 1 to 4 (0 none)
inline constexpr Code mace = "MACE";               ///< ADTTE: first major adverse cardiac event
inline constexpr Code death = "DEATH";             ///< ADTTE: death of any cause
inline constexpr Code infarction = "MI";           ///< ADTTE: myocardial infarction
inline constexpr Code hospital = "HOSP";           ///< ADTTE: cardiac hospital admission
inline constexpr Code troponin = "TROPI";          ///< ADLB: troponin, multiples of ULN
inline constexpr Code ck_mb = "CKMB";              ///< ADLB: creatine kinase MB, multiples of ULN
inline constexpr Code ck_mb_24_h = "CKMB24";       ///< ADLB: the same, a day after injection
inline constexpr Code blood_cd34 = "CD34A";        ///< ADLB: circulating CD34+ cells, cells/uL
inline constexpr Code haemoglobin = "HGB";         ///< ADLB: haemoglobin, g/dL
inline constexpr Code enzyme_nstemi = "ENZNSTMI";  ///< ADLB: enzyme rise fitting NSTEMI, 1 or 0
}  // namespace codes

}  // namespace angiotrial::dataset
