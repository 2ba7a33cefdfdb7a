# SPDX-License-Identifier: Apache-2.0
"""The heart command and trials at resolution voxel, from outside.

    heart_test.py PROGRAM SOURCE_DIR [PATIENCE]
"""

import csv
import resource
import struct

from program import NOTICE, ProgramTest, files_below, main, stable_bytes

HEADER = 352  # bytes before the data of a NIfTI-1 file
COARSE = ("--spacing", "2", "--days", "0,180", "--quiet")


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Heart(ProgramTest):
    def heart(self, out="heart", *arguments):
        self.study()
        self.expect(0, "heart", "study.toml", "--out", out, *COARSE, *arguments)
        return self.dir / out

    def test_images_tables_and_picture(self):
        folder = self.heart()
        self.assertEqual(
            ["bullseye.svg", "burden.csv", "course.csv", "heart_day_0000.vtkhdf", "heart_day_0180.vtkhdf",
             "landmarks.csv", "map.csv", "map_bullseye.svg", "segment.nii", "segments.csv", "sites.csv",
             "stress_flow_day_0000.nii", "stress_flow_day_0180.nii",
             "vessel_density_day_0000.nii", "vessel_density_day_0180.nii"], files_below(folder))
        self.assertEqual(b"\x89HDF\r\n", (folder / "heart_day_0180.vtkhdf").read_bytes()[:6])
        nifti = (folder / "stress_flow_day_0180.nii").read_bytes()
        nx, ny, nz = struct.unpack_from("<8h", nifti, 40)[1:4]
        self.assertEqual(HEADER + 4 * nx * ny * nz, len(nifti))
        self.assertIn(NOTICE, (folder / "bullseye.svg").read_text())

    def test_vessels_grow_and_the_threshold_rises(self):
        before, after = table(self.heart() / "course.csv")
        self.assertEqual(0.0, float(before["density_gain_mm3"]))
        self.assertGreater(float(after["density_gain_mm3"]), 100.0)
        self.assertGreater(float(after["threshold_bpm_mmhg"]), float(before["threshold_bpm_mmhg"]))

    def test_every_cell_is_accounted_for(self):
        for site in table(self.heart() / "sites.csv"):
            parts = [float(site[f"{part}_cells"])
                     for part in ("retained", "leaked", "washed_out", "outside")]
            self.assertEqual(float(site["injected_cells"]), sum(parts))
            self.assertAlmostEqual(float(site["placed_cells"]), parts[0], delta=1e-4 * parts[0])

    def test_placebo_changes_nothing(self):
        before, after = table(self.heart("sham", "--arm", "placebo") / "course.csv")
        del before["day"], after["day"]
        self.assertEqual(before, after)

    def test_the_same_bytes_again(self):
        one, two = self.heart("one", "--threads", "1"), self.heart("two", "--threads", "2")
        self.assertEqual(files_below(one), files_below(two))
        for name in files_below(one):
            self.assertEqual((one / name).read_bytes(), (two / name).read_bytes(), name)

    def test_day_0_is_always_there(self):
        self.study()
        self.expect(0, "heart", "study.toml", "--out", "late", "--spacing", "2", "--days", "180",
                    "--quiet")
        self.assertEqual(["0", "180"], [row["day"] for row in table(self.dir / "late/course.csv")])

    def test_studies_that_no_voxels_can_carry(self):
        for room, key, value in (("tissue.secretion", "decay_length_mm", "0.1"),
                                 ("delivery.injection", "depot_sd_along_mm", "1.0"),
                                 ("delivery.map", "fewest_points", "400"),
                                 ("tissue.vessels", "density_ceiling", "0.5")):
            self.study(self.first_steps + f"\n[{room}]\n{key} = {value}\n")
            ended = self.expect(2, "heart", "study.toml", *COARSE)
            self.assertIn(f"{room}.{key}", ended.err)

    def test_rates_far_from_the_defaults_stay_finite(self):
        for number, text in enumerate(("[tissue.relay]\npersistence_days = 0.5\n",
                                       "[tissue.relay]\ninduction_per_day = 0.0\n",
                                       "[tissue.vessels]\nmaturation_per_week = 10.0\n"
                                       "immature_loss_per_week = 10.0\n")):
            self.study(self.first_steps + "\n" + text)
            self.expect(0, "heart", "study.toml", "--spacing", "2", "--out", f"{number}", "--quiet")
            for row in table(self.dir / f"{number}/course.csv"):
                self.assertGreaterEqual(float(row["density_gain_mm3"]), 0.0)

    def test_nothing_is_left_of_what_cannot_be_written(self):
        self.study()
        self.expect(5, "heart", "study.toml", "--out", "small", *COARSE,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
        self.assertEqual(["study.toml"], files_below(self.dir))

    def test_a_folder_with_something_in_it_is_left_as_it_is(self):
        folder = self.heart()
        files = files_below(folder)
        self.expect(5, "heart", "study.toml", "--out", "heart", *COARSE)
        self.assertEqual(files, files_below(folder))

    def test_verification_and_comparisons_are_printed(self):
        self.study()
        out = self.expect(0, "heart", "study.toml", "--out", "v", "--spacing", "2", "--days",
                          "0,180", "--verify").out
        self.assertIn("Grids as shipped and coarsened", out)
        self.assertIn("difference 0", out)
        self.assertIn(NOTICE, out)
        plans = self.expect(0, "heart", "study.toml", "--compare-plans", "10").out
        for kind in ("protocol", "even spread", "optimised", "oracle"):
            self.assertIn(kind, plans)
        treatments = self.expect(0, "heart", "study.toml", "--compare-treatments",
                                 "--spacing", "2").out
        for name in ("nitrate", "PCI", "bypass", "reducer", "cells"):
            self.assertIn(name, treatments)

    def test_wrong_arguments(self):
        self.study()
        for arguments in (["--arm", "lwo"], ["--arm", "nobody"], ["--mask", "x.nii"],
                          ["--patient", "0"], ["--patient", "99999"], ["--days", "-1"],
                          ["--spacing", "9"], ["--spacing", "nan"], ["--compare-plans", "2"],
                          ["--compare-plans", "10", "--sites", "x.csv"],
                          ["--plan", "even", "--sites", "x.csv"]):
            ended = self.expect(2, "heart", "study.toml", *arguments)
            self.assertNotEqual("", ended.err)
        self.assertIn("did you mean low?", self.expect(2, "heart", "study.toml",
                                                       "--arm", "lwo").err)
        self.assertEqual(["study.toml"], files_below(self.dir))


class Masks(ProgramTest):
    """The ellipsoid's own voxels, fed back; then with what can be wrong with a mask."""

    def setUp(self):
        super().setUp()
        self.study()
        self.expect(0, "heart", "study.toml", "--out", "own", *COARSE)
        self.mask = bytearray((self.dir / "own/segment.nii").read_bytes())
        self.shape = struct.unpack_from("<8h", self.mask, 40)[1:4]

    def with_mask(self, code, data, out="out", landmarks="own/landmarks.csv"):
        (self.dir / "mask.nii").write_bytes(bytes(data))
        return self.expect(code, "heart", "study.toml", "--out", out, *COARSE, "--mask", "mask.nii",
                           "--landmarks", landmarks)

    def refused(self, data, *words):
        ended = self.with_mask(3, data)
        self.assertEqual("", ended.out)
        self.assertIn("mask.nii", ended.err)
        for word in words:
            self.assertIn(word, ended.err)
        self.assertFalse((self.dir / "out").exists())

    def place(self, i, j, k):
        nx, ny, _ = self.shape
        return HEADER + i + nx * (j + ny * k)

    def test_its_own_mask_gives_the_same_heart(self):
        self.with_mask(0, self.mask)
        own, again = (table(self.dir / folder / "segments.csv") for folder in ("own", "out"))
        for one, two in zip(own[:17], again[:17]):
            a, b = float(one["stress_flow_ml_per_min_per_g"]), float(
                two["stress_flow_ml_per_min_per_g"])
            self.assertAlmostEqual(a, b, delta=0.05 * a, msg=one["segment"])

    def test_broken_files(self):
        self.refused(b"")
        self.refused(b"\x89HDF\r\n\x1a\n" + bytes(2000))
        self.refused(self.mask[:-1000])
        absurd = bytearray(self.mask)
        struct.pack_into("<8h", absurd, 40, 3, 32767, 32767, 32767, 1, 1, 1, 1)
        self.refused(absurd)

    def test_an_empty_mask(self):
        self.refused(self.mask[:HEADER] + bytes(len(self.mask) - HEADER), "at least one voxel")

    def test_two_components(self):
        two = bytearray(self.mask)
        two[self.place(1, 1, self.shape[2] - 2)] = 1
        self.refused(two, "2 pieces")

    def test_a_cavity_open_at_the_apex(self):
        nx, ny, nz = self.shape
        open_end = bytearray(self.mask)
        for k in range(nz // 2):
            for j in range(ny // 2 - 2, ny // 2 + 2):
                for i in range(nx // 2 - 2, nx // 2 + 2):
                    open_end[self.place(i, j, k)] = 0
        self.refused(open_end, "cavity")

    def test_landmarks_that_cannot_be(self):
        (self.dir / "marks.csv").write_text("name,x_mm,y_mm,z_mm\napex,0,0,here\n")
        err = self.with_mask(3, self.mask, landmarks="marks.csv").err
        for words in ("marks.csv:2", "here", "base_centre", "anterior_insertion"):
            self.assertIn(words, err)


class Maps(ProgramTest):
    def test_a_map_and_sites_of_the_users_own(self):
        self.study()
        self.expect(0, "heart", "study.toml", "--out", "a", *COARSE)
        self.expect(0, "heart", "study.toml", "--out", "b", *COARSE, "--map", "a/map.csv")
        self.assertEqual((self.dir / "a/sites.csv").read_bytes(),
                         (self.dir / "b/sites.csv").read_bytes())
        (self.dir / "sites.csv").write_text("x_mm,y_mm,z_mm\n25,0,0\n0,25,0\n")
        self.expect(0, "heart", "study.toml", "--out", "c", *COARSE, "--sites", "sites.csv")
        self.assertEqual(2, len(table(self.dir / "c/sites.csv")))

    def test_sites_and_maps_that_cannot_be(self):
        self.study()
        (self.dir / "sites.csv").write_text("x_mm,y_mm,z_mm\n25,0,zero\n")
        self.assertIn("sites.csv:2", self.expect(3, "heart", "study.toml", *COARSE, "--sites",
                                                 "sites.csv").err)
        (self.dir / "sites.csv").write_text("x_mm,y_mm,z_mm\n300,0,0\n")
        self.expect(3, "heart", "study.toml", *COARSE, "--sites", "sites.csv")
        (self.dir / "map.csv").write_text("x_mm,y_mm\n1,2\n")
        self.assertIn("z_mm", self.expect(3, "heart", "study.toml", *COARSE, "--map",
                                          "map.csv").err)
        self.assertEqual(["map.csv", "sites.csv", "study.toml"], files_below(self.dir))


class VoxelTrial(ProgramTest):
    def small(self):
        return self.first_steps.replace("randomised = 30", "randomised = 6").replace(
            "[run]\n", "[run]\nvoxel_spacing_mm = 2.0\n")

    def test_threads_and_order_change_no_byte(self):
        self.study(self.small())
        for out, threads in (("one", "1"), ("two", "2")):
            self.expect(0, "run", "study.toml", "--out", out, "--resolution", "voxel",
                        "--threads", threads, "--quiet")
        self.assertEqual(stable_bytes(self.dir / "one"), stable_bytes(self.dir / "two"))

    def test_resolution_is_part_of_the_record(self):
        self.study(self.small())
        self.expect(0, "run", "study.toml", "--out", "v", "--resolution", "voxel", "--quiet")
        self.expect(0, "run", "study.toml", "--out", "r", "--quiet")
        resolved = (self.dir / "v/study.resolved.toml").read_text()
        self.assertIn('resolution = "voxel"', resolved)
        self.assertIn('resolution = "radial"', (self.dir / "r/study.resolved.toml").read_text())
        self.assertNotEqual((self.dir / "v/results.json").read_bytes(),
                            (self.dir / "r/results.json").read_bytes())


if __name__ == "__main__":
    main()
