from datetime import timedelta
from pathlib import Path

import pytest

from core.asked.leeway import EXACT, Leeway
from gateway.config.dataset import VariableConfig
from gateway.config.file import ConfigError, load, parse
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
        ("unit: {contact: {person: A}}", "unit.contact.organization"),
        ("unit: {contact: {person: A, organization: B, phone: 1}}", "unit.contact.phone"),
        ("unit: {keywords: ocean}", "unit.keywords"),
        ("limits: {width: 0}", "limits.width"),
        ("datasets: [{id: a, source: b, variables: {t: {palette: nope}}}]", "nope"),
        ("datasets: [{id: a, source: b, variables: {t: {range: [3, 3]}}}]", "datasets.0.variables.t.range"),
        ("datasets: [{id: a, source: b, variables: {t: {range: [0, .inf]}}}]", "finite"),
        ("datasets: [{id: a, source: b, variables: {t: {range: [0, 3], log: true}}}]", "above 0"),
        ("unit: [", "not YAML"),
        ("unit: {title: 2020-13-45}", "'2020-13-45' is no value"),
        ("unit: {port: 0x_}", "'0x_' is no value"),
        ("unit: {title: !!float _}", "'_' is no value"),
        ("unit: {title: !!bool perhaps}", "'perhaps' is no value"),
        ("unit: {title: !!timestamp soon}", "'soon' is no value"),
        ("unit: {port: " + "1" * 5000 + "}", "'1111"),
        ("unit: " + "[" * 3000, "nests too deeply"),
        ("store: a\nunit: {}\nstore: b", "the key 'store' is there twice"),
        ("access:\n- {datasets: '*', view: [major], 'view': [public]}", "line 2, column"),
        ("- 1", "top level"),
    ],
)
def test_what_cannot_be_used_is_refused_naming_the_file_and_the_key(tmp_path, text, says):
    file = tmp_path / "unit.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"unit\.yaml") as refused:
        load(file)
    assert says in str(refused.value)


def test_keys_may_be_merged_in_and_written_otherwise(tmp_path):
    file = tmp_path / "unit.yaml"
    file.write_text(
        "access:\n- &ice {datasets: ice, view: [major]}\n- &sea {<<: *ice, datasets: sea}\n- {<<: *sea, datasets: x}"
    )
    assert [(rule.datasets, rule.view) for rule in load(file).access] == [
        ("ice", ["major"]), ("sea", ["major"]), ("x", ["major"])
    ]  # fmt: skip


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


@pytest.mark.parametrize(("text", "minutes"), [(None, 0), ("0", 0), (0, 0), ("30m", 30), ("12h", 720), ("7d", 10080)])
def test_how_near_a_step_has_to_be_is_configured(tmp_path, text, minutes):
    near = {"nearest_elevation": 2.5} | ({} if text is None else {"nearest_time": text})
    datasets = [{"id": "a", "source": "a"} | near, {"id": "b", "source": "b"}]
    config = parse({"datasets": datasets}, name="unit.yaml", folder=tmp_path)
    assert [dataset.leeway for dataset in config.datasets] == [Leeway(time=minutes * 60_000, elevation=2.5), EXACT]


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("nearest_time", "1w", "30m, 12h or 7d"),
        ("nearest_time", 12, "30m, 12h or 7d"),
        ("nearest_time", False, "30m, 12h or 7d"),
        ("nearest_time", "-1h", "30m, 12h or 7d"),
        ("nearest_elevation", -1, "greater than or equal to 0"),
        ("nearest_elevation", float("nan"), "finite"),
        ("nearest_elevation", "near", "number"),
    ],
)
def test_a_nearness_that_cannot_be_meant_is_refused(tmp_path, key, value, says):
    with pytest.raises(ConfigError, match=rf"datasets\.0\.{key}: .*{says}"):
        parse({"datasets": [{"id": "a", "source": "a", key: value}]}, name="unit.yaml", folder=tmp_path)
