# SPDX-License-Identifier: Apache-2.0
"""results.json of studies/first-steps.toml with two replicates, byte for byte as it was stored.

    golden_test.py PROGRAM SOURCE_DIR [PATIENCE]               compares
    golden_test.py PROGRAM SOURCE_DIR --regenerate             stores what the program gives now

A difference means that shipped numbers have moved. When that is meant, regenerate, look at the
difference line by line and say in the change log why. From the top of the sources:

    PYTHONPATH=tests/cli python3 tests/golden/golden_test.py \\
      build/dev/src/app/angiotrial . --regenerate

The bytes hold for the C library of the supported system (its exp and log round in their own way).
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from program import ProgramTest, main

STORED = Path(__file__).parent / "first-steps.results.json"
ARGUMENTS = ("--replicates", "2", "--quiet")


class Golden(ProgramTest):
    maxDiff = 4000

    def test_results_are_as_stored(self):
        folder = self.simulate(self.source.resolve() / "studies/first-steps.toml", "out",
                               *ARGUMENTS)
        found = (folder / "results.json").read_bytes()
        if found != STORED.read_bytes():
            self.assertEqual(STORED.read_text().splitlines(), found.decode().splitlines())
            self.fail("the bytes differ, the lines do not")


def regenerate(program, source):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([program, "run", Path(source, "studies/first-steps.toml"), "--out",
                        f"{folder}/out", *ARGUMENTS], check=True)
        STORED.write_bytes(Path(folder, "out/results.json").read_bytes())


if __name__ == "__main__":
    if "--regenerate" in sys.argv:
        regenerate(*sys.argv[1:3])
    else:
        main()
