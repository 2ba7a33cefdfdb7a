# SPDX-License-Identifier: Apache-2.0
"""Same study, same bytes: at any number of threads, and after an end at any moment.

    resume_test.py PROGRAM SOURCE_DIR [PATIENCE]
"""

import random
import signal
import time

from program import ProgramTest, files_below, main, stable_bytes

REPLICATES = 45  # two whole shards and a part of one


class SameBytes(ProgramTest):
    def setUp(self):
        super().setUp()
        # Few patients: what is tested is the order of files, over and over again.
        self.first_steps = self.first_steps.replace("randomised = 30", "randomised = 10")
        self.path = self.study()
        started = time.monotonic()
        self.whole = self.simulate(self.path, "whole", "--replicates", REPLICATES, "--threads", 1)
        self.whole_s = time.monotonic() - started
        self.expected = stable_bytes(self.whole)

    def begin(self, out, threads=1, *arguments):
        return self.start("run", self.path, "--out", out, "--replicates", REPLICATES, "--threads",
                          threads, "--quiet", *arguments)

    def expect_whole(self, out):
        folder = self.dir / out
        self.assertEqual(self.expected, stable_bytes(folder))
        self.assertEqual(files_below(self.whole), files_below(folder))

    def end_and_complete(self, process, out, sign=signal.SIGKILL):
        """Ends the process and completes what it left, by `resume` or, if it left nothing, `run`."""
        process.send_signal(sign)
        _, err = process.communicate()
        if (self.dir / out / "run.json").exists():
            self.expect(0, "resume", out, "--quiet", "--threads", 2)
        else:
            self.simulate(self.path, out, "--replicates", REPLICATES)
        self.expect_whole(out)
        return process.returncode, err

    def wait_for(self, process, path):
        while not path.exists() and process.poll() is None:
            time.sleep(0.0005)

    def test_threads_change_nothing(self):
        for threads in (1, 2, 8):
            self.simulate(self.path, f"threads{threads}", "--replicates", REPLICATES, "--threads",
                          threads)
            self.expect_whole(f"threads{threads}")

    def test_killed_at_drawn_moments(self):
        draw = random.Random(20110)
        for number in range(8):
            process = self.begin(f"kill{number}")
            time.sleep(draw.uniform(0.0, 1.1) * self.whole_s)
            self.end_and_complete(process, f"kill{number}")

    def test_killed_as_each_file_appears(self):
        for number, name in enumerate(("run.json", "work", "work/shard-00000.json",
                                       "work/shard-00002.json", "results.json", "adam/ADLB.csv",
                                       "study.resolved.toml", "report.html", "manifest.json")):
            out = f"file{number}"
            process = self.begin(out)
            self.wait_for(process, self.dir / out / name)
            self.end_and_complete(process, out)

    def test_killed_again_while_resuming(self):
        process = self.begin("twice")
        self.wait_for(process, self.dir / "twice/work/shard-00000.json")
        process.kill()
        process.communicate()
        again = self.start("resume", "twice", "--quiet")
        time.sleep(self.whole_s / 4)
        self.end_and_complete(again, "twice")

    def test_a_polite_end_is_told_and_can_be_resumed(self):
        for sign in (signal.SIGINT, signal.SIGTERM):
            out = sign.name
            process = self.start("run", self.path, "--out", out, "--replicates", 100000, "--quiet")
            self.wait_for(process, self.dir / out / "work/shard-00000.json")
            process.send_signal(sign)
            _, err = process.communicate(timeout=60 * self.patience)
            self.assertEqual(75, process.returncode, err)
            self.assertIn(f"angiotrial resume {out}", err)
            self.assertFalse((self.dir / out / "results.json").exists())

    def test_a_finished_folder_stays_as_it_is(self):
        page = (self.whole / "report.html").read_bytes()
        self.assertIn("finished", self.expect(0, "resume", "whole").out)
        self.expect_whole("whole")
        self.assertEqual(page, (self.whole / "report.html").read_bytes())

    def leave_shards(self, out, *arguments):
        """A folder whose first shard is done."""
        process = self.begin(out, 1, *arguments)
        self.wait_for(process, self.dir / out / "work/shard-00000.json")
        process.kill()
        process.communicate()
        return self.dir / out

    def test_a_seed_of_the_command_line_is_kept(self):
        whole = self.simulate(self.path, "seeded", "--replicates", REPLICATES, "--seed", 5)
        left = self.leave_shards("left", "--seed", 5)
        self.expect(0, "resume", "left", "--quiet")
        self.assertEqual(stable_bytes(whole), stable_bytes(left))

    def test_parts_of_files_that_a_kill_left_are_cleared_away(self):
        folder = self.leave_shards("parts")
        (folder / "adam").mkdir()
        for name in (".results.json.1.0.tmp", "adam/.ADSL.csv.1.0.tmp", "work/.shard.1.0.tmp"):
            (folder / name).write_text("{")
        self.expect(0, "resume", "parts", "--quiet")
        self.expect_whole("parts")

    def test_parts_of_files_do_not_occupy_a_folder(self):
        (self.dir / "begun").mkdir()
        (self.dir / "begun/.run.json.1.0.tmp").write_text("{")
        self.simulate(self.path, "begun", "--replicates", REPLICATES)
        self.expect_whole("begun")

    def test_a_damaged_shard_is_a_problem_of_data_with_a_way_out(self):
        shard = self.leave_shards("damaged") / "work/shard-00000.json"
        content = shard.read_bytes()
        shard.write_bytes(content[:len(content) // 2])
        self.assertIn("shard-00000.json", self.expect(3, "resume", "damaged").err)
        shard.unlink()
        self.expect(0, "resume", "damaged", "--quiet")
        self.expect_whole("damaged")

    def test_shards_of_another_study_are_refused(self):
        folder = self.leave_shards("mine")
        other = self.study(self.first_steps.replace("seed = 1 ", "seed = 2 "), "other.toml")
        process = self.start("run", other, "--out", "other", "--replicates", REPLICATES, "--quiet")
        shard = self.dir / "other/work/shard-00000.json"
        self.wait_for(process, shard)
        process.kill()
        process.communicate()
        (folder / "work/shard-00000.json").write_bytes(shard.read_bytes())
        self.assertIn("shard-00000.json", self.expect(3, "resume", "mine").err)

    def test_a_folder_of_another_version_is_refused(self):
        record = self.leave_shards("old") / "run.json"
        text = record.read_text()
        start = text.index('"version": "') + len('"version": "')
        record.write_text(text[:start] + "0.0.0-" + text[start:])
        self.assertIn("version", self.expect(2, "resume", "old").err)


if __name__ == "__main__":
    main()
