"""`halocline acl explain` and what `check` says of rules: who may do what, and which line says so."""

import pytest

from cli.codes import DONE, FAILED
from cli.main import main
from cli.rules import rule_findings
from gateway.config.file import load, parse

UNIT = """\
access:
  - datasets: "*"
    discover: [public]
    view: [registered]
  - {datasets: 'ice-*', download: [major]}
datasets:
  - id: sea
    source: x
    access:
      download: [major, minor]
  - {id: ice-north, source: x}
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "unit.yaml"
    path.write_text(UNIT)
    return path


def test_every_list_is_told_with_its_line(config, capsys):
    assert main(["acl", "explain", str(config)]) == DONE
    assert capsys.readouterr().out.splitlines() == [
        f"sea: discover: public [{config}:3: access.0.discover]",
        f"sea: view: registered [{config}:4: access.0.view]",
        f"sea: download: major, minor [{config}:10: datasets.0.access.download]",
        f"ice-north: discover: public [{config}:3: access.0.discover]",
        f"ice-north: view: registered [{config}:4: access.0.view]",
        f"ice-north: download: major [{config}:5: access.1.download]",
    ]


@pytest.mark.parametrize(
    ("who", "says"),
    [
        (
            ["--anonymous"],
            [
                "an anonymous caller: may discover",
                "an anonymous caller: may not view: it needs one of registered",
                "an anonymous caller: may not download: it needs one of registered and one of major, minor",
            ],
        ),
        (
            ["--profile", "registered"],
            [
                "an account with registered: may discover",
                "an account with registered: may view",
                "an account with registered: may not download: it needs one of major, minor",
            ],
        ),
        (
            ["--profile", "registered", "minor"],
            [f"an account with minor, registered: may {what}" for what in ("discover", "view", "download")],
        ),
        (["--profile"], ["an account with no profile: may discover"]),
    ],
)
def test_what_a_caller_may_is_told_with_what_is_missing(config, capsys, who, says):
    assert main(["acl", "explain", str(config), "--dataset", "sea", *who]) == DONE
    lines = [line.removeprefix("sea: ") for line in capsys.readouterr().out.splitlines()[3:]]
    assert lines[: len(says)] == says


def test_without_rules_everything_is_public(tmp_path, capsys):
    (tmp_path / "unit.yaml").write_text("datasets: [{id: sea, source: x}]\n")
    assert main(["acl", "explain", str(tmp_path / "unit.yaml"), "--anonymous"]) == DONE
    said = capsys.readouterr().out
    assert "sea: view: public [there is no rule at all]" in said
    assert "an anonymous caller: may download" in said


def test_a_list_that_stands_for_a_weaker_action_is_named(tmp_path, capsys):
    (tmp_path / "unit.yaml").write_text("access: [{datasets: '*', view: []}]\ndatasets: [{id: sea, source: x}]\n")
    assert main(["acl", "explain", str(tmp_path / "unit.yaml"), "--profile", "any"]) == DONE
    said = capsys.readouterr().out
    assert "sea: discover: nobody [" in said
    assert "unit.yaml:1: access.0.view (no rule has a list for discover)]" in said
    assert "sea: download: nobody [no rule says who may]" in said
    assert "it needs what nobody has" in said


def test_an_unknown_dataset_is_named_with_those_there_are(config, capsys):
    assert main(["acl", "explain", str(config), "--dataset", "nope"]) == FAILED
    assert "there is no dataset 'nope'; there are sea, ice-north" in capsys.readouterr().err


def test_a_rule_that_is_merged_from_another_is_told_with_the_line_of_that_one(tmp_path, capsys):
    path = tmp_path / "unit.yaml"
    path.write_text(
        "access:\n- &a\n  datasets: a\n  view: [major]\n- {<<: [*a], datasets: b}\ndatasets: [{id: b, source: x}]\n"
    )
    assert main(["acl", "explain", str(path)]) == DONE
    assert f"b: view: major [{path}:4: access.1.view]" in capsys.readouterr().out.splitlines()


AUTH = {"issuer": "local", "jwks": "keys.json"}
SEA = {"id": "sea", "source": "x"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"datasets": [SEA]}, ["note: access: there is no rule: everybody may view and download everything"]),
        ({"access": [{"datasets": "*", "download": ["public"]}], "datasets": [SEA]}, []),
        (
            {"access": [{"datasets": "ice", "view": ["public"]}], "datasets": [SEA]},
            [
                "note: access.0: no dataset matches 'ice'",
                "not served: access: nobody may discover dataset sea: no rule says who may",
            ],
        ),
        (
            {
                "access": [{"datasets": "*", "view": ["public"]}, {"datasets": "se*", "view": ["public"]}],
                "datasets": [SEA],
            },
            ["note: access.0: view: more specific rules decide for each dataset of '*'"],
        ),
        (
            {
                "access": [{"datasets": "*", "discover": ["public"], "view": ["major"], "download": ["minor"]}],
                "datasets": [SEA],
            },
            [
                "note: access: dataset sea: access.0.download alone does not let minor download: access.0.view keeps them from viewing"  # noqa: E501
            ],
        ),
        # A dataset that is hidden among public ones is no contradiction.
        (
            {
                "access": [{"datasets": "*", "view": ["public"]}],
                "datasets": [SEA | {"access": {"discover": ["major"]}}],
            },
            [],
        ),
        (
            {
                "access": [{"datasets": "*", "view": ["public", "major"], "download": ["authenticated", "major"]}],
                "datasets": [SEA],
            },
            [
                "note: access.0: view: beside public, major changes nothing",
                "note: access.0: download: beside authenticated, major changes nothing",
            ],
        ),
        (
            {"access": [{"datasets": "*", "view": ["majro"]}], "profiles": {"major": {}}, "datasets": [SEA]},
            [
                "note: profiles: majro is named by a rule, and is not among major",
                "note: profiles: major is named by no rule: it opens nothing",
            ],
        ),
    ],
)
def test_check_says_what_of_the_rules_may_surprise(given, says, tmp_path):
    config = parse(given | {"auth": AUTH}, name="test", folder=tmp_path)
    assert [f"{finding.kind}: {finding.text}" for finding in rule_findings(config)] == says


def test_check_says_where_nobody_can_prove_who_they_are(config):
    texts = [finding.text for finding in rule_findings(load(config))]
    assert texts[-1] == "auth: no issuer is trusted, so nobody can be more than public"
