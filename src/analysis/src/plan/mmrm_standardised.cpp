// SPDX-License-Identifier: Apache-2.0
#include "plan/mmrm_standardised.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

#include "linear/column_rank.hpp"

namespace angiotrial::analysis {
namespace {

/// Columns that differ between rows of a subject once arm and visit are the same.
std::vector<std::string> changing_columns(const StandardisedRows& rows) {
  const Frame& frame = rows.frame;
  const TermDesign::At same{static_cast<int>(frame.reference()), 0, {}, 0.0};
  std::vector<std::vector<double>> own(frame.subjects());
  std::vector<bool> changes(rows.terms.columns(), false);
  for (std::size_t i = 0; i < frame.rows(); ++i) {
    std::vector<double> row = rows.terms.row(i, same);
    std::vector<double>& first = own[static_cast<std::size_t>(frame.subject()[i])];
    if (first.empty()) first = row;
    for (std::size_t c = 0; c < row.size(); ++c) changes[c] = changes[c] || row[c] != first[c];
  }
  std::vector<std::string> out;
  for (std::size_t c = 0; c < changes.size(); ++c) {
    if (changes[c]) out.push_back(rows.terms.names()[c]);
  }
  return out;
}

/// The mean design row of each cell, of `subjects` rows a cell.
std::vector<double> mean_rows_of(const std::vector<double>& designs, std::size_t subjects,
                                 std::size_t columns) {
  std::vector<double> out(designs.size() / subjects, 0.0);
  for (std::size_t k = 0; k < designs.size(); ++k) {
    const std::size_t cell = k / (subjects * columns);
    out[cell * columns + k % columns] += designs[k] / static_cast<double>(subjects);
  }
  return out;
}

/// Means by cell, cell = visit * arms + arm, and contrasts of them.
class CellMeans {
 public:
  /// `mean_rows`: the weights of the coefficients in each mean, cell by cell.
  CellMeans(StandardisedMeans means, std::vector<double> mean_rows, std::size_t arms)
      : means_(std::move(means)),
        mean_rows_(std::move(mean_rows)),
        cells_(means_.estimate.size()),
        arms_(arms) {}

  /// `arm` less `reference`, at one visit.
  [[nodiscard]] std::vector<double> contrast(std::size_t visit, std::size_t arm,
                                             std::size_t reference) const {
    std::vector<double> out(cells_, 0.0);
    out[visit * arms_ + arm] += 1.0;
    out[visit * arms_ + reference] -= 1.0;
    return out;
  }
  [[nodiscard]] std::vector<double> mean(std::size_t visit, std::size_t arm) const {
    std::vector<double> out(cells_, 0.0);
    out[visit * arms_ + arm] = 1.0;
    return out;
  }
  [[nodiscard]] Effect effect(const std::vector<double>& weights, double level) const {
    double estimate = 0.0, variance = 0.0;
    for (std::size_t a = 0; a < cells_; ++a) {
      estimate += weights[a] * means_.estimate[a];
      for (std::size_t b = 0; b < cells_; ++b) {
        variance += weights[a] * weights[b] * means_.covariance[a * cells_ + b];
      }
    }
    return wald(estimate, std::sqrt(variance), level);
  }
  /// Why a mean (`arm` = `reference`) or a difference at a visit has no error; empty where it has.
  [[nodiscard]] std::string_view refusal(std::size_t visit, std::size_t arm,
                                         std::size_t reference) const {
    const std::size_t a = visit * arms_ + arm, b = visit * arms_ + reference;
    return means_.rests_on_one[a * cells_ + b] != 0 ? rests_on_one_subject : std::string_view();
  }
  /// The contrasts that are no combinations of earlier ones whatever the coefficients are.
  [[nodiscard]] std::vector<std::vector<double>> distinct(
      const std::vector<std::vector<double>>& contrasts) const {
    const std::vector<std::size_t> repeats = aliased_columns(in_coefficients(contrasts));
    std::vector<std::vector<double>> out;
    for (std::size_t k = 0; k < contrasts.size(); ++k) {
      if (!std::ranges::binary_search(repeats, k)) out.push_back(contrasts[k]);
    }
    return out;
  }
  [[nodiscard]] const StandardisedMeans& means() const { return means_; }

 private:
  /// A column a contrast: its weights of the coefficients, each for the size of its design column.
  [[nodiscard]] Eigen::MatrixXd in_coefficients(
      const std::vector<std::vector<double>>& contrasts) const {
    const auto cells = static_cast<Eigen::Index>(cells_);
    const Eigen::Index columns = static_cast<Eigen::Index>(mean_rows_.size()) / cells;
    const Eigen::Map<const Eigen::MatrixXd> rows(mean_rows_.data(), columns, cells);
    const Eigen::VectorXd size = rows.cwiseAbs().rowwise().maxCoeff();
    Eigen::MatrixXd out(columns, static_cast<Eigen::Index>(contrasts.size()));
    for (std::size_t k = 0; k < contrasts.size(); ++k) {
      out.col(static_cast<Eigen::Index>(k)) =
          rows * Eigen::Map<const Eigen::VectorXd>(contrasts[k].data(), cells);
    }
    for (Eigen::Index c = 0; c < columns; ++c) {
      if (size[c] > 0.0) out.row(c) /= size[c];
    }
    return out;
  }

