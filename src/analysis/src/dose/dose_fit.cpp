// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/analysis/dose/dose_fit.hpp>

#include <angiotrial/diagnostics/contract.hpp>

#include <Eigen/Dense>
#include <boost/math/tools/toms748_solve.hpp>
#include <nlopt.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>

namespace angiotrial::analysis {
namespace {

constexpr int most = static_cast<int>(most_doses);
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, most, most>;
using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, most, 1>;
using Eigen::Index;

/// With e_0 eliminated, and e_1 for any theta: P = W - W 1 1' W / (1' W 1), W = S^-1,
///   Q(theta) = m' P m - (g' P m)^2 / (g' P g),   dQ = -2 e_1 (dg)' P (m - e_1 g)
class Profile {
 public:
  Profile(Shape shape, const DoseEstimates& data, const ShapeConstants& constants,
          const Matrix& weight)
      : shape_(shape), data_(&data), constants_(constants) {
    const Vector w = weight.rowwise().sum();
    projection_ = weight - w * w.transpose() / w.sum();
    response_ = Eigen::Map<const Eigen::VectorXd>(data.estimates.data(),
                                                  static_cast<Index>(data.estimates.size()));
    projected_ = projection_ * response_;
    total_ = response_.dot(projected_);
  }

  [[nodiscard]] double total() const { return total_; }

  double value(const ShapeParameters& theta, ShapeParameters* gradient = nullptr) const {
    const auto k = static_cast<Index>(data_->doses.size());
    Vector g(k);
    for (Index i = 0; i < k; ++i) {
      g[i] = shape_value(shape_, theta, data_->doses[static_cast<std::size_t>(i)], constants_);
    }
    const Vector pg = projection_ * g;
    const double gg = g.dot(pg);
    const double gm = g.dot(projected_);
    if (!(gg > 1.0e-300) || !std::isfinite(gg)) {
      if (gradient != nullptr) *gradient = {};
      return total_;
    }
    const double slope = gm / gg;
    if (gradient != nullptr) {
      const Vector residual = projected_ - slope * pg;
      *gradient = {};
      for (Index i = 0; i < k; ++i) {
        const ShapeParameters d =
            shape_gradient(shape_, theta, data_->doses[static_cast<std::size_t>(i)], constants_);
        for (std::size_t p = 0; p < most_shape_parameters; ++p) {
          (*gradient)[p] -= 2.0 * slope * d[p] * residual[i];
        }
      }
    }
    return total_ - gm * slope;
  }

 private:
  Shape shape_;
  const DoseEstimates* data_;
  ShapeConstants constants_;
  Matrix projection_;
  Vector response_, projected_;
  double total_ = 0.0;
};

/// Point i of n on a grid that is even in the logarithm.
double log_grid(double low, double high, int i, int n) {
  return i == n - 1 ? high : low * std::pow(high / low, static_cast<double>(i) / (n - 1));
}

ShapeParameters search_one(const Profile& profile, const ShapeBounds& bounds) {
  constexpr int points = 33;
  int best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < points; ++i) {
    const double q = profile.value({log_grid(bounds.low[0], bounds.high[0], i, points), 0.0});
    if (q < least) {
      least = q;
      best = i;
    }
  }
  const auto slope = [&](double theta) {
    ShapeParameters gradient{};
    static_cast<void>(profile.value({theta, 0.0}, &gradient));
    return gradient[0];
  };
  const double a = log_grid(bounds.low[0], bounds.high[0], std::max(best - 1, 0), points);
  const double b = log_grid(bounds.low[0], bounds.high[0], std::min(best + 1, points - 1), points);
  const double at_a = slope(a);
  const double at_b = slope(b);
  if (at_a >= 0.0) return {a, 0.0};
  if (at_b <= 0.0) return {b, 0.0};
  boost::uintmax_t iterations = 100;
  const auto close = [](double x, double y) { return std::fabs(x - y) <= 1.0e-13 * std::fabs(x); };
  const auto [x, y] = boost::math::tools::toms748_solve(slope, a, b, at_a, at_b, close, iterations);
  return {0.5 * (x + y), 0.0};
}

struct Start {
  ShapeParameters theta{};
  double value = 0.0;
};

/// The best points of a grid, none beside a better one.
std::vector<Start> starts(const Profile& profile, const ShapeBounds& bounds) {
  constexpr int n = 10;
  std::array<std::array<Start, n>, n> grid;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      Start& s = grid[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
      s.theta = {log_grid(bounds.low[0], bounds.high[0], i, n),
                 log_grid(bounds.low[1], bounds.high[1], j, n)};
      s.value = profile.value(s.theta);
    }
  }
  std::vector<Start> out;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const Start& own = grid[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
      bool lowest = true;
      for (int di = -1; di <= 1; ++di) {
        for (int dj = -1; dj <= 1; ++dj) {
          const int a = i + di;
          const int b = j + dj;
          if (a < 0 || b < 0 || a >= n || b >= n || (di == 0 && dj == 0)) continue;
          const double other = grid[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)].value;
          lowest = lowest && own.value <= other;
        }
      }
      if (lowest) out.push_back(own);
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Start& a, const Start& b) { return a.value < b.value; });
  if (out.size() > 3) out.resize(3);
  return out;
}

