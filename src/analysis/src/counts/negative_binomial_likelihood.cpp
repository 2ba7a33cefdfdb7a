// SPDX-License-Identifier: Apache-2.0
#include "counts/negative_binomial_state.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

constexpr int largest_count = 1'000'000;
/// Squared length of a column after earlier columns are taken out, over its squared length.
constexpr double collinear_share = 1.0e-10;

/// Below it, (ln(1 + x) - x / (1 + x)) / x^2 loses digits to cancellation.
constexpr double small_x = 0.02;

/// That quotient and its derivative, by their series.
struct Bend {
  double value, slope;
};
Bend bend_of_small(double x) {
  // sum over m >= 0 of (-x)^m (m + 1) / (m + 2): nine terms reach rounding below 0.02.
  double value = 0.0;
  double slope = 0.0;
  for (int m = 8; m >= 0; --m) {
    const double c = (m + 1.0) / (m + 2.0);
    value = c - x * value;
    if (m > 0) slope = -m * c - x * slope;
  }
  return {value, slope};
}

}  // namespace

bool valid(const CountModel& model) {
  const auto finite = [](double x) { return std::isfinite(x); };
  return std::all_of(model.design.begin(), model.design.end(), finite) &&
         std::all_of(model.offset.begin(), model.offset.end(), finite) &&
         std::all_of(model.counts.begin(), model.counts.end(),
                     [](int y) { return y >= 0 && y <= largest_count; });
}

void weighted_gram(NegativeBinomialWorkspace::State& s, const std::vector<double>& weight,
                   Eigen::MatrixXd& gram) {
  // Column by column: a general product of this size spends its time on packing.
  s.wx.resize(s.n);
  const ColumnsMap x = design_of(s);
  const Eigen::Map<const Eigen::VectorXd> w(weight.data(), ix(s.n));
  Eigen::Map<Eigen::VectorXd> wx(s.wx.data(), ix(s.n));
  gram.resize(x.cols(), x.cols());
  for (Eigen::Index a = 0; a < x.cols(); ++a) {
    wx = w.cwiseProduct(x.col(a));
    gram.col(a).head(a + 1).noalias() = x.leftCols(a + 1).transpose() * wx;
    gram.row(a).head(a) = gram.col(a).head(a).transpose();
  }
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
  weighted_gram(s, s.w, s.gram);
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

/// Tail counts turn sums over j < y_i into sums over j: no gamma function is needed.
///   sum_i [lnG(y_i + theta) - lnG(theta)] = sum_j #{i: y_i > j} ln(theta + j)
void load_counts(const CountModel& model, NegativeBinomialWorkspace::State& s) {
  s.y.assign(model.counts.begin(), model.counts.end());
  s.offset.assign(model.offset.begin(), model.offset.end());
  for (auto* rows : {&s.mu, &s.eta, &s.d, &s.l, &s.r, &s.c, &s.w, &s.bend, &s.slope}) {
    rows->resize(s.n);
  }
  const int most = *std::max_element(model.counts.begin(), model.counts.end());
  s.tail.assign(static_cast<std::size_t>(most), 0.0);
  for (const int y : model.counts) {
    if (y > 0) s.tail[static_cast<std::size_t>(y) - 1] += 1.0;
  }
  s.log_factorials = 0.0;
  for (std::size_t j = s.tail.size(); j-- > 0;) {
    if (j + 1 < s.tail.size()) s.tail[j] += s.tail[j + 1];
    s.log_factorials += s.tail[j] * std::log(static_cast<double>(j + 1));
  }
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

/// The sums over i, by whole columns: the compiler's vectors do the rest.
void add_rows(NegativeBinomialWorkspace::State& s, const Eigen::VectorXd& beta, double phi) {
  const RowsMap mu = rows_of(s.mu);
  const RowsMap eta = rows_of(s.eta);
  RowsMap d = rows_of(s.d), l = rows_of(s.l);
  RowsMap r = rows_of(s.r), c = rows_of(s.c), w = rows_of(s.w);
  RowsMap bend = rows_of(s.bend), slope = rows_of(s.slope);
  const RowsMap y = rows_of(s.y);
  evaluate_means(s, beta);
  // ln(1 + x): the logarithm of the rounded sum, and what rounding took from it.
  w = 1.0 + phi * mu;
  d = w.inverse();
  l = w.log() + (phi * mu - (w - 1.0)) * d;
  r = (phi * mu).inverse();
  bend = (l - phi * mu * d) * r.square();
  slope = (d.square() - 2.0 * bend) * r;
  for (std::size_t i = 0; i < s.n; ++i) {
    if (phi * s.mu[i] >= small_x) continue;
    const Bend series = bend_of_small(phi * s.mu[i]);
    s.bend[i] = series.value;
    s.slope[i] = series.slope;
  }
  s.log_likelihood += (y * (eta - l)).sum() - (phi > 0.0 ? l.sum() / phi : mu.sum());
  s.score_phi += (mu.square() * bend - y * mu * d).sum();
  s.curvature_phi += (mu.cube() * slope + y * (mu * d).square()).sum();
  r = (y - mu) * d;
  w = mu * (1.0 + phi * y) * d.square();
  c = -mu * r * d;
  s.score.noalias() = design_of(s).transpose() * r.matrix();
  s.cross.noalias() = design_of(s).transpose() * c.matrix();
  weighted_gram(s, s.w, s.information);
}

}  // namespace

void evaluate_means(NegativeBinomialWorkspace::State& s, const Eigen::VectorXd& beta) {
  RowsMap eta = rows_of(s.eta);
  eta.matrix().noalias() = design_of(s) * beta;
  eta += rows_of(s.offset);
  rows_of(s.mu) = eta.exp();
}

void evaluate(NegativeBinomialWorkspace::State& s, const Eigen::VectorXd& beta, double phi) {
  s.score.resize(ix(s.k));
  s.cross.resize(ix(s.k));
  s.log_likelihood = -s.log_factorials;
  s.score_phi = s.curvature_phi = 0.0;
  add_tails(s, phi);
  add_rows(s, beta, phi);
}

}  // namespace angiotrial::analysis
