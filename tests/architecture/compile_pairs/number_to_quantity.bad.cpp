// SPDX-License-Identifier: Apache-2.0
// refused: conversion from 'double' to non-scalar type
#include <angiotrial/units/names.hpp>

using namespace angiotrial;

const units::CellsPerKg dose = 1e5;
