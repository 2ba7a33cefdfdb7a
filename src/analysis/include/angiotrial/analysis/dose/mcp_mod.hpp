// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/analysis/dose/dose_fit.hpp>
#include <angiotrial/analysis/dose/target_dose.hpp>
#include <angiotrial/analysis/multiplicity/multivariate_t.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// MCP-Mod (Bretz, Pinheiro and Branson 2005, doi:10.1111/j.1541-0420.2005.00344.x; generalised:
/// Pinheiro et al. 2014, doi:10.1002/sim.6052): a multiple contrast test for a dose-response signal
/// under candidate shapes, then the choice of a shape and of a target dose.
///
///   c_m proportional to S^-1 (mu_m - 1 1' S^-1 mu_m / 1' S^-1 1),   T_m = c_m' m / sqrt(c_m' S
///   c_m)
///
/// P-values and the critical value come from the joint t distribution by deterministic quadrature.
namespace angiotrial::analysis {

/// A candidate: a shape with a guess of its non-linear parameters.
struct Candidate {
  std::string name;
  Shape shape = Shape::linear;
  ShapeParameters guess{};
  ShapeTable table{};  ///< of Shape::table: standardised means; placed into the study's constants
};

/// Linear, emax (half of its effect at a fifth of the largest dose), exponential (1/2), and a
/// quadratic that has returned to placebo at the largest dose: a set that rises only loses most of
/// its power where the truth falls again.
[[nodiscard]] std::vector<Candidate> default_candidates(double largest);

enum class ContrastKind {
  optimal,
  constrained,  ///< placebo of one sign, every dose of the other (or zero)
};

/// Means at the doses under a candidate: placebo 0, and `max_effect` (either sign) where the shape
/// is furthest from placebo on [0, largest dose].
[[nodiscard]] std::vector<double> candidate_means(const Candidate& candidate,
                                                  std::span<const double> doses,
                                                  const ShapeConstants& constants,
                                                  double placebo = 0.0, double max_effect = 1.0);

/// Unit-length contrast with the largest power for means mu and covariance S (row by row). Empty
/// where S is not positive definite, mu is flat, or no contrast keeps the constraint.
[[nodiscard]] std::vector<double> optimal_contrast(std::span<const double> mu,
                                                   std::span<const double> covariance,
                                                   ContrastKind kind = ContrastKind::optimal);

enum class ContrastStatus {
  planned = 0,
  invalid_covariance = 1,  ///< S not finite, symmetric and positive definite
  no_contrast = 2,         ///< a candidate that is flat at the doses, or against the constraint
};
[[nodiscard]] std::string_view reason_of(ContrastStatus status);

/// Contrasts row by row, the correlation of their statistics and the critical value, worked out
/// once for many trials of one design.
struct ContrastTest {
  std::vector<std::string> names;
  std::vector<double> doses;
  std::vector<double> contrasts;    ///< candidates x doses
  std::vector<double> covariance;   ///< S
  std::vector<double> correlation;  ///< candidates x candidates
  double df = 0.0;                  ///< or infinity
  double alpha = 0.025;
  double critical_value = 0.0;
  ContrastStatus status = ContrastStatus::planned;

  [[nodiscard]] CorrelationMatrix matrix() const { return {correlation, names.size()}; }
};

struct ContrastTestDesign {
  std::span<const Candidate> candidates;
  std::span<const double> doses;       ///< rising from placebo; 3 to 12
  std::span<const double> covariance;  ///< S of the estimates, up to sigma^2
  double df = 0.0;
  double alpha = 0.025;  ///< one-sided
  /// +1: large means are better. -1: contrasts point down.
  double direction = 1.0;
  ShapeConstants constants{};
  ContrastKind kind = ContrastKind::optimal;
};
[[nodiscard]] ContrastTest plan_contrast_test(const ContrastTestDesign& design);

/// T_m of estimates, or the noncentralities of true means: c_m' values / (sigma sqrt(c_m' S c_m)).
[[nodiscard]] std::vector<double> contrast_statistics(const ContrastTest& test,
                                                      std::span<const double> values,
                                                      std::span<const double> covariance,
                                                      double sigma);

/// P(any T_m above the critical value) for true means and S of the estimates times sigma^2; S may
/// differ from the planned one. 0 for a test that is not planned.
[[nodiscard]] double contrast_test_power(const ContrastTest& test, std::span<const double> means,
                                         std::span<const double> covariance, double sigma);

enum class Selection { aic, max_t, average };

struct McpModOptions {
  Selection selection = Selection::aic;
  ShapeConstants constants{};
  std::optional<double> target_effect;  ///< against placebo; signed
  bool adjusted_p = true;  ///< off in large simulations: the critical value decides alone
};

enum class McpModStatus {
  selected = 0,
  no_signal = 1,      ///< no contrast is significant: no shape is chosen
  cannot_select = 2,  ///< a signal, but the doses cannot tell shapes apart
  not_tested = 3,     ///< estimates or their covariance refused
};

/// A shape of a significant candidate that was not fitted.
struct RefusedShape {
  Shape shape = Shape::linear;
  DoseFitStatus status = DoseFitStatus::not_estimable;
};

struct McpModResult {
  McpModStatus status = McpModStatus::no_signal;
  std::string_view reason;           ///< empty when selected
  std::vector<double> t;             ///< one a candidate
  std::vector<double> p_unadjusted;  ///< one-sided, each contrast by itself
  std::vector<double> p_adjusted;    ///< one-sided; empty when not asked for
  std::vector<bool> significant;
  std::vector<DoseFit> fits;            ///< shapes of the significant candidates, each once
  std::vector<RefusedShape> refused;    ///< shapes of significant candidates without a fit
  std::vector<double> weights;          ///< AIC weights of the fits
  std::optional<std::size_t> selected;  ///< among the fits; absent when averaging
  std::optional<double> target_dose;
};

/// `candidates` as in the test's plan.
[[nodiscard]] McpModResult mcp_mod(const ContrastTest& test, std::span<const Candidate> candidates,
                                   const DoseEstimates& data, const McpModOptions& options);
/// With one workspace for many trials of a design.
[[nodiscard]] McpModResult mcp_mod(const ContrastTest& test, std::span<const Candidate> candidates,
                                   const DoseEstimates& data, const McpModOptions& options,
                                   DoseFitWorkspace& workspace);
/// Into a result that is kept: without adjusted p-values it asks for no memory once warm.
void mcp_mod(const ContrastTest& test, std::span<const Candidate> candidates,
             const DoseEstimates& data, const McpModOptions& options, DoseFitWorkspace& workspace,
             McpModResult& out);

}  // namespace angiotrial::analysis