  StandardisedMeans means_;
  std::vector<double> mean_rows_;
  std::size_t cells_, arms_;
};

CellMeans cell_means(const StandardisedRows& rows, MixedInference sandwich,
                     MixedWorkspace& workspace) {
  const Frame& frame = rows.frame;
  const std::vector<std::size_t> first = first_rows(frame);
  std::vector<int> population;
  for (const std::size_t i : first) population.push_back(frame.subject()[i]);
  const std::size_t arms = frame.arms().size();
  std::vector<double> designs;
  designs.reserve(rows.visits.size() * arms * first.size() * rows.terms.columns());
  for (std::size_t v = 0; v < rows.visits.size(); ++v) {
    for (std::size_t a = 0; a < arms; ++a) {
      for (const std::size_t i : first) {
        const auto row = rows.terms.row(i, {static_cast<int>(a), static_cast<int>(v), {}, 0.0});
        designs.insert(designs.end(), row.begin(), row.end());
      }
    }
  }
  return {standardise_means(workspace, designs, population, sandwich),
          mean_rows_of(designs, first.size(), rows.terms.columns()), arms};
}

void put_visits(const StandardisedRows& rows, const CellMeans& cells, Task& task) {
  const auto& arms = rows.frame.arms();
  const std::size_t r = rows.frame.reference();
  const std::string avisit = task.out.row.avisit;
  for (std::size_t v = 0; v < rows.visits.size(); ++v) {
    task.out.row.avisit = rows.visits[v];
    for (std::size_t a = 0; a < arms.size(); ++a) {
      put_estimate(task, arms[a], "", cells.effect(cells.mean(v, a), task.level()), "adjusted_mean",
                   cells.refusal(v, a, a));
    }
    for (std::size_t a = 0; a < arms.size(); ++a) {
      if (a == r) continue;
      put_estimate(task, arms[a], arms[r], cells.effect(cells.contrast(v, a, r), task.level()),
                   "difference", cells.refusal(v, a, r));
    }
  }
  task.out.row.avisit = avisit;
}

void put_chi_square(Task& task, std::string_view group, const StandardisedMeans& means,
                    const std::vector<std::vector<double>>& rows, std::string_view refusal) {
  if (rows.empty()) return;
  std::vector<double> flat;
  for (const auto& row : rows) flat.insert(flat.end(), row.begin(), row.end());
  StandardisedTest test = test_standardised(means, flat);
  const std::string note = task.out.row.note;
  const bool sound = refusal.empty() && std::isfinite(test.chi_square);
  if (!sound) {
    const std::string_view why = refusal.empty() ? "the covariance is singular" : refusal;
    task.out.row.note += (note.empty() ? "refused: " : "; refused: ") + std::string(why);
  }
  const auto put = [&](std::string_view statistic, double value, std::string_view unit) {
    task.out.put(statistic, sound ? std::optional(value) : std::nullopt, unit);
  };
  task.out.row.group = group;
  put("chi_square", test.chi_square, "1");
  task.out.put("df", test.df);
  put("p_value", test.p_value, "probability");
  task.out.row.group.clear();
  task.out.row.note = note;
}

/// The mean over visits of each arm's differences; no arm differs at any visit; and the difference
/// is the same at all, where the model lets it change.
void put_over_visits(const StandardisedRows& rows, const CellMeans& cells, Task& task) {
  const auto& arms = rows.frame.arms();
  const std::size_t r = rows.frame.reference();
  const auto visits = static_cast<double>(rows.visits.size());
  std::vector<std::vector<double>> any, changing;
  std::string_view any_refusal;
  for (std::size_t a = 0; a < arms.size(); ++a) {
    if (a == r) continue;
    const std::vector<double> first = cells.contrast(0, a, r);
    std::vector<double> average(first.size(), 0.0);
    std::string_view refusal;
    for (std::size_t v = 0; v < rows.visits.size(); ++v) {
      any.push_back(cells.contrast(v, a, r));
      if (refusal.empty()) refusal = cells.refusal(v, a, r);
      std::vector<double> change = any.back();
      for (std::size_t c = 0; c < first.size(); ++c) {
        average[c] += any.back()[c] / visits;
        change[c] -= first[c];
      }
      if (v > 0) changing.push_back(std::move(change));
    }
    if (any_refusal.empty()) any_refusal = refusal;
    task.out.row.group = "mean over visits";
    put_estimate(task, arms[a], arms[r], cells.effect(average, task.level()), "difference",
                 refusal);
    task.out.row.group.clear();
  }
  put_chi_square(task, "arm at any visit", cells.means(), cells.distinct(any), any_refusal);
  put_chi_square(task, "arm by visit", cells.means(), cells.distinct(changing), any_refusal);
}

}  // namespace

bool check_standardised(const Mmrm& o, const Task& task) {
  if (o.means != Means::standardised) return true;
  if (o.inference.df != DegreesOfFreedom::preset) {
    task.bad_option("df", "", "standardised means have a normal reference: leave it out");
    return false;
  }
  if (o.inference.variance == MixedVariance::model) {
    task.bad_option("variance", "model",
                    "standardised means need a sandwich by subject: cr0, cr2 or cr3");
    return false;
  }
  if (!o.contrasts.empty()) {
    task.bad_option("contrasts", "", "are not for standardised means");
    return false;
  }
  return true;
}

bool put_standardised(const StandardisedRows& rows, MixedInference sandwich,
                      MixedWorkspace& workspace, Task& task) {
  const std::vector<std::string> changing = changing_columns(rows);
  if (!changing.empty()) {
    std::string names;
    for (const std::string& name : changing) names += (names.empty() ? "" : ", ") + name;
    task.refuse(
        "covariates differ between rows of a subject, so his mean at a visit is not known "
        "from his covariates: " +
            names,
        "adjusted_means = \"equal\"");
    return false;
  }
  const CellMeans cells = cell_means(rows, sandwich, workspace);
  put_visits(rows, cells, task);
  put_over_visits(rows, cells, task);
  return true;
}

}  // namespace angiotrial::analysis
