"""verl's custom reward function. verl has no mark for a completion without a reward: a NaN would poison its group and a 0 would teach,
so a fault raises, after ``hold_s`` of trying again.

    reward.custom_reward_function.path=pkg://groupwise.integrations.verl
    reward.custom_reward_function.name=compute_score_async
    +reward.custom_reward_function.reward_kwargs.address=127.0.0.1:50051
    +reward.custom_reward_function.reward_kwargs.reward=math

``compute_score`` is the same for reward managers that do not await (``remote``); it holds a thread while it waits. Not with the manager
``rate_limited``: it makes 0.0 of whatever is raised.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from groupwise._tls import Tls
from groupwise.connections import Place, may_pass, score_one, score_one_async
from groupwise.errors import GroupwiseError, UnscorableError
from groupwise.inputs import RewardSpec, ScoreGroup
from groupwise.labels import Label, label_reward
from groupwise.replies import CompletionResult

log = logging.getLogger(__name__)

_OF_VERL = frozenset(("reward_router_address", "reward_model_tokenizer"))
"""What verl 0.9 hands over beside ``reward_kwargs``, for reward models of its own."""


async def compute_score_async(
    data_source: str,
    solution_str: str,
    ground_truth: Label,
    extra_info: Mapping[str, Any] | None = None,
    *,
    address: str | None = None,
    reward: RewardSpec | None = None,
    token: str | None = None,
    tls: Tls | None = None,
    timeout_s: float = 60.0,
    hold_s: float = 600.0,
    fault_score: float | None = None,
    **others: Any,
) -> float | dict[str, float]:
    """The reward of one completion.

    Args:
        data_source: Not read: rows are scored by their own ``reward`` or this one.
        solution_str: The completion, decoded without special tokens.
        ground_truth: ``reward_model.ground_truth`` of the row, in any form of `inputs.Label`.
        extra_info: Its ``question`` or ``prompt``, where there is one, guards against completions that echo it.
        address: HOST:PORT of the gRPC door; for None, ``token`` and ``tls`` see `connections.Place.of`.
        reward: A scorer or a recipe. Default "math".
        timeout_s: Of one try.
        hold_s: How long faults that may pass are tried again.
        fault_score: Your own number for a completion that has no score. The result is then a dict, in which ``unscorable`` is 1
            for those and 0 for others.
        others: Not read. Those that verl does not hand over itself are told of in the log, once.

    Raises:
        UnscorableError: there is no valid score.
        GroupwiseError: the server refused, or nobody answered.
    """
    _tell_unread(others)
    group = _group(ground_truth, solution_str, extra_info)
    try:
        result = await score_one_async(
            Place.of(address, token, tls),
            group,
            reward=label_reward(ground_truth) or reward,
            timeout_s=timeout_s,
            hold_s=hold_s,
        )
    except GroupwiseError as error:
        return _of_fault(error, fault_score)
    return _of_result(result, fault_score)


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: Label,
    extra_info: Mapping[str, Any] | None = None,
    *,
    address: str | None = None,
    reward: RewardSpec | None = None,
    token: str | None = None,
    tls: Tls | None = None,
    timeout_s: float = 60.0,
    hold_s: float = 600.0,
    fault_score: float | None = None,
    **others: Any,
) -> float | dict[str, float]:
    """`compute_score_async` for who does not await."""
    _tell_unread(others)
    group = _group(ground_truth, solution_str, extra_info)
    try:
        result = score_one(
            Place.of(address, token, tls),
            group,
            reward=label_reward(ground_truth) or reward,
            timeout_s=timeout_s,
            hold_s=hold_s,
        )
    except GroupwiseError as error:
        return _of_fault(error, fault_score)
    return _of_result(result, fault_score)


def _tell_unread(names: Iterable[str]) -> None:
    """A misspelt ``reward_kwargs.reward`` would score by another rule. Not refused: a newer verl may hand over more."""
    for name in names:
        if name not in _OF_VERL:
            _warn_once(name)


@functools.lru_cache(maxsize=256)
def _warn_once(name: str) -> None:
    log.warning('"%s" is not read: reward_kwargs has no such name', name[:64])


def _group(ground_truth: Label, solution: str, extra_info: Mapping[str, Any] | None) -> ScoreGroup:
    info = extra_info or {}
    asked = info.get("question") or info.get("prompt") or ()
    return ScoreGroup.of_label(ground_truth, [solution], asked if isinstance(asked, (str, list, tuple)) else ())


def _of_fault(error: GroupwiseError, fault_score: float | None) -> dict[str, float]:
    # A wrong token or a misspelt recipe is no fault of the completion.
    if fault_score is None or not (isinstance(error, UnscorableError) or may_pass(error)):
        raise error
    return {"score": float(fault_score), "unscorable": 1.0}


def _of_result(result: CompletionResult, fault_score: float | None) -> float | dict[str, float]:
    # `score_one` raises where there is none.
    assert result.reward is not None
    return result.reward if fault_score is None else {"score": result.reward, "unscorable": 0.0}
