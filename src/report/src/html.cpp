// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/report/html.hpp>

#include <angiotrial/report/results_json.hpp>

#include <array>

#include "sections.hpp"

namespace angiotrial::report {
namespace {

struct Chapter {
  std::string_view id;
  std::string_view title;
  std::string (*write)(const Sheet&);
};

constexpr std::array chapters{Chapter{"answer", "Answer", &answer_section},
                              Chapter{"flow", "Participants", &flow_section},
                              Chapter{"baseline", "Baseline", &baseline_section},
                              Chapter{"comparison", "Beside published values", &comparison_section},
                              Chapter{"courses", "Courses", &courses_section},
                              Chapter{"forest", "Contrasts", &forest_section},
                              Chapter{"placebo", "Placebo arm", &decomposition_section},
                              Chapter{"product", "Cells", &product_section},
                              Chapter{"safety", "Safety", &safety_section},
                              Chapter{"truth", "Individual effects", &truth_section},
                              Chapter{"weak-link", "Weak link", &weak_link_section},
                              Chapter{"parameters", "Parameters", &parameters_section},
                              Chapter{"limitations", "Limitations", &limitations_section}};

std::string head(const ReportInput& input) {
  std::string out = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; img-src data:\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<title>" + escape(input.study_id) + ": " + escape(notice) + "</title>\n";
  return out + "<style>" + std::string(stylesheet()) + "</style>\n</head>\n";
}

}  // namespace

std::string html_report(const ReportInput& input) {
  const Sheet sheet(input);
  std::string body;
  std::string contents;
  for (const Chapter& part : chapters) {
    const std::string text = part.write(sheet);
    if (text.empty()) continue;
    contents +=
        "<li><a href=\"#" + std::string(part.id) + "\">" + std::string(part.title) + "</a></li>\n";
    body += text;
  }
  return head(input) + "<body>\n<div class=\"page\">\n" + banner(sheet) +
         "<nav aria-label=\"Contents\"><ul>" + contents + "</ul></nav>\n<main>\n" + body +
         "</main>\n</div>\n</body>\n</html>\n";
}

}  // namespace angiotrial::report
