"""Replies as the data of `replies` and `accounts`. Presence is kept: an absent number is None, a reward of 0 is 0.0."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timezone
from typing import Any, TypeVar

from google.protobuf import json_format

from groupwise import accounts, replies
from groupwise.v1 import environment_pb2, rewards_pb2, types_pb2

T = TypeVar("T")


def run(message: environment_pb2.Run) -> replies.Run:
    return replies.Run(
        run_id=message.run_id,
        state=_enum(environment_pb2.RunState, message.state, "RUN_STATE_"),
        dataset=message.dataset,
        dataset_version=message.dataset_version,
        split=message.split,
        group_size=message.group_size,
        seed=message.seed,
        epochs=message.epochs,
        reward=_reward(message.reward) if message.HasField("reward") else None,
        estimator=estimator(message.estimator),
        sampling=_json(message.sampling),
        lease_ttl_s=message.lease_ttl_ms / 1000,
        max_attempts=message.max_attempts,
        max_drift=_optional(message, "max_drift"),
        prompt_template=message.prompt_template,
        created_at=_time(message.created_at),
        groups_total=message.groups_total,
        groups_completed=message.groups_completed,
        policy_version=_optional(message, "policy_version"),
    )


def lease(message: environment_pb2.LeaseGroupsResponse) -> replies.Lease:
    is_empty = message.HasField("empty_reason")
    waits = message.HasField("retry_after_ms")
    return replies.Lease(
        batch_id=message.batch_id,
        groups=tuple(map(_leased_group, message.groups)),
        empty_reason=_enum(environment_pb2.EmptyReason, message.empty_reason, "EMPTY_REASON_") if is_empty else None,
        retry_after_s=message.retry_after_ms / 1000 if waits else None,
    )


def _leased_group(message: environment_pb2.LeasedGroup) -> replies.LeasedGroup:
    return replies.LeasedGroup(
        group_id=message.group_id,
        lease_id=message.lease_id,
        batch_id=message.batch_id,
        pair_id=message.pair_id,
        prompt=tuple(replies.Message(each.role, each.content) for each in message.prompt),
        group_size=message.group_size,
        attempt=message.attempt,
        expires_at=_time(message.expires_at),
        epoch=message.epoch,
    )


def heartbeat(message: environment_pb2.HeartbeatResponse) -> replies.Heartbeat:
    return replies.Heartbeat(
        expires_at={each.lease_id: _time(each.expires_at) for each in message.leases},
        lost=tuple(message.lost),
    )


def released(message: environment_pb2.ReleaseGroupsResponse) -> int:
    return message.released


def submitted(message: environment_pb2.SubmitCompletionsResponse) -> list[replies.GroupResult]:
    return [group_result(result) for result in message.results]


def group_result(message: environment_pb2.GroupResult) -> replies.GroupResult:
    return replies.GroupResult(
        flags=tuple(message.flags),
        completions=tuple(map(_completion, message.completions)),
        group_id=message.group_id,
        lease_id=message.lease_id,
        batch_id=message.batch_id,
        state=_enum(environment_pb2.GroupState, message.state, "GROUP_STATE_"),
        missing=tuple(message.missing),
        estimator=estimator(message.estimator) if message.HasField("estimator") else None,
        batch_owed=_optional(message, "batch_owed"),
    )


def scores(message: rewards_pb2.ScoreResponse) -> replies.Scores:
    groups = (
        replies.ScoredGroup(flags=tuple(group.flags), completions=tuple(map(_completion, group.completions)))
        for group in message.groups
    )
    return replies.Scores(estimator=estimator(message.estimator), groups=tuple(groups))


def _completion(message: types_pb2.CompletionResult) -> replies.CompletionResult:
    return replies.CompletionResult(
        member_index=message.member_index,
        reward=_optional(message, "reward"),
        unscorable=_unscorable(message),
        advantage=_optional(message, "advantage"),
        scores=tuple(map(_score, message.scores)),
        drift=_optional(message, "drift"),
    )


def _score(message: types_pb2.ScorerScore) -> replies.ScorerScore:
    return replies.ScorerScore(
        scorer=message.scorer,
        score=_optional(message, "score"),
        unscorable=_unscorable(message),
        answer=_optional(message, "answer"),
        answer_source=_optional(message, "answer_source"),
        reason=_optional(message, "reason"),
        replaced_by=_optional(message, "replaced_by"),
        cost=_plain(replies.ScoreCost, message.cost) if message.HasField("cost") else None,
    )


def _unscorable(message: types_pb2.CompletionResult | types_pb2.ScorerScore) -> replies.Unscorable | None:
    return _plain(replies.Unscorable, message.unscorable) if message.HasField("unscorable") else None


def estimator(message: types_pb2.Estimator) -> replies.Estimator:
    return _plain(replies.Estimator, message, weights=dict(message.weights))


def accounting(message: environment_pb2.Accounting) -> accounts.Accounting:
    by_cause = {each.name: each.count for each in message.completions.unscorable_by_cause}
    return _plain(
        accounts.Accounting,
        message,
        leases=_plain(accounts.LeaseAccounts, message.leases),
        groups=_plain(accounts.GroupAccounts, message.groups),
        completions=_plain(accounts.CompletionAccounts, message.completions, unscorable_by_cause=by_cause),
        cache=_plain(accounts.CacheAccounts, message.cache),
        drift={each.drift: each.completions for each in message.drift},
        audits=tuple(_plain(accounts.AuditAccounts, each) for each in message.audits),
    )


def nothing(_: object) -> None:
    return None


def _plain(kind: type[T], message: Any, **known: Any) -> T:
    """Data whose fields are those of the message, by name; ``known`` ones are given."""
    names = [field.name for field in fields(kind) if field.name not in known]  # type: ignore[arg-type]
    return kind(**known, **{name: _optional(message, name) for name in names})


def _optional(message: Any, name: str) -> Any:
    """The value of a field, None where it has presence and is absent."""
    has_presence = message.DESCRIPTOR.fields_by_name[name].has_presence
    return getattr(message, name) if not has_presence or message.HasField(name) else None


def _reward(message: types_pb2.Reward) -> Any:
    if message.WhichOneof("kind") == "scorer":
        return message.scorer
    recipe = _json(message.recipe)
    recipe["scorers"] = [{**scorer.pop("options", {}), **scorer} for scorer in recipe.get("scorers", [])]
    return recipe


def _json(message: Any) -> dict[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def _enum(kind: Any, value: int, prefix: str) -> str:
    # A newer server may know more of them.
    known = value in kind.values()
    return str(kind.Name(value)).removeprefix(prefix).lower() if known else f"unknown_{value}"


def _time(stamp: Any) -> datetime:
    return datetime.fromtimestamp(stamp.seconds + stamp.nanos / 1e9, tz=timezone.utc)
