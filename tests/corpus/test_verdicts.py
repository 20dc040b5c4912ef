"""Every real file is served or refused as a person who looked at it decided, and `docs/corpus.md` says so."""

import os
from pathlib import Path

import pytest

from tests.corpus.outcomes import MESHES, PLACES, Verdict, outcomes, page, row, verdicts
from tests.corpus.page import PAGE

DATA = Path(os.environ.get("HALOCLINE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
ALL = verdicts(DATA / "verdicts.csv") if DATA.is_dir() else []
KINDS = list(dict.fromkeys(verdict.file.split("/")[0] for verdict in ALL)) or ["none"]
"""Folders of files; those of one share a unit."""
IN_SITU = "points, tracks and profiles are not maps: "
REASONS = {
    "bad/bad_cdf5_begin.nc": "header needs 8589934810 bytes and it has 220",
    "bad/bad_data_type.nc": "no georeference: all values of latitude are missing",
    "bad/bad_missing_data.nc": "no georeference: 1 of 1 values of latitude are missing",
    "bad/bad_reference.nc": "no georeference: no variables for latitude and longitude",
    "bad/bad_units.nc": "no georeference: all values of lat are missing",
    "bad/derived_html_error_page.nc": "not a NetCDF file: it begins with b'<!DOCTYPE html>",
    "bad/derived_truncated_nc3.nc": "the file is truncated: its header needs 133100 bytes and it has 40000",
    "bad/derived_truncated_nc4.nc": "the file is truncated: it should have 34783 bytes and it has 20000",
    "bad/not_a_netcdf_file.nc": "not a NetCDF file: it begins with b'This is not a ne'",
    "bad/zeroLengthFile.nc": "the file is empty",
    "odd/bears.nc": "no georeference: no variables for latitude and longitude",
    "odd/clim_axes_julian.nc": "no georeference: no variables for latitude and longitude",
    "odd/clim_axes_noleap.nc": "no georeference: no variables for latitude and longitude",
    "odd/just_time_UTC.nc": "no georeference: no variables for latitude and longitude",
    "odd/just_time_naive.nc": "no georeference: no variables for latitude and longitude",
    "odd/just_time_offset-7.nc": "no georeference: no variables for latitude and longitude",
    "odd/nc4_strings.nc": "no field: no variable of numbers",
    "odd/ref_test_360_day_1900.nc": "no georeference: no variables for latitude and longitude",
    "odd/ref_test_366_day_1900.nc": "no georeference: no variables for latitude and longitude",
    "odd/testEmptyAndNullAttributes.nc4": "no georeference: no variables for latitude and longitude",
}
"""What a reader of the verdict would call the same."""
COMPANIONS = {
    "insitu/argo/dac/coriolis/1900857/1900857_meta.nc": IN_SITU + "Argo float metadata file",
    "insitu/argo/dac/csio/2902696/2902696_meta.nc": IN_SITU + "Argo float metadata file",
    "insitu/argo/dac/csio/2902696/2902696_tech.nc": IN_SITU + "Argo float technical data file",
}
UNPLACED = {
    "bad/derived_corrupt_chunk_nc4.nc": {"adt"},
}
"""Fields that are not served: it is damaged."""


@pytest.mark.parametrize("kind", KINDS)
async def test_real_files_are_served_or_refused_as_expected(kind, tmp_path, real_data):
    data = real_data("verdicts.csv").parent
    wanted = [verdict for verdict in ALL if verdict.file.split("/")[0] == kind]
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    for verdict, found in zip(wanted, await outcomes(wanted, data, tmp_path), strict=True):
        assert (verdict.file, found.wrong) == (verdict.file, ())
        if verdict.verdict == "served" or verdict.file in MESHES:
            expected = set(verdict.fields) - UNPLACED.get(verdict.file, set())
            assert (verdict.file, expected - set(found.layers)) == (verdict.file, set())
            assert (verdict.file, found.values, found.pictures) == (
                verdict.file,
                PLACES * len(expected),
                len(expected),
            )
        else:
            assert (verdict.file, said_of(verdict) in found.reason, found.reason) == (verdict.file, True, found.reason)
        assert row(verdict, found) in lines


def said_of(verdict: Verdict) -> str:
    """Return what the reason must say of a file that is not served."""
    if verdict.verdict == "in situ":
        return IN_SITU
    return (COMPANIONS if verdict.verdict == "companion" else REASONS)[verdict.file]


def test_the_page_has_a_line_for_each_file_and_no_other(real_data):
    real_data("verdicts.csv")
    text = PAGE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in lines] == [verdict.file for verdict in ALL]
    assert text == page(iter(lines))
