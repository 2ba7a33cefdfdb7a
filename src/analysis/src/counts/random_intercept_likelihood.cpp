// SPDX-License-Identifier: Apache-2.0
#include "counts/random_intercept_likelihood.hpp"

#include "counts/count_density.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace angiotrial::analysis {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

InterceptLikelihood::Arrays::Arrays(Index rows, Index points, Index parameters, NodeMemory& memory)
    : terms(rows, points, memory),
      nodes{{memory.take(points), points}, {memory.take(points), points}},
      u(memory.take(points), points),
      share(memory.take(points), points),
      product(memory.take(points), points),
      by_row(memory.take(rows), rows),
      scores(memory.take(parameters * points), parameters, points) {}

void InterceptLikelihood::load(const InterceptModel& model) {
  columns_ = model.counts.columns;
  const auto points = static_cast<std::size_t>(model.points);
  if (rule_.node.size() != points) rule_ = HermiteRule(model.points);
  one_node_ = false;
  evaluations_ = 0;
  read_rows(model);
  count_tails();
  eta_.resize(y_.size());
  mu_.resize(y_.size());
  slope_.assign(y_.size(), 0.0);
  mode_.assign(patients(), 0.0);
  std::size_t most = columns_ + 2;
  for (std::size_t g = 0; g < patients(); ++g) most = std::max(most, first_[g + 1] - first_[g]);
  arrays_.reset();
  memory_.reserve(Arrays::number, static_cast<Index>(most * points));
}

void InterceptLikelihood::read_rows(const InterceptModel& model) {
  const CountModel& counts = model.counts;
  for (auto* values : {&x_, &y_, &offset_}) values->clear();
  first_.clear();
  order_.reset(model.patient.size());
  order_.by(model.patient);
  const auto& rows = order_.positions();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t row = rows[i];
    if (i == 0 || model.patient[row] != model.patient[rows[i - 1]]) first_.push_back(i);
    const double* from = counts.design.data() + row * columns_;
    x_.insert(x_.end(), from, from + columns_);
    y_.push_back(counts.counts[row]);
    offset_.push_back(counts.offset[row]);
  }
  first_.push_back(y_.size());
}

void InterceptLikelihood::count_tails() {
  double most = 0.0;
  for (const double y : y_) most = std::max(most, y);
  tail_.assign(static_cast<std::size_t>(most), 0.0);
  for (const double y : y_) {
    if (y > 0.0) tail_[static_cast<std::size_t>(y) - 1] += 1.0;
  }
  log_factorials_ = 0.0;
  for (std::size_t j = tail_.size(); j-- > 0;) {
    if (j + 1 < tail_.size()) tail_[j] += tail_[j + 1];
    log_factorials_ += tail_[j] * std::log(static_cast<double>(j + 1));
  }
}

/// sum over counts of sum_{j<y} ln(1 + phi j), with its derivatives by ln phi.
double InterceptLikelihood::counts_alone(double phi, VectorXd& gradient) {
  const auto tau = static_cast<Index>(columns_) + 1;
  double value = 0.0;
  for (std::size_t j = 0; j < tail_.size(); ++j) {
    const double x = phi * static_cast<double>(j);
    const double share = x / (1.0 + x);
    value += tail_[j] * std::log1p(x);
    gradient[tau] += tail_[j] * share;
    if (wants_information_) information_(tau, tau) -= tail_[j] * share * (1.0 - share);
  }
  return value;
}

/// Newton on u from where it stood last: f'(u) = sigma sum l_eta - u. Returns the mode.
template <class Density>
double InterceptLikelihood::find_mode(const Density& density, std::size_t patient, double sigma) {
  constexpr int most_steps = 200;
  constexpr double longest = 2.0;
  constexpr double last = 1.0e-8;  // the error after a step is of the order of its square
  double u = mode_[patient];
  if (sigma == 0.0) return 0.0;
  for (int step = 0; step < most_steps; ++step) {
    const double grow = std::exp(sigma * u);
    double first = 0.0;
    double second = 0.0;
    for (std::size_t i = first_[patient]; i < first_[patient + 1]; ++i) {
      const density::Slopes s = density.slopes(y_[i], mu_[i] * grow);
      first += s.eta;
      second += s.eta2;
    }
    // Where the density is not concave in u, the curvature of the normal alone.
    const double curvature = std::max(1.0 - sigma * sigma * second, 0.5);
    const double move = (sigma * first - u) / curvature;
    u += std::clamp(move, -longest, longest);
    if (!(std::fabs(move) > last)) break;
  }
  return std::isfinite(u) ? u : 0.0;
}

template <class Density>
void InterceptLikelihood::bend_at_mode(const Density& density, Patient& g) {
  const double at_mode = std::exp(g.sigma * g.mode);
  bends_.resize(g.to - g.from);
  for (std::size_t i = g.from; i < g.to; ++i) {
    const density::Bend b = bends_[i - g.from] = density.bend(y_[i], mu_[i] * at_mode);
    g.first += b.eta;
    g.second += b.eta2;
    g.third += b.eta3;
    g.tau1 += b.tau_eta;
    g.tau2 += b.tau_eta2;
  }
}

