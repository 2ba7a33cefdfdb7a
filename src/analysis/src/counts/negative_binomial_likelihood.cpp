// SPDX-License-Identifier: Apache-2.0
#include "counts/negative_binomial_state.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

constexpr int largest_count = 1'000'000;
/// Squared length of a column after earlier columns are taken out, over its squared length.
constexpr double collinear_share = 1.0e-10;

/// (ln(1 + x) - x / (1 + x)) / x^2 and its derivative, with l = ln(1 + x) and d = 1 / (1 + x).
struct Bend {
  double value, slope;
};
Bend bend(double x, double l, double d) {
  if (x < 0.02) {
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
  const double per_x = 1.0 / x;
  const double value = (l - x * d) * per_x * per_x;
  return {value, (d * d - 2.0 * value) * per_x};
}

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
  s.x.assign(model.design.begin(), model.design.end());
  weighted_gram(s, [](std::size_t) { return 1.0; }, s.gram);
  // Cholesky of the Gram matrix in the given order: a small pivot is a dependent column.
  Eigen::MatrixXd& l = s.work;
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
  for (std::size_t i = 0; i < s.n; ++i) {
    for (std::size_t c = 0; c < s.k; ++c) s.x[i * s.k + c] = model.design[i * p + s.kept[c]];
  }
  return false;
}

/// Tail counts turn sums over j < y_i into sums over j: no gamma function is needed.
///   sum_i [lnG(y_i + theta) - lnG(theta)] = sum_j #{i: y_i > j} ln(theta + j)
void load_counts(const CountModel& model, NegativeBinomialWorkspace::State& s) {
  s.y.assign(model.counts.begin(), model.counts.end());
  s.offset.assign(model.offset.begin(), model.offset.end());
  s.mu.resize(s.n);
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

/// The sums over j. Logarithms are taken of products of neighbours with the same N_j.
void add_tails(NegativeBinomialWorkspace::State& s, double phi) {
  constexpr double product_limit = 1.0e200;
  double product = 1.0;
  double value = s.log_likelihood;
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
    value += s.tail[j] * std::log(product);
    product = 1.0;
  }
  s.log_likelihood = value;
  s.score_phi = score_phi;
  s.curvature_phi = curvature_phi;
}

/// The sums over i, with the number of columns known to the compiler (0: not known).
template <std::size_t Columns>
void add_rows(NegativeBinomialWorkspace::State& s, const double* beta, double phi) {
  const std::size_t k = Columns > 0 ? Columns : s.k;
  double* score = s.score.data();
  double* cross = s.cross.data();
  double* info = s.information.data();
  const double per_phi = phi > 0.0 ? 1.0 / phi : 0.0;
  double value = s.log_likelihood;
  double score_phi = s.score_phi;
  double curvature_phi = s.curvature_phi;
  double spread = 0.0;
  for (std::size_t i = 0; i < s.n; ++i) {
    const double* row = &s.x[i * k];
    double eta = s.offset[i];
    for (std::size_t a = 0; a < k; ++a) eta += row[a] * beta[a];
    const double y = s.y[i];
    const double mu = std::exp(eta);
    const double x = phi * mu;
    const double d = 1.0 / (1.0 + x);
    const double l = phi > 0.0 ? std::log1p(x) : 0.0;
    const Bend b = bend(x, l, d);
    s.mu[i] = mu;
    value += y * (eta - l) - (phi > 0.0 ? l * per_phi : mu);
    score_phi += mu * mu * b.value - y * mu * d;
    curvature_phi += mu * mu * mu * b.slope + y * mu * mu * d * d;
    spread += mu * mu;
    const double r = (y - mu) * d;
    const double w = mu * (1.0 + phi * y) * d * d;
    const double c = -mu * r * d;
    for (std::size_t a = 0; a < k; ++a) {
      score[a] += r * row[a];
      cross[a] += c * row[a];
      const double wa = w * row[a];
      for (std::size_t m = 0; m <= a; ++m) info[a * k + m] += wa * row[m];
    }
  }
  s.log_likelihood = value;
  s.score_phi = score_phi;
  s.curvature_phi = curvature_phi;
  s.boundary_spread = spread;
}

}  // namespace

void evaluate(NegativeBinomialWorkspace::State& s, const Eigen::VectorXd& beta, double phi) {
  s.score.setZero(ix(s.k));
  s.cross.setZero(ix(s.k));
  s.information.setZero(ix(s.k), ix(s.k));
  s.log_likelihood = -s.log_factorials;
  s.score_phi = s.curvature_phi = s.boundary_spread = 0.0;
  add_tails(s, phi);
  switch (s.k) {
    case 3:
      add_rows<3>(s, beta.data(), phi);
      break;
    case 4:
      add_rows<4>(s, beta.data(), phi);
      break;
    case 5:
      add_rows<5>(s, beta.data(), phi);
      break;
    case 6:
      add_rows<6>(s, beta.data(), phi);
      break;
    case 7:
      add_rows<7>(s, beta.data(), phi);
      break;
    default:
      add_rows<0>(s, beta.data(), phi);
  }
  s.information.triangularView<Eigen::StrictlyLower>() = s.information.transpose();
}

}  // namespace angiotrial::analysis
