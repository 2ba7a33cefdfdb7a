# SPDX-License-Identifier: Apache-2.0
"""A type's name stands once in a namespace of a room: two headers that define it differently are one
program to the linker, and nobody is told.

    check_names.py SOURCE_DIR
"""

import re
import sys
from collections import defaultdict

from house import code_lines, read_rooms

NAMESPACE = re.compile(r"namespace ([\w:]+) \{")
TYPE = re.compile(r"(?:struct|class|enum(?: class)?) (\w+)(?!\w|::)[^;(]*\{")


def types_of(path):
    """(namespace, type, line number) of what a header defines outside other types."""
    namespace = ""
    for number, line in code_lines(path):
        if found := NAMESPACE.match(line):
            namespace = found.group(1)
        elif found := TYPE.match(line):
            yield namespace, found.group(1), number


def check(source_dir):
    problems = []
    for room in read_rooms(source_dir).values():
        places = defaultdict(list)
        for path in room.files("include", "src"):
            if path.suffix != ".hpp":
                continue
            for namespace, name, number in types_of(path):
                where = f"src/{room.name}/{path.relative_to(room.folder).as_posix()}:{number}"
                places[namespace, name].append(where)
        problems += [f"{where[1]}: {name} is defined in {where[0]} too"
                     for (_, name), where in sorted(places.items()) if len(where) > 1]
    return problems


def main():
    problems = check(sys.argv[1])
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