ShapeParameters search_two(const Profile& profile, const ShapeBounds& bounds) {
  Start best;
  best.value = std::numeric_limits<double>::infinity();
  const double scale = std::max(profile.total(), std::numeric_limits<double>::min());
  struct Context {
    const Profile* profile;
    double scale;
  } context{&profile, scale};
  const auto objective = [](unsigned, const double* x, double* gradient, void* data) {
    const auto* c = static_cast<const Context*>(data);
    // The search runs in ln theta, where the bounds span decades.
    const ShapeParameters theta{std::exp(x[0]), std::exp(x[1])};
    ShapeParameters g{};
    const double q = c->profile->value(theta, gradient != nullptr ? &g : nullptr);
    if (gradient != nullptr) {
      gradient[0] = g[0] * theta[0] / c->scale;
      gradient[1] = g[1] * theta[1] / c->scale;
    }
    return q / c->scale;
  };
  for (const Start& start : starts(profile, bounds)) {
    nlopt::opt search(nlopt::LD_SLSQP, 2);
    search.set_min_objective(objective, &context);
    search.set_lower_bounds({std::log(bounds.low[0]), std::log(bounds.low[1])});
    search.set_upper_bounds({std::log(bounds.high[0]), std::log(bounds.high[1])});
    search.set_xtol_rel(1.0e-10);
    search.set_maxeval(300);
    std::vector<double> x;
    for (std::size_t p = 0; p < 2; ++p) {
      x.push_back(
          std::clamp(std::log(start.theta[p]), std::log(bounds.low[p]), std::log(bounds.high[p])));
    }
    double value = start.value / scale;
    try {
      static_cast<void>(search.optimize(x, value));
    } catch (const nlopt::roundoff_limited&) {
      value = objective(2, x.data(), nullptr, &context);  // as good as doubles allow
    } catch (const std::runtime_error&) {
      continue;
    }
    if (value * scale < best.value) best = {{std::exp(x[0]), std::exp(x[1])}, value * scale};
    if (start.value < best.value) best = start;
  }
  return best.theta;
}

/// Linear coefficients given the columns: (X' W X)^-1 X' W m, and the objective.
double solve_linear(const Matrix& x, const Matrix& root, const Vector& m, DoseFit& fit) {
  // root' root = W: an ordinary least-squares problem in rotated units.
  const Matrix rx = root * x;
  const Vector rm = root * m;
  const Vector beta = rx.colPivHouseholderQr().solve(rm);
  for (Index c = 0; c < x.cols(); ++c) fit.linear[static_cast<std::size_t>(c)] = beta[c];
  return (rm - rx * beta).squaredNorm();
}

DoseFitStatus refusal(Shape shape, const DoseEstimates& data) {
  if (data.doses.size() <= 3) return DoseFitStatus::too_few_doses;
  if (parameter_count(shape) >= data.doses.size()) return DoseFitStatus::saturated;
  for (const double m : data.estimates) {
    if (!std::isfinite(m)) return DoseFitStatus::not_estimable;
  }
  return DoseFitStatus::fitted;
}

