# SPDX-License-Identifier: Apache-2.0
"""The arrows between rooms hold: what a room includes it declares, what it declares it may use.

    check_arrows.py SOURCE_DIR ARROWS
"""

import re
import sys
from pathlib import Path

from house import includes, read_rooms


class Law:
    """arrows.txt: which rooms a room may use, and which of their headers."""

    def __init__(self, text):
        self.foundations, self.rows = [], {}
        for line in text.splitlines():
            line = line.split("#")[0].strip()
            if not line:
                continue
            room, allowed = (part.strip() for part in line.split("|"))
            if room == "foundations":
                self.foundations = allowed.split()
            else:
                self.rows[room] = dict(self._arrow(word) for word in allowed.split())

    @staticmethod
    def _arrow(word):
        room, _, headers = word.rstrip("]").partition("[")
        return room, set(headers.split(",")) if headers else None

    def knows(self, room):
        return room in self.rows or room in self.foundations

    def may_use(self, room, other):
        if room in self.foundations:
            order = self.foundations
            return other in order and order.index(other) < order.index(room)
        row = self.rows[room]
        return other in self.foundations or other in row or "*" in row

    def may_include(self, room, other, header):
        headers = self.rows.get(room, {}).get(other)
        return headers is None or header in headers


def targets_of_rooms(text):
    return set(re.findall(r"\bangiotrial(?:::|_)([a-z_]+)", text))


def libraries_of_tests(room):
    return targets_of_rooms(" ".join(room.declared["TEST_LIBRARIES"]))


def declared_arrows(room, rooms):
    """Rooms named anywhere in the room's CMakeLists.txt, in USES or as a target, tests aside."""
    named = targets_of_rooms(room.cmake) & set(rooms) - libraries_of_tests(room) - {room.name}
    return named | set(room.declared["USES"])


def reached_from(name, rooms):
    """Rooms that a room's arrows lead to, directly or through others."""
    reached, open_ends = set(), [name]
    while open_ends:
        room = rooms.get(open_ends.pop())
        for other in declared_arrows(room, rooms) - reached if room else ():
            reached.add(other)
            open_ends.append(other)
    return reached


def check_declared(room, rooms, law):
    if not law.knows(room.name):
        return [f"src/{room.name}: this room has no row in arrows.txt"]
    return [f"src/{room.name}/CMakeLists.txt: {room.name} may not use {other}"
            for other in sorted(declared_arrows(room, rooms)) if not law.may_use(room.name, other)]


def check_includes(room, rooms, law):
    """A room's own files follow USES. Its tests may also set up what the used rooms build upon, and
    draw in more foundations through TEST_LIBRARIES."""
    problems = []
    of_tests = reached_from(room.name, rooms) | libraries_of_tests(room) & set(law.foundations)
    for path in room.files("include", "src", "tests"):
        in_tests = (room.folder / "tests") in path.parents
        for number, name in includes(path):
            where = f"src/{room.name}/{path.relative_to(room.folder)}:{number}"
            if ".." in name.split("/"):
                problems.append(f"{where}: {name} climbs out of its folder")
            found = re.match(r"angiotrial/([^/]+)/(.+)\.hpp$", name)
            if not found or found.group(1) == room.name:
                continue
            other, header = found.groups()
            if other not in (of_tests if in_tests else room.declared["USES"]):
                problems.append(f"{where}: includes {other}, which its USES does not name")
            elif not in_tests and not law.may_include(room.name, other, header):
                problems.append(f"{where}: of {other}, {room.name} may not include {header}.hpp")
    return problems


def check_files_are_listed(room):
    """A file that CMakeLists.txt does not list escapes the build and the header check."""
    folders = {"HEADERS": f"include/angiotrial/{room.name}", "SOURCES": "src", "TESTS": "tests"}
    listed = {f"{folder}/{name}" for keyword, folder in folders.items()
              for name in room.declared[keyword]}
    wanted = [p for p in room.files("include") if p.suffix == ".hpp"]
    wanted += [p for p in room.files("src", "tests") if p.suffix == ".cpp"]
    names = [p.relative_to(room.folder).as_posix() for p in wanted]
    return [f"src/{room.name}/{name}: not listed in CMakeLists.txt" for name in names
            if name not in listed and Path(name).name not in room.cmake]


def check_blinding(rooms, law):
    """Whatever analysis reaches, by any way, is the data set or a foundation."""
    reached = reached_from("analysis", rooms)
    return [f"analysis reaches {other}: it could see more than a sponsor sees"
            for other in sorted(reached - {"dataset", *law.foundations})]


def check(source_dir, law):
    rooms = read_rooms(source_dir)
    problems = check_blinding(rooms, law)
    for room in rooms.values():
        problems += check_declared(room, rooms, law)
        problems += check_includes(room, rooms, law)
        problems += check_files_are_listed(room)
    return problems


def main():
    problems = check(sys.argv[1], Law(Path(sys.argv[2]).read_text()))
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
