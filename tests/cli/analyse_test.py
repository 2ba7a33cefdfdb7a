# SPDX-License-Identifier: Apache-2.0
"""Plans on a user's own data, and a run's trial analysed again.

    analyse_test.py PROGRAM SOURCE_DIR [PATIENCE]
"""

import csv
import json

from program import NOTICE, ProgramTest, files_below, main

OF_USERS = "Data supplied by the user - not for clinical decisions"
PLAN = """
reference_arm = "a"
[analysis.primary]
method = "ancova"
response = "y"
"""
ROWS = "USUBJID,ARM,y\n" + "".join(f"s{i},{'ab'[i % 2]},{(i * 7) % 11}\n" for i in range(20))


class Analyse(ProgramTest):
    def data(self, text, name="trial.csv"):
        path = self.dir / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def plan(self, text=PLAN):
        return self.study(text, "plan.toml")

    def values(self, folder):
        rows = json.loads((self.dir / folder / "results.json").read_text())["rows"]
        return {(r["analysis"], r["statistic"], r["arm"], r["group"]): r["value"] for r in rows}

    def refused(self, code, words, *arguments):
        ended = self.expect(code, "analyse", *arguments)
        for word in words:
            self.assertIn(word, ended.err)
        return ended


class OwnData(Analyse):
    def test_a_plan_gives_page_tables_and_results(self):
        ended = self.expect(0, "analyse", self.data(ROWS), "--plan", self.plan())
        self.assertIn(OF_USERS, ended.out)
        self.assertEqual(["manifest.json", "plan.resolved.toml", "report.html", "results.csv",
                          "results.json"], files_below(self.dir / "out/plan-analysis"))
        page = (self.dir / "out/plan-analysis/report.html").read_text()
        self.assertIn(OF_USERS, page)
        self.assertNotIn("http://", page.replace("http://www.w3.org/2000/svg", ""))
        with (self.dir / "out/plan-analysis/results.csv").open() as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({"observed"}, {row["source"] for row in rows})
        self.assertTrue(all(row["conventions"] for row in rows))

    def test_the_same_plan_gives_the_same_bytes(self):
        for out in ("one", "two"):
            self.expect(0, "analyse", self.data(ROWS), "--plan", self.plan(), "--out", out)
        for name in ("results.json", "results.csv", "plan.resolved.toml"):
            self.assertEqual((self.dir / "one" / name).read_bytes(),
                             (self.dir / "two" / name).read_bytes())

    def test_dataset_json_gives_what_csv_gives(self):
        rows = [line.split(",") for line in ROWS.splitlines()[1:]]
        columns = [{"itemOID": f"IT.{n}", "name": n, "label": n, "dataType": t}
                   for n, t in (("USUBJID", "string"), ("ARM", "string"), ("y", "double"))]
        document = {"datasetJSONCreationDateTime": "2026-11-23T00:00:00",
                    "datasetJSONVersion": "1.1.0", "itemGroupOID": "IG.TRIAL", "records": len(rows),
                    "name": "TRIAL", "label": "Trial", "columns": columns,
                    "rows": [[a, b, float(c)] for a, b, c in rows]}
        self.expect(0, "analyse", self.data(json.dumps(document), "trial.json"), "--plan",
                    self.plan(), "--out", "json")
        self.expect(0, "analyse", self.data(ROWS), "--plan", self.plan(), "--out", "csv")
        self.assertEqual(self.values("csv"), self.values("json"))

    def test_each_problem_of_the_data_is_named_and_nothing_is_written(self):
        bad = {
            "text": (ROWS + "s98,a,twelve\n", ["trial.csv:22", "y = twelve", "must be a number"]),
            "column": (ROWS.replace(",y\n", ",z\n"), ["y", "no such column"]),
            "empty": ("USUBJID,ARM,y\ns1,a,1\ns2,b,\ns3,a,2\n", ["ARM = b", "no row of this arm"]),
            "ragged": ("USUBJID,ARM,y\ns1,a\n", ["trial.csv:2"]),
            "nothing": ("", ["trial.csv"]),
        }
        for name, (text, words) in bad.items():
            with self.subTest(name):
                self.refused(3, words, self.data(text), "--plan", self.plan())
                self.assertFalse((self.dir / "out").exists())

    def test_a_cut_transport_file_is_refused(self):
        header = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000  "
        for name, bytes_ in (("cut", header), ("short", header[:50]), ("noise", bytes(range(256)))):
            with self.subTest(name):
                self.refused(3, ["trial.xpt"], self.data(bytes_, "trial.xpt"), "--plan",
                             self.plan())

    def test_what_the_data_cannot_support_keeps_a_row_and_exits_with_3(self):
        zero = "USUBJID,ARM,y\n" + "".join(f"s{i},{'ab'[i % 2]},0\n" for i in range(12))
        plan = self.plan(PLAN.replace("ancova", "negative_binomial"))
        self.refused(3, ["analysis.primary"], self.data(zero), "--plan", plan)
        rows = json.loads((self.dir / "out/plan-analysis/results.json").read_text())["rows"]
        self.assertEqual([None], [row["value"] for row in rows])
        self.assertIn("refused", rows[0]["note"])

    def test_a_part_that_is_refused_is_written_and_exits_with_3(self):
        cells = [(f"s{i}", "ab"[i % 2], v, (i * i * (v + 2) + 3 * v * i) % 13) for i in range(12) for v in (1, 2)]
        cells += [("alone", "c", 1, 4), ("alone", "c", 2, 7)]
        rows = "USUBJID,ARM,V,y\n" + "".join(f"{s},{arm},{v},{y}\n" for s, arm, v, y in cells)
        plan = self.plan('[analysis.x]\nmethod = "mmrm"\nresponse = "y"\nvisit = "V"\n'
                         'variance = "cr0"\n')
        ended = self.refused(3, ["analysis.x", "it rests on one subject alone", "numbers left out"],
                             self.data(rows), "--plan", plan)
        self.assertNotIn(" to )", ended.out)
        values = self.values("out/plan-analysis")
        self.assertIsNotNone(values["x", "difference", "b", ""])

    def test_a_day_that_the_calendar_lacks_exits_with_3(self):
        dated = ROWS.replace("ARM,y", "ARM,y,RANDDT").replace("\ns", ",2011-02-28\ns")
        dated = dated.replace("RANDDT,2011-02-28", "RANDDT", 1).rstrip("\n") + ",2011-02-30\n"
        self.refused(3, ["trial.csv:21: RANDDT = 2011-02-30: is no date of the calendar"],
                     self.data(dated), "--plan", self.plan())

    def test_a_folder_of_another_analysis_is_not_overwritten(self):
        self.expect(0, "analyse", self.data(ROWS), "--plan", self.plan())
        self.expect(0, "analyse", "./trial.csv", "--plan", self.plan())
        other = self.data(ROWS, "other.csv")
        self.refused(5, ["out/plan-analysis", "trial.csv", "--out"], other, "--plan", self.plan())
        self.expect(0, "analyse", other, "--plan", self.plan(), "--out", "out/plan-analysis")

    def test_problems_say_that_an_earlier_result_still_stands(self):
        self.expect(0, "analyse", self.data(ROWS), "--plan", self.plan())
        bad = self.data(ROWS + "s98,a,twelve\n")
        self.refused(3, ["out/plan-analysis still holds the results of an earlier analysis"], bad,
                     "--plan", self.plan())

    def test_a_plan_without_data_says_that_no_data_were_read(self):
        plan = self.plan('[analysis.n]\nmethod = "sample_size"\n[analysis.n.means]\n'
                         "difference = 0.5\nsd = 1.0\n")
        self.assertIn("no data of patients read", self.expect(0, "analyse", "--plan", plan).out)

    def test_problems_of_a_plan_exit_with_2(self):
        self.refused(2, ["plan.toml:4", "did you mean \"ancova\"?"], self.data(ROWS), "--plan",
                     self.plan(PLAN.replace("ancova", "ancvoa")))
        self.refused(2, ["a plan is needed"], self.data(ROWS))
        self.refused(2, ["DATA is missing"])


