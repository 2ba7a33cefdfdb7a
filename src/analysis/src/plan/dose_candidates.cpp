// SPDX-License-Identifier: Apache-2.0
#include "plan/dose_candidates.hpp"

#include <angiotrial/formats/number_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

namespace angiotrial::analysis {
namespace {

constexpr schema::Source bornkamp{schema::Provenance::recalled,
                                  "Bornkamp B, Pinheiro J, Bretz F. MCPMod: an R package for the "
                                  "design and analysis of dose-finding studies. J Stat Softw 2009",
                                  "10.18637/jss.v029.i07"};

struct KnownShape {
  std::string_view name;
  Shape shape;
  std::size_t guesses;
  std::string_view meaning;
};
constexpr std::array<KnownShape, 10> known{
    {{"linear", Shape::linear, 0, "no number"},
     {"linlog", Shape::linear_log, 0, "no number"},
     {"emax", Shape::emax, 1, "the dose with half of the effect, above 0"},
     {"sigEmax", Shape::sig_emax, 2, "the dose with half of the effect and the slope, above 0"},
     {"logistic", Shape::logistic, 2, "the dose with half of the effect and the width, above 0"},
     {"exponential", Shape::exponential, 1, "a rate, above 0"},
     {"quadratic", Shape::quadratic, 1, "the square's coefficient over the line's"},
     {"betaMod", Shape::beta, 2, "two exponents, above 0"},
     {"gaussian", Shape::gaussian, 2, "the dose of the peak and the width, above 0"},
     {"table", Shape::table, 0, "a mean for each dose of the study, not all alike"}}};

const KnownShape* find_shape(std::string_view name) {
  const auto at = std::ranges::find(known, name, &KnownShape::name);
  return at == known.end() ? nullptr : &*at;
}

/// The numbers after the name; none where a word is not a number.
std::optional<std::vector<double>> numbers_of(std::istringstream& words) {
  std::vector<double> out;
  std::string word;
  while (words >> word) {
    const auto number = formats::finite_number(word);
    if (!number) return std::nullopt;
    out.push_back(*number);
  }
  return out;
}

/// Whether the guess gives finite means that are not all alike between placebo and the largest
/// dose.
bool gives_curve(const Candidate& c, std::span<const double> doses, ShapeConstants constants) {
  if (c.table.count > 0) constants.table = c.table;
  std::vector<double> at(doses.begin(), doses.end());
  for (int i = 1; i < 100; ++i) at.push_back(0.01 * i * doses.back());
  const double start = shape_value(c.shape, c.guess, 0.0, constants);
  double most = 0.0;
  for (const double d : at) {
    const double here = shape_value(c.shape, c.guess, d, constants) - start;
    if (!std::isfinite(here)) return false;
    most = std::max(most, std::fabs(here));
  }
  return most > 0.0;
}

bool fits_shape(const KnownShape& shape, const std::vector<double>& numbers, std::size_t doses,
                Guesses guesses) {
  if (shape.shape == Shape::table) {
    return numbers.size() == doses &&
           std::ranges::any_of(numbers, [&](double x) { return x != numbers.front(); });
  }
  if (numbers.size() != (guesses == Guesses::given ? shape.guesses : 0)) return false;
  return shape.shape == Shape::quadratic ||
         std::ranges::all_of(numbers, [](double x) { return x > 0.0; });
}

}  // namespace

void describe_numbers(schema::Visitor& visit, ShapeNumbers& n) {
  visit("offset", n.offset, {.least = 0.0},
        "added to the dose by linlog; 0: a hundredth of the largest dose", bornkamp);
  visit("scale", n.scale, {.least = 0.0},
        "of betaMod, above the largest dose; 0: 1.2 times the largest dose", bornkamp);
}

std::optional<ShapeConstants> shape_constants(const ShapeNumbers& n, double largest,
                                              const Task& task) {
  if (n.scale != 0.0 && !(n.scale > largest)) {
    task.bad_option("scale", formats::shortest(n.scale), "must be above the largest dose");
    return std::nullopt;
  }
  ShapeConstants out;
  out.offset = n.offset > 0.0 ? n.offset : 0.01 * largest;
  out.scale = n.scale > 0.0 ? n.scale : 1.2 * largest;
  return out;
}

std::optional<std::vector<Candidate>> read_shapes(std::span<const std::string> texts,
                                                  std::span<const double> doses,
                                                  const ShapeConstants& constants, Guesses guesses,
                                                  std::string_view key, const Task& task) {
  constexpr std::size_t most_candidates = 12;
  if (texts.size() > most_candidates) {
    task.bad_option(key, std::to_string(texts.size()) + " shapes", "may hold at most 12 shapes");
    return std::nullopt;
  }
  std::vector<Candidate> out;
  for (const std::string& text : texts) {
    std::istringstream words(text);
    std::string name;
    words >> name;
    const KnownShape* shape = find_shape(name);
    if (shape == nullptr) {
      task.bad_option(key, text,
                      "must begin with linear, linlog, emax, sigEmax, logistic, exponential, "
                      "quadratic, betaMod, gaussian or table");
      return std::nullopt;
    }
    const auto numbers = numbers_of(words);
    Candidate candidate{text, shape->shape, {}, {}};
    const bool fits = numbers && fits_shape(*shape, *numbers, doses.size(), guesses);
    if (fits && shape->shape == Shape::table) candidate.table = shape_table(doses, *numbers);
    if (fits && shape->shape != Shape::table) {
      std::ranges::copy(*numbers, candidate.guess.begin());
    }
    if (!fits || (guesses == Guesses::given && !gives_curve(candidate, doses, constants))) {
      const bool bare = guesses == Guesses::none && shape->shape != Shape::table;
      task.bad_option(key, text,
                      name + " takes " + (bare ? "no number here" : std::string(shape->meaning)));
      return std::nullopt;
    }
    out.push_back(std::move(candidate));
  }
  return out;
}

std::string_view plan_name(Shape shape) {
  return std::ranges::find(known, shape, &KnownShape::shape)->name;
}

}  // namespace angiotrial::analysis
