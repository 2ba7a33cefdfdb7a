# SPDX-License-Identifier: Apache-2.0
"""The documents: examples run and print what they say, links and parameter names exist."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

program = source = None


def fenced_blocks(text):
    """(language, content, line of the opening fence, text directly after it) of each block."""
    blocks, lines, at = [], text.split("\n"), 0
    while at < len(lines):
        if lines[at].startswith("```"):
            end = next(i for i in range(at + 1, len(lines)) if lines[i] == "```")
            follows = blocks and blocks[-1][3] == at
            blocks.append((lines[at][3:].strip(), lines[at + 1:end], at + 1, end + 1, follows))
            at = end
        at += 1
    return blocks


def examples(text):
    """(line, script, expected lines or None) of each `sh` block; a `text` block must touch it."""
    blocks = fenced_blocks(text)
    for number, (language, content, line, _, _) in enumerate(blocks):
        if language != "sh":
            continue
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        told = after is not None and after[0] == "text" and after[4]
        yield line, "\n".join(content) + "\n", after[1] if told else None


def line_matches(expected, actual):
    """`...` stands for any text within a line."""
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(pattern, actual) is not None


def difference(expected, actual):
    """Why the output is not what was told, or nothing. A line `...` stands for any lines."""
    reached = {0}  # how many lines of `actual` the expectation so far can account for
    for number, line in enumerate(expected):
        if line == "...":
            reached = set(range(min(reached), len(actual) + 1))
            continue
        furthest = max(reached)
        reached = {i + 1 for i in reached if i < len(actual) and line_matches(line, actual[i])}
        if not reached:
            return f"expected line {number + 1}: {line!r}\nnot found from: {actual[furthest:][:1]}"
    return None if len(actual) in reached else f"more output than told: {actual[max(reached)]!r}"


def prose(text):
    """The text without its fenced blocks."""
    lines = text.split("\n")
    for _, content, begin, end, _ in fenced_blocks(text):
        lines[begin - 1:end] = [""] * (end - begin + 1)
    return "\n".join(lines)


def documents():
    yield from sorted(source.glob("*.md"))
    yield from sorted((source / "docs").rglob("*.md"))


class Examples(unittest.TestCase):
    def run_page(self, page):
        with tempfile.TemporaryDirectory(prefix="angiotrial-docs-") as scratch:
            environment = dict(os.environ, PATH=f"{program.parent}:{os.environ['PATH']}")
            for line, script, expected in examples(page.read_text()):
                ended = subprocess.run(["bash", "-eu", "-c", script], cwd=scratch, text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, env=environment, timeout=300)
                where = f"{page.relative_to(source)}:{line}\n{ended.stdout}"
                self.assertEqual(0, ended.returncode, where)
                if expected is not None:
                    why = difference(expected, ended.stdout.rstrip("\n").split("\n"))
                    self.assertIsNone(why, f"{where}\n{why}")

    def test_the_tutorial_does_what_it_says(self):
        self.run_page(source / "docs" / "tutorial.md")

    def test_every_how_to_does_what_it_says(self):
        pages = sorted((source / "docs" / "how-to").glob("*.md"))
        self.assertGreaterEqual(len(pages), 6)
        for page in pages:
            with self.subTest(page=page.name):
                self.assertTrue(list(examples(page.read_text())), "a how-to shows a command")
                self.run_page(page)


class Words(unittest.TestCase):
    def test_links_between_documents_lead_somewhere(self):
        for page in documents():
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", prose(page.read_text())):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page.name}: {target}")

    def test_every_room_has_a_page_that_the_index_names(self):
        foundations = {"diagnostics", "units", "random", "numerics", "parallel", "formats",
                       "schema"}
        rooms = {path.parent.name for path in (source / "src").glob("*/CMakeLists.txt")}
        index = (source / "docs" / "README.md").read_text()
        for room in sorted(rooms - foundations) + ["foundations"]:
            self.assertTrue((source / "docs" / "rooms" / f"{room}.md").exists(), room)
            self.assertIn(f"(rooms/{room}.md)", index)

    def test_explain_names_the_page_that_shows_the_method(self):
        def told(*words):
            return subprocess.run([program, "explain", *words], capture_output=True, text=True,
                                  check=True).stdout
        methods = re.findall(r"^  (\w+) ", told("methods"), re.M)
        self.assertGreater(len(methods), 60)
        for method in methods:
            page = re.search(r"^Reference: (\S+)$", told(method), re.M).group(1)
            self.assertIn(f'method = "{method}"', (source / page).read_text(), page)

    def test_parameters_named_by_their_path_exist(self):
        tables = "|".join(["protocol", "run", "cohort", "product", "delivery", "tissue", "heart",
                           "symptoms", "assessment", "allocation", "analysis"])
        key = re.compile(rf"`((?:{tables})(?:\.\w+)+)`")
        named = {}
        for page in documents():
            for path in key.findall(prose(page.read_text())):
                if path.rsplit(".", 1)[1] not in ("md", "hpp", "cpp", "json", "toml"):
                    named.setdefault(path, page.name)
        self.assertTrue(named)
        for path, page in sorted(named.items()):
            ended = subprocess.run([program, "explain", path], capture_output=True, text=True)
            self.assertEqual(0, ended.returncode, f"{page}: {path}\n{ended.stderr}")


class TheMatcher(unittest.TestCase):
    """A matcher that lets everything pass would make the tests above worthless."""

    def test_equal_lines_match_and_others_do_not(self):
        self.assertIsNone(difference(["a", "b"], ["a", "b"]))
        for actual in (["a", "c"], ["a"], ["a", "b", "c"], ["b", "a"], []):
            self.assertIsNotNone(difference(["a", "b"], actual), actual)

    def test_dots_within_a_line_stand_for_text_in_that_line_only(self):
        self.assertIsNone(difference(["n ... s"], ["n 12 s"]))
        self.assertIsNotNone(difference(["n ... s"], ["n 12 m"]))
        self.assertIsNotNone(difference(["n ... s"], ["n 12", " s"]))

    def test_a_line_of_dots_stands_for_any_lines(self):
        for middle in ([], ["x"], ["x", "b", "y"]):
            self.assertIsNone(difference(["a", "...", "b"], ["a", *middle, "b"]))
        self.assertIsNotNone(difference(["a", "...", "b"], ["a", "x"]))

    def test_only_a_block_that_touches_its_example_is_its_output(self):
        fence = "```"
        page = (f"{fence}sh\necho a\n{fence}\n{fence}text\na\n{fence}\n"
                f"{fence}sh\necho b\n{fence}\n\n{fence}text\nc\n{fence}\n")
        self.assertEqual([(1, "echo a\n", ["a"]), (7, "echo b\n", None)], list(examples(page)))


if __name__ == "__main__":
    program, source = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
