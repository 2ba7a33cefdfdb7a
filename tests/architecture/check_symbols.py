# SPDX-License-Identifier: Apache-2.0
"""The built libraries neither print nor end the process: nm finds no such reference in them.

    check_symbols.py NM LIBRARY...

std::terminate is not looked for, since compilers add it to noexcept functions by themselves, nor is
the initialiser of the standard streams, which headers of other libraries bring along.
"""

import re
import subprocess
import sys

FORBIDDEN = re.compile(
    r"^(_?exit|quick_exit|_Exit|abort|std::c(out|err|log)"
    r"|(__)?v?f?printf(_chk)?|f?puts|putchar|f?putc|perror)(@.*)?$")


def forbidden_symbols(listing):
    """(object file, symbol) for each undefined forbidden symbol in what `nm -u -C` printed."""
    found, member = [], ""
    for line in listing.splitlines():
        if line.endswith(":"):
            member = line[:-1]
        undefined = re.match(r"\s*U\s+(.+)$", line)
        if undefined and FORBIDDEN.match(undefined.group(1)):
            found.append((member, undefined.group(1)))
    return found


def check(nm, libraries):
    problems = []
    for library in libraries:
        listing = subprocess.run([nm, "-u", "-C", library], capture_output=True, text=True,
                                 check=True).stdout
        problems += [f"{library}({member}): refers to {symbol}"
                     for member, symbol in forbidden_symbols(listing)]
    return problems


def main():
    problems = check(sys.argv[1], sys.argv[2:])
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
