// SPDX-License-Identifier: Apache-2.0
#include "counts/negative_binomial_rows.hpp"
#include "counts/negative_binomial_state.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace angiotrial::analysis {
namespace {

constexpr int largest_count = 1'000'000;
/// Squared length of a column after earlier columns are taken out, over its squared length.
constexpr double collinear_share = 1.0e-10;

}  // namespace

bool valid(const CountModel& model) {
  const auto finite = [](double x) { return std::isfinite(x); };
  return std::all_of(model.design.begin(), model.design.end(), finite) &&
         std::all_of(model.offset.begin(), model.offset.end(), finite) &&
         std::all_of(model.counts.begin(), model.counts.end(),
                     [](int y) { return y >= 0 && y <= largest_count; });
}

bool keep_independent(const CountModel& model, NegativeBinomialWorkspace::State& s) {
  const std::size_t p = model.columns;
  s.n = model.counts.size();
  s.k = p;
  s.x.resize(s.n * p);
  for (std::size_t i = 0; i < s.n; ++i) {
    for (std::size_t c = 0; c < p; ++c) s.x[c * s.n + i] = model.design[i * p + c];
  }
  s.w.assign(s.n, 1.0);
  weighted_gram(design_of(s), s.w, s.gram);
  // Cholesky of the Gram matrix in the given order: a small pivot is a dependent column.
  Eigen::MatrixXd& l = s.pivots;
  l.setZero(ix(p), ix(p));
  s.kept.clear();
  for (std::size_t c = 0; c < p; ++c) {
    double pivot = s.gram(ix(c), ix(c));
    for (const std::size_t j : s.kept) {
      double sum = s.gram(ix(c), ix(j));
      for (const std::size_t m : s.kept) {
        if (m < j) sum -= l(ix(c), ix(m)) * l(ix(j), ix(m));
      }
      l(ix(c), ix(j)) = sum / l(ix(j), ix(j));
      pivot -= l(ix(c), ix(j)) * l(ix(c), ix(j));
    }
    if (!(pivot > collinear_share * s.gram(ix(c), ix(c)))) continue;
    l(ix(c), ix(c)) = std::sqrt(pivot);
    s.kept.push_back(c);
  }
  if (s.kept.size() == p) return true;
  s.k = s.kept.size();
  // A kept column never moves to the right.
  for (std::size_t c = 0; c < s.k; ++c) {
    const auto from = s.x.begin() + static_cast<std::ptrdiff_t>(s.kept[c] * s.n);
    std::copy(from, from + static_cast<std::ptrdiff_t>(s.n),
              s.x.begin() + static_cast<std::ptrdiff_t>(c * s.n));
  }
  return false;
}

namespace {

/// Bit b of count i at b n + i, as 0 or 1.
void take_bits(const CountModel& model, int most, std::vector<double>& bits) {
  bits.clear();
  for (auto bit = 1U; bit <= static_cast<unsigned>(most); bit <<= 1U) {
    for (const int y : model.counts) bits.push_back((static_cast<unsigned>(y) & bit) != 0 ? 1 : 0);
  }
}

/// ln y! up to `most`. What each addition loses to rounding is added to the next, so that a table
/// that grew is that of one that did not.
void extend_log_factorials(int most, double& lost, std::vector<double>& table) {
  if (table.empty()) table.push_back(0.0);
  if (table.size() > static_cast<std::size_t>(most)) return;
  while (table.size() <= static_cast<std::size_t>(most)) {
    const double more = std::log(static_cast<double>(table.size())) + lost;
    const double sum = table.back() + more;
    lost = more - (sum - table.back());
    table.push_back(sum);
  }
}

}  // namespace