/// `arrays_` with these rows and points.
void InterceptLikelihood::shape_arrays(Index rows, Index points) {
  if (arrays_ && arrays_->by_row.size() == rows && arrays_->u.size() == points) return;
  memory_.restart();
  arrays_.emplace(rows, points, static_cast<Index>(columns_) + 2, memory_);
}

//   l_g = ln s + ln sum_q W_q exp f(u_q),  W_q = w_q exp(x_q^2) / sqrt(pi),
//   u_q = m + sqrt(2) s x_q,  s = (-f''(m))^(-1/2),
//   f(u) = sum_i l_i - u^2/2.
// Shares of the nodes, and the derivatives of l_g by m and by ln s. The exact integral does not
// depend on m or s: E f' = 0 and E f' (u - m) = -1.
double InterceptLikelihood::integrate(Patient& g) {
  static const double log_root_pi = 0.5 * std::log(std::numbers::pi);
  Arrays& a = *arrays_;
  const Eigen::Map<const ArrayXd> log_weight(rule().log_weight.data(), a.u.size());
  a.share = a.terms.value - 0.5 * a.u.square() + (log_weight - log_root_pi);
  const double largest = a.share.maxCoeff();
  a.share = (a.share - largest).exp();
  const double total = a.share.sum();
  a.share /= total;
  a.product = a.share * (g.sigma * a.terms.eta_sum - a.u);
  g.by_mode = a.product.sum();
  g.by_spread = 1.0 + (a.product * (a.u - g.mode)).sum();
  if (g.sigma > 0.0) {
    coarseness_ = std::max({coarseness_, std::fabs(g.by_mode) * g.spread, std::fabs(g.by_spread)});
  }
  return std::log(g.spread) + largest + std::log(total);
}

// The mode m and s move with the parameters:
//   dm = s^2 df'(m),  dln s = (s^2 / 2) {df''(m) + f'''(m) dm}
void InterceptLikelihood::add_gradient(const Patient& g, VectorXd& gradient) {
  const Arrays& a = *arrays_;
  const auto p = static_cast<Index>(columns_);
  const double sigma = g.sigma;
  const double variance = g.spread * g.spread;
  const double half = 0.5 * variance * g.by_spread;
  const double f3 = sigma * sigma * sigma * g.third;
  const double move = (half * f3 + g.by_mode) * variance;
  Eigen::Map<VectorXd> slope(slope_.data() + g.from, static_cast<Index>(g.to - g.from));
  slope.noalias() = a.terms.eta.matrix() * a.share.matrix();
  for (std::size_t i = g.from; i < g.to; ++i) {
    const density::Bend& b = bends_[i - g.from];
    slope_[i] += half * sigma * sigma * b.eta3 + move * sigma * b.eta2;
  }
  gradient[p] += (a.share * a.nodes.shift * a.terms.eta_sum).sum() +
                 half * (2.0 * sigma * sigma * g.second + f3 * g.mode) +
                 move * (sigma * g.first + sigma * sigma * g.mode * g.second);
  gradient[p + 1] +=
      (a.share * a.terms.tau).sum() + half * sigma * sigma * g.tau2 + move * sigma * g.tau1;
}

// With psi = (beta, rho, tau), rho = ln sigma, and the shift v = sigma u in eta = x' beta + v:
//   -d2l_g = -E f_psi,psi - Cov f_psi,  f_psi = (sum x l_eta, v sum l_eta, sum l_tau)
//   f_rho,rho = v sum l_eta + v^2 sum l_eta2
void InterceptLikelihood::add_information(const Patient& g) {
  Arrays& a = *arrays_;
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto p = static_cast<Index>(columns_);
  const Eigen::Map<const RowMajor> x(x_.data() + g.from * columns_,
                                     static_cast<Index>(g.to - g.from), p);
  a.scores.topRows(p).noalias() = x.transpose() * a.terms.eta.matrix();
  a.scores.row(p) = (a.nodes.shift * a.terms.eta_sum).matrix().transpose();
  a.scores.row(p + 1) = a.terms.tau.matrix().transpose();
  mean_score_.noalias() = a.scores * a.share.matrix();
  a.scores.colwise() -= mean_score_;
  a.product = a.share.sqrt();
  a.scores.array().rowwise() *= a.product.transpose();
  information_.noalias() -= a.scores.lazyProduct(a.scores.transpose());
  a.by_row.matrix().noalias() = a.terms.eta2.matrix() * a.share.matrix();
  for (Index i = 0; i < x.rows(); ++i) {
    by_column_ = a.by_row[i] * x.row(i).transpose();
    information_.topLeftCorner(p, p).noalias() -= by_column_.lazyProduct(x.row(i));
  }
  const auto take = [&](const NodeTable& terms, const NodeArray& weight, Index parameter) {
    a.by_row.matrix().noalias() = terms.matrix() * weight.matrix();
    by_column_.noalias() = x.transpose() * a.by_row.matrix();
    information_.col(parameter).head(p) -= by_column_;
    information_.row(parameter).head(p) -= by_column_.transpose();
  };
  a.product = a.share * a.nodes.shift;
  take(a.terms.eta2, a.product, p);
  take(a.terms.tau_eta, a.share, p + 1);
  const double crossed = (a.product * a.terms.tau_eta.colwise().sum().transpose()).sum();
  information_(p, p) -=
      (a.product * (a.terms.eta_sum + a.nodes.shift * a.terms.eta2.colwise().sum().transpose()))
          .sum();
  information_(p, p + 1) -= crossed;
  information_(p + 1, p) -= crossed;
  information_(p + 1, p + 1) -= (a.share * a.terms.tau2).sum();
}

