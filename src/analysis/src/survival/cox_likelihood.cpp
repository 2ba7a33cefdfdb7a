// SPDX-License-Identifier: Apache-2.0
#include "survival/cox_state.hpp"

#include <algorithm>
#include <cmath>

namespace angiotrial::analysis {
namespace {

Eigen::Index ix(std::size_t i) { return static_cast<Eigen::Index>(i); }

/// l += sum w_i eta_i, U += sum w_i x_i over the events.
void add_events(CoxState& s) {
  for (const EventTime& at : s.times) {
    for (std::size_t i = at.first; i < at.last; ++i) {
      s.log_likelihood += s.weight[i] * s.eta[i];
      for (std::size_t a = 0; a < s.p; ++a) s.score[ix(a)] += s.weight[i] * s.x[i * s.p + a];
    }
  }
}

/// Elementary symmetric polynomials of the relative risks with their first two derivatives:
/// one block of 1 + p + p(p+1)/2 numbers for every degree 0 .. d (Gail, Lubin and Rubinstein 1981).
class SubsetSums {
 public:
  SubsetSums(std::size_t p, std::size_t degree)
      : p_(p), size_(sums_of(p)), degree_(degree), values_((degree + 1) * size_, 0.0) {
    values_[0] = 1.0;
  }

  /// E_k <- E_k + r E_{k-1}, and the derivatives of that.
  void add(const double* x, double r) {
    for (std::size_t k = degree_; k >= 1; --k) add_degree(&values_[k * size_], x, r);
  }
  [[nodiscard]] const double* top() const { return &values_[degree_ * size_]; }

 private:
  void add_degree(double* to, const double* x, double r) const {
    const double* from = to - size_;
    const double* first = from + 1;
    const double* second = from + 1 + p_;
    double* to_second = to + 1 + p_;
    for (std::size_t a = 0; a < p_; ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        *to_second++ += r * (*second++ + x[a] * first[b] + x[b] * first[a] + x[a] * x[b] * from[0]);
      }
    }
    for (std::size_t a = 0; a < p_; ++a) to[1 + a] += r * (first[a] + x[a] * from[0]);
    to[0] += r * from[0];
  }

  std::size_t p_, size_, degree_;
  std::vector<double> values_;
};

/// l -= weight log e, U -= weight m, I += weight (E xx' - m m') with moments from `sum`.
void subtract_term(std::size_t p, double weight, const double* sum, double* terms) {
  const double inverse = 1.0 / sum[0];
  terms[0] -= weight * std::log(sum[0]);
  const double* second = sum + 1 + p;
  double* information = terms + 1 + p;
  for (std::size_t a = 0; a < p; ++a) {
    const double mean = sum[1 + a] * inverse;
    terms[1 + a] -= weight * mean;
    const double scaled = weight * inverse;
    for (std::size_t b = 0; b <= a; ++b) *information++ += scaled * (*second++ - mean * sum[1 + b]);
  }
}

/// The sweep with the number of columns known to the compiler, or 0.
template <std::size_t columns>
void sweep_terms(CoxState& s) {
  const std::size_t p = columns > 0 ? columns : s.p;
  const double* x = s.x.data();
  sweep(
      s, sums_of(p),
      [=](std::size_t row, double r, std::vector<double>& sum) {
        add_row(x + row * p, p, r, sum.data());
      },
      [&s, p](const EventTime&, double weight, double, const std::vector<double>& sum) {
        subtract_term(p, weight, sum.data(), s.terms.data());
      });
}

void sweep_terms(CoxState& s) {
  switch (s.p) {
    case 1:
      return sweep_terms<1>(s);
    case 2:
      return sweep_terms<2>(s);
    case 3:
      return sweep_terms<3>(s);
    case 4:
      return sweep_terms<4>(s);
    default:
      return sweep_terms<0>(s);
  }
}

/// Adds what the sweep left in `terms`.
void unpack_terms(CoxState& s) {
  s.log_likelihood += s.terms[0];
  const double* second = &s.terms[1 + s.p];
  for (std::size_t a = 0; a < s.p; ++a) {
    s.score[ix(a)] += s.terms[1 + a];
    for (std::size_t b = 0; b <= a; ++b) {
      s.information(ix(a), ix(b)) = s.information(ix(b), ix(a)) = *second++;
    }
  }
}

}  // namespace

