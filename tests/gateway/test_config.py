from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config import ConfigError, VariableConfig, load, parse
from renderers.scale import Scale


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path):
    file = tmp_path / "unit.yaml"
    file.write_text("store: copies\ndatasets: [{id: sst, source: '*.nc'}, {id: all, source: /data/*.nc}]\n")
    config = load(file)
    assert config.store == str(tmp_path / "copies")
    assert [dataset.source for dataset in config.datasets] == [str(tmp_path / "*.nc"), "/data/*.nc"]


def test_paths_are_the_same_from_whichever_folder_the_configuration_is_read(tmp_path, monkeypatch):
    path = tmp_path / "c.yaml"
    path.write_text("store: s\ndatasets: [{id: d, source: '*.nc'}]")
    monkeypatch.chdir(tmp_path)
    assert load(Path("c.yaml")) == load(path)


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


@pytest.mark.parametrize("text", ["1", "0d", "-1d", "1w", "1.5h", "d", "100000h", "", "\u0661d", 24])
def test_what_is_no_span_of_time_is_refused_with_what_would_be_right(tmp_path, text):
    with pytest.raises(ConfigError, match=r"unit\.keep_versions: .*36h or 7d"):
        parse({"unit": {"keep_versions": text}}, name="unit.yaml", folder=tmp_path)


@pytest.mark.parametrize(("text", "hours"), [("1h", 1), ("36h", 36), ("7d", 168)])
def test_a_dataset_keeps_its_versions_otherwise_than_the_unit(tmp_path, text, hours):
    datasets = [{"id": "a", "source": "a", "keep_versions": text}, {"id": "b", "source": "b"}]
    config = parse({"unit": {"keep_versions": "2d"}, "datasets": datasets}, name="unit.yaml", folder=tmp_path)
    assert [config.kept(dataset) / timedelta(hours=1) for dataset in config.datasets] == [hours, 48]
