// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/mcp_mod.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plan/task.hpp"

/// Dose-response shapes as texts: "emax 0.2", "quadratic -0.6", "table 0 0.5 1 0.4".
namespace angiotrial::analysis {

/// Fixed numbers of shapes; 0: from the largest dose.
struct ShapeNumbers {
  double offset = 0.0;
  double scale = 0.0;
};
void describe_numbers(schema::Visitor& visit, ShapeNumbers& numbers);

/// None, with a problem, where the scale is not above the largest dose.
[[nodiscard]] std::optional<ShapeConstants> shape_constants(const ShapeNumbers& numbers,
                                                            double largest, const Task& task);

/// What may follow the name of a shape.
enum class Guesses { given, none };

/// Shapes with their guessed parameters; a table holds a value for each of `doses`. None, with a
/// problem at `key`, for a text that is not a shape or a guess without a curve.
[[nodiscard]] std::optional<std::vector<Candidate>> read_shapes(
    std::span<const std::string> texts, std::span<const double> doses,
    const ShapeConstants& constants, Guesses guesses, std::string_view key, const Task& task);

/// As it is written in a plan: sigEmax, betaMod.
[[nodiscard]] std::string_view plan_name(Shape shape);

}  // namespace angiotrial::analysis
