# SPDX-License-Identifier: Apache-2.0
"""The checks themselves, each on a small tree that is right and on one that is wrong.

    checks_test.py COMPILER NM GOOD_LIBRARY BAD_LIBRARY
"""

import sys
import tempfile
import unittest
from pathlib import Path

import check_arrows
import check_compile_pairs
import check_names
import check_symbols
import check_text

COMPILER, NM, GOOD_LIBRARY, BAD_LIBRARY = sys.argv[1:5]
LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
LAW = check_arrows.Law("""
foundations | diagnostics units random
cohort      |
tissue      |
heart       | cohort tissue
trial       | heart
dataset     |
analysis    | dataset
study       | cohort[parameters]
app         | *
""")


def room(name, source="", header="", uses="", test=""):
    """Files of a small room: one header, one source, one test."""
    folder = f"src/{name}"
    return {
        f"{folder}/CMakeLists.txt": f"angiotrial_module({name}\n  HEADERS a.hpp\n  SOURCES a.cpp\n"
                                    f"  USES {uses}\n  TESTS a_test.cpp)\n",
        f"{folder}/include/angiotrial/{name}/a.hpp": LICENCE + "#pragma once\n" + header + "\n",
        f"{folder}/src/a.cpp": LICENCE + source + "\n",
        f"{folder}/tests/a_test.cpp": LICENCE + test + "\n",
    }


