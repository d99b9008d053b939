"""Colours, width and signs: who may say, and in which order."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios

import pytest

from databricks_serving.cli.terminal import Looks, is_ci, looks


@pytest.fixture
def terminal():
    """A terminal of 80 columns."""
    parent, child = pty.openpty()
    os.set_blocking(parent, False)
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    with open(child, "w", encoding="utf-8", closefd=True) as stream:  # noqa: PTH123 - a number
        yield stream
    os.close(parent)


@pytest.fixture
def pipe():
    """The standard output of a job, which something else reads."""
    reads, writes = os.pipe()
    with os.fdopen(writes, "w", encoding="utf-8") as stream:
        yield stream
    os.close(reads)


@pytest.fixture
def file(tmp_path):
    with (tmp_path / "out.txt").open("w", encoding="utf-8") as stream:
        yield stream


@pytest.mark.parametrize(
    ("environment", "option", "colors"),
    [
        ({}, "auto", True),
        ({}, "never", False),
        ({"NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": ""}, "auto", True),
        ({"NO_COLOR": "1"}, "always", True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "auto", False),
        ({"TERM": "dumb"}, "auto", False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, "auto", True),
        ({"TERM": "dumb", "CLICOLOR_FORCE": "1"}, "auto", True),
        ({"FORCE_COLOR": "1"}, "never", False),
    ],
)
def test_a_terminal_has_colours_unless_somebody_says_no(terminal, environment, option, colors):
    assert looks(terminal, environment, option).color is colors


@pytest.mark.parametrize(
    ("environment", "colors"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"GITHUB_ACTIONS": "true"}, True),
        ({"GITLAB_CI": "true"}, True),
        ({"GITHUB_ACTIONS": "true", "NO_COLOR": "1"}, False),
        ({"GITHUB_ACTIONS": "true", "TERM": "dumb"}, False),
        ({"CI": "true"}, False),
    ],
)
def test_a_pipe_has_none_unless_somebody_says_so_or_a_log_shows_them(pipe, environment, colors):
    assert looks(pipe, environment).color is colors


def test_a_file_has_none_even_in_a_job_whose_log_shows_them(file):
    assert looks(file, {"GITHUB_ACTIONS": "true"}).color is False
    assert looks(file, {"FORCE_COLOR": "1"}).color is True


def test_the_width_is_the_terminals_else_what_columns_says_else_none(terminal, pipe):
    assert looks(terminal, {"COLUMNS": "40"}).width == 80
    assert looks(pipe, {"COLUMNS": "120"}).width == 120
    assert [looks(pipe, {"COLUMNS": said}).width for said in ("", "0", "wide")] == [None] * 3


def test_signs_are_ascii_where_nothing_else_can_be_shown(pipe):
    latin = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")

    assert looks(pipe, {}) == Looks(color=False, width=None, ascii=False)
    assert looks(pipe, {"TERM": "dumb"}).ascii
    assert looks(latin, {}).ascii


@pytest.mark.parametrize(
    ("environment", "machine"),
    [
        ({}, False),
        ({"CI": "true"}, True),
        ({"CI": "false"}, False),
        ({"TF_BUILD": "True"}, True),
        ({"GITHUB_ACTIONS": "true"}, True),
    ],
)
def test_a_machine_says_so(environment, machine):
    assert is_ci(environment) is machine


def test_a_report_on_a_pipe_has_colours_and_ascii_where_asked_for(shop):
    shop.block_claude()

    plain = shop.drift().stdout
    colored = shop.drift("--color", "always").stdout
    dumb = shop.drift(TERM="dumb").stdout

    assert "\x1b[" not in plain
    assert "\x1b[" in colored
    assert dumb.isascii()
    assert not plain.isascii()


def test_no_line_is_wider_than_columns_says(shop):
    shop.block_claude()

    narrow = shop.drift(COLUMNS="60").stdout

    assert max(map(len, narrow.splitlines())) <= 60
