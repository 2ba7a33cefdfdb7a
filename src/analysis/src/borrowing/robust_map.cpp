// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/borrowing/robust_map.hpp>

#include <boost/math/special_functions/legendre.hpp>

#include <array>
#include <functional>
#include <limits>

#include "borrowing/mixture_parts.hpp"
#include "multiplicity/quadrature.hpp"
#include "solve.hpp"

namespace angiotrial::analysis {
namespace {

double square(double x) { return x * x; }

/// A study's log likelihood of theta, and the normal that stands for it where nodes are placed.
struct Study {
  double centre = 0.0, sd = 1.0;
  std::function<double(double)> log_likelihood;  ///< empty: normal
};

/// Normal of mu given tau where every study counts as normal.
struct Conditional {
  double mean = 0.0, variance = 1.0, log_marginal = 0.0;
};

// Studies enter one at a time: mu ~ N(m, v), y ~ N(mu, s^2 + tau^2).
Conditional given_tau(std::span<const Study> studies, const MapHyperprior& prior, double tau) {
  Conditional c{prior.mean, square(prior.sd), 0.0};
  for (const Study& s : studies) {
    const double noise = square(s.sd) + square(tau);
    const double total = c.variance + noise;
    c.log_marginal -= 0.5 * (std::log(total) + square(s.centre - c.mean) / total);
    const double gain = c.variance / total;
    c.mean += gain * (s.centre - c.mean);
    c.variance *= noise / total;
  }
  return c;
}

// Integral over theta of L(theta) N(theta; mu, tau^2): nodes where the product of the stand-in
// normal and the prior sits.
double log_integrated(const Study& s, double mu, double tau) {
  // Gauss-Hermite, 9 points (Abramowitz and Stegun 1964, table 25.10).
  static constexpr std::array<double, 5> node{0.0, 0.723551018752838, 1.468553289216668,
                                              2.266580584531843, 3.190993201781528};
  static constexpr std::array<double, 5> weight{7.202352156060510e-1, 4.326515590025558e-1,
                                                8.847452739437657e-2, 4.943624275536947e-3,
                                                3.960697726326438e-5};
  const double v = 1.0 / (1.0 / square(s.sd) + 1.0 / square(tau));
  const double centre = v * (s.centre / square(s.sd) + mu / square(tau));
  const double step = std::sqrt(2.0 * v);
  std::array<double, 9> terms{};
  double most = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < 9; ++i) {
    const std::size_t j = (i + 1) / 2;
    const double x = i % 2 == 0 ? node[j] : -node[j];
    const double theta = centre + step * x;
    terms[i] =
        std::log(weight[j]) + x * x + s.log_likelihood(theta) - 0.5 * square((theta - mu) / tau);
    most = std::max(most, terms[i]);
  }
  double sum = 0.0;
  for (const double t : terms) sum += std::exp(t - most);
  return most + std::log(sum * step / tau);
}

struct Node {
  double mean = 0.0, sd = 1.0;  ///< of theta*
  double mu = 0.0, mu_variance = 0.0, tau = 0.0;
  double log_weight = 0.0;
};

/// mu by quadrature under the exact likelihoods, at one tau.
void add_exact(std::span<const Study> studies, const MapHyperprior& prior, double tau,
               double log_weight, std::vector<Node>& nodes) {
  const Conditional c = given_tau(studies, prior, tau);
  const double sd = std::sqrt(c.variance);
  quadrature::for_each_panel_node<12>(-6.0, 6.0, 6.0, [&](double z, double w) {
    const double mu = c.mean + sd * z;
    double total = log_weight + std::log(w * sd) - 0.5 * square((mu - prior.mean) / prior.sd);
    for (const Study& s : studies) total += log_integrated(s, mu, tau);
    nodes.push_back({mu, tau, mu, 0.0, tau, total});
  });
}

/// Edges of the panels over tau: they widen from 0, since most posteriors sit well below the
/// prior's scale, and below the spread of the most precise study.
std::vector<double> panels_of_tau(std::span<const Study> studies, double scale) {
  double narrowest = studies.front().sd;
  for (const Study& s : studies) narrowest = std::min(narrowest, s.sd);
  std::vector<double> edges;
  for (double e = 0.15 * scale; edges.empty() || (4.0 * e > narrowest && e > 1.0e-9 * scale);
       e *= 0.25) {
    edges.insert(edges.begin(), e);
  }
  edges.insert(edges.begin(), 0.0);
  for (const double e : {0.6, 1.8, 6.0}) edges.push_back(e * scale);
  return edges;
}

std::vector<Node> nodes_of(std::span<const Study> studies, const MapHyperprior& prior,
                           const std::vector<double>& edges) {
  std::vector<Node> nodes;
  for (std::size_t p = 1; p < edges.size(); ++p) {
    quadrature::for_each_node<12>(edges[p - 1], edges[p], [&](double tau, double w) {
      const double weight = std::log(w) - 0.5 * square(tau / prior.tau_scale);
      if (studies.front().log_likelihood) {
        add_exact(studies, prior, tau, weight, nodes);
        return;
      }
      const Conditional c = given_tau(studies, prior, tau);
      nodes.push_back({c.mean, std::sqrt(c.variance + square(tau)), c.mean, c.variance, tau,
                       weight + c.log_marginal});
    });
  }
  return nodes;
}

/// Distribution function of a density on [-1, 1] known by its masses at Gauss-Legendre nodes: its
/// Legendre series, sum_k (k + 1/2) E P_k(x) P_k(t), integrated term by term.
double mass_below(std::span<const std::pair<double, double>> nodes, double t) {
  double sum = 0.0;
  for (int k = 0; k < static_cast<int>(nodes.size()); ++k) {
    double coefficient = 0.0;
    for (const auto& [x, mass] : nodes) coefficient += mass * boost::math::legendre_p(k, x);
    const double before = k == 0 ? -1.0 : boost::math::legendre_p(k - 1, t);
    sum += 0.5 * coefficient * (boost::math::legendre_p(k + 1, t) - before);
  }
  return sum;
}

/// `log_weight` of the nodes holds their masses by now, in rising order of tau.
double median_of_tau(const std::vector<Node>& nodes, const std::vector<double>& edges) {
  double below = 0.0;
  auto node = nodes.begin();
  for (std::size_t p = 1; p < edges.size(); ++p) {
    const double half = 0.5 * (edges[p] - edges[p - 1]);
    std::vector<std::pair<double, double>> inside;
    for (; node != nodes.end() && node->tau < edges[p]; ++node) {
      const double x = (node->tau - edges[p - 1]) / half - 1.0;
      if (inside.empty() || x > inside.back().first) inside.emplace_back(x, 0.0);
      inside.back().second += node->log_weight;
    }
    const double mass = mass_below(inside, 1.0);
    if (below + mass < 0.5) {
      below += mass;
      continue;
    }
    const double t =
        root([&](double at) { return below + mass_below(inside, at) - 0.5; }, -1.0, 1.0, 1.0e-12);
    return edges[p - 1] + half * (1.0 + t);
  }
  return edges.back();
}

MapPrior summarise(std::vector<Node> nodes, const std::vector<double>& edges, double sigma) {
  MapPrior out;
  out.status = MapStatus::derived;
  out.theta = {MixtureFamily::normal, {}, sigma};
  double most = -std::numeric_limits<double>::infinity();
  for (const Node& n : nodes) most = std::max(most, n.log_weight);
  double sum = 0.0;
  for (Node& n : nodes) sum += n.log_weight = std::exp(n.log_weight - most);
  double kept = 0.0;
  double square_mean = 0.0;
  for (Node& n : nodes) {
    n.log_weight /= sum;
    out.mu_mean += n.log_weight * n.mu;
    square_mean += n.log_weight * (n.mu * n.mu + n.mu_variance);
    out.tau_mean += n.log_weight * n.tau;
    if (n.log_weight < 1.0e-12) continue;
    kept += n.log_weight;
    out.theta.components.push_back({n.log_weight, n.mean, n.sd});
  }
  for (MixtureComponent& c : out.theta.components) c.weight /= kept;
  out.mu_sd = std::sqrt(std::max(0.0, square_mean - square(out.mu_mean)));
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const Node& a, const Node& b) { return a.tau < b.tau; });
  out.tau_median = median_of_tau(nodes, edges);
  return out;
}

