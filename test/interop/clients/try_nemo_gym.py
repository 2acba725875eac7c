"""NeMo Gym's own agent, models and client of servers, with a running server as its resources server: through the server of ours in
`examples/nemo-rl`, and directly. Stand-ins: the policy, which is one message, and Hydra, which reads its command line and has no wheel of
its parser. Configurations know servers by host and port: directly, the path is handed in where the client writes the port into the URL."""

import asyncio
import importlib.util
import os
import sys
from importlib import metadata
from types import ModuleType, SimpleNamespace

sys.modules["hydra"] = ModuleType("hydra")

import uvicorn
from aiohttp import web
from exchange import answer, error_of
from nemo_gym import server_utils
from nemo_gym.base_resources_server import AggregateMetricsRequest, BaseVerifyResponse
from nemo_gym.config_types import BaseServerConfig
from nemo_gym.openai_utils import NeMoGymResponse
from nemo_gym.rollout_collection import NG_FAILURE_CLASS_KEY
from nemo_gym.server_utils import GlobalAIOHTTPAsyncClientConfig, ServerClient
from omegaconf import OmegaConf
from responses_api_agents.simple_agent.app import SimpleAgent, SimpleAgentConfig, SimpleAgentRunRequest


def response_saying(text):
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": content}
    return NeMoGymResponse.model_validate(
        {
            "id": "r",
            "object": "response",
            "created_at": 0,
            "model": "a-policy",
            "output": [message],
            "parallel_tool_calls": False,
            "tool_choice": "auto",
            "tools": [],
        }
    )


async def listening(app):
    """The FastAPI application on a free port, and the server to stop."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    return server.servers[0].sockets[0].getsockname()[1], server, running


def example_of(path, url):
    """The resources server of the example, as NeMo Gym would start it."""
    spec = importlib.util.spec_from_file_location("example", path)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    config = example.GroupwiseConfig(name="groupwise", host="127.0.0.1", port=1, entrypoint="app.py", domain="other", url=url)
    head = BaseServerConfig(host="127.0.0.1", port=1)
    client = ServerClient(head_server_config=head, global_config_dict=OmegaConf.create({}))
    return example.Groupwise(config=config, server_client=client).setup_webserver()


class Policy:
    """Answers for the agent's model; says what it is told to."""

    def __init__(self):
        self.says = ""

    async def respond(self, _):
        return web.json_response(response_saying(self.says).model_dump(mode="json"))

    async def listen(self):
        app = web.Application()
        app.router.add_post("/v1/responses", self.respond)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        return site._server.sockets[0].getsockname()[1]


def agent_of(host, resources_port, policy_port):
    def server(kind, host, port):
        return {kind: {"one": {"host": host, "port": port}}}

    servers = {
        "resources": server("resources_servers", host, resources_port),
        "agent": server("responses_api_agents", "127.0.0.1", policy_port),
    }
    head = BaseServerConfig(host="127.0.0.1", port=1)
    client = ServerClient(head_server_config=head, global_config_dict=OmegaConf.create(servers))
    config = SimpleAgentConfig(
        name="agent",
        host="127.0.0.1",
        port=1,
        entrypoint="app.py",
        resources_server={"type": "resources_servers", "name": "resources"},
        model_server={"type": "responses_api_models", "name": "agent"},
    )
    return SimpleAgent(config=config, server_client=client)


async def collect(agent, policy, cases):
    rows = []
    for case in cases:
        policy.says = case["says"]
        try:
            rows.append(await agent.run(SimpleNamespace(cookies={}), SimpleAgentRunRequest.model_validate(case["row"])))
        except Exception as error:
            rows.append(error_of(error))
    verified = [row.model_dump(mode="json") for row in rows if isinstance(row, BaseVerifyResponse)]
    metrics = await agent.aggregate_metrics(AggregateMetricsRequest(verify_responses=verified))
    return {"rows": [told_of(row) for row in rows], "metrics": metrics.model_dump(mode="json")}


async def seen_for(request):
    os.environ["GROUPWISE_TOKEN"] = request["token"]
    connections = server_utils.set_global_aiohttp_client(GlobalAIOHTTPAsyncClientConfig())
    policy = Policy()
    policy_port = await policy.listen()
    path = "/compat/nemo-gym"
    url = f"http://{request['host']}:{request['port']}{path}"
    port, server, running = await listening(example_of(request["example"], url))
    directly = agent_of(f"any:{request['token']}@{request['host']}", f"{request['port']}{path}", policy_port)
    try:
        return {
            "version": metadata.version("nemo-gym"),
            "example": await collect(agent_of("127.0.0.1", port, policy_port), policy, request["cases"]),
            "directly": await collect(directly, policy, request["cases"]),
        }
    finally:
        server.should_exit = True
        await running
        await connections.close()
        await policy.runner.cleanup()


def told_of(row):
    if not isinstance(row, BaseVerifyResponse):
        return row
    fields = row.model_dump(mode="json")
    return {
        "reward": fields["reward"],
        "mask_sample": fields.get("mask_sample"),
        "failure": fields.get(NG_FAILURE_CLASS_KEY),
        "says": fields["response"]["output"][-1]["content"][0]["text"],
        "kept": fields.get("kept"),
    }


answer(seen_for)
