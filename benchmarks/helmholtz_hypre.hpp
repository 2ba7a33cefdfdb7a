// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <angiotrial/numerics/grid.hpp>

#include <HYPRE_struct_ls.h>
#include <mpi.h>

#include <vector>

namespace angiotrial::numerics {

/// The same box for hypre: conjugate gradients preconditioned by one PFMG V-cycle with red-black
/// Gauss-Seidel and skipped levels, its best settings for this problem. One process.
class HypreBox {
 public:
  HypreBox(const Grid& grid, double diffusivity, double decay, std::vector<double> source);
  HypreBox(const HypreBox&) = delete;
  HypreBox& operator=(const HypreBox&) = delete;
  ~HypreBox();

  /// From 0 to the relative residual; the number of iterations.
  int solve(double tolerance);

 private:
  void set_matrix(const Grid& grid, double coupling, double decay);
  void set_solver();

  HYPRE_Int lower_[3] = {0, 0, 0}, upper_[3];
  HYPRE_StructGrid grid_ = nullptr;
  HYPRE_StructStencil stencil_ = nullptr;
  HYPRE_StructMatrix matrix_ = nullptr;
  HYPRE_StructVector right_ = nullptr, field_ = nullptr;
  HYPRE_StructSolver solver_ = nullptr, preconditioner_ = nullptr;
  std::vector<double> zeros_;
};

}  // namespace angiotrial::numerics
