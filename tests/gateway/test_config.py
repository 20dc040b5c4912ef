import pytest

from gateway.config import ConfigError, VariableConfig, load, parse
from renderers.scale import Scale


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path):
    file = tmp_path / "unit.yaml"
    file.write_text("store: copies\ndatasets: [{id: sst, source: '*.nc'}, {id: all, source: /data/*.nc}]\n")
    config = load(file)
    assert config.store == str(tmp_path / "copies")
    assert [dataset.source for dataset in config.datasets] == [str(tmp_path / "*.nc"), "/data/*.nc"]


def test_an_object_store_is_left_as_it_is(tmp_path):
    assert parse({"store": "s3://bucket/prefix"}, name="x", folder=tmp_path).store == "s3://bucket/prefix"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("unit: {tittle: x}", "unit.tittle"),
        ("datasets: [{id: a, source: b, variables: {thetao: {pallete: x}}}]", "datasets.0.variables.thetao.pallete"),
        ("datasets: [{id: ../up, source: b}]", "datasets.0.id"),
        ("datasets: [{id: a, source: b}, {id: a, source: c}]", "used more than once"),
        ("unit: {port: eighty}", "unit.port"),
        ("unit: {port: 99999}", "unit.port"),
        ("limits: {width: 0}", "limits.width"),
        ("datasets: [{id: a, source: b, variables: {t: {palette: nope}}}]", "nope"),
        ("datasets: [{id: a, source: b, variables: {t: {range: [3, 3]}}}]", "datasets.0.variables.t.range"),
        ("datasets: [{id: a, source: b, variables: {t: {range: [0, .inf]}}}]", "finite"),
        ("datasets: [{id: a, source: b, variables: {t: {range: [0, 3], log: true}}}]", "above 0"),
        ("unit: [", "not YAML"),
        ("- 1", "top level"),
    ],
)
def test_what_cannot_be_used_is_refused_naming_the_file_and_the_key(tmp_path, text, says):
    file = tmp_path / "unit.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"unit\.yaml") as refused:
        load(file)
    assert says in str(refused.value)


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(ConfigError, match=r"absent.yaml: No such file"):
        load(tmp_path / "absent.yaml")


@pytest.mark.parametrize(
    ("asked", "log"), [({}, True), ({"range": [0.1, 10]}, True), ({"range": [0, 10]}, False), ({"log": False}, False)]
)
def test_a_range_that_begins_at_zero_makes_a_logarithmic_scale_linear(asked, log):
    scale = VariableConfig.model_validate(asked).applied_to(Scale(palette="algae", low=0.01, high=20.0, log=True))
    assert scale.log is log


def test_a_logarithmic_scale_is_not_forced_on_data_below_zero():
    scale = VariableConfig.model_validate({"log": True}).applied_to(Scale(palette="thermal", low=-2.0, high=30.0))
    assert not scale.log
