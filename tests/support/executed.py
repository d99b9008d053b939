"""A generated program, run with recorders in the place of Pulumi and of the resources."""

from __future__ import annotations

import builtins
import types

from databricks_serving.state.tokens import PROVIDER_OF


class Recorded:
    """One resource that a program made; an attribute is what it was given, or `reference`."""

    def __init__(self, kind, name, arguments):
        self.kind, self.name, self.arguments = kind, name, arguments

    def __getattr__(self, output):
        given = self.__dict__["arguments"]
        if output == "reference":
            return f"{{{{secrets/{given['scope']}/{given['key']}}}}}"
        if output not in given:
            raise AttributeError(output)
        return given[output]


def executed(source, secrets=None):
    """What the program makes, in order: each its kind, name and arguments.

    secrets: the stack's secret configuration; one that it has not is an error, as in Pulumi
    """
    made = []

    def resource(kind):
        def make(name, /, **arguments):
            made.append(Recorded(kind, name, arguments))
            return made[-1]

        return make

    class Config:
        def require_secret(self, key):
            return (secrets or {})[key]

    modules = {
        "pulumi": types.SimpleNamespace(Config=Config),
        "databricks_serving": types.SimpleNamespace(**{k: resource(k) for k in PROVIDER_OF}),
    }
    own = {**vars(builtins), "__import__": lambda name, *_: modules[name]}
    exec(compile(source, "__main__.py", "exec"), {"__builtins__": own})
    return [(one.kind, one.name, one.arguments) for one in made]
