"""Write everything that is generated from the schema; `--check` only compares.

The TypedDicts of the programs' dicts with their names in the package, where credentials stand in
them, a JSON Schema of each resource, of the reports, of usage and of the ignore file, and the
references of the fields, of the rules, of the errors and of the command line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import generate_cli
import generate_docs
import generate_errors
import generate_inputs
import generate_json_schema
import generate_plaintext
import generate_rules
from schema_facts import described

from databricks_serving.report import formats, ignoring, usage

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path("provider", "databricks_serving")


def generated(root: Path) -> Iterator[tuple[Path, str]]:
    """Every generated file, by its place in the checkout, as it should be."""
    description = described()
    inputs, package = PACKAGE / "dynamic" / "inputs.py", PACKAGE / "__init__.py"
    yield inputs, _formatted(inputs, generate_inputs.module(description))
    by_hand = (root / package).read_text(encoding="utf-8")
    yield package, _formatted(package, generate_inputs.exports(description, by_hand))
    plaintext = PACKAGE / "dynamic" / "plaintext.py"
    yield plaintext, _formatted(plaintext, generate_plaintext.module())
    for resource in description.resources:
        text = generate_json_schema.text(description, resource)
        yield Path("schema", f"{resource.name}.schema.json"), text
    yield Path("docs", "fields.md"), generate_docs.text(description)
    yield Path("docs", "rules.md"), generate_rules.text()
    yield Path("docs", "errors.md"), generate_errors.text()
    exit_codes = (root / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    yield Path("docs", "reference", "cli.md"), generate_cli.text(exit_codes)
    schemas = {
        "report-1": formats.schema(),
        "ignore-1": ignoring.schema(),
        "usage-1": usage.schema(),
    }
    for name, schema in schemas.items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        yield Path("docs", "schemas", f"{name}.json"), text


def _formatted(path: Path, text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(path), "-"]
    return subprocess.run(
        command, cwd=ROOT, input=text, capture_output=True, encoding="utf-8", check=True
    ).stdout


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write what is not as it should be; with `--check`, only name it, and answer 1."""
    stale = [
        (path, text)
        for path, text in generated(root)
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != text
    ]
    if arguments == ["--check"]:
        for path, _ in stale:
            print(f"{path} is not what the schema says; run `make generate`", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        print(f"generate: wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
