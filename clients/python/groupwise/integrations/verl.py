"""verl's custom reward function. verl has no mark for a completion without a reward: a NaN would poison its group and a 0 would teach,
so a fault raises, after ``hold_s`` of trying again.

    reward.custom_reward_function.path=pkg://groupwise.integrations.verl
    reward.custom_reward_function.name=compute_score
    +reward.custom_reward_function.reward_kwargs.address=127.0.0.1:50051
    +reward.custom_reward_function.reward_kwargs.reward=math

Not with the reward manager ``rate_limited``: it makes 0.0 of whatever is raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from groupwise.connections import Place, score_one
from groupwise.errors import GroupwiseError
from groupwise.inputs import Label, RewardSpec, ScoreGroup


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: Label,
    extra_info: Mapping[str, Any] | None = None,
    *,
    address: str | None = None,
    reward: RewardSpec | None = None,
    token: str | None = None,
    tls: bool | str | None = None,
    timeout_s: float = 60.0,
    hold_s: float = 150.0,
    fault_score: float | None = None,
    **_: Any,
) -> float | dict[str, float]:
    """The reward of one completion.

    Args:
        data_source: Not read: every row is scored by ``reward``.
        solution_str: The completion, decoded without special tokens.
        ground_truth: ``reward_model.ground_truth`` of the row, in any form of `inputs.Label`.
        extra_info: Its ``question`` or ``prompt``, where there is one, guards against completions that echo it.
        address: HOST:PORT of the gRPC door; for None, ``token`` and ``tls`` see `connections.Place.of`.
        reward: A scorer or a recipe. Default "math".
        timeout_s: Of one try.
        hold_s: How long faults that may pass are tried again.
        fault_score: Your own number for a completion that has no score. The result is then a dict, in which ``unscorable`` is 1
            for those and 0 for others.

    Raises:
        UnscorableError: there is no valid score.
        GroupwiseError: the server refused, or nobody answered.
    """
    info = extra_info or {}
    asked = info.get("question") or info.get("prompt") or ()
    prompt = asked if isinstance(asked, (str, list, tuple)) else ()
    group = ScoreGroup.of_label(ground_truth, [solution_str], prompt)
    place = Place.of(address, token, tls)
    try:
        result = score_one(place, group, reward=reward, timeout_s=timeout_s, hold_s=hold_s)
    except GroupwiseError:
        if fault_score is None:
            raise
        return {"score": float(fault_score), "unscorable": 1.0}
    # `score_one` raises where there is none.
    assert result.reward is not None
    return result.reward if fault_score is None else {"score": result.reward, "unscorable": 0.0}
