# SPDX-License-Identifier: Apache-2.0
"""The commands as the contract has them: help, init, check, explain, report, progress, folders.

    commands_test.py PROGRAM SOURCE_DIR [PATIENCE]
"""

import json
import os
import pty
import re
import resource
import signal
import subprocess

from program import NOTICE, ProgramTest, files_below, main, stable_bytes

COMMANDS = ["init", "check", "explain", "run", "resume", "report", "heart", "analyse"]


class Help(ProgramTest):
    def test_help_lists_exactly_the_commands(self):
        out = self.expect(0, "--help").out
        listed = re.findall(r"^  ([a-z]+) ", out.split("Subcommands:")[1], re.MULTILINE)
        self.assertEqual(COMMANDS, listed)
        self.assertIn(NOTICE, out)

    def test_every_command_has_its_own_help(self):
        for command in COMMANDS:
            self.assertIn(command, self.expect(0, command, "--help").out)

    def test_version(self):
        self.assertRegex(self.expect(0, "--version").out, r"^angiotrial \d+\.\d+\.\d+ \(.+\)\n$")

    def test_wrong_arguments(self):
        for arguments in ([], ["rum"], ["run"], ["run", "x.toml", "--shard", "1/2"],
                          ["run", "x.toml", "--replicates", "0"], ["resume"], ["report"]):
            ended = self.expect(2, *arguments)
            self.assertEqual("", ended.out)
            self.assertNotEqual("", ended.err)


class Init(ProgramTest):
    def test_what_init_writes_passes_check_and_run(self):
        self.assertIn("my-study.toml", self.expect(0, "init", "my-study").out)
        text = (self.dir / "my-study.toml").read_text()
        self.assertEqual(self.first_steps, text.replace("MY-STUDY", "FIRST-STEPS"))
        self.assertIn("MY-STUDY", self.expect(0, "check", "my-study.toml").out)
        self.expect(0, "run", "my-study.toml")
        self.assertTrue((self.dir / "out/my-study/report.html").is_file())

    def test_an_existing_file_is_left_as_it_is(self):
        self.study("mine", "a.toml")
        self.assertIn("a.toml", self.expect(5, "init", "a").err)
        self.assertIn("a.toml", self.expect(5, "init", "a.toml").err)
        self.assertEqual("mine", (self.dir / "a.toml").read_text())

    def test_a_name_that_no_study_can_have(self):
        self.expect(2, "init", "two words")
        self.assertEqual([], files_below(self.dir))

    def test_a_folder_that_is_not_there(self):
        self.assertIn("No such file", self.expect(5, "init", "nowhere/a").err)


class CheckAndExplain(ProgramTest):
    def test_check_derives_cells_and_lists_sources(self):
        out = self.expect(0, "check", self.study()).out
        # 1e5 cells/kg x 90 kg over 10 sites of 0.2 mL.
        self.assertRegex(out, r"low +1e\+05 +9e\+06 +9e\+05 +4.5e\+06")
        for words in ("decay length", "depot, standard deviation", "at their default",
                      "set by the study file", "recalled", "chosen", "short of the dose of low",
                      "CD34+ collected", "No trial was run"):
            self.assertIn(words, out)
        self.assertEqual(["study.toml"], files_below(self.dir))

    def test_explain_tells_the_whole_route_of_the_dose(self):
        out = self.expect(0, "explain", "dose_cells_per_kg").out
        for words in ("arms.NAME.dose_cells_per_kg", "cells/kg", "range", "default", "provenance",
                      "source", "prescription", "delivery", "tissue", "ADSL", "study.resolved.toml",
                      "report"):
            self.assertIn(words, out)

    def test_explain_finds_paths_parts_and_tables(self):
        full = self.expect(0, "explain", "delivery.injection.sites").out
        self.assertEqual(full, self.expect(0, "explain", "injection.sites").out)
        self.assertIn("delivery.injection.sites", self.expect(0, "explain", "delivery.injection").out)
        self.assertIn("parameters match", self.expect(0, "explain", "hill_exponent").out)

    def test_explain_tells_the_values_of_an_option_and_the_keys_of_every_analysis(self):
        out = self.expect(0, "explain", "kaplan_meier").out
        for words in ('one of "preset", "log", "log_log", "plain", "logit", "arcsine"',
                      "Every analysis also takes method, table, where,",
                      "Reference: docs/reference/kaplan-meier.md"):
            self.assertIn(words, out)

    def test_explain_knows_the_keys_of_a_plan_and_the_options_of_methods(self):
        for key in ("where", "table", "reference_arm", "conventions", "arms", "estimand"):
            self.assertIn("In an analysis plan:", self.expect(0, "explain", key).out, key)
        self.assertIn('one of "recommended", "r", "sas"', self.expect(0, "explain", "conventions").out)
        self.assertIn("methods: ", self.expect(0, "explain", "classes").out)

    def test_explain_suggests_the_nearest_key(self):
        self.assertIn("retained_fraction", self.expect(2, "explain", "retaind_fraction").err)
        self.expect(2, "explain", "")


