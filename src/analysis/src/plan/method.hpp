// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/plan/plan_file.hpp>
#include <angiotrial/schema/visitor.hpp>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "plan/task.hpp"

/// A method of the plan: options that are described once, and a function that runs them.
///
///   struct Options { ... };
///   void describe(schema::Visitor& visit, Options& o);
///   void run(const Options& o, Task& task);
namespace angiotrial::analysis {

class Method {
 public:
  Method() = default;
  Method(const Method&) = delete;
  Method& operator=(const Method&) = delete;
  virtual ~Method() = default;
  virtual void describe_options(schema::Visitor& visit) = 0;
  virtual void run_on(Task& task) const = 0;
  /// Whether it works on what earlier analyses of the plan found, and so waits for them.
  [[nodiscard]] virtual bool reads_earlier_rows() const { return false; }
};

template <class Options>
class MethodWith final : public Method {
 public:
  void describe_options(schema::Visitor& visit) override { describe(visit, options_); }
  void run_on(Task& task) const override { run(options_, task); }
  [[nodiscard]] bool reads_earlier_rows() const override {
    return requires { Options::reads_earlier_rows; };
  }

 private:
  Options options_;
};

struct MethodEntry {
  std::string_view name;
  std::string_view what;
  std::unique_ptr<Method> (*make)();
};

template <class Options>
constexpr MethodEntry method(std::string_view name, std::string_view what) {
  return {name, what,
          []() -> std::unique_ptr<Method> { return std::make_unique<MethodWith<Options>>(); }};
}

// One function a family, each in <family>_methods.cpp; registry.cpp gathers them.
std::vector<MethodEntry> adaptive_methods();
std::vector<MethodEntry> assurance_methods();
std::vector<MethodEntry> bayesian_markov_methods();
std::vector<MethodEntry> borrowing_methods();
std::vector<MethodEntry> closed_methods();
std::vector<MethodEntry> comparison_methods();
std::vector<MethodEntry> competing_methods();
std::vector<MethodEntry> composite_methods();
std::vector<MethodEntry> constrained_methods();
std::vector<MethodEntry> contrast_methods();
std::vector<MethodEntry> count_methods();
std::vector<MethodEntry> design_methods();
std::vector<MethodEntry> discount_methods();
std::vector<MethodEntry> dose_arm_methods();
std::vector<MethodEntry> dose_average_methods();
std::vector<MethodEntry> dose_methods();
std::vector<MethodEntry> dose_order_methods();
std::vector<MethodEntry> dose_planning_methods();
std::vector<MethodEntry> grouped_rank_methods();
std::vector<MethodEntry> hazard_methods();
std::vector<MethodEntry> imputation_methods();
std::vector<MethodEntry> interim_methods();
std::vector<MethodEntry> linear_methods();
std::vector<MethodEntry> markov_methods();
std::vector<MethodEntry> mixed_methods();
std::vector<MethodEntry> multiplicity_methods();
std::vector<MethodEntry> ordinal_methods();
std::vector<MethodEntry> proportion_methods();
std::vector<MethodEntry> random_effects_methods();
std::vector<MethodEntry> randomisation_methods();
std::vector<MethodEntry> rank_methods();
std::vector<MethodEntry> recurrent_methods();
std::vector<MethodEntry> repeated_count_methods();
std::vector<MethodEntry> response_adaptive_methods();
std::vector<MethodEntry> sample_size_methods();
std::vector<MethodEntry> standardisation_methods();
std::vector<MethodEntry> survival_comparison_methods();
std::vector<MethodEntry> survival_methods();
std::vector<MethodEntry> tipping_methods();
std::vector<MethodEntry> unblinded_methods();
std::vector<MethodEntry> zero_count_methods();

/// Every method, by name.
const std::vector<MethodEntry>& all_methods();

}  // namespace angiotrial::analysis
