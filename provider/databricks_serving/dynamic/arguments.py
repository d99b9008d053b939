"""What a resource's constructor does to its arguments, where Outputs are still Outputs.

Three things cannot wait for `check`: plaintext credentials leave `config` (the engine marks secrets
by path, so what check moves would be in clear in the state), older forms become the present ones
(for the same reason), and the leaves that the program marks as secret are told to the provider.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pulumi

from databricks_serving.state.keys import CREDENTIALS, SECRET_LEAVES, entity_key

from .plaintext import IN_CONFIG, Fields

if TYPE_CHECKING:
    from databricks_serving_schema import Path

Args = dict[str, Any]


def endpoint_arguments(said: Mapping[str, Any]) -> Args:
    """The arguments of an endpoint, ready to be registered.

    Raises `RunError`, which Pulumi shows without traceback.
    """
    args = {name: _as_output(value) for name, value in said.items() if value is not None}
    if "rate_limits" in args and _takes_limits(args.get("ai_gateway")):
        args["ai_gateway"] = _with_legacy_limits(args.get("ai_gateway"), args.pop("rate_limits"))
    if "tags" in args:
        args["tags"] = over(args["tags"], _tags_as_map)
    if "config" in args:
        config = over(args["config"], _newer_names)
        credentials = _credentials(config)
        args["config"] = _without_plaintext(IN_CONFIG, config)
        if credentials is not None:
            args[CREDENTIALS] = credentials
    return with_secret_leaves(args, but=(CREDENTIALS,))


def with_secret_leaves(args: Args, but: tuple[str, ...] = ()) -> Args:
    """The arguments, and with them the paths of the leaves that the program marks as secret.

    `but`: arguments that are secret by their nature, which nobody needs to be told.
    """
    leaves = list(_outputs_in({n: v for n, v in args.items() if n not in but}, ()))
    # A task, not a coroutine: where another argument failed, nobody comes to await this one.
    return {**args, SECRET_LEAVES: asyncio.ensure_future(_secret_paths(leaves))} if leaves else args


def over(value: Any, change: Callable[[Any], Any]) -> Any:
    """`change(value)`, inside the Output where the value is one."""
    return value.apply(change) if isinstance(value, pulumi.Output) else change(value)


def _as_output(value: Any) -> Any:
    return pulumi.Output.from_input(value) if inspect.isawaitable(value) else value


_TAG = ("key", "value")
_IN_ENTITY = IN_CONFIG["served_entities"]


def _tags_as_map(tags: Any) -> Any:
    """The API's list of `{"key", "value"}` as a map; what is no such list is left to `check`."""
    if not isinstance(tags, (list, tuple)):
        return tags
    named = [
        tag
        for tag in tags
        if isinstance(tag, dict) and isinstance(tag.get("key"), str) and set(tag) <= set(_TAG)
    ]
    keys = {tag["key"] for tag in named}
    if len(keys) != len(tags):
        return tags
    values = ((tag["key"], tag.get("value")) for tag in named)
    return {key: "" if value is None else value for key, value in values}


def mistake(text: str, *, id: str) -> pulumi.RunError:  # noqa: A002 - as every raise says it
    """The error of a program that cannot be meant so, told with its entry in the catalogue."""
    return pulumi.RunError(_with_id(text, id))


def _with_id(text: str, id_: str) -> str:
    # A program loads no schema, but where there is something to tell.
    from databricks_serving_schema import identified  # noqa: PLC0415 - see above

    return identified(text, id_)


def _takes_limits(gateway: Any) -> bool:
    """Whether limits can be put in; what is no gateway is left to `check`, and they beside it."""
    return gateway is None or isinstance(gateway, (Mapping, pulumi.Output))


def _with_legacy_limits(gateway: Any, limits: Any) -> Any:
    pulumi.log.warn(
        _with_id(
            "rate_limits of an endpoint is the older form; it is sent as ai_gateway.rate_limits, "
            "which is where it can be seen and changed. Move it there.",
            "older-limits",
        )
    )

    def merged(gateway: Any) -> Any:
        if not _takes_limits(gateway):
            return gateway
        if gateway and gateway.get("rate_limits") is not None:
            raise mistake(
                "rate_limits: give it either here or in ai_gateway, not in both", id="limits-twice"
            )
        return {**(gateway or {}), "rate_limits": limits}

    return over(gateway, merged)