MapPrior derive(const std::vector<Study>& studies, const MapHyperprior& prior, double sigma) {
  const std::vector<double> edges = panels_of_tau(studies, prior.tau_scale);
  return summarise(nodes_of(studies, prior, edges), edges, sigma);
}

MapStatus check(std::size_t studies, const MapHyperprior& prior) {
  if (studies == 0) return MapStatus::no_study;
  const bool valid = prior.tau_scale > 0.0 && std::isfinite(prior.tau_scale) && prior.sd > 0.0 &&
                     std::isfinite(prior.sd) && std::isfinite(prior.mean);
  return valid ? MapStatus::derived : MapStatus::invalid_hyperprior;
}

MapPrior refused(MapStatus status) {
  MapPrior out;
  out.status = status;
  return out;
}

}  // namespace

std::string_view name_of(MapStatus status) {
  switch (status) {
    case MapStatus::derived:
      return "derived";
    case MapStatus::no_study:
      return "no historical study";
    case MapStatus::invalid_data:
      return "historical data outside their range";
    case MapStatus::invalid_hyperprior:
      return "a hyperprior outside its range";
    case MapStatus::not_converged:
      return "the fit did not settle";
  }
  return "unknown";
}

MapPrior map_prior(std::span<const HistoricalMean> studies, const MapHyperprior& hyperprior,
                   double sigma) {
  const MapStatus status = check(studies.size(), hyperprior);
  if (status != MapStatus::derived) return refused(status);
  std::vector<Study> all;
  for (const HistoricalMean& s : studies) {
    if (!(s.se > 0.0) || !std::isfinite(s.se) || !std::isfinite(s.estimate) || !(sigma > 0.0)) {
      return refused(MapStatus::invalid_data);
    }
    all.push_back({s.estimate, s.se, {}});
  }
  return derive(all, hyperprior, sigma);
}

