"""What callers hand in, and how it becomes messages. Recipes, estimators and samplings are written as in the REST door's JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar, Union

from google.protobuf import json_format
from google.protobuf import message as protobuf

from groupwise._texts import listed, well_formed
from groupwise.errors import GroupwiseError
from groupwise.labels import Label, label_fields
from groupwise.replies import Message
from groupwise.v1 import environment_pb2, rewards_pb2, types_pb2

RewardSpec: TypeAlias = Union[str, Mapping[str, Any]]
"""The name of a scorer, or a recipe, also as JSON: ``{"scorers": [{"name": "format", "pattern": "boxed", "weight": 0.1}]}``."""

EstimatorSpec: TypeAlias = Union[str, Mapping[str, Any]]
"""A name, or a name with constants: ``{"name": "grpo:trl", "epsilon": 1e-4}``."""

SamplingSpec: TypeAlias = Union[str, Mapping[str, Any]]
"""A kind, or a kind with options: ``{"kind": "curriculum", "refill": True}``."""

Prompt: TypeAlias = Union[str, Sequence[Union[Message, Mapping[str, Any]]]]
"""A text of the user, or chat messages with ``role`` and ``content``."""

Parsed = TypeVar("Parsed", bound="protobuf.Message")

_SCORER_FIELDS = frozenset(field.name for field in types_pb2.ScorerUse.DESCRIPTOR.fields) - {"options"}
_ROLES = ("system", "user", "assistant")


@dataclass(frozen=True)
class Completion:
    """One text that the policy wrote."""

    text: str
    finish_reason: Literal["stop", "length"] | None = None
    """"length": the policy was cut off; the completion is truncated."""
    token_count: int | None = None
    """Length in the policy's own tokens, for estimators and penalties that weigh by length."""
    policy_version: int | None = None
    """Which weights wrote it."""
    member_index: int | None = None
    """Which member of its group this is, from 0. Without it: its place in the list."""


@dataclass(frozen=True)
class ScoreGroup:
    """The completions of one prompt, with their ground truth or the row of a dataset that has it."""

    completions: Sequence[str | Completion]
    """[G]"""
    ground_truth: str | None = None
    aliases: Sequence[str] = ()
    """Other answers that are as right."""
    choices: Sequence[str] = ()
    """The options of a multiple-choice question, in order A, B, C, …"""
    prompt: Prompt = ()
    """What the policy was asked. Guards against completions that echo it; judges read it."""
    dataset: str | None = None
    pair_id: str | None = None
    """A row of ``dataset``, in place of ``ground_truth``."""

    @classmethod
    def of_label(cls, label: Label, completions: Sequence[str | Completion], prompt: Prompt = ()) -> ScoreGroup:
        """The group of a ground truth as a trainer has it. Its ``reward`` is for `labels.label_reward` to read.

        Raises `GroupwiseError` with ``invalid_argument`` for a label that is none; never tells what it was.
        """
        return cls(completions, prompt=prompt, **label_fields(label))


def reward_message(reward: RewardSpec | None) -> types_pb2.Reward | None:
    if reward is None:
        return None
    if isinstance(reward, str) and not reward.lstrip().startswith("{"):
        return types_pb2.Reward(scorer=reward)
    try:
        recipe = _json(json.loads(reward) if isinstance(reward, str) else reward)
    except json.JSONDecodeError as error:
        raise GroupwiseError("invalid_argument", f"Cannot read reward: {error}", "reward") from error
    recipe = {**recipe, "scorers": [_scorer(scorer) for scorer in recipe.get("scorers", ())]}
    return types_pb2.Reward(recipe=_parsed(recipe, types_pb2.Recipe(), "reward"))


def _scorer(scorer: str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(scorer, str):
        return {"name": scorer}
    fields = {name: value for name, value in scorer.items() if name in _SCORER_FIELDS}
    if fields.get("gate") is True:
        fields["gate"] = 0.5
    options = {name: value for name, value in scorer.items() if name not in _SCORER_FIELDS}
    return {**fields, "options": options} if options else fields


def estimator_message(estimator: EstimatorSpec | None) -> types_pb2.Estimator | None:
    if estimator is None:
        return None
    named = {"name": estimator} if isinstance(estimator, str) else estimator
    return _parsed(named, types_pb2.Estimator(), "estimator")


def sampling_message(sampling: SamplingSpec | None) -> environment_pb2.Sampling | None:
    if sampling is None:
        return None
    named = {"kind": sampling} if isinstance(sampling, str) else sampling
    return _parsed(named, environment_pb2.Sampling(), "sampling")


def _json(value: Any) -> Any:
    """Plain containers in place of those of a configuration library."""
    if isinstance(value, Mapping):
        return {str(name): _json(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_json(each) for each in value]
    return value


def _parsed(value: Mapping[str, Any], message: Parsed, field: str) -> Parsed:
    try:
        json_format.ParseDict(_json(value), message)
        return message
    except json_format.ParseError as error:
        raise GroupwiseError("invalid_argument", f"Cannot read {field}: {error}", field) from error


def completion_messages(completions: Sequence[str | Completion], field: str) -> list[types_pb2.Completion]:
    return [_completion_message(completion) for completion in listed(completions, field)]


def _completion_message(completion: str | Completion) -> types_pb2.Completion:
    if isinstance(completion, str):
        return types_pb2.Completion(text=well_formed(completion))
    reason = completion.finish_reason
    return types_pb2.Completion(
        member_index=completion.member_index,
        text=well_formed(completion.text),
        finish_reason=None if reason is None else types_pb2.FinishReason.Value(f"FINISH_REASON_{reason.upper()}"),
        token_count=completion.token_count,
        policy_version=completion.policy_version,
    )


def prompt_messages(prompt: Prompt) -> list[types_pb2.Message]:
    if isinstance(prompt, str):
        return [types_pb2.Message(role="user", content=well_formed(prompt))]
    return [_message(message) for message in prompt]


def _message(message: Message | Mapping[str, Any]) -> types_pb2.Message:
    if isinstance(message, Message):
        return types_pb2.Message(role=message.role, content=well_formed(message.content))
    role = message.get("role")
    # Other roles (tool, developer) are text that the policy was shown.
    content = well_formed(content_text(message.get("content")))
    return types_pb2.Message(role=role if role in _ROLES else "user", content=content)


def content_text(content: Any) -> str:
    """The text of a message's content, which may be None, or a list of parts: ``[{"type": "text", "text": "…"}]``."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or "" for part in content or () if isinstance(part, Mapping))


def score_group_message(group: ScoreGroup) -> rewards_pb2.ScoreGroup:
    if group.ground_truth is not None and group.pair_id is not None:
        raise GroupwiseError("invalid_argument", "Must be absent beside ground_truth", "pair_id")
    references = {"ground_truth": group.ground_truth, "pair_id": group.pair_id}
    return rewards_pb2.ScoreGroup(
        prompt=prompt_messages(group.prompt),
        aliases=listed(group.aliases, "aliases"),
        choices=listed(group.choices, "choices"),
        dataset=group.dataset,
        completions=completion_messages(group.completions, "completions"),
        **{name: value for name, value in references.items() if value is not None},
    )
