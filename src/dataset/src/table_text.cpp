// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/dataset/tables.hpp>
#include <angiotrial/diagnostics/contract.hpp>

#include <array>
#include <chrono>
#include <cstdio>

namespace angiotrial::dataset {

std::string to_csv(const Table& table) {
  std::vector<std::string> header;
  for (const Column& column : table.columns) header.push_back(column.name);
  formats::CsvWriter writer(header);
  for (const std::vector<Cell>& row : table.rows) writer.row(row);
  return writer.take();
}

std::string iso_date(const std::string& reference_date, int day) {
  int year = 0;
  unsigned month = 0;
  unsigned day_of_month = 0;
  const int read = std::sscanf(reference_date.c_str(), "%4d-%2u-%2u", &year, &month, &day_of_month);
  const std::chrono::year_month_day start{std::chrono::year{year}, std::chrono::month{month},
                                          std::chrono::day{day_of_month}};
  ANGIOTRIAL_EXPECT(read == 3 && start.ok(), "the reference date is an ISO date");
  const std::chrono::year_month_day date{std::chrono::sys_days{start} + std::chrono::days{day}};
  std::array<char, 16> out{};
  const int length =
      std::snprintf(out.data(), out.size(), "%04d-%02u-%02u", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return {out.data(), static_cast<std::size_t>(length)};
}

}  // namespace angiotrial::dataset