class TreeTest(unittest.TestCase):
    def found(self, check, *parts):
        """What a check finds in a tree made of these files."""
        with tempfile.TemporaryDirectory() as folder:
            for files in parts:
                for name, text in files.items():
                    path = Path(folder, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
            return check(folder)

    def expect_caught(self, problems, words):
        self.assertTrue(any(words in problem for problem in problems), f"{words!r}: {problems}")


class Names(TreeTest):
    def names(self, first, second):
        heart = room("heart", header=first)
        heart["src/heart/src/b.hpp"] = LICENCE + "#pragma once\n" + second + "\n"
        return self.found(check_names.check, heart)

    def test_two_types_of_a_name_in_a_namespace_are_caught(self):
        wall = "namespace angiotrial::heart {\nstruct Wall {\n  int a;\n};\n}\n"
        self.expect_caught(self.names(wall, wall.replace("struct", "enum class")),
                           "Wall is defined in")

    def test_other_namespaces_declarations_and_nested_types_pass(self):
        wall = "namespace angiotrial::heart {\nstruct Wall {\n  int a;\n};\n}\n"
        self.assertEqual([], self.names(wall, wall.replace("::heart", "::heart::inner")))
        self.assertEqual([], self.names(
            wall, "namespace angiotrial::heart {\nstruct Wall;\nstruct Wall::State {\n};\n}\n"))


class Arrows(TreeTest):
    def arrows(self, *rooms):
        return self.found(lambda folder: check_arrows.check(folder, LAW), *rooms)

    def test_declared_and_allowed_passes(self):
        self.assertEqual([], self.arrows(
            room("cohort", uses="units", header="#include <angiotrial/units/a.hpp>"),
            room("heart", uses="cohort", source="#include <angiotrial/cohort/a.hpp>"),
            room("random", uses="diagnostics units")))

    def test_undeclared_include_is_caught_in_every_kind_of_file(self):
        line = "#include <angiotrial/cohort/a.hpp>"
        for kind in ("header", "source", "test"):
            self.expect_caught(self.arrows(room("cohort"), room("heart", **{kind: line})),
                               "includes cohort, which its USES does not name")

    def test_arrow_against_the_table_is_caught(self):
        self.expect_caught(self.arrows(room("tissue", uses="cohort"), room("cohort")),
                           "tissue may not use cohort")

    def test_arrow_drawn_by_target_name_is_caught(self):
        sly = room("tissue")
        sly["src/tissue/CMakeLists.txt"] += "target_link_libraries(t angiotrial::cohort)\n"
        self.expect_caught(self.arrows(sly, room("cohort")), "tissue may not use cohort")

    def test_only_tests_may_include_what_lies_behind_a_used_room(self):
        rooms = [room("cohort"), room("tissue"), room("heart", uses="cohort")]
        line = "#include <angiotrial/{}/a.hpp>"
        self.assertEqual([], self.arrows(
            *rooms, room("trial", uses="heart", test=line.format("cohort"))))
        for kind, other in (("source", "cohort"), ("test", "tissue")):
            self.expect_caught(
                self.arrows(*rooms, room("trial", uses="heart", **{kind: line.format(other)})),
                f"includes {other}, which its USES does not name")

    def test_test_libraries_may_be_foundations_only(self):
        for other, caught in (("random", 0), ("cohort", 1)):
            tissue = room("tissue", test=f"#include <angiotrial/{other}/a.hpp>")
            cmake = "src/tissue/CMakeLists.txt"
            tissue[cmake] = tissue[cmake].replace(
                "TESTS", f"TEST_LIBRARIES angiotrial::{other} TESTS")
            self.assertEqual(caught, len(self.arrows(tissue, room(other))))

    def test_foundations_keep_their_order(self):
        self.expect_caught(self.arrows(room("units", uses="random")), "units may not use random")

    def test_only_named_headers_pass(self):
        cohort = room("cohort")
        cohort["src/cohort/CMakeLists.txt"] = cohort["src/cohort/CMakeLists.txt"].replace(
            "a.hpp", "a.hpp parameters.hpp")
        line = "#include <angiotrial/cohort/{}.hpp>"
        study = {name: room("study", uses="cohort", source=line.format(name))
                 for name in ("a", "parameters")}
        self.assertEqual([], self.arrows(cohort, study["parameters"]))
        self.expect_caught(self.arrows(cohort, study["a"]), "study may not include a.hpp")

    def test_room_without_a_row_is_caught(self):
        self.expect_caught(self.arrows(room("kidney")), "no row in arrows.txt")

    def test_include_that_climbs_out_is_caught(self):
        self.expect_caught(self.arrows(room("heart", source='#include "../../cohort/src/a.hpp"')),
                           "climbs out")

    def test_unlisted_file_is_caught(self):
        extra = {"src/heart/include/angiotrial/heart/b.hpp": LICENCE + "#pragma once\n"}
        self.expect_caught(self.arrows(room("heart"), extra), "not listed")

    def test_analysis_that_reaches_the_truth_is_caught(self):
        self.assertEqual([], self.arrows(room("analysis", uses="dataset units"), room("dataset")))
        self.expect_caught(
            self.arrows(room("analysis", uses="dataset"), room("dataset", uses="cohort"),
                        room("cohort")), "analysis reaches cohort")


class Text(TreeTest):
    def text(self, *rooms):
        return self.found(check_text.check, *rooms)

    def test_ordinary_code_passes(self):
        self.assertEqual([], self.text(room(
            "heart", header="#include <string>\nstruct Spec { std::uint64_t seed; };",
            source="// std::cout and exit(1) in a comment\n"
                   "void f(S s) { s.exit(); g(\"abort()\"); }\n"
                   "void h() { std::snprintf(b, 9, f, 1); model.time(); runtime(2); }\n"
                   "void k(Spec s) { s.seed = read_seed(); }")))

    def test_literals_and_comments_hide_no_code(self):
        line = "char q = '\"'; auto s = R\"(a\nseed = 1\n)\"; /* x */ n = 1'000; {} int z = '\\'';"
        self.assertEqual([], self.text(room("heart", source=line.format(""))))
        self.expect_caught(self.text(room("heart", source=line.format("exit(1);"))),
                           "a.cpp:4: only app exits")

    def test_each_forbidden_line_is_caught(self):
        for line in ("#include <iostream>", "std::cerr << 1;", 'printf("x");', 'std::puts("x");',
                     'fmt::print("x");', "exit(1);", "std::abort();", "assert(x > 0);",
                     "auto t = std::chrono::system_clock::now();", "auto t = time(nullptr);",
                     "#include <fstream>", "std::normal_distribution<> d;", "std::mt19937 g;",
                     "int i = rand();", "try { f(); } catch (...) {}"):
            with self.subTest(line):
                self.assertEqual([], self.text(room("heart", source="void f();")))
                self.assertEqual(1, len(self.text(room("heart", source=line))), line)

    def test_default_seed_is_caught(self):
        for line in ("struct S { std::uint64_t seed = 1; };", "std::uint64_t study_seed{42};",
                     "Options o{.seed = 0x5eed};"):
            self.expect_caught(self.text(room("trial", header=line)), "no default seed")

    def test_app_may_print_and_exit(self):
        line = '#include <iostream>\nvoid f() { std::cout << 1; std::exit(2); }'
        self.assertEqual([], self.text(room("app", source=line)))
        self.assertEqual(3, len(self.text(room("report", source=line))))

    def test_eigen_in_a_public_header_is_caught(self):
        self.assertEqual([], self.text(room("analysis", source="#include <Eigen/Dense>")))
        self.expect_caught(self.text(room("analysis", header="#include <Eigen/Dense>")), "Eigen")

    def test_slow_header_in_two_files_or_in_a_header_is_caught(self):
        line = "#include <nlohmann/json.hpp>"
        self.assertEqual([], self.text(room("formats", source=line), room("report")))
        self.expect_caught(self.text(room("formats", source=line), room("report", source=line)),
                           "JSON is included by")
        self.expect_caught(self.text(room("formats", header=line)), "a header includes JSON")

    def test_shape_of_files_is_checked(self):
        bare = room("heart")
        bare["src/heart/include/angiotrial/heart/a.hpp"] = "int x();\n"
        problems = self.text(bare)
        self.expect_caught(problems, "licence line")
        self.expect_caught(problems, "#pragma once")
        self.expect_caught(self.text(room("heart", source="\n" * 501)), "split it")


class Symbols(unittest.TestCase):
    def test_library_that_only_throws_passes(self):
        self.assertEqual([], check_symbols.check(NM, [GOOD_LIBRARY]))

    def test_printing_and_exiting_library_is_caught(self):
        problems = "\n".join(check_symbols.check(NM, [BAD_LIBRARY])) + "\n"
        for symbol in ("std::cout", "exit", "abort", "printf"):
            self.assertRegex(problems, rf"refers to (__)?{symbol}(_chk)?(@.*)?\n")

    def test_terminate_of_the_compiler_passes(self):
        self.assertEqual([], check_symbols.forbidden_symbols("a.o:\n U std::terminate()\n"))


class CompilePairs(TreeTest):
    def pairs(self, good, bad):
        return self.found(lambda folder: check_compile_pairs.check(COMPILER, folder, folder),
                          {"x.good.cpp": good, "x.bad.cpp": bad})

    def test_proper_pair_passes(self):
        self.assertEqual([], self.pairs("int x = 1;\n", "// refused: no_such\nint x = no_such;\n"))

    def test_improper_pairs_are_caught(self):
        good, bad = "int x = 1;\n", "// refused: no_such\nint x = no_such;\n"
        self.expect_caught(self.pairs("int x = y;\n", bad), "should compile")
        self.expect_caught(self.pairs(good, "// refused: no_such\nint x = 1;\n"), "compiles")
        self.expect_caught(self.pairs(good, "int x = no_such;\n"), "does not say")
        self.expect_caught(self.pairs(good, "// refused: no_such\n#include <absent>\n"),
                           "another reason")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