class Output(ProgramTest):
    def test_a_run_writes_what_the_contract_names_and_nothing_else(self):
        ended = self.expect(0, "run", self.study(), "--replicates", 2, "--threads", 1)
        self.assertIn(NOTICE, ended.out)
        self.assertIn("out/first-steps/report.html", ended.out)
        self.assertEqual("", ended.err)
        folder = self.dir / "out/first-steps"
        names = ["adam", *(f"adam/{name}.csv" for name in
                           ("ADDIARY", "ADEFF", "ADEX", "ADLB", "ADSL", "ADTTE")),
                 "manifest.json", "report.html", "results.json", "run.json", "study.resolved.toml"]
        self.assertEqual(names, files_below(folder))
        for name in ("report.html", "results.json", "run.json", "manifest.json"):
            self.assertIn("SIMULATED", (folder / name).read_text())
        manifest = json.loads((folder / "manifest.json").read_text())
        self.assertEqual(2, manifest["replicates"])

    def test_quiet_prints_nothing(self):
        ended = self.expect(0, "run", self.study(), "--quiet")
        self.assertEqual(("", ""), (ended.out, ended.err))

    def test_the_resolved_study_gives_the_same_results(self):
        first = self.simulate(self.study(), "first")
        second = self.simulate(first / "study.resolved.toml", "second")
        for name, content in stable_bytes(first).items():
            if name != "study.resolved.toml":  # its comments say where each value came from
                self.assertEqual(content, (second / name).read_bytes(), name)

    def test_the_seed_argument_is_the_seed_of_the_file(self):
        given = self.simulate(self.study(), "given", "--seed", 77)
        written = self.simulate(self.study(self.first_steps.replace("seed = 1 ", "seed = 77 "),
                                           "b.toml"), "written")
        other = self.simulate(self.dir / "study.toml", "other")
        results = [(folder / "results.json").read_bytes() for folder in (given, written, other)]
        self.assertEqual(results[0], results[1])
        self.assertNotEqual(results[0], results[2])

    def test_report_draws_the_same_page_again(self):
        folder = self.simulate(self.study(), "out")
        page = (folder / "report.html").read_bytes()
        (folder / "report.html").unlink()
        self.expect(0, "report", folder)
        self.assertEqual(page, (folder / "report.html").read_bytes())

    def test_report_and_resume_of_something_else(self):
        for command in ("report", "resume"):
            self.expect(2, command, self.dir)
            self.expect(2, command, self.dir / "none")

    def test_damaged_files_of_a_folder_are_problems_of_data(self):
        folder = self.simulate(self.study(), "out")
        for name in ("run.json", "results.json", "manifest.json"):
            content = (folder / name).read_bytes()
            (folder / name).write_bytes(content[:len(content) // 2])
            self.assertIn(name, self.expect(3, "report", folder).err)
            (folder / name).write_bytes(content)


class Progress(ProgramTest):
    def test_json_lines_lead_to_the_last_replicate(self):
        ended = self.expect(0, "run", self.study(), "--replicates", 5, "--progress", "json")
        lines = [json.loads(line) for line in ended.err.splitlines()]
        done = [line["replicates_done"] for line in lines]
        self.assertEqual(sorted(done), done)
        self.assertEqual((0, 5), (done[0], done[-1]))
        self.assertTrue(all(line["replicates"] == 5 for line in lines))

    def on_terminal(self, *arguments):
        """What a run shows on a terminal at standard error."""
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f"this machine has no pseudo-terminals: {error}")
        process = subprocess.Popen([self.program, "run", self.study(), "--replicates", "3",
                                    *arguments], cwd=self.dir, stdout=subprocess.DEVNULL,
                                   stderr=theirs)
        os.close(theirs)
        shown = b""
        try:
            while block := os.read(ours, 4096):
                shown += block
        except OSError:  # how a pseudo-terminal says that the other end is closed
            pass
        os.close(ours)
        self.assertEqual(0, process.wait())
        return shown.decode()

    def test_a_terminal_gets_one_line_with_time_left(self):
        shown = self.on_terminal()
        self.assertIn("3 of 3 replicates, 100 %", shown)
        self.assertIn(" left", shown)
        self.assertNotIn("\n", shown)

    def test_a_terminal_can_be_kept_quiet(self):
        self.assertEqual("", self.on_terminal("--quiet"))

    def test_off_shows_nothing(self):
        self.assertEqual("", self.on_terminal("--progress", "off"))


class Refusals(ProgramTest):
    def test_an_output_folder_in_use_is_left_as_it_is(self):
        study = self.study()
        (self.dir / "mine").mkdir()
        (self.dir / "mine/notes.txt").write_text("mine")
        self.assertIn("--out", self.expect(5, "run", study, "--out", "mine").err)
        self.assertEqual(["notes.txt"], files_below(self.dir / "mine"))
        self.simulate(study, "done")
        before = stable_bytes(self.dir / "done")
        self.expect(5, "run", study, "--out", "done", "--seed", 9)
        self.assertEqual(before, stable_bytes(self.dir / "done"))

    def test_an_empty_folder_will_do(self):
        (self.dir / "empty").mkdir()
        self.simulate(self.study(), "empty")

    def test_a_place_that_cannot_be_written_to(self):
        study = self.study()
        self.assertIn("Not a directory", self.expect(5, "run", study, "--out", f"{study}/x").err)
        self.expect(5, "run", study, "--out", study)
        self.expect(5, "run", study, "--out", "/proc/angiotrial")

    def test_a_full_disk_leaves_a_folder_that_can_be_resumed(self):
        study = self.study()
        whole = self.simulate(study, "whole", "--replicates", 2)
        sizes = [path.stat().st_size for path in whole.rglob("*") if path.is_file()]
        for most in (100, 20_000, max(sizes) // 2, max(sizes) - 1):
            out = f"full{most}"
            ended = self.expect(5, "run", study, "--out", out, "--replicates", 2,
                                preexec_fn=lambda most=most: resource.setrlimit(
                                    resource.RLIMIT_FSIZE, (most, most)))
            self.assertIn("File too large", ended.err)
            self.assertIn(out, ended.err)
            if most == 100:  # not even run.json: the folder is as good as empty
                self.simulate(study, out, "--replicates", 2)
            else:
                self.assertIn("angiotrial resume", ended.err)
                self.expect(0, "resume", out)
            self.assertEqual(stable_bytes(whole), stable_bytes(self.dir / out))
            self.assertEqual(files_below(whole), files_below(self.dir / out))

    def test_standard_output_that_is_full(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = subprocess.run([self.program, "--help"], stdout=full, stderr=subprocess.PIPE,
                                     text=True, check=False)
        self.assertEqual(5, process.returncode)
        self.assertIn("No space left", process.stderr)

    def test_enrolment_that_cannot_be_filled(self):
        text = self.first_steps.replace("[protocol]", "[protocol]\nmost_candidates = 50")
        err = self.expect(4, "run", self.study(text), "--out", "out").err
        self.assertIn("protocol.most_candidates", err)
        self.assertEqual(["study.toml"], files_below(self.dir))

    def test_two_runs_cannot_share_a_folder(self):
        first = self.start("run", self.study(), "--out", "out", "--replicates", 100000)
        try:
            while not (self.dir / "out/run.json").exists():
                self.assertIsNone(first.poll())
            self.assertIn("another run", self.expect(5, "resume", "out").err)
        finally:
            first.send_signal(signal.SIGKILL)
            first.communicate()


if __name__ == "__main__":
    main()
