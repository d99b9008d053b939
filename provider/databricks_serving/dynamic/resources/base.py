"""What the resources share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from databricks_serving.dynamic.arguments import mistake
from databricks_serving.state.keys import KEY, PROVIDER
from databricks_serving.state.tokens import PROVIDER_OF, type_token

_WORKSPACE_OUTPUTS = ("workspace_host", "workspace_id")


class ServingResource(pulumi.CustomResource):
    """The token and the provider are constants of the kind; a subclass of a resource keeps them."""

    _kind: ClassVar[str]
    _computed: ClassVar[tuple[str, ...]] = ()
    #: Outputs that the engine keeps encrypted.
    _secret: ClassVar[tuple[str, ...]] = (KEY,)
    #: What to write instead of `import_`.
    _instead_of_import: ClassVar[str] = (
        "Say adopt=True instead: an existing thing of that name is then taken over and brought to "
        "what the program says."
    )

    #: The workspace's address.
    workspace_host: pulumi.Output[str]
    #: The workspace's id.
    workspace_id: pulumi.Output[str]

    def __init__(
        self, resource_name: str, args: Mapping[str, Any], opts: pulumi.ResourceOptions | None
    ) -> None:
        if opts is not None and (opts.import_ is not None or opts.id is not None):
            raise mistake(
                f"{resource_name}: Pulumi cannot import or get resources of a dynamic provider "
                f"(pulumi issue 16175). {self._instead_of_import}",
                id="no-import",
            )
        own = pulumi.ResourceOptions(additional_secret_outputs=list(self._secret))
        said = {name: value for name, value in args.items() if value is not None}
        computed = dict.fromkeys((*self._computed, *_WORKSPACE_OUTPUTS))
        super().__init__(
            type_token(self._kind),
            resource_name,
            {**computed, **said, PROVIDER: PROVIDER_OF[self._kind]},
            pulumi.ResourceOptions.merge(own, opts),
        )


#: `_instead_of_import` of what is part of something that may be anybody's.
WORKS_ON_WHAT_IS_THERE = (
    "Declare it as it should be: it is put upon what is there, whoever made that."
)
