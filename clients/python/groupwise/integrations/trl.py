"""A reward function for TRL's trainers (`GRPOTrainer`, `RLOOTrainer`). What cannot be scored is ``None``, which `GRPOTrainer` of TRL 1.16
leaves out of the baseline. Older versions may sum it up as 0: there, say ``on_unscorable="raise"``.

    from groupwise.integrations.trl import groupwise_reward

    trainer = GRPOTrainer(..., reward_funcs=groupwise_reward("127.0.0.1:50051", reward="math", ground_truth_column="answer"))
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal

from groupwise.connections import Place
from groupwise.errors import UnscorableError
from groupwise.inputs import Completion, RewardSpec, ScoreGroup, content_text
from groupwise.replies import CompletionResult

log = logging.getLogger(__name__)


def groupwise_reward(
    address: str | None = None,
    *,
    reward: RewardSpec | None = None,
    ground_truth_column: str = "ground_truth",
    on_unscorable: Literal["none", "raise"] = "none",
    stop_token_ids: Collection[int] | None = None,
    token: str | None = None,
    tls: bool | str | None = None,
    timeout_s: float = 300.0,
    name: str = "groupwise",
) -> Callable[..., list[float | None]]:
    """A reward function of TRL.

    Args:
        address: HOST:PORT of the gRPC door; for None, ``token`` and ``tls`` see `connections.Place.of`.
        reward: A scorer or a recipe. Default "math".
        ground_truth_column: The column of the training set that has the ground truth, in any form of `inputs.Label`.
            Rows where it is None are not of this function's business: their reward is None.
        on_unscorable: "none" hands None to the trainer, "raise" ends the training with `UnscorableError`.
        stop_token_ids: Tokens that end a completion (eos, pad). One that ends otherwise is handed in as truncated.
        name: What TRL calls the rewards in its logs.

    Returns:
        A function of ``prompts`` [N], ``completions`` [N], ``completion_ids`` [N][tokens] and the columns [N], to rewards [N].
        It raises `GroupwiseError` when the server cannot be reached or refuses.
    """
    place = Place.of(address, token, tls)

    def rewards_of(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]] | None = None,
        log_metric: Callable[[str, float], None] | None = None,
        **columns: Any,
    ) -> list[float | None]:
        if ground_truth_column not in columns:
            raise ValueError(f'The training set has no column "{ground_truth_column}": name it as ground_truth_column')
        labels = columns[ground_truth_column]
        members = [
            _completion(text, completion_ids[index] if completion_ids is not None else None, stop_token_ids)
            for index, text in enumerate(completions)
        ]
        groups = _groups(prompts, labels, members)
        rewards: list[float | None] = [None] * len(members)
        if groups:
            requested = [group for group, _ in groups]
            scored = place.environment().score(requested, reward=reward, timeout_s=timeout_s)
            results = [result for group in scored.groups for result in group.completions]
            indexes = [index for _, places in groups for index in places]
            _tell(results, on_unscorable, log_metric)
            for index, result in zip(indexes, results, strict=True):
                rewards[index] = result.reward
        return rewards

    rewards_of.__name__ = name
    return rewards_of


def _completion(
    completion: Any, token_ids: Sequence[int] | None, stop_token_ids: Collection[int] | None
) -> Completion:
    text = completion if isinstance(completion, str) else _last_answer(completion)
    if token_ids is None:
        return Completion(text)
    is_stopped = None if stop_token_ids is None else len(token_ids) > 0 and token_ids[-1] in stop_token_ids
    reason: Literal["stop", "length"] | None = None if is_stopped is None else "stop" if is_stopped else "length"
    return Completion(text, finish_reason=reason, token_count=len(token_ids))


def _last_answer(messages: Sequence[Any]) -> str:
    """What the policy said last; between its turns are the replies of tools."""
    own = [message for message in messages if message.get("role", "assistant") == "assistant"]
    return content_text(own[-1].get("content")) if own else ""


def _groups(
    prompts: Sequence[Any], labels: Sequence[Any], members: Sequence[Completion]
) -> list[tuple[ScoreGroup, list[int]]]:
    """Neighbours with the same prompt and ground truth are one group, for scorers that compare; with the places of its members."""
    runs: list[list[int]] = []
    for index, label in enumerate(labels):
        if label is None:
            continue
        last = runs[-1][-1] if runs else None
        if last == index - 1 and prompts[last] == prompts[index] and labels[last] is not None and _same(labels[last], label):
            runs[-1].append(index)
        else:
            runs.append([index])
    return [
        (ScoreGroup.of_label(labels[run[0]], [members[index] for index in run], prompts[run[0]]), run)
        for run in runs
    ]


def _same(left: Any, right: Any) -> bool:
    # Arrays compare by element.
    return left is right or repr(left) == repr(right)


def _tell(
    results: Sequence[CompletionResult],
    on_unscorable: Literal["none", "raise"],
    log_metric: Callable[[str, float], None] | None,
) -> None:
    unscorable = [result.unscorable for result in results if result.unscorable is not None]
    if log_metric is not None:
        log_metric("groupwise/unscorable", len(unscorable) / len(results))
    if not unscorable:
        return
    if on_unscorable == "raise":
        first = unscorable[0]
        raise UnscorableError(first.cause, first.scorer, first.detail)
    causes = ", ".join(f"{cause} {count}" for cause, count in Counter(each.cause for each in unscorable).items())
    log.warning("%d of %d completions have no reward: %s", len(unscorable), len(results), causes)
