// SPDX-License-Identifier: Apache-2.0
#pragma once

// No sum is contracted or reordered, so every clone gives the same bytes. The thread sanitizer
// starts after the loader has picked a clone, and would crash in the choice.
#ifdef __SANITIZE_THREAD__
#define ANGIOTRIAL_VECTOR_CLONES
#else
#define ANGIOTRIAL_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#define ANGIOTRIAL_ALWAYS_INLINE __attribute__((always_inline)) inline
#define ANGIOTRIAL_ALWAYS_INLINE_LAMBDA __attribute__((always_inline))
