# SPDX-License-Identifier: Apache-2.0
"""Code that must not compile, in pairs: NAME.good.cpp compiles, NAME.bad.cpp does not.

    check_compile_pairs.py COMPILER SOURCE_DIR PAIRS_DIR

A bad file says `// refused: REGEX`, and the compiler's message must match it; so a missing header
cannot pass for the refusal that was meant.
"""

import os
import re
import subprocess
import sys
from pathlib import Path


def compile_file(compiler, source_dir, path):
    roots = sorted(Path(source_dir).glob("src/*/include"))
    command = [compiler, "-std=c++20", "-fsyntax-only", *(f"-I{root}" for root in roots), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    return done.returncode, done.stderr


def check_pair(compiler, source_dir, bad):
    good = bad.with_name(bad.name.replace(".bad.", ".good."))
    if not good.exists():
        return [f"{bad}: has no good twin"]
    expected = re.search(r"^// refused: (.+)$", bad.read_text(), re.MULTILINE)
    if not expected:
        return [f"{bad}: does not say what the compiler refuses"]
    problems = []
    code, message = compile_file(compiler, source_dir, good)
    if code != 0:
        problems.append(f"{good}: should compile:\n{message}")
    code, message = compile_file(compiler, source_dir, bad)
    if code == 0:
        problems.append(f"{bad}: compiles")
    elif not re.search(expected.group(1), message):
        problems.append(f"{bad}: refused for another reason:\n{message}")
    return problems


def check(compiler, source_dir, pairs_dir):
    pairs = sorted(Path(pairs_dir).glob("*.bad.cpp"))
    if not pairs:
        return [f"{pairs_dir}: no pair found"]
    return [problem for bad in pairs for problem in check_pair(compiler, source_dir, bad)]


def main():
    problems = check(*sys.argv[1:4])
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
