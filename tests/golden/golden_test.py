# SPDX-License-Identifier: Apache-2.0
"""What studies/first-steps.toml gives with two replicates, byte for byte as it was stored.

    golden_test.py PROGRAM SOURCE_DIR [PATIENCE]      compares
    golden_test.py PROGRAM SOURCE_DIR --update        stores what the program gives now

Stored beside this script: the SHA-256 of results.json and of each file of adam/
(first-steps.sha256, as sha256sum writes it) and the main results as a table for people
(first-steps.extract.csv).

A difference means that shipped numbers have moved. When that is meant, update, look at the
difference of the table and say in the change log why. From the top of the sources:

    PYTHONPATH=tests/cli python3 tests/golden/golden_test.py \\
      build/dev/src/app/angiotrial . --update

The bytes hold for the C library of the supported system (its exp and log round in their own way).
"""

import csv
import hashlib
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from program import ProgramTest, main

HERE = Path(__file__).parent
SUMS = HERE / "first-steps.sha256"
EXTRACT = HERE / "first-steps.extract.csv"
ARGUMENTS = ("--replicates", "2", "--quiet")
FIELDS = ("source", "paramcd", "group", "avisit", "arm", "arm_ref", "statistic", "unit", "value")
TOLD = {"mean", "rate_ratio", "difference", "p_value", "mean_individual_effect",
        "threshold_gain_percent"}


def sums_of(folder):
    """The text of a sha256sum file: every file whose bytes are promised."""
    paths = [folder / "results.json", *sorted((folder / "adam").iterdir())]
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
                   for path in paths)


def extract_of(folder):
    """The main rows of results.json as CSV; values as the file has them."""
    rows = json.loads((folder / "results.json").read_text(), parse_float=str)["rows"]
    text = io.StringIO()
    table = csv.DictWriter(text, FIELDS, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(row for row in rows if row["statistic"] in TOLD or row["paramcd"] == "FLOW")
    return text.getvalue()


class Golden(ProgramTest):
    maxDiff = 6000

    def test_results_and_data_sets_are_as_stored(self):
        folder = self.simulate(self.source.resolve() / "studies/first-steps.toml", "out",
                               *ARGUMENTS)
        self.assertEqual(7, len(SUMS.read_text().splitlines()), "results.json and six data sets")
        self.assertEqual(EXTRACT.read_text().splitlines(), extract_of(folder).splitlines())
        self.assertEqual(SUMS.read_text(), sums_of(folder))


def update(program, source):
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "out")
        subprocess.run([program, "run", Path(source, "studies/first-steps.toml"), "--out", folder,
                        *ARGUMENTS], check=True)
        SUMS.write_text(sums_of(folder))
        EXTRACT.write_text(extract_of(folder))


if __name__ == "__main__":
    if "--update" in sys.argv:
        update(*sys.argv[1:3])
    else:
        main()
