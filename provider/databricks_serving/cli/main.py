"""The console script `dbserving`. It starts without the extra `cli`, to say how to get it."""

from __future__ import annotations

import importlib
import sys

_EXTRA = {"typer", "click", "rich", "shellingham"}


def main() -> None:
    """Run `dbserving` with the arguments of this process; never returns."""
    try:
        # Late and by name: whatever in it needs the extra fails here and nowhere else.
        application = importlib.import_module(".app", __package__)
    except ModuleNotFoundError as missing:
        if missing.name not in _EXTRA:
            raise
        sys.exit(
            f"dbserving: the package {missing.name!r} is missing. Install what the command needs "
            "with: pip install 'databricks-serving[cli,emulator]'"
        )
    application.app(prog_name="dbserving")


if __name__ == "__main__":
    main()
