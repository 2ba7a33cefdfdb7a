# SPDX-License-Identifier: Apache-2.0
"""The source tree as the architecture checks see it: rooms, their files, what they declare."""

import re
from dataclasses import dataclass, field
from pathlib import Path

KEYWORDS = {"HEADERS", "SOURCES", "USES", "TESTS", "PRIVATE_LIBRARIES", "TEST_LIBRARIES"}
# What is not code: an include line is kept, a comment goes, a literal is emptied.
NOT_CODE = re.compile(
    r"""(?P<include>^[ \t]*\#[ \t]*include[^\n]*)
      | (?P<comment>//[^\n]* | /\*.*?\*/)
      | R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"
      | "(?:[^"\\\n]|\\.)*"
      | (?<![0-9a-fA-F])'(?:[^'\\\n]|\\[^'\n]+|\\')'""",
    re.DOTALL | re.MULTILINE | re.VERBOSE)


@dataclass
class Room:
    name: str
    folder: Path
    declared: dict = field(default_factory=dict)  # keyword of angiotrial_module -> words behind it
    cmake: str = ""  # its CMakeLists.txt without comments

    def files(self, *kinds):
        """Headers and sources below the named folders (include, src, tests), sorted."""
        found = []
        for kind in kinds:
            found += [p for p in (self.folder / kind).rglob("*") if p.suffix in (".hpp", ".cpp")]
        return sorted(found)


def read_rooms(source_dir):
    """Every folder of src that has a CMakeLists.txt, by name."""
    rooms = {}
    for cmake in sorted((Path(source_dir) / "src").glob("*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", cmake.read_text())
        name = cmake.parent.name
        rooms[name] = Room(name, cmake.parent, module_arguments(text), text)
    return rooms


def module_arguments(cmake_text):
    call = re.search(r"angiotrial_module\s*\(([^)]*)\)", cmake_text)
    declared = {keyword: [] for keyword in KEYWORDS}
    current = None
    for word in call.group(1).split() if call else []:
        if word in KEYWORDS:
            current = word
        elif current:
            declared[current].append(word)
    return declared


def blank(found):
    """What stands for a stretch that is not code; line breaks stay, so that numbers hold."""
    if found.group("include"):
        return found.group()
    return ("" if found.group("comment") else '""') + "\n" * found.group().count("\n")


def code_lines(path):
    """(line number, text) without comments and with literals emptied."""
    return enumerate(NOT_CODE.sub(blank, path.read_text()).splitlines(), start=1)


def includes(path):
    """(line number, included name as written between <> or quotes)."""
    for number, line in code_lines(path):
        found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1)