bool on_bound(double x, double low, double high) {
  const double slack = 1.0e-7 * (1.0 + std::fabs(x));
  return std::fabs(x - low) < slack || std::fabs(x - high) < slack;
}

/// The smallest x on [0, largest] with rise(x) = 0, from a scan and then a bracketed root.
template <class F>
std::optional<double> first_crossing(F&& rise, double largest) {
  constexpr int points = 256;
  double before = 0.0;
  double at_before = rise(0.0);
  if (at_before >= 0.0) return 0.0;
  for (int i = 1; i <= points; ++i) {
    const double x = largest * i / points;
    const double at_x = rise(x);
    if (at_x >= 0.0) {
      boost::uintmax_t iterations = 100;
      const auto close = [](double a, double b) {
        return std::fabs(a - b) <= 1.0e-14 * std::fabs(b);
      };
      const auto [a, b] =
          boost::math::tools::toms748_solve(rise, before, x, at_before, at_x, close, iterations);
      return 0.5 * (a + b);
    }
    before = x;
    at_before = at_x;
  }
  return std::nullopt;
}

}  // namespace

std::string_view reason_of(DoseFitStatus status) {
  switch (status) {
    case DoseFitStatus::fitted:
      return "fitted";
    case DoseFitStatus::at_bound:
      return "a shape parameter sits on its bound: the curve has a meaning, the parameter has not";
    case DoseFitStatus::too_few_doses:
      return "placebo and two doses: every curved shape passes through the three estimates, so no "
             "shape can be selected and no target dose estimated; contrasts with fixed guesses "
             "only";
    case DoseFitStatus::saturated:
      return "as many parameters as doses: the shape passes through every estimate";
    case DoseFitStatus::not_estimable:
      return "estimates not finite, or their covariance not positive definite";
  }
  return "unknown";
}

DoseEstimates summarise_doses(std::span<const double> dose, std::span<const double> response) {
  ANGIOTRIAL_EXPECT(dose.size() == response.size(), "a dose a response");
  struct Cell {
    double n = 0.0, sum = 0.0;
  };
  std::map<double, Cell> cells;
  for (std::size_t i = 0; i < dose.size(); ++i) {
    ANGIOTRIAL_EXPECT(std::isfinite(response[i]) && dose[i] >= 0.0, "finite responses and doses");
    cells[dose[i]].n += 1.0;
    cells[dose[i]].sum += response[i];
  }
  DoseEstimates out;
  const std::size_t k = cells.size();
  ANGIOTRIAL_EXPECT(k >= 2 && k <= most_doses, "2 to 12 doses");
  ANGIOTRIAL_EXPECT(dose.size() > k, "a dose with two patients");
  out.covariance.assign(k * k, 0.0);
  for (const auto& [d, cell] : cells) {
    out.covariance[out.doses.size() * (k + 1)] = 1.0 / cell.n;
    out.doses.push_back(d);
    out.estimates.push_back(cell.sum / cell.n);
  }
  for (std::size_t i = 0; i < dose.size(); ++i) {
    const Cell& cell = cells[dose[i]];
    const double e = response[i] - cell.sum / cell.n;
    out.pure_error += e * e;
  }
  out.patients = static_cast<double>(dose.size());
  out.df = out.patients - static_cast<double>(k);
  out.sigma = std::sqrt(out.pure_error / out.df);
  return out;
}

double DoseFit::predict(double dose) const {
  if (shape == Shape::quadratic) return linear[0] + dose * (linear[1] + dose * linear[2]);
  return linear[0] + linear[1] * shape_value(shape, nonlinear, dose, constants);
}

