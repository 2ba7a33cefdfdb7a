// SPDX-License-Identifier: Apache-2.0
#include "table_rules.hpp"

#include <array>

namespace angiotrial::dataset {
namespace {

using enum CellKind;
constexpr Need optional = Need::may_lack;
constexpr Need column = Need::column;
constexpr Need filled = Need::each_cell;
constexpr double most_whole = 2147483647.0;

constexpr ColumnRule at_least_0(std::string_view name, Need need = optional) {
  return {.name = name, .kind = number, .need = need, .least = 0.0};
}
constexpr ColumnRule above_0(std::string_view name) {
  return {.name = name, .kind = number, .least = 0.0, .above_least = true};
}
constexpr ColumnRule count(std::string_view name, Need need = optional, double most = most_whole) {
  return {.name = name, .kind = whole, .need = need, .least = 0.0, .most = most};
}

constexpr ColumnRule study{.name = "STUDYID"};
constexpr ColumnRule simulated{.name = "SIMFL", .kind = flag};
constexpr ColumnRule subject{.name = "USUBJID", .kind = identifier, .need = filled};
constexpr ColumnRule parameter{.name = "PARAMCD", .kind = code, .need = filled};
constexpr ColumnRule visit{.name = "AVISIT", .kind = identifier, .need = filled};
constexpr ColumnRule month{.name = "AVISITN", .kind = number};

constexpr std::array adsl{
    study,
    simulated,
    subject,
    ColumnRule{.name = "SUBJID"},
    ColumnRule{.name = "SITEID"},
    ColumnRule{.name = "AGE", .kind = number, .need = filled, .least = 0.0, .most = 150.0},
    ColumnRule{.name = "SEX", .kind = choice, .need = filled, .choices = " F M "},
    above_0("WEIGHTBL"),
    above_0("HEIGHTBL"),
    ColumnRule{.name = "ARM", .need = column, .instead = "TRT01P"},
    ColumnRule{.name = "ACTARM", .instead = "TRT01A"},
    ColumnRule{.name = "TRT01P"},
    ColumnRule{.name = "TRT01A"},
    ColumnRule{.name = "TRT01PN", .kind = number},
    ColumnRule{.name = "RANDFL", .kind = flag, .need = column},
    ColumnRule{.name = "ITTFL", .kind = flag, .need = column},
    ColumnRule{.name = "FASFL", .kind = flag, .need = column},
    ColumnRule{.name = "SAFFL", .kind = flag, .need = column},
    ColumnRule{.name = "RANDDT", .kind = date},
    ColumnRule{.name = "TRTSDT", .kind = date},
    ColumnRule{.name = "EOSDT", .kind = date},
    ColumnRule{.name = "EOSSTT", .kind = choice, .choices = " COMPLETED DISCONTINUED ONGOING "},
    ColumnRule{.name = "DCSREAS"},
    count("CCSBL", optional, 4.0),
    at_least_0("ETTBL"),
    at_least_0("ANGFRBL"),
    ColumnRule{.name = "LVEFBL", .kind = number, .least = 0.0, .most = 100.0},
    at_least_0("HGBBL"),
    ColumnRule{.name = "DIABFL", .kind = flag},
    ColumnRule{.name = "PRCABGFL", .kind = flag},
    ColumnRule{.name = "PRPCIFL", .kind = flag},
    ColumnRule{.name = "PRMIFL", .kind = flag},
    ColumnRule{.name = "BBLFL", .kind = flag},
    ColumnRule{.name = "CCBFL", .kind = flag},
    ColumnRule{.name = "LANFL", .kind = flag},
    ColumnRule{.name = "RANOLFL", .kind = flag},
    ColumnRule{.name = "STRAT1"},
    ColumnRule{.name = "STRAT2"},
    at_least_0("CD34DOSE"),
    at_least_0("dose_cells_per_kg"),
    ColumnRule{.name = "randomised_days", .kind = whole, .least = -36525.0, .most = 36525.0}};

constexpr std::array addiary{study,
                             simulated,
                             subject,
                             ColumnRule{.name = "ARM"},
                             parameter,
                             visit,
                             month,
                             at_least_0("AVAL"),
                             count("COUNT", filled),
                             at_least_0("DAYSOBS", filled),
                             at_least_0("BASE")};

constexpr std::array adeff{study,
                           simulated,
                           subject,
                           ColumnRule{.name = "ARM"},
                           parameter,
                           visit,
                           month,
                           ColumnRule{.name = "AVAL", .kind = number, .need = column},
                           ColumnRule{.name = "BASE", .kind = number}};

constexpr std::array adtte{study,
                           simulated,
                           subject,
                           ColumnRule{.name = "ARM"},
                           parameter,
                           at_least_0("AVAL", filled),
                           count("CNSR", filled, 1.0),
                           ColumnRule{.name = "EVNTDESC"}};

constexpr std::array adex{study,
                          simulated,
                          subject,
                          parameter,
                          at_least_0("AVAL", column),
                          above_0("DOSEWT"),
                          count("GCSFDAYS"),
                          at_least_0("administered_cells")};

constexpr std::array adlb{study,
                          simulated,
                          subject,
                          ColumnRule{.name = "ARM"},
                          parameter,
                          visit,
                          month,
                          ColumnRule{.name = "AVAL", .kind = number, .need = column},
                          ColumnRule{.name = "BASE", .kind = number},
                          ColumnRule{.name = "ANRHI", .kind = number}};

constexpr std::array tables{TableRule{"ADSL", adsl},   TableRule{"ADDIARY", addiary},
                            TableRule{"ADEFF", adeff}, TableRule{"ADTTE", adtte},
                            TableRule{"ADEX", adex},   TableRule{"ADLB", adlb}};

}  // namespace

std::span<const TableRule> table_rules() { return tables; }

}  // namespace angiotrial::dataset
