# SPDX-License-Identifier: Apache-2.0
"""House rules that can be read off the text of a file.

    check_text.py SOURCE_DIR
"""

import re
import sys
from dataclasses import dataclass
from typing import Callable

from house import code_lines, includes, read_rooms

PURE_ROOMS = ("cohort product tissue heart delivery symptoms assessment allocation dataset "
              "analysis").split()
MOST_LINES = 500


@dataclass
class Rule:
    """No line of code in these kinds of file may match, except in rooms that `applies` spares."""

    pattern: str
    reason: str
    kinds: tuple = ("include", "src")
    applies: Callable[[str], bool] = lambda room: True


def below_app(room):
    return room != "app"


def is_pure(room):
    return room in PURE_ROOMS


RULES = [
    Rule(r"#include <(iostream|print)>|\bstd::(cout|cerr|clog)\b", "only app prints",
         applies=below_app),
    Rule(r"(?<![\w:.>])(std::)?(v?f?printf|f?puts|f?putc|putchar|perror)\s*\(|\bfmt::print\b",
         "only app prints", applies=below_app),
    Rule(r"(?<![\w:.>])(std::)?(_?exit|quick_exit|_Exit|abort|terminate)\s*\(", "only app exits",
         applies=below_app),
    Rule(r"#include <cassert>|(?<![\w:.>])assert\s*\(", "contracts are ANGIOTRIAL_EXPECT"),
    Rule(r"(_|::)clock::now\b|(?<![\w:.>])(std::)?(time|clock|getenv|system)\s*\(",
         "only app knows the clock and the environment", applies=below_app),
    Rule(r"#include <(fstream|filesystem|thread|mutex|atomic|future)>",
         "this room is pure: no file, no thread", applies=is_pure),
    Rule(r"\bstd::\w+_distribution\b", "own transforms only: library distributions may change",
         kinds=("include", "src", "tests")),
    Rule(r"#include <random>|\bstd::(mt19937|random_device|default_random_engine|s?rand|shuffle)\b"
         r"|(?<![\w:.>])s?rand\s*\(", "random numbers come from Stream only",
         kinds=("include", "src", "tests")),
    Rule(r"\w*seed_?\s*(=|\{)\s*(0[xX])?\d", "no default seed: the study file or --seed says it"),
    Rule(r"\bcatch\s*\(\s*\.\.\.\s*\)", "only thread and main borders catch everything",
         applies=lambda room: room not in ("app", "parallel")),
]

SLOW_HEADERS = {"TOML": r"toml\+\+/|toml\.hpp", "JSON": r"nlohmann/", "CLI11": r"CLI/"}


def check_rules(room):
    problems = []
    for rule in (r for r in RULES if r.applies(room.name)):
        for path in room.files(*rule.kinds):
            problems += [f"{path}:{number}: {rule.reason}: {line.strip()}"
                         for number, line in code_lines(path) if re.search(rule.pattern, line)]
    return problems


def check_shape(room):
    """First line, include guard, length, and what a public header may not include."""
    problems = []
    for path in room.files("include", "src", "tests"):
        lines = path.read_text().splitlines()
        if not lines or lines[0] != "// SPDX-License-Identifier: Apache-2.0":
            problems.append(f"{path}:1: the licence line is missing")
        if path.suffix == ".hpp" and "#pragma once" not in lines:
            problems.append(f"{path}:1: no #pragma once")
        if len(lines) > MOST_LINES and not path.stem.endswith("_table"):
            problems.append(f"{path}: {len(lines)} lines, more than {MOST_LINES}: split it")
    for path in room.files("include"):
        problems += [f"{path}:{number}: Eigen in a public header"
                     for number, name in includes(path) if re.match(r"(unsupported/)?Eigen/", name)]
    return problems


def check_slow_headers(rooms):
    """TOML, JSON and command-line headers cost seconds: one .cpp each may include them."""
    problems = []
    for library, pattern in SLOW_HEADERS.items():
        users = {path for room in rooms.values() for path in room.files("include", "src", "tests")
                 for _, name in includes(path) if re.match(pattern, name)}
        problems += [f"{path}: a header includes {library}" for path in sorted(users)
                     if path.suffix == ".hpp"]
        if len(users) > 1:
            problems.append(f"{library} is included by " + ", ".join(str(p) for p in sorted(users)))
    return problems


def check(source_dir):
    rooms = read_rooms(source_dir)
    problems = check_slow_headers(rooms)
    for room in rooms.values():
        problems += check_rules(room) + check_shape(room)
    return problems


def main():
    problems = check(sys.argv[1])
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
