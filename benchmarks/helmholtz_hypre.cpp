// SPDX-License-Identifier: Apache-2.0
#include "helmholtz_hypre.hpp"

namespace angiotrial::numerics {

HypreBox::HypreBox(const Grid& grid, double diffusivity, double decay, std::vector<double> source)
    : zeros_(grid.size(), 0.0) {
  int started = 0;
  MPI_Initialized(&started);
  if (started == 0) MPI_Init(nullptr, nullptr);
  for (int axis = 0; axis < 3; ++axis)
    upper_[axis] = grid.cells[static_cast<std::size_t>(axis)] - 1;
  HYPRE_StructGridCreate(MPI_COMM_WORLD, 3, &grid_);
  HYPRE_StructGridSetExtents(grid_, lower_, upper_);
  HYPRE_StructGridAssemble(grid_);
  set_matrix(grid, diffusivity / (grid.spacing * grid.spacing), decay);
  for (HYPRE_StructVector* vector : {&right_, &field_}) {
    HYPRE_StructVectorCreate(MPI_COMM_WORLD, grid_, vector);
    HYPRE_StructVectorInitialize(*vector);
  }
  HYPRE_StructVectorSetBoxValues(right_, lower_, upper_, source.data());
  HYPRE_StructVectorSetBoxValues(field_, lower_, upper_, zeros_.data());
  HYPRE_StructVectorAssemble(right_);
  HYPRE_StructVectorAssemble(field_);
  set_solver();
}

HypreBox::~HypreBox() {
  HYPRE_StructPCGDestroy(solver_);
  HYPRE_StructPFMGDestroy(preconditioner_);
  HYPRE_StructVectorDestroy(right_);
  HYPRE_StructVectorDestroy(field_);
  HYPRE_StructMatrixDestroy(matrix_);
  HYPRE_StructStencilDestroy(stencil_);
  HYPRE_StructGridDestroy(grid_);
}

/// Middle and the neighbours towards +x, +y, +z of a symmetric matrix.
void HypreBox::set_matrix(const Grid& grid, double coupling, double decay) {
  HYPRE_Int offsets[4][3] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
  HYPRE_StructStencilCreate(3, 4, &stencil_);
  for (HYPRE_Int entry = 0; entry < 4; ++entry) {
    HYPRE_StructStencilSetElement(stencil_, entry, offsets[entry]);
  }
  HYPRE_StructMatrixCreate(MPI_COMM_WORLD, grid_, stencil_, &matrix_);
  HYPRE_StructMatrixSetSymmetric(matrix_, 1);
  HYPRE_StructMatrixInitialize(matrix_);
  const Walls walls = open_box(grid);
  std::vector<double> values(4 * grid.size(), 0.0);
  const std::size_t step[3] = {1, grid.index(0, 1, 0), grid.index(0, 0, 1)};
  for (std::size_t i = 0; i < grid.size(); ++i) values[4 * i] = decay;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t i = 0; i < grid.size(); ++i) {
      if (walls.face[axis][i] == 0.0F) continue;
      values[4 * i + 1 + axis] = -coupling;
      values[4 * i] += coupling;
      values[4 * (i + step[axis])] += coupling;
    }
  }
  HYPRE_Int entries[4] = {0, 1, 2, 3};
  HYPRE_StructMatrixSetBoxValues(matrix_, lower_, upper_, 4, entries, values.data());
  HYPRE_StructMatrixAssemble(matrix_);
}

void HypreBox::set_solver() {
  HYPRE_StructPCGCreate(MPI_COMM_WORLD, &solver_);
  HYPRE_StructPCGSetMaxIter(solver_, 100);
  HYPRE_StructPFMGCreate(MPI_COMM_WORLD, &preconditioner_);
  HYPRE_StructPFMGSetMaxIter(preconditioner_, 1);
  HYPRE_StructPFMGSetTol(preconditioner_, 0.0);
  HYPRE_StructPFMGSetZeroGuess(preconditioner_);
  HYPRE_StructPFMGSetRelaxType(preconditioner_, 2);
  HYPRE_StructPFMGSetSkipRelax(preconditioner_, 1);
  HYPRE_StructPCGSetPrecond(solver_, HYPRE_StructPFMGSolve, HYPRE_StructPFMGSetup, preconditioner_);
  HYPRE_StructPCGSetup(solver_, matrix_, right_, field_);
}

int HypreBox::solve(double tolerance) {
  HYPRE_StructVectorSetBoxValues(field_, lower_, upper_, zeros_.data());
  HYPRE_StructPCGSetTol(solver_, tolerance);
  HYPRE_StructPCGSolve(solver_, matrix_, right_, field_);
  HYPRE_Int iterations = 0;
  HYPRE_StructPCGGetNumIterations(solver_, &iterations);
  return static_cast<int>(iterations);
}

}  // namespace angiotrial::numerics
