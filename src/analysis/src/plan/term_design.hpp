// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/frame.hpp"

/// Designs of repeated measurements whose rows can also be made for arms, visits and times at which
/// nobody was: the means of a reference grid.
namespace angiotrial::analysis {

/// Levels of the visit, in the order of time, and the code of each row of the frame.
struct VisitCodes {
  std::string column;  ///< empty: the model has no visits
  std::vector<std::string> names;
  std::vector<int> codes;
};

/// How categories other than arm and visit enter a mean, and numbers: at their mean, but for
enum class GridWeights {
  equal,
  proportional,
  least_squares_means,  ///< equal; products of numbers at the mean of the product, as LSMEANS of
                        ///< SAS
  marginal_means        ///< equal; numbers of two values midway between them, as emmeans of R
};

class TermDesign {
 public:
  /// Whether numbers far from 0 are counted from one of their own, where no contrast changes by it.
  enum class Origins { kept, moved };

  /// An intercept and the terms in their order. `arm` and the visit's column are categories; the
  /// reference arm and the first level of others are left out.
  TermDesign(Frame& frame, std::span<const std::string> terms, std::span<const std::string> classes,
             const VisitCodes& visits, Origins origins = Origins::moved);

  [[nodiscard]] std::size_t columns() const { return names_.size(); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  /// Row by row, those of the frame.
  [[nodiscard]] std::vector<double> values() const;

  /// What is put in place of a row's own.
  struct At {
    int arm = -1;    ///< below 0: its own
    int visit = -1;  ///< likewise
    std::string_view column{};
    double value = 0.0;  ///< of the number column, where one is named
  };
  /// Row `row` of the frame with these put in.
  [[nodiscard]] std::vector<double> row(std::size_t row, const At& at) const;
  /// The reference grid's mean: numbers at their mean over the rows, categories by `weights`.
  [[nodiscard]] std::vector<double> mean(const At& at, GridWeights weights) const;

 private:
  struct Variable {
    std::string name;
    std::vector<double> numbers;      ///< of a number column
    double origin = 0.0;              ///< subtracted from them
    double mean = 0.0, midway = 0.0;  ///< after that; midway: of two values, else the mean
    std::vector<int> codes;           ///< of a category
    std::vector<std::string> levels;
    int omitted = 0;
  };
  using Cells = std::vector<std::vector<double>>;  ///< of each variable, its columns
  std::size_t add_variable(Frame& frame, const std::string& name,
                           std::span<const std::string> classes, const VisitCodes& visits);
  enum class Numbers { own, at_mean, midway };
  [[nodiscard]] Cells cells(std::size_t row, const At& at, bool equal, Numbers numbers) const;
  [[nodiscard]] std::vector<double> evaluate(const Cells& cells) const;
  void name_columns();
  void move_origins();

  std::size_t rows_ = 0;
  std::ptrdiff_t arm_ = -1, visit_ = -1;  ///< of variables_
  std::vector<Variable> variables_;
  std::vector<std::vector<std::size_t>> terms_;  ///< the variables of each term's product
  std::vector<std::string> names_;
};

}  // namespace angiotrial::analysis
