"""What stands beside the code: dependencies and their locks, make targets, the image, news and decisions."""

import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
DEV = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["dev"]]
BUILD = [Requirement(text) for text in PROJECT["build-system"]["requires"]]
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
FOLDERS = [*PACKAGES, "bench", "tests"]
LOCKS = ["requirements.lock", "requirements-dev.lock"]
TARGETS = ["help", "demo", "test", "lint", "format", "trace", "bench", "corpus", "pictures", "lock", "clean"]
NEWS = {"added", "changed", "fixed", "removed", "security"}


def pins(lock: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


# --- dependencies


@pytest.mark.parametrize(("lock", "wanted"), [(LOCKS[0], RUN + BUILD), (LOCKS[1], RUN + BUILD + DEV)])
def test_a_lock_pins_what_the_project_asks_for(lock, wanted):
    pinned = pins(lock)
    missing = {str(need) for need in wanted if pinned.get(canonicalize_name(need.name)) not in need.specifier}
    assert not missing


def test_tests_run_on_the_versions_that_are_shipped():
    assert pins(LOCKS[0]).items() <= pins(LOCKS[1]).items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash(lock):
    text = re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    for line in text.strip().splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==\S+(\s+--hash=sha256:[0-9a-f]{64})+\s*", line), line[:80]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock):
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host|(^|\s)/", (ROOT / lock).read_text())


@pytest.mark.parametrize("need", RUN + DEV + BUILD, ids=lambda need: need.name)
def test_every_dependency_has_earned_its_line(need):
    table = (ROOT / "docs/decisions/0001-dependencies.md").read_text()
    assert re.search(rf"^\|.*`{re.escape(need.name)}`", table, re.MULTILINE | re.IGNORECASE)


# --- make


@pytest.mark.parametrize("target", TARGETS)
def test_make_lists_its_targets(target):
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(rf"^  {target} +\S", done.stdout, re.MULTILINE)


def test_the_port_of_the_demonstration_can_be_chosen():
    done = subprocess.run(["make", "-n", "demo", "PORT=9000"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "halocline demo --port 9000" in done.stdout


def test_an_old_python_is_named_before_anything_is_made(tmp_path):
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.1\nexit 1\n')
    old.chmod(0o755)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    for lock in [*LOCKS, "pyproject.toml"]:
        (tmp_path / lock).touch()
    done = subprocess.run(
        ["make", "test", f"PYTHON={old}"], cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert "Python 3.9.1" in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("target", ["lint", "test"])
def test_ci_runs_what_people_run(target):
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert re.search(rf"^make {target}\b", script.read_text(), re.MULTILINE)
    subprocess.run(["bash", "-n", str(script)], check=True)


# --- the image


def instructions() -> list[tuple[str, str]]:
    """Return the Dockerfile as (instruction, arguments), continued lines joined, comments dropped."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def final_stage() -> list[tuple[str, str]]:
    steps = instructions()
    last = max(i for i, (step, _) in enumerate(steps) if step == "FROM")
    return steps[last:]


def test_the_image_has_two_stages_on_one_pinned_base():
    bases = [arguments.split()[0] for step, arguments in instructions() if step == "FROM"]
    assert len(bases) == 2
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases[0])


def test_the_image_is_built_from_the_lock_and_its_hashes():
    installs = [arguments for step, arguments in instructions() if step == "RUN" and '"install"' in arguments]
    assert any("--require-hashes" in line and "requirements.lock" in line for line in installs)
    assert all("--require-hashes" in line or ("--no-deps" in line and "--no-index" in line) for line in installs)


def test_the_image_does_not_run_as_root():
    users = [arguments for step, arguments in final_stage() if step == "USER"]
    assert users
    assert int(users[-1]) > 0


def test_the_store_of_the_image_outlives_it_and_is_its_users_own():
    steps = final_stage()
    (home,) = [shlex.split(arguments)[0] for step, arguments in steps if step == "WORKDIR"]
    assert ("VOLUME", f'["{home}"]') in steps
    (user,) = [arguments for step, arguments in steps if step == "RUN" and "useradd" in arguments]
    assert f'"--home-dir", "{home}", "--create-home"' in user
    # What is declared before the folder belongs to its user would belong to root.
    order = [step for step, arguments in steps if "useradd" in arguments or step in ("USER", "VOLUME")]
    assert order == ["RUN", "USER", "VOLUME"]


def test_the_image_says_whether_it_is_well():
    (check,) = [arguments for step, arguments in final_stage() if step == "HEALTHCHECK"]
    assert '"python"' in check
    assert ":8080/health" in check
    assert ("EXPOSE", "8080") in final_stage()


def test_the_image_serves_a_configuration_by_default():
    (command,) = [arguments for step, arguments in final_stage() if step == "CMD"]
    assert command.startswith('["halocline", "serve"')
    assert command.endswith('"/etc/halocline/config.yaml"]')
    assert '"--host", "0.0.0.0"' in command


def test_the_image_holds_the_packages_and_nothing_else():
    copied = [shlex.split(arguments) for step, arguments in instructions() if step == "COPY"]
    sources = [source for words in copied if not words[0].startswith("--from") for source in words[:-1]]
    assert {source.rstrip("/") for source in sources if source.endswith("/")} == set(PACKAGES)
    assert {source for source in sources if not source.endswith("/")} == {
        "requirements.lock", "pyproject.toml", "README.md", "LICENSE", "NOTICE",
    }  # fmt: skip
    for source in sources:
        assert (ROOT / source).exists(), source
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed == set(sources)


def test_the_image_fetches_nothing_by_address_and_knows_no_secret():
    text = (ROOT / "Dockerfile").read_text()
    assert "ADD" not in {step for step, _ in instructions()}
    assert not re.search(r"password|secret|token|api_?key", text, re.IGNORECASE)
    assert not re.search(r"https?://(?!127\.0\.0\.1:8080/health)", text)


def test_what_is_shipped_is_every_package():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert set(PACKAGES) == folders - {"bench", "tests"}


# --- licence, news, decisions


def test_the_licence_is_the_one_that_is_declared():
    text = (ROOT / "LICENSE").read_text()
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_every_foreign_work_is_named_with_its_licence():
    notice = (ROOT / "NOTICE").read_text()
    licensed = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("LICENSE*")}
    assert set((ROOT / "gateway/viewer/static/vendor").glob("*/")) <= licensed
    assert not [folder for folder in licensed if folder.relative_to(ROOT).as_posix() not in notice]


def test_news_is_named_by_its_kind_and_said_in_a_sentence():
    for path in (ROOT / "changes").iterdir():
        if path.name in ("README.md", "released"):
            continue
        assert re.fullmatch(rf"[a-z0-9-]+\.({'|'.join(NEWS)})\.md", path.name), path.name
        text = path.read_text().strip()
        assert text.endswith("."), path.name
        assert len(text) < 600, path.name


def test_there_is_news():
    assert list((ROOT / "changes").glob("*.*.md")) or list((ROOT / "changes").glob("released/*.md"))


DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_why(path):
    text = path.read_text()
    assert text.startswith(f"# {path.name[:4]}. ")
    sections = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [title for title in sections if title in ("Status", "Context", "Decision", "Consequences")] == [
        "Status", "Context", "Decision", "Consequences",
    ]  # fmt: skip


def test_decisions_are_numbered_without_gaps_and_listed():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = (ROOT / "docs/decisions/README.md").read_text()
    assert not [path.name for path in DECISIONS if f"({path.name})" not in listed]


def test_every_shipped_text_speaks_of_the_project_alone():
    texts = [ROOT / name for name in ("Makefile", "Dockerfile", ".ci/run", "config.yaml", "pyproject.toml", "NOTICE")]
    for pattern in ("*.md", "docs/**/*.md", "changes/*.md", "*.lock", *(f"{name}/**/*.py" for name in FOLDERS)):
        texts += ROOT.glob(pattern)
    machine = re.compile(r"(?<![\w./])/(work|root|tmp|home)/\w")
    assert not [path.relative_to(ROOT).as_posix() for path in texts if machine.search(path.read_text())]
