"""OpenEnv's own client, over its WebSocket: an episode a case, reset to one row and stepped once."""

from importlib import metadata

from exchange import answer, error_of
from openenv.core import GenericEnvClient


async def episode(case):
    async with GenericEnvClient(base_url=case["url"]) as env:
        seen = await env.reset(**case["reset"])
        messages = seen.observation["messages"]
        try:
            done = await env.step({"completion": case["completion"]})
            state = await env.state()
            return {"messages": messages, "reward": done.reward, "done": done.done, "state": _steps(state)}
        except Exception as error:
            return {"messages": messages, **error_of(error)}


def _steps(state):
    return state["step_count"] if isinstance(state, dict) else state.step_count


async def seen_for(request):
    return {"version": metadata.version("openenv"), "seen": [await episode(case) for case in request["cases"]]}


answer(seen_for)