DoseFit fit_shape(Shape shape, const DoseEstimates& data, const ShapeConstants& constants,
                  const std::optional<ShapeBounds>& bounds) {
  const std::size_t k = data.doses.size();
  ANGIOTRIAL_EXPECT(
      k >= 2 && k <= most_doses && data.estimates.size() == k && data.covariance.size() == k * k,
      "an estimate a dose, and their covariance");
  ANGIOTRIAL_EXPECT(shape != Shape::beta || constants.scale > data.doses.back(),
                    "a beta scale above the largest dose");
  ANGIOTRIAL_EXPECT(shape != Shape::linear_log || constants.offset > 0.0, "a positive offset");
  DoseFit fit;
  fit.shape = shape;
  fit.constants = constants;
  fit.status = refusal(shape, data);
  if (fit.status != DoseFitStatus::fitted) return fit;
  const auto size = static_cast<Index>(k);
  const Matrix s = Eigen::Map<const Eigen::MatrixXd>(data.covariance.data(), size, size);
  const Eigen::LLT<Matrix> factor(s);
  fit.status = DoseFitStatus::not_estimable;
  if (factor.info() != Eigen::Success) return fit;
  const Matrix root = factor.matrixL().solve(Matrix::Identity(size, size));

  fit.status = DoseFitStatus::fitted;
  const std::size_t free = nonlinear_count(shape);
  if (free > 0) {
    const ShapeBounds box = bounds.value_or(default_bounds(shape, data.doses.back()));
    for (std::size_t p = 0; p < free; ++p) {
      ANGIOTRIAL_EXPECT(box.low[p] > 0.0 && box.high[p] > box.low[p], "positive, rising bounds");
    }
    const Profile profile(shape, data, constants, root.transpose() * root);
    fit.nonlinear = free == 1 ? search_one(profile, box) : search_two(profile, box);
    for (std::size_t p = 0; p < free; ++p) {
      if (on_bound(fit.nonlinear[p], box.low[p], box.high[p])) {
        fit.status = DoseFitStatus::at_bound;
      }
    }
  }
  const bool quadratic = shape == Shape::quadratic;
  Matrix x(size, quadratic ? 3 : 2);
  for (Index i = 0; i < size; ++i) {
    const double d = data.doses[static_cast<std::size_t>(i)];
    x(i, 0) = 1.0;
    x(i, 1) = quadratic ? d : shape_value(shape, fit.nonlinear, d, constants);
    if (quadratic) x(i, 2) = d * d;
  }
  const Vector m = Eigen::Map<const Eigen::VectorXd>(data.estimates.data(), size);
  fit.objective = data.pure_error + solve_linear(x, root, m, fit);
  const auto p = static_cast<double>(parameter_count(shape));
  if (data.pure_error > 0.0) {
    const double n = data.patients;
    fit.log_likelihood = -0.5 * n * (std::log(2.0 * std::numbers::pi * fit.objective / n) + 1.0);
    fit.aic = -2.0 * fit.log_likelihood + 2.0 * (p + 1.0);
  } else {
    fit.aic = fit.objective + 2.0 * p;
  }
  return fit;
}

std::vector<double> model_weights(std::span<const DoseFit> fits) {
  double least = std::numeric_limits<double>::infinity();
  for (const DoseFit& fit : fits) {
    if (usable(fit.status)) least = std::min(least, fit.aic);
  }
  std::vector<double> weights;
  double sum = 0.0;
  for (const DoseFit& fit : fits) {
    weights.push_back(usable(fit.status) ? std::exp(-0.5 * (fit.aic - least)) : 0.0);
    sum += weights.back();
  }
  for (double& w : weights) w = sum > 0.0 ? w / sum : 0.0;
  return weights;
}

double average_prediction(std::span<const DoseFit> fits, std::span<const double> weights,
                          double dose) {
  ANGIOTRIAL_EXPECT(fits.size() == weights.size(), "a weight a fit");
  double sum = 0.0;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    if (weights[i] > 0.0) sum += weights[i] * fits[i].predict(dose);
  }
  return sum;
}

std::optional<double> target_dose(const DoseFit& fit, double effect, double largest) {
  if (!usable(fit.status)) return std::nullopt;
  const double placebo = fit.predict(0.0);
  const double sign = effect < 0.0 ? -1.0 : 1.0;
  return first_crossing([&](double x) { return sign * (fit.predict(x) - placebo - effect); },
                        largest);
}

std::optional<double> target_dose(std::span<const DoseFit> fits, std::span<const double> weights,
                                  double effect, double largest) {
  const double placebo = average_prediction(fits, weights, 0.0);
  const double sign = effect < 0.0 ? -1.0 : 1.0;
  return first_crossing(
      [&](double x) { return sign * (average_prediction(fits, weights, x) - placebo - effect); },
      largest);
}

}  // namespace angiotrial::analysis