void predict(CoxState& s, const Eigen::VectorXd& beta) {
  s.eta.resize(s.n);
  s.relative.resize(s.n);
  if (s.plain && beta.isZero(0.0)) {
    s.shift = 0.0;
    std::fill(s.eta.begin(), s.eta.end(), 0.0);
    s.relative = s.weight;
    return;
  }
  const double* b = beta.data();
  for (std::size_t i = 0; i < s.n; ++i) {
    double eta = s.offset[i];
    for (std::size_t a = 0; a < s.p; ++a) eta += s.x[i * s.p + a] * b[a];
    s.eta[i] = eta;
  }
  s.shift = s.n == 0 ? 0.0 : *std::max_element(s.eta.begin(), s.eta.end());
  for (std::size_t i = 0; i < s.n; ++i) {
    s.eta[i] -= s.shift;
    s.relative[i] = s.weight[i] * std::exp(s.eta[i]);
  }
}

void evaluate(CoxState& s, const Eigen::VectorXd& beta) {
  predict(s, beta);
  s.log_likelihood = 0.0;
  s.score.setZero(ix(s.p));
  s.information.setZero(ix(s.p), ix(s.p));
  add_events(s);
  s.terms.assign(sums_of(s.p), 0.0);
  if (s.ties == CoxTies::exact) {
    evaluate_exact(s);
  } else {
    sweep_terms(s);
  }
  unpack_terms(s);
}

/// At a time with d events among the risk set R the likelihood's denominator is the sum over all
/// subsets of d members of the product of their risks.
void evaluate_exact(CoxState& s) {
  std::vector<std::uint32_t> members;
  for (const EventTime& at : s.times) {
    if (at.empties) members.clear();
    for (std::size_t i = at.enter; i < at.enter_end; ++i) {
      members.push_back(static_cast<std::uint32_t>(i));
    }
    for (std::size_t i = at.leave; i < at.leave_end; ++i) std::erase(members, s.leaving[i]);
    double total = 0.0;
    for (const std::uint32_t i : members) total += s.relative[i];
    const auto deaths = static_cast<double>(at.last - at.first);
    // Risks of mean d / |R| keep the polynomial of degree d near e^d.
    const double unit = deaths / total;
    SubsetSums sums(s.p, at.last - at.first);
    for (const std::uint32_t i : members) sums.add(&s.x[i * s.p], s.relative[i] * unit);
    subtract_term(s.p, 1.0, sums.top(), s.terms.data());
    s.log_likelihood += deaths * std::log(unit);
  }
}

/// tr(A dI/dbeta_j) = sum of weight E[q(x) (x - m)_j], q(x) = (x - m)'A(x - m), over increments.
void firth_penalty(CoxState& s, const Eigen::MatrixXd& inverse) {
  using Row = Eigen::Map<const Eigen::VectorXd>;
  Eigen::VectorXd& mean = s.scratch.mean;
  Eigen::VectorXd& third = s.scratch.third;
  Eigen::VectorXd& turned = s.scratch.turned;
  Eigen::VectorXd& bent = s.scratch.bent;
  Eigen::MatrixXd& second = s.scratch.second;
  s.quadratic.resize(s.n);
  for (std::size_t i = 0; i < s.n; ++i) {
    const Row x(&s.x[i * s.p], ix(s.p));
    turned.noalias() = inverse * x;
    s.quadratic[i] = x.dot(turned);
  }
  const std::size_t base = sums_of(s.p);
  s.penalty.setZero(ix(s.p));
  const auto add = [&](std::size_t row, double r, std::vector<double>& sum) {
    add_row(s, row, r, sum);
    const double rq = r * s.quadratic[row];
    sum[base] += rq;
    for (std::size_t a = 0; a < s.p; ++a) sum[base + 1 + a] += rq * s.x[row * s.p + a];
  };
  second.resize(ix(s.p), ix(s.p));
  const auto visit = [&](const EventTime&, double weight, double, const std::vector<double>& sum) {
    mean = Row(&sum[1], ix(s.p)) / sum[0];
    const double* packed = &sum[1 + s.p];
    for (Eigen::Index a = 0; a < ix(s.p); ++a) {
      for (Eigen::Index b = 0; b <= a; ++b) second(a, b) = second(b, a) = *packed++ / sum[0];
    }
    third = Row(&sum[base + 1], ix(s.p)) / sum[0];
    turned.noalias() = inverse * mean;
    bent.noalias() = second * turned;
    s.penalty += 0.5 * weight *
                 (third - (sum[base] / sum[0]) * mean - 2.0 * (bent - mean * mean.dot(turned)));
  };
  sweep(s, base + 1 + s.p, add, visit);
}

}  // namespace angiotrial::analysis