MapPrior map_prior(std::span<const HistoricalRate> studies, const MapHyperprior& hyperprior) {
  const MapStatus status = check(studies.size(), hyperprior);
  if (status != MapStatus::derived) return refused(status);
  std::vector<Study> all;
  for (const HistoricalRate& s : studies) {
    const double r = s.events;
    const double n = s.size;
    if (!(n > 0.0 && r >= 0.0 && r <= n) || !std::isfinite(n)) {
      return refused(MapStatus::invalid_data);
    }
    const double p = (r + 0.5) / (n + 1.0);
    all.push_back(
        {std::log(p / (1.0 - p)), 1.0 / std::sqrt((n + 1.0) * p * (1.0 - p)), [r, n](double theta) {
           return r * theta - n * (theta > 0.0 ? theta + std::log1p(std::exp(-theta))
                                               : std::log1p(std::exp(theta)));
         }});
  }
  return derive(all, hyperprior, 1.0);
}

MapPrior map_prior(std::span<const HistoricalCount> studies, const MapHyperprior& hyperprior) {
  const MapStatus status = check(studies.size(), hyperprior);
  if (status != MapStatus::derived) return refused(status);
  std::vector<Study> all;
  for (const HistoricalCount& s : studies) {
    const double y = s.events;
    const double e = s.exposure;
    if (!(e > 0.0 && y >= 0.0) || !std::isfinite(e) || !std::isfinite(y)) {
      return refused(MapStatus::invalid_data);
    }
    all.push_back({std::log((y + 0.5) / e), 1.0 / std::sqrt(y + 0.5),
                   [y, e](double theta) { return y * theta - e * std::exp(theta); }});
  }
  return derive(all, hyperprior, 1.0);
}

}  // namespace angiotrial::analysis
