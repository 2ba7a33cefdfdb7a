// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/bayes/posterior_diagnostics.hpp>

#include <angiotrial/diagnostics/contract.hpp>
#include <angiotrial/random/transforms.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace angiotrial::analysis {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Chains of equal length, each the first or second half of one given; a middle draw is left out.
struct Halves {
  std::vector<double> values;
  std::size_t chains = 0;
  std::size_t length = 0;

  Halves(std::span<const double> all, std::size_t count) {
    ANGIOTRIAL_EXPECT(count > 0 && all.size() % count == 0, "chains of one length");
    const std::size_t draws = all.size() / count;
    length = draws / 2;
    chains = 2 * count;
    for (std::size_t c = 0; c < count; ++c) {
      const auto chain = all.subspan(c * draws, draws);
      for (const auto half : {chain.first(length), chain.last(length)}) {
        values.insert(values.end(), half.begin(), half.end());
      }
    }
  }
  [[nodiscard]] std::span<const double> chain(std::size_t c) const {
    return std::span(values).subspan(c * length, length);
  }
  [[nodiscard]] bool usable() const {
    if (length < 2) return false;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return *low < *high &&
           std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  }
};

double mean_of(std::span<const double> v) {
  double sum = 0.0;
  for (const double x : v) sum += x;
  return sum / static_cast<double>(v.size());
}

double variance_of(std::span<const double> v) {
  const double centre = mean_of(v);
  double sum = 0.0;
  for (const double x : v) sum += (x - centre) * (x - centre);
  return sum / static_cast<double>(v.size() - 1);
}

struct Variances {
  double within = 0.0;
  double between = 0.0;  ///< of the chain means
};

Variances variances(const Halves& h) {
  Variances out;
  std::vector<double> means;
  for (std::size_t c = 0; c < h.chains; ++c) {
    means.push_back(mean_of(h.chain(c)));
    out.within += variance_of(h.chain(c)) / static_cast<double>(h.chains);
  }
  out.between = variance_of(means);
  return out;
}

double r_hat(const Halves& h) {
  if (!h.usable()) return not_a_number;
  const auto n = static_cast<double>(h.length);
  const Variances v = variances(h);
  return std::sqrt((n - 1.0) / n + v.between / v.within);
}

/// Autocorrelations over all chains, from autocovariances with divisor n.
class Autocorrelation {
 public:
  explicit Autocorrelation(const Halves& h) : h_(h), variances_(variances(h)) {
    const auto n = static_cast<double>(h.length);
    total_ = variances_.within * (n - 1.0) / n + variances_.between;
    for (std::size_t c = 0; c < h.chains; ++c) means_.push_back(mean_of(h.chain(c)));
  }
  [[nodiscard]] double at(std::size_t lag) const {
    if (lag == 0) return 1.0;
    double covariance = 0.0;
    for (std::size_t c = 0; c < h_.chains; ++c) {
      const auto x = h_.chain(c);
      for (std::size_t i = lag; i < x.size(); ++i) {
        covariance += (x[i] - means_[c]) * (x[i - lag] - means_[c]);
      }
    }
    covariance /= static_cast<double>(h_.values.size());
    return 1.0 - (variances_.within - covariance) / total_;
  }

 private:
  const Halves& h_;
  Variances variances_;
  double total_ = 0.0;
  std::vector<double> means_;
};

/// Geyer's initial monotone sequence: pairs of autocorrelations as long as their sum is positive,
/// no pair above the one before.
double effective_size(const Halves& h) {
  if (!h.usable()) return not_a_number;
  const Autocorrelation rho(h);
  const auto size = static_cast<double>(h.values.size());
  double sum = 0.0;
  double smallest = std::numeric_limits<double>::infinity();
  double after = 0.0;
  for (std::size_t t = 0; t == 0 || t + 3 < h.length; t += 2) {
    const double even = rho.at(t);
    const double odd = t + 1 < h.length ? rho.at(t + 1) : 0.0;
    after = std::max(0.0, even);
    if (!(even + odd > 0.0)) break;
    smallest = std::min(smallest, even + odd);
    sum += smallest;
    after = 0.0;
  }
  // The first correlation past the sequence counts once where it is positive (posterior, Stan).
  const double tau = std::max(-1.0 + 2.0 * sum + after, 1.0 / std::log10(size));
  return size / tau;
}

