"""The code of the docs' pages: what stands in their blocks, and in their sentences."""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from docs_markdown import Block, blocks

import databricks_serving
import databricks_serving_emulator
from databricks_serving.cli.app import app
from databricks_serving_emulator import testing

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SHELL = ("sh", "bash", "console", "shell", "")
#: What a fragment may leave to be imported, beside the names of the package.
_IMPORTED = {
    *("pulumi", "pytest", "Path", "config", "__file__"),
    *databricks_serving_emulator.__all__,
    *(name for name in vars(testing) if not name.startswith("_")),
}
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
#: Words of a shell, and what ends a command; enough for what is written in docs.
_TOKEN = re.compile(
    r"""(?P<comment>(?<!\S)\#[^\n]*)
    | (?P<end>&&|\|\||(?:(?<=\s)\d)?[<>]{1,2}(?:&\d)?|[|;&()\n])
    | (?P<word>(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"|;&()<>\\])+)""",
    re.VERBOSE | re.DOTALL,
)
#: What follows a `$`, to the end of the line, or of the last quote that is open there.
_TYPED = re.compile(r"^\$ ((?:'[^']*'|[^'\n])*)$", re.MULTILINE)
_QUOTED = re.compile(r"'([^']*)'|\"((?:\\.|[^\"\\])*)\"", re.DOTALL)


@dataclass(frozen=True)
class Code:
    """A block of a page; `place` names both, for people."""

    page: str
    block: Block
    before: tuple[Block, ...]

    @property
    def place(self) -> str:
        """The page and the line."""
        return f"{self.page}:{self.block.line}"

    @property
    def is_fragment(self) -> bool:
        """Whether it is no whole program: it says so, or is of the program beside its README."""
        return self.block.mark.startswith("fragment") or self.page.startswith("examples/")

    def programs(self) -> Iterator[str]:
        """The Python that is there before it: in the page, and beside the README of an example."""
        yield from (block.text for block in self.before if block.language == "python")
        if self.page.startswith("examples/"):
            files = (ROOT / self.page).parent.glob("*.py")
            yield from (file.read_text(encoding="utf-8") for file in files)


def pages() -> list[Path]:
    """Every page that people read, made ones too."""
    found = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]
    found += (page for page in (ROOT / "docs").rglob("*.md") if "stories" not in page.parts)
    return sorted([*found, *(ROOT / "examples").rglob("README.md")])


def code(*languages: str) -> list[Code]:
    """The blocks of all pages in one of the languages."""
    found = []
    for page in pages():
        listed = list(blocks(page.read_text(encoding="utf-8")))
        for number, block in enumerate(listed):
            if block.language in languages:
                name = page.relative_to(ROOT).as_posix()
                found.append(Code(name, block, tuple(listed[:number])))
    return found


def inline() -> Iterator[tuple[str, str]]:
    """What stands in backquotes in the sentences and tables of all pages: page, text."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for block in blocks(text):
            text = text.replace(block.text, "", 1)
        for found in _INLINE.finditer(text):
            yield page.relative_to(ROOT).as_posix(), found[1].replace("\\|", "|")


def command_lines(block: Block) -> Iterator[list[str]]:
    """The simple commands of a shell block, as words. Of `console`, what follows a `$`."""
    text = block.text.replace("\\\n", " ")
    if block.language == "console":
        text = "".join(f"{typed[1]}\n" for typed in _TYPED.finditer(text))
    line: list[str] = []
    for token in _TOKEN.finditer(f"{text}\n"):
        if token["end"]:
            yield from _named(line)
            line = []
        elif token["word"]:
            line.append(_QUOTED.sub(_unquoted, token["word"]))


def _unquoted(found: re.Match[str]) -> str:
    return found[1] or re.sub(r"\\(.)", r"\1", found[2] or "")


def _named(line: list[str]) -> Iterator[list[str]]:
    """The command without what is set for it alone."""
    while line and re.fullmatch(r"\w+=.*", line[0], re.DOTALL):
        line = line[1:]
    if line:
        yield line


def misunderstood(words: list[str]) -> str | None:
    """What `dbserving` with these words would refuse before it does anything; None: nothing."""
    command: Any = typer.main.get_command(app)
    context = command.make_context("dbserving", [], resilient_parsing=True)
    rest = words[1:]
    while rest and hasattr(command, "commands"):
        if rest[0].startswith("-"):
            break
        if rest[0] not in command.commands:
            return f"there is no command {rest[0]!r}"
        command, rest = command.commands[rest[0]], rest[1:]
    try:
        command.make_context(" ".join(words), rest, parent=context)
    except typer.Exit:
        return None
    except Exception as refused:  # noqa: BLE001 - click's, under whichever name typer brings it
        return str(getattr(refused, "message", refused)) or type(refused).__name__
    return None


def misspelt_option(words: list[str]) -> str | None:
    """The first word of a mentioned command line that names no command or option of it."""
    command: Any = typer.main.get_command(app)
    rest = words[1:]
    while rest and hasattr(command, "commands") and rest[0] in command.commands:
        command, rest = command.commands[rest[0]], rest[1:]
    if rest and hasattr(command, "commands") and re.fullmatch(r"[a-z]+", rest[0]):
        return rest[0]
    known = {"--help"}
    for param in command.params:
        known |= {*param.opts, *param.secondary_opts}
    said = (word.partition("=")[0] for word in rest if word.startswith("--"))
    return next((option for option in said if option not in known), None)


def targets() -> set[str]:
    """The targets of the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE))


def unresolved(fragment: Code) -> list[str]:
    """Names that a fragment uses and nobody gives: neither it, nor its page before it.

    What the package and its test kit have needs no import there, and the mark may name what was
    left out: `fragment: chat, grants`. Arguments that no constructor of the package takes are among
    them, as `Class(argument=)`.
    """
    tree = ast.parse(fragment.block.text)
    public = {name: getattr(databricks_serving, name) for name in databricks_serving.__all__}
    left_out = fragment.block.mark.partition(": ")[2]
    given = {*dir(builtins), *public, *_IMPORTED, *left_out.split(", ")}
    for text in (*fragment.programs(), fragment.block.text):
        given |= set(_bound(ast.parse(text)))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return [*sorted(used - given), *_refused_arguments(tree, public)]


def _bound(tree: ast.AST) -> Iterator[str]:
    """Every name that a program binds."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.FunctionDef() | ast.ClassDef():
                yield node.name
            case ast.alias():
                yield (node.asname or node.name).partition(".")[0]
            case ast.arg():
                yield node.arg


def _refused_arguments(tree: ast.AST, public: dict[str, Any]) -> Iterator[str]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        called = public.get(node.func.id)
        if not inspect.isclass(called):
            continue
        taken = inspect.signature(called).parameters
        for said in node.keywords:
            if said.arg is not None and said.arg not in taken:
                yield f"{node.func.id}({said.arg}=)"