def _newer_names(config: Any) -> Any:
    """`served_model_name` in routes as `served_entity_name`, where both do not stand."""
    if not isinstance(config, Mapping) or "traffic_config" not in config:
        return config

    def route(said: Any) -> Any:
        if isinstance(said, dict) and "served_model_name" in said:
            rest = {name: value for name, value in said.items() if name != "served_model_name"}
            if rest.get("served_entity_name") is None:
                return {**rest, "served_entity_name": said["served_model_name"]}
        return said

    def routes(said: Any) -> Any:
        return [over(each, route) for each in said] if isinstance(said, (list, tuple)) else said

    def traffic(said: Any) -> Any:
        if isinstance(said, dict) and "routes" in said:
            return {**said, "routes": over(said["routes"], routes)}
        return said

    return {**config, "traffic_config": over(config["traffic_config"], traffic)}


def _without_plaintext(credentials: Fields, value: Any) -> Any:
    """The value without its plaintext credentials; containers that are Outputs stay Outputs."""

    def strip(said: Any) -> Any:
        if isinstance(said, (list, tuple)):
            return [over(each, strip) for each in said]
        if not isinstance(said, Mapping):
            return said
        return {
            name: _without_plaintext(credentials.get(name, {}), inner)
            for name, inner in said.items()
            if name not in credentials or credentials[name]
        }

    return over(value, strip) if credentials else value


def _credentials(config: Any) -> Any:
    """`{entity name: {path: value}}` leaf by leaf: one unknown leaf leaves the others known.

    Where a container on the way is an Output, the whole becomes one.
    """
    if _has_output_container(IN_CONFIG, config):
        whole = pulumi.Output.from_input(config).apply(lambda known: _found(known) or None)
        return pulumi.Output.secret(whole)
    return _found(config) or None


def _found(config: Any) -> Args:
    entities = config.get("served_entities") if isinstance(config, Mapping) else None
    found: Args = {}
    for entity in entities if isinstance(entities, (list, tuple)) else ():
        if not isinstance(entity, Mapping):
            continue
        own = {".".join(path): leaf for path, leaf in _plaintext(_IN_ENTITY, entity, ())}
        if own:
            key = entity_key(entity)
            if key is None:
                raise mistake(
                    "config.served_entities: an entity with a plaintext credential needs a plain "
                    "name, under which the credential is kept; give it a `name` that is no output",
                    id="no-plain-name",
                )
            found[key] = {path: pulumi.Output.secret(leaf) for path, leaf in own.items()}
    return found


def _plaintext(
    credentials: Fields, said: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, inner in said.items():
        if name not in credentials:
            continue
        if not credentials[name] and inner is not None:
            yield (*path, name), inner
        elif isinstance(inner, Mapping):
            yield from _plaintext(credentials[name], inner, (*path, name))


def _has_output_container(credentials: Fields, value: Any) -> bool:
    if isinstance(value, pulumi.Output):
        return True
    if isinstance(value, (list, tuple)):
        return any(_has_output_container(credentials, each) for each in value)
    return isinstance(value, Mapping) and any(
        _has_output_container(credentials[name], inner)
        for name, inner in value.items()
        if credentials.get(name)
    )


def _outputs_in(value: Any, path: Path) -> Iterator[tuple[Path, pulumi.Output[Any]]]:
    if isinstance(value, pulumi.Output):
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _outputs_in(inner, (*path, str(name)))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            yield from _outputs_in(inner, (*path, index))


async def _secret_paths(leaves: list[tuple[Path, pulumi.Output[Any]]]) -> list[list[Any]] | None:
    """The paths of those leaves and containers that are secret; None where none is."""
    marks: list[Awaitable[bool]] = [leaf.is_secret() for _, leaf in leaves]
    # The failure of an output is told where it happened; here it would be told a second time.
    secret = await asyncio.gather(*marks, return_exceptions=True)
    return [list(path) for (path, _), marked in zip(leaves, secret, strict=True) if marked] or None
