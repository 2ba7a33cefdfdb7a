# SPDX-License-Identifier: Apache-2.0
"""One key from the study file to the report, under one name.

    dose_cells_per_kg_test.py PROGRAM SOURCE_DIR [PATIENCE]
"""

import csv
import io

from program import ProgramTest, main

KEY = "dose_cells_per_kg"
ODD = 1234567


class DoseCellsPerKg(ProgramTest):
    def with_dose(self, dose, out):
        text = self.first_steps.replace(f"{KEY} = 1.0e5", f"{KEY} = {dose}.0")
        self.assertIn(str(dose), text)
        return self.simulate(self.study(text), out, "--replicates", 2)

    def placebo_lines(self, folder, subjects):
        """Lines of every ADaM file that belong to these subjects, byte for byte."""
        lines = {}
        for path in sorted((folder / "adam").iterdir()):
            text = path.read_text()
            header = next(csv.reader([text.splitlines()[0]]))
            at = header.index("USUBJID")
            lines[path.name] = [line for line in text.splitlines()[1:]
                                if next(csv.reader([line]))[at] in subjects]
        return lines

    def subjects(self, folder):
        return list(csv.DictReader(io.StringIO((folder / "adam/ADSL.csv").read_text())))

    def test_the_odd_value_arrives_everywhere_under_its_name(self):
        folder = self.with_dose(ODD, "out")
        resolved = (folder / "study.resolved.toml").read_text()
        arm = resolved[resolved.index("[arms.low]"):]
        self.assertRegex(arm, rf"(?m)\A\[arms\.low\]\n(?:[^\[].*\n)*?{KEY} = {ODD}\.0\b")
        doses = {row["ARM"]: row[KEY] for row in self.subjects(folder) if row["ARM"]}
        self.assertEqual({"placebo": 0.0, "low": float(ODD)},
                         {name: float(dose) for name, dose in doses.items()})
        exposure = (folder / "adam/ADEX.csv").read_text()
        self.assertIn(KEY, exposure.splitlines()[0].split(","))
        page = (folder / "report.html").read_text()
        self.assertRegex(page, rf"arms\.low\.{KEY}(?s:.){{0,200}}?{ODD}")

    def test_every_subject_of_the_arm_is_prescribed_it(self):
        rows = [row for row in self.subjects(self.with_dose(ODD, "out")) if row["ARM"] == "low"]
        self.assertTrue(rows)
        self.assertEqual({float(ODD)}, {float(row[KEY]) for row in rows})

    def test_twice_the_dose_moves_no_placebo_row(self):
        single, double = self.with_dose(ODD, "single"), self.with_dose(2 * ODD, "double")
        placebo = {row["USUBJID"] for row in self.subjects(single) if row["ARM"] == "placebo"}
        self.assertGreater(len(placebo), 5)
        before, after = (self.placebo_lines(folder, placebo) for folder in (single, double))
        self.assertEqual(6, len(before))
        self.assertTrue(all(before.values()), "a table without placebo rows tests nothing")
        self.assertEqual(before, after)
        self.assertNotEqual((single / "adam/ADEFF.csv").read_bytes(),
                            (double / "adam/ADEFF.csv").read_bytes())

    def test_twice_the_dose_gives_twice_the_cells_where_the_harvest_has_them(self):
        given = [{row["USUBJID"]: float(row["AVAL"]) for row in csv.DictReader(
            io.StringIO((self.with_dose(dose, f"dose{dose}") / "adam/ADEX.csv").read_text()))
            if row["PARAMCD"] == "CD34TOT" and row["AVAL"]} for dose in (20000, 40000)]
        ratios = [given[1][who] / cells for who, cells in given[0].items() if cells > 0]
        self.assertGreater(len(ratios), 5)
        # Counts are whole cells of about a million: the rounding is below 1e-5.
        self.assertGreater(sum(abs(ratio - 2.0) < 1e-5 for ratio in ratios), 0.9 * len(ratios))


if __name__ == "__main__":
    main()
