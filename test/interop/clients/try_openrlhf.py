"""OpenRLHF's own executor of single turns, as its rollout engine runs it. Stand-ins: the tokenizer and the engine, which are vLLM's and
a checkpoint's. ``openrlhf.utils`` is entered without its ``__init__``, which loads DeepSpeed and needs a GPU; its modules are as published."""

import importlib.util
import sys
import types
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

from exchange import answer, error_of

PROMPT = "<|im_start|>user\nWhat is 9 + 9?<|im_end|>\n<|im_start|>assistant\n"


class Tokens(list):
    def tolist(self):
        return list(self)


class CharacterTokenizer:
    """One token a character."""

    def __call__(self, text, **_):
        return {"input_ids": [Tokens(map(ord, text))]}

    def decode(self, tokens, **_):
        return "".join(map(chr, tokens))


class Engine:
    """Says what it is told to."""

    def __init__(self, says):
        self.says = says

    async def generate(self, tokens, sampling, **_):
        output = SimpleNamespace(token_ids=list(map(ord, self.says)), finish_reason="stop", logprobs=None)
        return SimpleNamespace(outputs=[output])


def enter_without_init(name: str) -> None:
    spec = importlib.util.find_spec(name)
    module = types.ModuleType(name)
    module.__path__ = [str(Path(spec.origin).parent)]
    sys.modules[name] = module


async def seen_for(request):
    enter_without_init("openrlhf.utils")
    from openrlhf.utils.agent import SingleTurnAgentExecutor

    from groupwise.integrations.openrlhf import agent_executor

    async def execute(executor, case):
        sampling = SimpleNamespace(max_tokens=64, logprobs=None)
        try:
            output = await executor.execute(
                PROMPT, case["label"], sampling, 1024, CharacterTokenizer(), Engine(case["says"])
            )
            return {key: output[key] for key in ("reward", "scores", "extra_logs")}
        except Exception as error:
            return error_of(error)

    by_url = [await execute(SingleTurnAgentExecutor(case["url"]), case) for case in request["by_url"]]
    by_agent = [
        await execute(agent_executor(request["grpc"], reward=case["reward"], token=request["token"], hold_s=0)(), case)
        for case in request["by_agent"]
    ]
    return {"version": metadata.version("openrlhf"), "by_url": by_url, "by_agent": by_agent}


answer(seen_for)