template <class Density>
double InterceptLikelihood::one_patient(const Density& density, std::size_t patient, double sigma,
                                        VectorXd& gradient) {
  Patient g;
  g.from = first_[patient];
  g.to = first_[patient + 1];
  g.sigma = sigma;
  g.mode = mode_[patient] = find_mode(density, patient, sigma);
  bend_at_mode(density, g);
  const double variance = 1.0 / (1.0 - sigma * sigma * g.second);
  if (!(variance > 0.0)) return -std::numeric_limits<double>::infinity();
  g.spread = std::sqrt(variance);
  const auto size = static_cast<Index>(g.to - g.from);
  const PatientCounts rows{
      {y_.data() + g.from, size}, {eta_.data() + g.from, size}, {mu_.data() + g.from, size}};
  const std::vector<double>& node = rule().node;
  const Eigen::Map<const ArrayXd> at(node.data(), static_cast<Index>(node.size()));
  shape_arrays(size, at.size());
  Arrays& a = *arrays_;
  a.u = g.mode + std::numbers::sqrt2 * g.spread * at;
  a.nodes.shift = sigma * a.u;
  a.nodes.grow = a.nodes.shift.exp();
  fill_nodes(density, rows, a.nodes, wants_information_, a.terms);
  const double value = integrate(g);
  add_gradient(g, gradient);
  if (wants_information_) add_information(g);
  return value;
}

template <class Density>
double InterceptLikelihood::sum_patients(const Density& density, double sigma, VectorXd& gradient) {
  double sum = 0.0;
  for (std::size_t g = 0; g < patients(); ++g) sum += one_patient(density, g, sigma, gradient);
  for (std::size_t i = 0; i < y_.size(); ++i) {
    for (std::size_t c = 0; c < columns_; ++c) {
      gradient[static_cast<Index>(c)] += slope_[i] * x_[i * columns_ + c];
    }
  }
  return sum;
}

void InterceptLikelihood::read_predictors(const VectorXd& psi) {
  for (std::size_t i = 0; i < y_.size(); ++i) {
    double eta = offset_[i];
    for (std::size_t c = 0; c < columns_; ++c) {
      eta += x_[i * columns_ + c] * psi[static_cast<Index>(c)];
    }
    eta_[i] = eta;
  }
  const auto rows = static_cast<Index>(y_.size());
  Eigen::Map<ArrayXd>(mu_.data(), rows) = Eigen::Map<const ArrayXd>(eta_.data(), rows).exp();
}

double InterceptLikelihood::evaluate(const VectorXd& psi, CountFamily family, VectorXd& gradient) {
  ++evaluations_;
  const auto p = static_cast<Index>(columns_);
  const double sigma = std::exp(psi[p]);
  const double phi = std::exp(psi[p + 1]);
  read_predictors(psi);
  gradient.setZero(p + 2);
  coarseness_ = 0.0;
  without_ = sigma == 0.0;
  switch (family) {
    case CountFamily::poisson:
      return sum_patients(density::Poisson(phi), sigma, gradient) - log_factorials_;
    case CountFamily::quadratic_nb: {
      const double alone = counts_alone(phi, gradient);
      return sum_patients(density::QuadraticNb(phi), sigma, gradient) + alone - log_factorials_;
    }
    case CountFamily::linear_nb:
      break;
  }
  return sum_patients(density::LinearNb(phi), sigma, gradient) - log_factorials_;
}

std::optional<double> InterceptLikelihood::evaluate(const VectorXd& psi, CountFamily family,
                                                    VectorXd& gradient,
                                                    Eigen::MatrixXd& information) {
  if (family == CountFamily::linear_nb) return std::nullopt;
  const Index n = static_cast<Index>(columns_) + 2;
  information_.setZero(n, n);
  wants_information_ = true;
  const double value = evaluate(psi, family, gradient);
  wants_information_ = false;
  if (!std::isfinite(value) || !information_.allFinite()) return std::nullopt;
  information = information_;
  return value;
}

}  // namespace angiotrial::analysis
