// SPDX-License-Identifier: Apache-2.0
#include <angiotrial/numerics/propagator.hpp>

#include <angiotrial/diagnostics/contract.hpp>

// The extension complains about its own conversions.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <unsupported/Eigen/MatrixFunctions>
#pragma GCC diagnostic pop

#include <algorithm>

namespace angiotrial::numerics {

Propagator::Propagator(std::span<const double> a, std::span<const double> b, double step)
    : size_(b.size()), matrix_(a.size()), shift_(b.size()) {
  ANGIOTRIAL_EXPECT(size_ >= 1 && a.size() == size_ * size_, "A is square and as wide as b");
  ANGIOTRIAL_EXPECT(step >= 0.0, "a step does not go back");
  const auto n = static_cast<Eigen::Index>(size_);
  // exp(h [A b; 0 0]) = [P p; 0 1]
  Eigen::MatrixXd generator = Eigen::MatrixXd::Zero(n + 1, n + 1);
  using ByRows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  generator.topLeftCorner(n, n) = step * Eigen::Map<const ByRows>(a.data(), n, n);
  generator.topRightCorner(n, 1) = step * Eigen::Map<const Eigen::VectorXd>(b.data(), n);
  const Eigen::MatrixXd result = generator.exp();
  Eigen::Map<ByRows>(matrix_.data(), n, n) = result.topLeftCorner(n, n);
  Eigen::Map<Eigen::VectorXd>(shift_.data(), n) = result.topRightCorner(n, 1);
}

void Propagator::advance(std::span<double> y) const {
  ANGIOTRIAL_EXPECT(y.size() == size_, "a state of the system's size");
  std::vector<double> next = shift_;
  for (std::size_t i = 0; i < size_; ++i) {
    for (std::size_t j = 0; j < size_; ++j) next[i] += matrix_[i * size_ + j] * y[j];
  }
  std::copy(next.begin(), next.end(), y.begin());
}

}  // namespace angiotrial::numerics
