"""OpenRLHF's two ways to a reward of one's own, each a file of two lines.

An agent, ``--train.agent_func_path /path/to/agent.py``. It knows which responses were cut off, and what it raises stops the training:

    from groupwise.integrations.openrlhf import agent_executor

    AgentExecutor = agent_executor("127.0.0.1:50051", reward="math")

A reward function, ``--reward.remote_url /path/to/reward.py``:

    from groupwise.integrations.openrlhf import groupwise_reward

    reward_func = groupwise_reward("127.0.0.1:50051", reward="math")

OpenRLHF has no word for "unscorable", so faults that may pass are tried again for ``hold_s`` and then raised. What a reward function raises
is swallowed there: it is logged, and the training stops a little later, in ``torch.cat`` on None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from groupwise._tls import Tls
from groupwise.connections import Place, score_one, score_one_async, scores_by_scorer
from groupwise.errors import GroupwiseError
from groupwise.inputs import Completion, RewardSpec, ScoreGroup
from groupwise.labels import Label, label_reward

# What ends a turn, and padding, as the templates of common policies write them.
_END_TOKENS = re.compile(
    r"(?:\s*(?:<\|[a-z_0-9]{1,40}\|>|</s>|<(?:eos|pad|end_of_turn)>|<｜[^｜<>]{1,40}｜>|\[(?:PAD|EOS)\]))+\s*\Z"
)
_TAIL_CHARS = 4_096
# What may stand before the prompt where the tokenizer adds tokens of its own.
_START_TOKENS = re.compile(r"(?:<[^<>\s]{1,40}>|\[[A-Z]{1,20}\]|\s)*\Z")


def agent_executor(
    address: str | None = None,
    *,
    reward: RewardSpec | None = None,
    token: str | None = None,
    tls: Tls | None = None,
    timeout_s: float = 60.0,
    hold_s: float = 600.0,
) -> type[Any]:
    """A class for the name ``AgentExecutor``: OpenRLHF's own executor of single turns, which then asks here for the reward.

    Args: as of `groupwise_reward`. Labels are those of ``--data.label_key``.

    Its ``execute`` returns what OpenRLHF's does, with ``reward`` and ``scores`` (both the number; dynamic filtering reads the second) and
    ``extra_logs`` (the score of each scorer). It raises `UnscorableError` and `GroupwiseError`.
    """
    from openrlhf.utils.agent import SingleTurnAgentExecutor  # type: ignore[import-not-found, unused-ignore]

    place = Place.of(address, token, tls)

    class AgentExecutor(SingleTurnAgentExecutor):  # type: ignore[misc, unused-ignore]
        async def execute(
            self,
            prompt: str,
            label: Label,
            sampling_params: Any,
            max_length: int,
            hf_tokenizer: Any,
            llm_engine: Any,
            images: Any = None,
        ) -> dict[str, Any]:
            output: dict[str, Any] = await super().execute(
                prompt, label, sampling_params, max_length, hf_tokenizer, llm_engine, images
            )
            start, end = output["action_ranges"][-1]
            response_ids = output["observation_tokens"][start:end]
            response = _without_end_tokens(hf_tokenizer.decode(response_ids, skip_special_tokens=False))
            finish_reason = "length" if output["truncated"] else "stop"
            completion = Completion(response, finish_reason, token_count=end - start)  # type: ignore[arg-type]
            result = await score_one_async(
                place,
                ScoreGroup.of_label(label, [completion], prompt),
                reward=label_reward(label) or reward,
                timeout_s=timeout_s,
                hold_s=hold_s,
            )
            told = {"reward": result.reward, "scores": result.reward, "extra_logs": scores_by_scorer(result)}
            return {**output, **told}

    return AgentExecutor


def groupwise_reward(
    address: str | None = None,
    *,
    reward: RewardSpec | None = None,
    response_marker: str | None = None,
    token: str | None = None,
    tls: Tls | None = None,
    timeout_s: float = 60.0,
    hold_s: float = 600.0,
) -> Callable[[Sequence[str], Sequence[str], Sequence[Label]], dict[str, Any]]:
    """A function for the name ``reward_func``.

    Args:
        address: HOST:PORT of the gRPC door; for None, ``token`` and ``tls`` see `connections.Place.of`.
        reward: A scorer or a recipe, for rows that name none. Default "math".
        response_marker: What stands before a response, where the tokenizer changes the prompt so that a query does not begin
            with it, for example ``<|im_start|>assistant\\n``. The last one counts.
        timeout_s: Of one try.
        hold_s: How long faults that may pass are tried again.

    Returns:
        A function of ``queries`` [N], ``prompts`` [N] and ``labels`` [N] to ``rewards`` [N], ``scores`` [N] (only where all are
        between 0 and 1: dynamic filtering reads them so) and ``extra_logs``, the scores [N] of each scorer. It raises
        `UnscorableError` and `GroupwiseError`.
    """
    place = Place.of(address, token, tls)

    def reward_func(queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Label]) -> dict[str, Any]:
        results = [
            score_one(
                place,
                ScoreGroup.of_label(label, [response_of(query, prompt, response_marker)], prompt),
                reward=label_reward(label) or reward,
                timeout_s=timeout_s,
                hold_s=hold_s,
            )
            for query, prompt, label in zip(queries, prompts, labels, strict=True)
        ]
        rewards = [result.reward for result in results]
        told: dict[str, Any] = {"rewards": rewards, "extra_logs": _logs([scores_by_scorer(result) for result in results])}
        return {**told, "scores": rewards} if all(map(_is_share, rewards)) else told

    return reward_func


def _logs(samples: Sequence[dict[str, float]]) -> dict[str, list[float]]:
    """Of scorers that spoke of every sample: the trainer stacks the lists."""
    names = [name for name in (samples[0] if samples else ()) if all(name in sample for sample in samples)]
    return {name: [sample[name] for sample in samples] for name in names}


def _is_share(reward: float | None) -> bool:
    return reward is not None and 0 <= reward <= 1


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
