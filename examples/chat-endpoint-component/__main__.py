"""Two teams' chat endpoints: what they say is what differs."""

import pulumi
from chat_endpoint import ChatEndpoint

config = pulumi.Config()

support = ChatEndpoint(
    "support-chat",
    team="support",
    api_key=config.require_secret("supportKey"),
    callers=["support-agents"],
)
search = ChatEndpoint(
    "search-chat",
    team="search",
    api_key=config.require_secret("searchKey"),
    callers=["search-engineers", "search-nightly"],
    model="gpt-4o",
    calls_per_user=300,
)

pulumi.export("support", support.url)
pulumi.export("search", search.url)
