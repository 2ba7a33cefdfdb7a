# SPDX-License-Identifier: Apache-2.0
"""Study files that are wrong: every problem at once, exit 2, quickly, and nothing is written.

    study_files_test.py PROGRAM SOURCE_DIR [PATIENCE]
"""

from program import ProgramTest, files_below, main


class StudyFiles(ProgramTest):
    def refused(self, path, *words):
        """`check` and `run` refuse the file within a second of computing and leave no trace."""
        before = files_below(self.dir)
        for command in ("check", "run"):
            ended = self.expect(2, command, path)
            for part in words:
                self.assertIn(part, ended.err)
            self.assertEqual("", ended.out)
            self.assertLess(ended.cpu_s, 1.0 * self.patience)
            self.assertEqual(before, files_below(self.dir))
        return ended.err

    def changed(self, old, new):
        """first-steps.toml with one stretch replaced, and the line on which that begins."""
        self.assertIn(old, self.first_steps)
        line = self.first_steps[:self.first_steps.index(old)].count("\n") + 1
        return self.study(self.first_steps.replace(old, new, 1)), line

    def refused_change(self, old, new, *words, offset=0):
        path, line = self.changed(old, new)
        return self.refused(path, f"study.toml:{line + offset}:", *words)

    def test_wrong_type(self):
        self.refused_change("randomised = 30", 'randomised = "many"', "protocol.randomised", "many")

    def test_unknown_key_with_suggestion(self):
        self.refused_change("randomised = 30", "randomized = 30", "randomized", "randomised")

    def test_unknown_table_with_suggestion(self):
        self.refused_change("[protocol]", "[protocoll]", "protocoll", "protocol")

    def test_out_of_range(self):
        self.refused_change("dose_cells_per_kg = 1.0e5", "dose_cells_per_kg = -1.0",
                            "arms.low.dose_cells_per_kg", "-1")

    def test_not_a_number(self):
        self.refused_change("dose_cells_per_kg = 1.0e5", "dose_cells_per_kg = nan",
                            "arms.low.dose_cells_per_kg")

    def test_wrong_unit_suffix(self):
        self.refused_change("dose_cells_per_kg = 1.0e5", "dose_cells_per_ml = 1.0e5",
                            "dose_cells_per_ml", "dose_cells_per_kg")

    def test_missing_table(self):
        path = self.study(self.first_steps.replace("[study]", "").replace(
            'id = "FIRST-STEPS"', "").replace('title = "A first study"', "").replace("seed = 1", ""))
        self.refused(path, "study.toml:1:", "[study]")

    def test_missing_arms_and_visits(self):
        text = self.first_steps[:self.first_steps.index("[arms.placebo]")]
        self.refused(self.study(text), "study.toml:", "arms", "visits")

    def test_duplicate_arm(self):
        self.refused_change("[arms.low]", "[arms.placebo]", "placebo")

    def test_unknown_reference_arm(self):
        self.refused_change('reference_arm = "placebo"', 'reference_arm = "plcebo"', "placebo",
                            offset=-1)

    def test_no_seed(self):
        path, _ = self.changed("seed = 1 ", "# ")
        self.refused(path, "study.toml:", "study.seed", "--seed")

    def test_no_seed_is_mended_by_the_argument(self):
        path, _ = self.changed("seed = 1 ", "# ")
        self.assertIn("seed", self.expect(0, "check", path, "--seed", 5).out)

    def test_text_that_is_no_toml(self):
        self.refused_change("[study]", "[study", "study.toml:")

    def test_invalid_utf8(self):
        text = self.first_steps.encode()
        line = text[:text.index(b"A first study\"")].count(b"\n") + 1
        self.refused(self.study(text.replace(b"A first study\"", b"A \xff study\"")),
                     f"study.toml:{line}:")

    def test_ten_megabytes_of_brackets(self):
        self.refused(self.study(b"[" * 10_000_000), "study.toml")

    def test_brackets_below_the_largest_size(self):
        self.refused(self.study(b"x = " + b"[" * 4_000_000), "study.toml:1:")

    def test_binary_file(self):
        self.refused(self.study(bytes(range(256)) * 100), "study.toml:")

    def test_directory(self):
        (self.dir / "folder.toml").mkdir()
        self.refused(self.dir / "folder.toml", "folder.toml: ", "directory")

    def test_empty_file(self):
        self.refused(self.study(""), "study.toml")

    def test_file_that_is_not_there(self):
        self.refused(self.dir / "none.toml", "none.toml: ")

    def test_every_problem_is_told_at_once(self):
        text = self.first_steps.replace("randomised = 30", "randomised = 0").replace(
            "month = 6", "month = 600").replace("dose_cells_per_kg = 1.0e5", "dose = 1.0e5")
        err = self.refused(self.study(text))
        for key in ("protocol.randomised", "arms.low.dose", "visits.month_6.month"):
            self.assertIn(key, err)


if __name__ == "__main__":
    main()
