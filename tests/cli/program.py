# SPDX-License-Identifier: Apache-2.0
"""The built program as tests see it: commands, exit codes, folders."""

import os
import resource
import subprocess
import sys
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

# What two runs of the same study must share, byte for byte.
STABLE = ("results.json", "study.resolved.toml", "adam")
NOTICE = "SIMULATED - not for clinical decisions"


@dataclass
class Ended:
    code: int
    out: str
    err: str
    cpu_s: float


def stable_bytes(folder):
    """Relative path -> bytes of every byte-stable file of an output folder."""
    paths = []
    for name in STABLE:
        path = Path(folder, name)
        paths += sorted(path.iterdir()) if path.is_dir() else [path]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def files_below(folder):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*"))


class ProgramTest(unittest.TestCase):
    """Each test works in a folder of its own. `take_arguments` names the program and its sources."""

    program = source = None
    patience = 1.0  # how much slower than an ordinary build this one is

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="angiotrial-")
        self.addCleanup(scratch.cleanup)
        self.dir = Path(scratch.name)
        self.first_steps = (self.source / "studies" / "first-steps.toml").read_text()

    def study(self, text=None, name="study.toml"):
        """A study file in the test's folder; text may be bytes."""
        text = self.first_steps if text is None else text
        path = self.dir / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def start(self, *arguments, **options):
        process = subprocess.Popen([self.program, *map(str, arguments)], cwd=self.dir,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, errors="replace", **options)
        self.addCleanup(self.stop, process)
        return process

    def stop(self, process):
        """Whatever a test did, its processes end with it."""
        if process.poll() is None:
            process.kill()
            process.communicate()

    def run_program(self, *arguments, **options):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = self.start(*arguments, **options)
        out, err = process.communicate(timeout=120 * self.patience)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Ended(process.returncode, out or "", err or "", cpu_s)

    def expect(self, code, *arguments, **options):
        ended = self.run_program(*arguments, **options)
        self.assertEqual(code, ended.code, f"{arguments}\n{ended.out}\n{ended.err}")
        for words in ("terminate called", "what():", "Sanitizer", "core dumped"):
            self.assertNotIn(words, ended.err)
        return ended

    def simulate(self, study, out, *arguments, code=0):
        """A quiet run into the folder `out`."""
        self.expect(code, "run", study, "--out", out, "--quiet", *arguments)
        return self.dir / out


def main():
    """PROGRAM SOURCE_DIR [PATIENCE]"""
    ProgramTest.program = os.path.abspath(sys.argv[1])
    ProgramTest.source = Path(sys.argv[2])
    if len(sys.argv) > 3:
        ProgramTest.patience = float(sys.argv[3])
    unittest.main(argv=sys.argv[:1], module="__main__", verbosity=2)
