"""The examples: where they are, and what each needs to be run by a test as by a reader.

An example is a directory with a `__main__.py`. A test makes a copy of it, in which the addresses of
emulators (`http://127.0.0.1:8765`, `:8766`, …) are those of its own. What else it needs:

- a stack for each `Pulumi.STACK.yaml` that it brings along, else the stack `dev`. Which those are
  stands in .gitignore; any other is of somebody who followed the README;
- a value for each `require_secret("name")` and each `value_from_env="NAME"` of its modules;
- `workspace.json`, if there is one: the seed of each workspace (`dbserving emulator --seed`);
- `databrickscfg`, if there is one: the profiles, with the emulator's own token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

from databricks_serving_emulator import Seed, read_seed
from databricks_serving_emulator.stack_file import project_file, stack_file

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
FIRST_PORT = 8765
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(87\d\d)")
_SECRET = re.compile(r"require_secret\(\s*\"(\w+)\"")
_FROM_ENVIRONMENT = re.compile(r"value_from_env=\"(\w+)\"")
_SHIPPED = re.compile(r"^!examples/([\w-]+)/(Pulumi\.\w+\.yaml)$", re.MULTILINE)
_DESCRIPTION = re.compile(r"^description: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One example on one of its stacks."""

    directory: Path
    stack: str = "dev"

    @property
    def name(self) -> str:
        """Its directory's name, with the stack where that is not `dev`."""
        return self.directory.name + ("" if self.stack == "dev" else f"-{self.stack}")

    @property
    def project_file(self) -> Path:
        """Its Pulumi.yaml; that of the quickstart stands at the root of the repository."""
        own = self.directory / "Pulumi.yaml"
        return own if own.exists() else ROOT / "Pulumi.yaml"

    @property
    def expected_preview(self) -> Path:
        """What a first preview prints, on an empty stack."""
        of_stack = "" if self.stack == "dev" else f".{self.stack}"
        return self.directory / f"expected-preview{of_stack}.txt"

    @property
    def description(self) -> str:
        """What it shows, in its project file's words."""
        found = _DESCRIPTION.search(self.project_file.read_text())
        return found[1].strip("\"'") if found else ""

    @property
    def tests(self) -> list[Path]:
        """Tests of its own."""
        return sorted(self.directory.glob("test_*.py"))

    @property
    def secrets(self) -> list[str]:
        """The secret configuration that it requires."""
        return sorted(set(_SECRET.findall(self._text())))

    @property
    def variables(self) -> list[str]:
        """The environment variables that its secrets are read from."""
        return sorted(set(_FROM_ENVIRONMENT.findall(self._text())))

    @property
    def seed(self) -> Seed:
        """What its workspaces have from the start."""
        path = self.directory / "workspace.json"
        return read_seed(path) if path.exists() else Seed()

    @property
    def workspaces(self) -> int:
        """How many workspaces it is about: one for each address that it names, and one at least."""
        return len({FIRST_PORT, *(int(p) for p in _ADDRESS.findall(self._text(programs=False)))})

    @property
    def meant(self) -> list[int]:
        """Which of them this stack is about: those that its file names, itself or by a profile."""
        profiles = ConfigParser()
        profiles.read(self.directory / "databrickscfg")
        said = "".join(
            file.read_text() for file in shipped(self.directory) if stack_of(file) == self.stack
        )
        said += "".join(
            profiles[name]["host"]
            for name in profiles.sections()
            if re.search(rf": {name}$", said, re.MULTILINE)
        )
        return sorted({int(port) - FIRST_PORT for port in _ADDRESS.findall(said)}) or [0]

    def _modules(self) -> list[Path]:
        return [file for file in self.directory.glob("*.py") if file not in self.tests]

    def _settings(self) -> Iterator[tuple[str, str]]:
        """Its files beside the program as (name, text), without what only a reader's stack has."""
        for file in shipped(self.directory):
            yield file.name, stack_file(file).text
        profiles = self.directory / "databrickscfg"
        if profiles.exists():
            yield profiles.name, profiles.read_text()

    def _text(self, *, programs: bool = True) -> str:
        texts = [file.read_text() for file in self._modules()] if programs else []
        return "\n".join([*texts, *(text for _, text in self._settings())])

    def copy(self, directory: Path, *, addresses: list[str]) -> None:
        """Write it there as a project of its own, on workspaces at these addresses."""
        (directory / "Pulumi.yaml").write_text(
            re.sub(r"^main: .*\n", "", self.project_file.read_text(), flags=re.MULTILINE)
        )
        for file in self._modules():
            (directory / file.name).write_text(file.read_text())
        for name, text in self._settings():
            (directory / name).write_text(
                _ADDRESS.sub(lambda found: addresses[int(found[1]) - FIRST_PORT], text)
            )


def found() -> list[Example]:
    """All examples, once for each of their stacks."""
    return [
        Example(program.parent, stack)
        for program in sorted(EXAMPLES.glob("*/__main__.py"))
        for stack in _stacks(program.parent)
    ]


def project_name(example: Example) -> str:
    """The name in its project file."""
    return project_file(example.project_file).name


def shipped(directory: Path) -> list[Path]:
    """The files of stacks that an example brings along."""
    names = _SHIPPED.findall((ROOT / ".gitignore").read_text())
    return sorted(directory / name for example, name in names if example == directory.name)


def stack_of(file: Path) -> str:
    """The stack that such a file is of."""
    return file.name.split(".")[1]


def _stacks(directory: Path) -> list[str]:
    return [stack_of(file) for file in shipped(directory)] or ["dev"]
