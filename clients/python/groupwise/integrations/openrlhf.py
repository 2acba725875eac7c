"""OpenRLHF's reward function in a file: ``--reward.remote_url /path/to/reward.py`` with

    from groupwise.integrations.openrlhf import groupwise_reward

    reward_func = groupwise_reward("127.0.0.1:50051", reward="math")

OpenRLHF has no word for "unscorable", and swallows what is raised here: it logs it and stops a little later, in ``torch.cat`` on None. So faults
that may pass are tried again for ``hold_s`` first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from groupwise.connections import Place, score_one
from groupwise.errors import GroupwiseError
from groupwise.inputs import Label, RewardSpec, ScoreGroup

# What ends a turn, and padding, as the templates of common policies write them.
_END_TOKENS = re.compile(
    r"(?:\s*(?:<\|[a-z_0-9]{1,40}\|>|</s>|<(?:eos|pad|end_of_turn)>|<｜[^｜<>]{1,40}｜>|\[(?:PAD|EOS)\]))+\s*\Z"
)
_TAIL_CHARS = 4_096
# What may stand before the prompt where the tokenizer adds tokens of its own.
_START_TOKENS = re.compile(r"(?:<[^<>\s]{1,40}>|\[[A-Z]{1,20}\]|\s)*\Z")


def groupwise_reward(
    address: str | None = None,
    *,
    reward: RewardSpec | None = None,
    response_marker: str | None = None,
    token: str | None = None,
    tls: bool | str | None = None,
    timeout_s: float = 60.0,
    hold_s: float = 150.0,
) -> Callable[[Sequence[str], Sequence[str], Sequence[Label]], dict[str, Any]]:
    """A ``reward_func`` of OpenRLHF.

    Args:
        address: HOST:PORT of the gRPC door; for None, ``token`` and ``tls`` see `connections.Place.of`.
        reward: A scorer or a recipe. Default "math".
        response_marker: What stands before a response, where the tokenizer changes the prompt so that a query does not begin
            with it, for example ``<|im_start|>assistant\\n``. The last one counts.
        timeout_s: Of one try.
        hold_s: How long faults that may pass are tried again.

    Returns:
        A function of ``queries`` [N], ``prompts`` [N] and ``labels`` [N] to ``rewards`` [N], ``scores`` [N] (only where all are
        between 0 and 1: dynamic filtering reads them so) and ``extra_logs``. It raises `UnscorableError` and `GroupwiseError`.
    """
    place = Place.of(address, token, tls)

    def reward_func(
        queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Label]
    ) -> dict[str, Any]:
        rewards = []
        for query, prompt, label in zip(queries, prompts, labels, strict=True):
            response = response_of(query, prompt, response_marker)
            group = ScoreGroup.of_label(label, [response], prompt)
            result = score_one(place, group, reward=reward, timeout_s=timeout_s, hold_s=hold_s)
            rewards.append(result.reward)
        is_share = all(reward is not None and 0 <= reward <= 1 for reward in rewards)
        return {"rewards": rewards, **({"scores": rewards} if is_share else {}), "extra_logs": {}}

    return reward_func


def response_of(query: str, prompt: str, response_marker: str | None = None) -> str:
    """The response in a query, which is prompt and response decoded with special tokens."""
    prompt_at = query.find(prompt) if prompt else -1
    if prompt_at != -1 and _START_TOKENS.match(query[:prompt_at]):
        return _without_end_tokens(query[prompt_at + len(prompt) :])
    marker_at = query.rfind(response_marker) if response_marker else -1
    if marker_at == -1 or response_marker is None:
        raise GroupwiseError(
            "invalid_argument", "A query must begin with its prompt, or hold the response_marker", "queries"
        )
    return _without_end_tokens(query[marker_at + len(response_marker) :])


def _without_end_tokens(response: str) -> str:
    tail_at = max(0, len(response) - _TAIL_CHARS)
    return response[:tail_at] + _END_TOKENS.sub("", response[tail_at:])
