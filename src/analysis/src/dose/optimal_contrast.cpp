// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/mcp_mod.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>

namespace angiotrial::analysis {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// The study's constants with the candidate's own table.
ShapeConstants constants_of(const Candidate& candidate, ShapeConstants constants) {
  if (candidate.table.count > 0) constants.table = candidate.table;
  return constants;
}

/// Effect furthest from placebo on [0, largest]: at an end, a knot or the one interior peak.
double furthest(const Candidate& candidate, double largest, const ShapeConstants& constants) {
  const auto effect = [&](double d) {
    return shape_value(candidate.shape, candidate.guess, d, constants) -
           shape_value(candidate.shape, candidate.guess, 0.0, constants);
  };
  if (candidate.shape == Shape::table) {
    double most = 0.0;
    for (std::size_t i = 0; i < constants.table.count; ++i) {
      const double here = effect(std::min(constants.table.doses[i], largest));
      if (std::fabs(here) > std::fabs(most)) most = here;
    }
    return most;
  }
  double peak = largest;
  if (candidate.shape == Shape::gaussian) peak = std::min(largest, candidate.guess[0]);
  if (candidate.shape == Shape::quadratic && candidate.guess[0] < 0.0) {
    peak = std::min(largest, -0.5 / candidate.guess[0]);
  }
  if (candidate.shape == Shape::beta) {
    const auto [a, b] = candidate.guess;
    peak = std::min(largest, constants.scale * a / (a + b));
  }
  return effect(peak);
}

/// Centred means in the metric of S: mu - 1 (1' S^-1 mu) / (1' S^-1 1), and S^-1 of that.
VectorXd generalised_contrast(const VectorXd& mu, const MatrixXd& s) {
  const Eigen::LLT<MatrixXd> factor(s);
  const VectorXd one = VectorXd::Ones(mu.size());
  const VectorXd w = factor.solve(one);
  const VectorXd centred = mu - one * (w.dot(mu) / w.sum());
  return factor.solve(centred);
}

VectorXd unit(const VectorXd& c) { return c / c.norm(); }

/// Best contrast with placebo of one sign and doses of the other, by trying every set of doses at
/// zero: within a set the unconstrained optimum is the only candidate.
VectorXd constrained(const VectorXd& mu, const MatrixXd& s) {
  const Index k = mu.size();
  const double sign = (mu.tail(k - 1).array() - mu[0]).sum() >= 0.0 ? 1.0 : -1.0;
  VectorXd best;
  double most = -std::numeric_limits<double>::infinity();
  for (unsigned set = 1; set < 1U << static_cast<unsigned>(k - 1); ++set) {
    std::vector<Index> kept{0};
    for (Index i = 1; i < k; ++i) {
      if ((set >> static_cast<unsigned>(i - 1) & 1U) != 0) kept.push_back(i);
    }
    const auto size = static_cast<Index>(kept.size());
    VectorXd part(size);
    MatrixXd block(size, size);
    for (Index i = 0; i < size; ++i) {
      part[i] = mu[kept[static_cast<std::size_t>(i)]];
      for (Index j = 0; j < size; ++j) {
        block(i, j) = s(kept[static_cast<std::size_t>(i)], kept[static_cast<std::size_t>(j)]);
      }
    }
    const VectorXd c = generalised_contrast(part, block);
    if (!(c.norm() > 0.0) || (sign * c.tail(size - 1)).minCoeff() < 0.0) continue;
    const double power = c.dot(part) / std::sqrt(c.dot(block * c));
    if (power <= most) continue;
    most = power;
    best = VectorXd::Zero(k);
    for (Index i = 0; i < size; ++i) best[kept[static_cast<std::size_t>(i)]] = c[i];
  }
  return best;
}

}  // namespace

std::vector<Candidate> default_candidates(double largest) {
  ANGIOTRIAL_EXPECT(largest > 0.0, "a dose above placebo");
  return {{"linear", Shape::linear, {}},
          {"emax", Shape::emax, {0.2 * largest}},
          {"exponential", Shape::exponential, {0.5 * largest}},
          {"returns to placebo", Shape::quadratic, {-1.0 / largest}}};
}

std::vector<double> candidate_means(const Candidate& candidate, std::span<const double> doses,
                                    const ShapeConstants& study, double placebo,
                                    double max_effect) {
  const ShapeConstants constants = constants_of(candidate, study);
  ANGIOTRIAL_EXPECT(doses.size() >= 2 && doses[0] == 0.0, "doses that begin with placebo, 0");
  ANGIOTRIAL_EXPECT(candidate.shape != Shape::beta || constants.scale > doses.back(),
                    "a beta scale above the largest dose");
  const double start = shape_value(candidate.shape, candidate.guess, 0.0, constants);
  const double top = furthest(candidate, doses.back(), constants);
  ANGIOTRIAL_EXPECT(std::isfinite(top) && top != 0.0, "a guess that gives a curve");
  std::vector<double> means;
  for (const double d : doses) {
    means.push_back(
        placebo +
        max_effect * (shape_value(candidate.shape, candidate.guess, d, constants) - start) / top);
  }
  return means;
}

std::vector<double> optimal_contrast(std::span<const double> mu, std::span<const double> covariance,
                                     ContrastKind kind) {
  const auto k = static_cast<Index>(mu.size());
  ANGIOTRIAL_EXPECT(covariance.size() == mu.size() * mu.size(), "a square covariance");
  const VectorXd means = Eigen::Map<const VectorXd>(mu.data(), k);
  const MatrixXd s = Eigen::Map<const MatrixXd>(covariance.data(), k, k);
  // Beyond rounding of a covariance that was computed.
  const bool symmetric =
      s.allFinite() && (s - s.transpose()).cwiseAbs().maxCoeff() <= 1.0e-10 * s.norm();
  if (!symmetric || s.llt().info() != Eigen::Success || !means.allFinite()) return {};
  if (means.maxCoeff() - means.minCoeff() <= 1.0e-14 * means.cwiseAbs().maxCoeff()) return {};
  VectorXd c =
      kind == ContrastKind::optimal ? generalised_contrast(means, s) : constrained(means, s);
  if (c.size() != k || !(c.norm() > 0.0)) return {};
  c = unit(c);
  return {c.begin(), c.end()};
}

}  // namespace angiotrial::analysis
