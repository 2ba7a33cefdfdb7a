// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace angiotrial::schema {

/// How we came by a number. Printed wherever the number is.
enum class Provenance {
  seen,      ///< read in the named source
  derived,   ///< computed from numbers read in the named source
  recalled,  ///< from memory, unverified
  assumed,   ///< no source; a judgement
  fitted,    ///< came out of a fit to the named targets
  chosen,    ///< chosen so that the shipped study meets its published targets
  protocol   ///< what the trial's protocol or registry record says
};

[[nodiscard]] constexpr std::string_view name_of(Provenance provenance) {
  switch (provenance) {
    case Provenance::seen:
      return "seen";
    case Provenance::derived:
      return "derived";
    case Provenance::recalled:
      return "recalled (unverified)";
    case Provenance::assumed:
      return "assumed";
    case Provenance::fitted:
      return "fitted";
    case Provenance::chosen:
      return "chosen";
    case Provenance::protocol:
      return "protocol";
  }
  return "";
}

/// Where a number comes from: title or first author, year, and DOI or registry id where known.
struct Source {
  Provenance provenance = Provenance::assumed;
  std::string_view citation = "";    ///< empty only for an assumption
  std::string_view identifier = "";  ///< DOI, PMID, PMC or NCT number
};

}  // namespace angiotrial::schema