class Examples(Analyse):
    def test_run_and_give_the_published_numbers(self):
        examples = self.source.resolve() / "examples"
        for name in ("seizures", "depression", "colon-cancer"):
            self.expect(0, "analyse", examples / name, "--plan", examples / name / "plan.toml",
                        "--out", name)
            for row in json.loads((self.dir / name / "results.json").read_text())["rows"]:
                self.assertTrue(row["estimand"] and row["conventions"], row)
        counts = self.values("seizures")
        self.assertAlmostEqual(0.756102966806761,
                               counts["total", "rate_ratio", "progabide", ""], 9)
        imputed = self.values("depression")
        self.assertAlmostEqual(-2.126, [value for (a, s, arm, group), value in imputed.items()
                                        if a == "jump-to-reference" and s == "difference"][-1], 2)
        pairs = self.values("colon-cancer")
        self.assertAlmostEqual(1.468, pairs["hierarchy", "win_ratio", "1", ""], 3)


class Again(Analyse):
    def test_a_simulated_trial_gives_its_own_results_bit_for_bit(self):
        self.simulate(self.study(), "trial", "--quiet")
        ended = self.expect(0, "analyse", "trial")
        self.assertRegex(ended.out, r"all \d{3,} rows equal those of results.json, bit for bit")
        self.assertIn(NOTICE, ended.out)

    def test_a_changed_value_is_found(self):
        self.simulate(self.study(), "trial", "--quiet")
        path = self.dir / "trial/adam/ADEFF.csv"
        lines = path.read_text().splitlines()
        column = lines[0].split(",").index("AVAL")
        cells = lines[1].split(",")
        cells[column] = "1.5"
        path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n")
        self.assertIn("differ from results.json", self.expect(3, "analyse", "trial").err)

    def test_means_over_trials_need_a_plan(self):
        self.simulate(self.study(), "trial", "--quiet", "--replicates", "2")
        self.assertIn("--plan", self.expect(3, "analyse", "trial").err)


if __name__ == "__main__":
    main()
