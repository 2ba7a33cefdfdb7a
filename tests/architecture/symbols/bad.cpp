// SPDX-License-Identifier: Apache-2.0
// What check_symbols.py must catch.
#include <cstdio>
#include <cstdlib>
#include <iostream>

void prints_and_leaves(int code) {
  std::cout << code;
  std::printf("%d\n", code);
  if (code > 1) std::abort();
  std::exit(code);
}