/// Normal scores of the ranks over all chains, ties at their mean rank (Blom 1958).
std::vector<double> normal_scores(std::span<const double> values) {
  const std::size_t n = values.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(n);
  for (std::size_t i = 0; i < n;) {
    std::size_t end = i + 1;
    while (end < n && values[order[end]] == values[order[i]]) ++end;
    const double rank = 0.5 * static_cast<double>(i + 1 + end);
    const double score = random::normal_quantile((rank - 0.375) / (static_cast<double>(n) + 0.25));
    for (; i < end; ++i) out[order[i]] = score;
  }
  return out;
}

bool comparable(std::span<const double> values) {
  return values.size() >= 4 &&
         std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
}

double size_of_indicator(std::span<const double> values, std::size_t chains, double probability) {
  const double bound = sample_quantile(values, probability);
  std::vector<double> below;
  for (const double v : values) below.push_back(v <= bound ? 1.0 : 0.0);
  return effective_size(Halves(below, chains));
}

}  // namespace

double sample_quantile(std::span<const double> values, double probability) {
  ANGIOTRIAL_EXPECT(!values.empty() && probability >= 0.0 && probability <= 1.0,
                    "a probability and values");
  std::vector<double> sorted(values.begin(), values.end());
  const double place = probability * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(low);
  std::nth_element(sorted.begin(), middle, sorted.end());
  if (low + 1 == sorted.size()) return *middle;
  const double above = *std::min_element(middle + 1, sorted.end());
  return *middle + (place - static_cast<double>(low)) * (above - *middle);
}

double rank_r_hat(std::span<const double> values, std::size_t chains) {
  if (!comparable(values)) return not_a_number;
  // Ranks are taken after the split, so that a middle draw left out has none.
  const Halves split(values, chains);
  const double centre = sample_quantile(split.values, 0.5);
  std::vector<double> folded;
  for (const double v : split.values) folded.push_back(std::fabs(v - centre));
  Halves scores = split;
  scores.values = normal_scores(split.values);
  const double bulk = r_hat(scores);
  scores.values = normal_scores(folded);
  return std::max(bulk, r_hat(scores));
}

double bulk_effective_size(std::span<const double> values, std::size_t chains) {
  if (!comparable(values)) return not_a_number;
  Halves scores(values, chains);
  scores.values = normal_scores(scores.values);
  return effective_size(scores);
}

double tail_effective_size(std::span<const double> values, std::size_t chains) {
  if (!comparable(values)) return not_a_number;
  return std::min(size_of_indicator(values, chains, 0.05), size_of_indicator(values, chains, 0.95));
}

double mean_effective_size(std::span<const double> values, std::size_t chains) {
  if (!comparable(values)) return not_a_number;
  return effective_size(Halves(values, chains));
}

PosteriorSummary summarise_draws(std::span<const double> values, std::size_t chains, double level) {
  ANGIOTRIAL_EXPECT(values.size() >= 2, "draws");
  PosteriorSummary out;
  out.mean = mean_of(values);
  out.sd = std::sqrt(variance_of(values));
  out.median = sample_quantile(values, 0.5);
  out.lower = sample_quantile(values, 0.5 * (1.0 - level));
  out.upper = sample_quantile(values, 0.5 * (1.0 + level));
  const auto above = std::count_if(values.begin(), values.end(), [](double v) { return v > 0.0; });
  out.above_zero = static_cast<double>(above) / static_cast<double>(values.size());
  out.error_of_mean = out.sd / std::sqrt(mean_effective_size(values, chains));
  out.r_hat = rank_r_hat(values, chains);
  out.bulk_size = bulk_effective_size(values, chains);
  out.tail_size = tail_effective_size(values, chains);
  return out;
}

}  // namespace angiotrial::analysis
