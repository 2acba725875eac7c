"""verl's own loader of reward functions and its own reward managers, given completions as its rollout workers hand them over. Stand-in: the
tokenizer, which is a checkpoint's."""

import asyncio
from importlib import metadata

import numpy as np
import torch
from exchange import answer, error_of
from omegaconf import OmegaConf
from verl import DataProto
from verl.trainer.ppo.reward import load_reward_manager


class CharacterTokenizer:
    """One token a character."""

    def decode(self, tokens, **_):
        return "".join(map(chr, tokens.tolist()))


def data_of(case):
    response = torch.tensor([list(map(ord, case["says"]))])
    tensors = {"responses": response, "attention_mask": torch.ones_like(response)}
    row = {"data_source": "sums", "reward_model": {"ground_truth": case["ground_truth"]}, "extra_info": {}}
    others = {key: np.array([value], dtype=object) for key, value in row.items()}
    return DataProto.from_dict(tensors=tensors, non_tensors=others)


async def rewarded(request, case):
    kwargs = {"address": request["grpc"], "token": request["token"], "hold_s": 0, **case["reward_kwargs"]}
    function = {"path": "pkg://groupwise.integrations.verl", "name": case["function"], "reward_kwargs": kwargs}
    manager = {"source": "register", "name": case["manager"]}
    config = OmegaConf.create({"reward": {"custom_reward_function": function, "reward_manager": manager}})
    try:
        return await load_reward_manager(config, CharacterTokenizer()).run_single(data_of(case))
    except Exception as error:
        return error_of(error)


async def seen_for(request):
    # A manager keeps the event loop that it is made in.
    seen = [await rewarded(request, case) for case in request["cases"]]
    return {"version": metadata.version("verl"), "seen": seen}


answer(seen_for)