/// Tail counts turn sums over j < y_i into sums over j: no gamma function is needed.
///   sum_i [lnG(y_i + theta) - lnG(theta)] = sum_j #{i: y_i > j} ln(theta + j)
void load_counts(const CountModel& model, NegativeBinomialWorkspace::State& s) {
  s.y.assign(model.counts.begin(), model.counts.end());
  s.offset.assign(model.offset.begin(), model.offset.end());
  for (auto* rows : {&s.mu, &s.eta, &s.d, &s.r, &s.c, &s.w}) {
    rows->resize(s.n);
  }
  const int most = *std::max_element(model.counts.begin(), model.counts.end());
  s.tail.assign(static_cast<std::size_t>(most), 0.0);
  for (const int y : model.counts) {
    if (y > 0) s.tail[static_cast<std::size_t>(y) - 1] += 1.0;
  }
  s.has_means = false;
  take_bits(model, most, s.bits);
  for (std::size_t j = s.tail.size(); j-- > 1;) s.tail[j - 1] += s.tail[j];
  extend_log_factorials(most, s.log_factorial_lost, s.log_factorial);
  s.log_factorials = 0.0;
  for (const int y : model.counts) s.log_factorials += s.log_factorial[static_cast<std::size_t>(y)];
}

namespace {

///   l = sum_j N_j ln(1 + phi j) + sum_i [y ln mu - (y + 1/phi) ln(1 + phi mu) - ln y!]
///   dl/dln mu = (y - mu)/(1 + x),  -d2l/dln mu2 = mu (1 + phi y)/(1 + x)^2,  x = phi mu
///   dl/dphi = sum_j N_j j/(1 + phi j) + sum_i [mu^2 bend(x) - y mu/(1 + x)]

/// The sums over j. Logarithms are taken of products of neighbours with the same N_j. What each
/// addition loses to rounding is added in the end (Neumaier): counts of 10^6 have many.
void add_tails(NegativeBinomialWorkspace::State& s, double phi) {
  constexpr double product_limit = 1.0e200;
  double product = 1.0;
  double value = s.log_likelihood;
  double lost = 0.0;
  double score_phi = s.score_phi;
  double curvature_phi = s.curvature_phi;
  for (std::size_t j = 0; j < s.tail.size(); ++j) {
    const double factor = 1.0 + phi * static_cast<double>(j);
    const double q = static_cast<double>(j) / factor;
    score_phi += s.tail[j] * q;
    curvature_phi -= s.tail[j] * q * q;
    product *= factor;
    const bool last = j + 1 == s.tail.size() || s.tail[j + 1] != s.tail[j];
    if (!last && product < product_limit) continue;
    const double more = s.tail[j] * std::log(product);
    const double sum = value + more;
    lost += std::fabs(value) > std::fabs(more) ? (value - sum) + more : (more - sum) + value;
    value = sum;
    product = 1.0;
  }
  s.log_likelihood = value + lost;
  s.score_phi = score_phi;
  s.curvature_phi = curvature_phi;
}

/// The sums over i.
void add_rows(NegativeBinomialWorkspace::State& s, const Eigen::VectorXd& beta, double phi) {
  evaluate_means(s, beta);
  const CountRowSums sums =
      take_rows({s.n, s.y.data(), s.eta.data(), s.mu.data(), s.bits.data(), s.bits.size() / s.n,
                 s.d.data(), s.r.data(), s.c.data(), s.w.data()},
                phi);
  s.log_likelihood += sums.log_likelihood;
  s.score_phi += sums.score_phi;
  s.curvature_phi += sums.curvature_phi;
  cross_product(design_of(s), s.r, s.score);
  cross_product(design_of(s), s.c, s.cross);
  weighted_gram(design_of(s), s.w, s.information);
}

}  // namespace

void evaluate_means(NegativeBinomialWorkspace::State& s, const Eigen::VectorXd& beta) {
  if (s.has_means && s.means_at == beta) return;
  s.has_means = true;
  s.means_at = beta;
  const std::span<const double> coefficients(beta.data(), s.k);
  linear_predictor(design_of(s), coefficients, s.offset, s.eta);
  rows_of(s.mu) = rows_of(s.eta).exp();
}

void evaluate(NegativeBinomialWorkspace::State& s, const Eigen::VectorXd& beta, double phi) {
  s.log_likelihood = -s.log_factorials;
  s.score_phi = s.curvature_phi = 0.0;
  add_tails(s, phi);
  add_rows(s, beta, phi);
}

}  // namespace angiotrial::analysis
