"""The console script `dbserving`. It starts without the extra `cli`, to say how to get it."""

from __future__ import annotations

import importlib
import sys

from .lifetime import Lifetime

_EXTRA = {
    "typer",
    "click",
    "rich",
    "shellingham",
    "jinja2",
    "junitparser",
    "pydantic_settings",
    "tenacity",
    "tomli",
}


def main() -> None:
    """Run `dbserving` with the arguments of this process; never returns."""
    try:
        # Late and by name: whatever in it needs the extra fails here and nowhere else.
        application = importlib.import_module(".app", __package__)
        sys.exit(application.run())
    except ModuleNotFoundError as missing:
        remedy = of_an_extra(missing)
        if remedy is None:
            raise
        from databricks_serving_schema import identified  # noqa: PLC0415 - only where it fails

        sys.exit(f"dbserving: {identified(remedy, 'extra-missing')}")


def console() -> None:
    """The same as a process of its own, which ends with it; from Python, `main` is to be called."""
    lifetime = Lifetime()
    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, int):
            lifetime.end(ended.code)
        raise


def of_an_extra(missing: ModuleNotFoundError) -> str | None:
    """How to get a package of the extra `cli`; None where it is none of those."""
    if (missing.name or "").partition(".")[0] not in _EXTRA:
        return None
    return (
        f"the package {missing.name!r} is missing. Install what the command needs with: "
        "pip install 'databricks-serving[cli,emulator]'"
    )


if __name__ == "__main__":
    console()
