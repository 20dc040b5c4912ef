import netCDF4
import pytest

from core.vertical.terms import levels_of
from stores.ingest.scan import scan

G2 = "s: lev C: C eta: eta depth: deep depth_c: hc"


def write(path, *, name="ocean_s_coordinate_g2", terms=G2, s=(-0.75, -0.25), without=()):
    """Write a field on two levels."""
    variables = {
        "lat": (("lat",), [0, 1], {"units": "degrees_north"}),
        "lon": (("lon",), [0, 1, 2], {"units": "degrees_east"}),
        "lev": (("lev",), s, {"standard_name": name} | ({"formula_terms": terms} if terms else {})),
        "C": (("lev",), [-0.6, -0.1], {}),
        "hc": ((), 10, {}),
        "two": (("lev",), [1, 2], {}),
        "deep": (("lat", "lon"), 100, {}),
        "eta": (("lat", "lon"), 0.5, {}),
        "temp": (("lev", "lat", "lon"), 4, {}),
    }
    with netCDF4.Dataset(path, "w") as file:
        for dimension, size in (("lev", 2), ("lat", 2), ("lon", 3)):
            file.createDimension(dimension, size)
        for variable, (dimensions, values, said) in variables.items():
            if variable not in without:
                file.createVariable(variable, "f8", dimensions)[...] = values
                file[variable].setncatts(said)
    return path


def test_a_formula_holds_the_numbers_of_levels_and_names_the_rest(tmp_path):
    header = scan(write(tmp_path / "a.nc"))
    axis = header.description.axes["lev"]
    assert (axis.kind, axis.dimensionless, axis.formula.depth, axis.formula.eta) == ("vertical", True, "deep", "eta")
    assert axis.formula.terms == {"s": (-0.75, -0.25), "C": (-0.6, -0.1), "depth_c": (10.0,)}
    assert not [remark for remark in header.remarks if "levels" in remark]


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"without": ("C",)}, "it takes C, which is not in this file"),
        ({"without": ("deep",)}, "it takes deep, which is not in this file"),
        ({"without": ("eta",)}, "it takes eta, which is not in this file"),
        ({"without": ("hc",)}, "it takes hc, which is not in this file"),
        ({"terms": ""}, "there is no attribute formula_terms"),
        ({"terms": "s: lev C: C eta: eta depth_c: hc"}, "formula_terms names no depth"),
        ({"terms": G2.replace("C: C ", "")}, "formula_terms names no C"),
        ({"terms": G2.replace("C: C", "C: deep")}, "deep (lat, lon) is not one number for each level"),
        ({"terms": G2.replace("hc", "two")}, "two is not one number"),
        ({"terms": G2.replace("depth: deep", "depth: hc")}, "hc is no field on a grid"),
        ({"s": (-0.75, 50.0)}, "they do not lie one under the other"),
        ({"s": (-0.75, float("nan"))}, "a value of lev is missing"),
    ],
)
def test_what_is_missing_of_a_formula_is_named(tmp_path, how, says):
    header = scan(write(tmp_path / "a.nc", **how))
    assert [remark for remark in header.remarks if says in remark], header.remarks


def test_what_a_formula_leaves_out_is_zero(tmp_path):
    formula = scan(write(tmp_path / "a.nc", terms="s: lev C: C depth: deep")).description.axes["lev"].formula
    assert (formula.eta, formula.terms["depth_c"]) == ("", (0.0,))


def test_real_files_say_how_their_levels_become_metres(real_data):
    formulas = {
        file: scan(real_data(file)).description.axes[axis].formula
        for file, axis in (
            ("roms/Nordic_subset.nc", "s_rho"),
            ("roms/xroms/ocean_his_0001.nc", "s_rho"),
            ("mesh/sfbofs_fvcom.nc", "siglay"),
        )
    }
    said = [(found.name, found.depth, found.eta, len(found.edges)) for found in formulas.values()]
    g2 = ("ocean_s_coordinate_g2", "h", "zeta", 2)
    assert said == [g2, g2, ("ocean_sigma_coordinate", "h", "zeta", 1)]


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("ocean_double_sigma_coordinate", "sigma: lev depth: deep z1: hc z2: hc k_c: hc href: hc"),
        ("ocean_s_coordinate", "s: lev eta: eta depth: deep depth_c: hc"),
    ],
)
def test_a_formula_that_divides_by_nothing_leaves_its_levels_by_number(tmp_path, name, terms):
    header = scan(write(tmp_path / "a.nc", name=name, terms=terms))
    assert header.description.axes["lev"].formula is None
    assert [remark for remark in header.remarks if "they do not lie one under the other" in remark]


@pytest.mark.parametrize("unit", ["km", "centimeters"])
def test_terms_in_another_unit_than_metres_are_not_taken_for_metres(tmp_path, unit):
    path = write(tmp_path / "a.nc")
    with netCDF4.Dataset(path, "a") as file:
        file["deep"].units = unit
    header = scan(path)
    assert header.description.axes["lev"].formula is None
    assert [remark for remark in header.remarks if f"deep is in {unit}, not in m" in remark]


def test_a_field_whose_terms_run_along_its_own_levels_is_named(tmp_path):
    path = write(tmp_path / "a.nc", terms=G2.replace("depth: deep", "depth: other"))
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("other", "f8", ("lev", "lat", "lon"))[...] = 100
    header = scan(path)
    assert levels_of(header.description, header.description.variables["temp"]) is None
    assert [remark for remark in header.remarks if remark.startswith("levels of temp along lev are served by number")]


@pytest.mark.parametrize(
    ("name", "dimensions", "said", "says"),
    [
        ("lev", (), {"standard_name": "depth"}, None),
        ("lev", ("lev", "lat", "lon"), {"standard_name": "depth"}, "by number, not in metres: z (lev, lat, lon) has"),
        ("lev", ("lev", "lat", "lon"), {"positive": "up"}, "by number, not in metres: z (lev, lat, lon) has"),
        ("lev", ("lev", "lat", "lon"), {"standard_name": "sea_water_density"}, None),
        ("lev", ("lat", "lon"), {"standard_name": "depth"}, None),
        ("lev", ("lev", "lat", "lon"), {"positive": "up", "units": "1"}, None),
        ("depth", ("lev", "lat", "lon"), {"standard_name": "depth"}, "as lev writes them: z (lev, lat, lon) has"),
    ],
)
def test_depths_that_a_file_writes_cell_by_cell_are_named(tmp_path, name, dimensions, said, says):
    path = write(tmp_path / "a.nc", terms="", s=(5.0, 10.0), name=name if name == "depth" else "")
    with netCDF4.Dataset(path, "a") as file:
        if dimensions:
            file.createVariable("z", "f8", dimensions)[...] = 7
            file["z"].setncatts({"units": "m"} | said)
        file["temp"].coordinates = "z"
    found = [remark for remark in scan(path).remarks if "cell by cell" in remark]
    assert len(found) == (says is not None)
    assert says is None or says in found[0]
