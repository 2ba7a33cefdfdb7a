// SPDX-License-Identifier: Apache-2.0
#include "plan/hazard_data.hpp"
#include "plan/did_you_mean.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source analyst{};

}  // namespace

CoxTies ties_of(TiesChoice choice, Preset preset) {
  if (choice == TiesChoice::preset) {
    return preset == Preset::sas ? CoxTies::breslow : CoxTies::efron;
  }
  return static_cast<CoxTies>(static_cast<int>(choice) - 1);
}

std::string_view name_of(CoxTies ties) { return ties_names[static_cast<std::size_t>(ties) + 1]; }

void describe_terms(schema::Visitor& visit, HazardTerms& t) {
  visit("covariates", t.covariates,
        "terms besides the arm: columns, a:b for products, arm for the arm in a product", analyst);
  visit("classes", t.classes, "number columns to be taken as categories", analyst);
}

HazardDesign hazard_design(Frame& frame, const HazardTerms& terms, bool with_intercept) {
  const std::vector<std::string> known = Frame::columns_of(terms.covariates);
  for (const std::string& name : terms.classes) {
    if (std::ranges::find(known, name) != known.end()) continue;
    frame.add_problem("classes", name, "must name a column of the covariates",
                      did_you_mean(name, known));
  }
  Design full = frame.design(terms.covariates, terms.classes);
  HazardDesign out;
  out.intercept = with_intercept ? 1 : 0;
  if (with_intercept) {
    out.values = std::move(full.values);
    out.names = std::move(full.names);
  } else {
    for (std::size_t i = 0; i < full.values.size(); ++i) {
      if (i % full.columns() != 0) out.values.push_back(full.values[i]);
    }
    out.names.assign(full.names.begin() + 1, full.names.end());
  }
  for (std::size_t c = 1; c < full.terms.size(); ++c) {
    if (full.terms[c] != full.terms[c - 1]) out.term_names.push_back(full.terms[c]);
    out.term.push_back(static_cast<int>(out.term_names.size()) - 1);
  }
  return out;
}

std::string words_of_products(const HazardTerms& terms) {
  const bool any = std::ranges::any_of(terms.covariates, [](const std::string& term) {
    return term.starts_with("arm:") || term.ends_with(":arm") ||
           term.find(":arm:") != std::string::npos;
  });
  return any ? "; ratio of an arm: where covariates in products with it are 0" : "";
}

bool check_overlap(const TimeData& data, const std::string& column) {
  std::vector<std::size_t> order(data.time.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto& subject = data.frame.subject();
  const auto stratum = [&](std::size_t i) { return data.stratum.empty() ? 0 : data.stratum[i]; };
  std::ranges::sort(order, {}, [&](std::size_t i) {
    return std::tuple(subject[i], stratum(i), data.start.empty() ? 0.0 : data.start[i], i);
  });
  for (std::size_t k = 1; k < order.size(); ++k) {
    const std::size_t before = order[k - 1], i = order[k];
    if (subject[before] != subject[i] || stratum(before) != stratum(i)) continue;
    const double start = data.start.empty() ? 0.0 : data.start[i];
    if (start >= data.time[before]) continue;
    data.frame.add_problem(i, column, start,
                           "the row begins before an earlier one of its subject has ended",
                           "narrow it down with `where`");
  }
  return data.frame.ok();
}

void put_ratios(const Frame& frame, const HazardDesign& design,
                std::span<const double> coefficients, std::span<const double> se,
                std::string_view name, Task& task) {
  for (std::size_t arm = 0; arm < frame.arms().size(); ++arm) {
    if (arm == frame.reference()) continue;
    const std::size_t column = frame.arm_column(arm) - 1 + design.intercept;
    task.put_ratio(frame.arms()[arm], frame.arms()[frame.reference()],
                   wald(coefficients[column], se[column], task.level()), name);
  }
  for (std::size_t c = frame.arms().size() - 1 + design.intercept; c < design.columns(); ++c) {
    task.out.row.group = design.names[c];
    task.put_ratio("", "", wald(coefficients[c], se[c], task.level()), name);
  }
  task.out.row.group.clear();
}

void refuse_fit(CoxStatus status, std::span<const std::size_t> aliased, const HazardDesign& design,
                Task& task, std::string hint) {
  std::string which;
  for (const std::size_t column : aliased) {
    which += (which.empty() ? ": " : ", ") + design.names[column];
  }
  if (status == CoxStatus::no_robust_variance) {
    which = ": the score residuals of every cluster are 0, as when all events are at one time";
  }
  task.refuse(std::string(angiotrial::analysis::name_of(status)) + which, std::move(hint));
}

}  // namespace angiotrial::analysis
