"""A resources server of NeMo Gym that passes on what it is asked to a Groupwise server. It has no rule of its own: rewards, masks and classes of
failure are those of the reply. NeMo Gym starts its servers itself and knows them by host and port, which is why there is this one.

Copied into a checkout as resources_servers/groupwise; README.md has the commands around it.
"""

import os
from typing import Any, ClassVar

from nemo_gym.base_resources_server import (
    BaseResourcesServerConfig,
    BaseVerifyRequest,
    BaseVerifyResponse,
    SimpleResourcesServer,
)
from nemo_gym.config_types import AggregateMetrics, AggregateMetricsRequest
from nemo_gym.server_utils import get_response_json, raise_for_status, request
from pydantic import ConfigDict

try:
    from nemo_gym.base_resources_server import ReverifyMode
except ImportError:
    # NeMo Gym 0.4.0 cannot verify stored rows again.
    ReverifyMode = None


class GroupwiseConfig(BaseResourcesServerConfig):
    url: str
    """http://HOST:PORT/compat/nemo-gym of the server, and what can be said in its URL: ?reward=numeric"""

    REVERIFY_MODE: ClassVar[Any] = ReverifyMode and ReverifyMode.STATELESS


class VerifyRequest(BaseVerifyRequest):
    model_config = ConfigDict(extra="allow")


class VerifyResponse(BaseVerifyResponse):
    # With mask_sample, reward_components and _ng_failure_class.
    model_config = ConfigDict(extra="allow")


class Groupwise(SimpleResourcesServer):
    config: GroupwiseConfig

    async def verify(self, body: VerifyRequest) -> VerifyResponse:
        return VerifyResponse.model_validate(await self._post("verify", body.model_dump(mode="json")))

    async def aggregate_metrics(self, body: AggregateMetricsRequest) -> AggregateMetrics:
        return AggregateMetrics.model_validate(await self._post("aggregate_metrics", body.model_dump(mode="json")))

    async def _post(self, call: str, body: dict[str, Any]) -> Any:
        base, _, query = self.config.url.partition("?")
        url = f"{base.rstrip('/')}/{call}" + (f"?{query}" if query and call == "verify" else "")
        token = os.environ.get("GROUPWISE_TOKEN")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # Tried again for as long as nobody answers.
        response = await request("POST", url, json=body, headers=headers)
        await raise_for_status(response)
        return await get_response_json(response)


if __name__ == "__main__":
    Groupwise.run_webserver()
