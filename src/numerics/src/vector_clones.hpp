// SPDX-License-Identifier: Apache-2.0
#pragma once

// No sum is contracted or reordered, so every clone gives the same bytes.
#ifndef ANGIOTRIAL_VECTOR_CLONES  // the build may have named one: none, under sanitizers
#define ANGIOTRIAL_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#define ANGIOTRIAL_ALWAYS_INLINE __attribute__((always_inline)) inline
#define ANGIOTRIAL_ALWAYS_INLINE_LAMBDA __attribute__((always_inline))
