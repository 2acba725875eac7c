"""Every call once, for the client that waits and the one that awaits: its request, how its reply is read, and whether it may be
repeated when nobody answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from groupwise import _decode, inputs, replies
from groupwise.accounts import Accounting
from groupwise.v1 import environment_pb2 as env
from groupwise.v1 import rewards_pb2

Reply = TypeVar("Reply")


@dataclass(frozen=True)
class Call(Generic[Reply]):
    service: Literal["environment", "rewards"]
    name: str
    request: Any
    decode: Callable[[Any], Reply]
    may_repeat: bool


def open_run(
    dataset: str,
    *,
    run_id: str | None,
    reward: inputs.RewardSpec | None,
    estimator: inputs.EstimatorSpec | None,
    sampling: inputs.SamplingSpec | None,
    lease_ttl_s: float | None,
    **plain: Any,
) -> Call[replies.Run]:
    request = env.OpenRunRequest(
        run_id=run_id,
        dataset=dataset,
        reward=inputs.reward_message(reward),
        estimator=inputs.estimator_message(estimator),
        sampling=inputs.sampling_message(sampling),
        lease_ttl_ms=None if lease_ttl_s is None else round(lease_ttl_s * 1000),
        **plain,
    )
    return Call("environment", "OpenRun", request, _decode.run, may_repeat=run_id is not None)


def get_run(run_id: str) -> Call[replies.Run]:
    return Call("environment", "GetRun", env.GetRunRequest(run_id=run_id), _decode.run, may_repeat=True)


def close_run(run_id: str) -> Call[replies.Run]:
    return Call("environment", "CloseRun", env.CloseRunRequest(run_id=run_id), _decode.run, may_repeat=True)


def lease(
    run_id: str, groups: int, *, batch_id: str | None, policy_version: int | None
) -> Call[replies.Lease]:
    request = env.LeaseGroupsRequest(
        run_id=run_id, groups=groups, batch_id=batch_id, policy_version=policy_version
    )
    # A lost answer would leave its groups leased to nobody.
    return Call("environment", "LeaseGroups", request, _decode.lease, may_repeat=False)


def submit(
    run_id: str,
    completions: Mapping[str, Sequence[str | inputs.Completion]],
    *,
    wait: bool,
) -> Call[list[replies.GroupResult]]:
    groups = [
        env.GroupCompletions(
            lease_id=lease_id, completions=inputs.completion_messages(members, f"completions[{lease_id}]")
        )
        for lease_id, members in completions.items()
    ]
    request = env.SubmitCompletionsRequest(run_id=run_id, groups=groups, wait=wait)
    return Call("environment", "SubmitCompletions", request, _decode.submitted, may_repeat=True)


def heartbeat(run_id: str, lease_ids: Iterable[str]) -> Call[replies.Heartbeat]:
    request = env.HeartbeatRequest(run_id=run_id, lease_ids=_listed(lease_ids))
    return Call("environment", "Heartbeat", request, _decode.heartbeat, may_repeat=True)


def release(run_id: str, lease_ids: Iterable[str]) -> Call[int]:
    request = env.ReleaseGroupsRequest(run_id=run_id, lease_ids=_listed(lease_ids))
    return Call("environment", "ReleaseGroups", request, _decode.released, may_repeat=False)


def group(run_id: str, group_id: str) -> Call[replies.GroupResult]:
    request = env.GetGroupRequest(run_id=run_id, group_id=group_id)
    return Call("environment", "GetGroup", request, _decode.group_result, may_repeat=True)


def accounting(run_id: str) -> Call[Accounting]:
    request = env.GetAccountingRequest(run_id=run_id)
    return Call("environment", "GetAccounting", request, _decode.accounting, may_repeat=True)


def report_training_step(
    run_id: str, number: int, metrics: Mapping[str, float], *, policy_version: int | None
) -> Call[None]:
    step = env.TrainingStep(number=number, metrics=dict(metrics), policy_version=policy_version)
    request = env.ReportTrainingStepRequest(run_id=run_id, training_step=step)
    return Call("environment", "ReportTrainingStep", request, _decode.nothing, may_repeat=False)


def score(
    groups: Iterable[inputs.ScoreGroup],
    *,
    reward: inputs.RewardSpec | None,
    estimator: inputs.EstimatorSpec | None,
) -> Call[replies.Scores]:
    request = rewards_pb2.ScoreRequest(
        reward=inputs.reward_message(reward),
        estimator=inputs.estimator_message(estimator),
        groups=[inputs.score_group_message(group) for group in groups],
    )
    return Call("rewards", "Score", request, _decode.scores, may_repeat=True)


def _listed(lease_ids: Iterable[str]) -> list[str]:
    return [lease_ids] if isinstance(lease_ids, str) else list(lease_ids)
