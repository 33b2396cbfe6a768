"""What is built, and that it runs where it is installed: wheel, sdist, editable, pre-commit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from ..shop import shop

ROOT = Path(__file__).parent.parent.parent
SHIPPED = ("linter", "rules", "advisor", "demo")
"""Top folders that belong to the package; tests and benchmarks do not."""
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON", "VIRTUAL_ENV"))}


def tracked() -> list[str]:
    """The files of the checkout, as git would commit them."""
    asked = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(asked, capture_output=True, check=True)
    return sorted({name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()})


def shipped() -> list[str]:
    """What an installation must hold: every file of the package's folders and the root's modules."""
    return [
        name
        for name in tracked()
        if name.startswith(tuple(f"{top}/" for top in SHIPPED))
        or name == "py.typed"
        or ("/" not in name and name.endswith(".py"))
    ]


def run(*command: str | Path, cwd: Path | None = None, env: Mapping[str, str] = CLEAN) -> str:
    done = subprocess.run(command, cwd=cwd, env=dict(env), capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean checkout, in a folder whose name is no Python name."""
    folder = tmp_path_factory.mktemp("checkout") / "slow lint-2.0"
    for name in tracked():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    run("git", "init", "-q", cwd=folder)
    run("git", "add", ".", cwd=folder)
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "all", cwd=folder)


@pytest.fixture(scope="session")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(wheel, sdist); the wheel is built from the sdist, so that it proves the sdist complete."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", str(out), str(checkout))
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="session")
def environment(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh virtual environment with the wheel and what it needs."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", built[0])
    return folder / "bin"


def test_the_package_list_is_the_folders() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = {Path(name).parent for name in shipped() if Path(name).name == "__init__.py"}
    # A folder without one, and all below it, is data (the demo's sample, the recorder's start-up folder).
    packages = sorted(
        ".".join(("slowlint", *folder.parts)) for folder in folders if {folder, *folder.parents} <= folders
    )
    assert sorted(settings["tool"]["setuptools"]["packages"]) == packages


def test_wheel_holds_exactly_the_package(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        names = wheel.namelist()
    package = sorted(name.removeprefix("slowlint/") for name in names if name.startswith("slowlint/"))
    assert package == sorted(shipped())
    rest = {name.split("/", 1)[1] for name in names if not name.startswith("slowlint/")}
    assert {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"} <= rest


def test_sdist_holds_the_package_and_what_builds_it(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as sdist:
        names = {name.split("/", 1)[1] for name in sdist.getnames() if "/" in name}
    assert names >= {*shipped(), "pyproject.toml", "README.md", "LICENSE"}


def test_the_installed_command_lints(environment: Path, tmp_path: Path) -> None:
    project = shop(tmp_path / "shop")
    for command in ([environment / "slowlint"], [environment / "python", "-m", "slowlint"]):
        done = subprocess.run(
            [*command, "check", project], cwd=tmp_path, env=CLEAN, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1, done.stderr
        assert "shop/app/views.py:5:" in done.stdout and "lazy-load-in-loop" in done.stdout
    where = run(environment / "python", "-c", "import slowlint; print(slowlint.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(environment.parent)
    assert "lazy-load-in-loop" in run(environment / "slowlint", "rules", cwd=tmp_path)


def test_the_base_installation_is_the_linter_only(environment: Path) -> None:
    installed = run(environment / "python", "-m", "pip", "list", "--format", "freeze").lower()
    for heavy in ("duckdb", "pyarrow", "sqlalchemy", "psycopg", "opentelemetry", "protobuf"):
        assert heavy not in installed
    for command, extra in ((["advise"], "advisor"), (["record", "--", "true"], "record"), (["demo"], "demo")):
        done = subprocess.run(
            [environment / "slowlint", *command],
            cwd=environment,
            env=CLEAN,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2 and f"tip: pip install 'slowlint[{extra}]'" in done.stderr, done.stderr


def test_editable_in_a_folder_of_any_name(checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "--editable", checkout)
    where = run(python, "-c", "import slowlint.linter.config as c; print(c.__file__)", cwd=tmp_path).strip()
    assert Path(where) == checkout / "linter" / "config.py"
    assert (folder / "bin" / "slowlint").exists()


def test_pre_commit_sees_the_whole_project_from_one_changed_file(checkout: Path, tmp_path: Path) -> None:
    project = shop(tmp_path / "shop")
    run("git", "init", "-q", cwd=project)
    run("git", "add", ".", cwd=project)
    commit(project)
    pre_commit = str(Path(sys.executable).with_name("pre-commit"))
    environment = {**CLEAN, "PRE_COMMIT_HOME": str(tmp_path / "cache"), "NO_COLOR": "1"}

    def hook(*files: str) -> tuple[int, str]:
        command = [pre_commit, "try-repo", str(checkout), "slowlint", "--color", "never", "--files", *files]
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        return done.returncode, done.stdout + done.stderr

    code, output = hook("app/views.py")
    assert code == 1 and "app/views.py:5:" in output and "lazy-load-in-loop" in output, output
    code, output = hook("app/queries.py")  # the cause is here, the effect in a file that was not named
    assert code == 1 and "app/views.py:5:" in output, output
    code, output = hook("app/__init__.py")
    assert code == 0 and "Passed" in output, output
