"""Prompts that TRL's `GRPOTrainer` trains on, leased from a run of the server, and the reward function that hands their completions in.

    from groupwise import Environment
    from groupwise.integrations.trl_rollouts import Rollouts

    environment = Environment("127.0.0.1:50051")
    run = environment.open_run("gsm8k", run_id="first", group_size=8)
    with Rollouts(environment, run) as rollouts:
        args = GRPOConfig(num_generations=8, max_steps=100, ...)
        GRPOTrainer(..., args=args, train_dataset=rollouts.dataset(), reward_funcs=rollouts.reward).train()

The server decides the order, so TRL's shuffle is passed over. A training that is resumed needs ``ignore_data_skip=True``: the run itself
knows what is done. With several processes the first leases for all; all open the same ``run_id``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any

from groupwise.connections import patiently
from groupwise.environment import Environment
from groupwise.errors import GroupwiseError
from groupwise.held_leases import HeldLeases
from groupwise.inputs import Completion
from groupwise.integrations._ranks import from_first_rank, rank
from groupwise.integrations.trl import LogMetric, OnUnscorable, completions_of, tell
from groupwise.replies import CompletionResult, GroupResult, LeasedGroup, Run

log = logging.getLogger(__name__)

_LEASE_FIELD = re.compile(r"groups\[(\d+)\]\.lease_id")


class Rollouts:
    """The leases of one trainer. They are kept alive until their completions are handed in, or `close` gives them back."""

    def __init__(
        self,
        environment: Environment,
        run: Run,
        *,
        batch_groups: int = 1,
        is_chat: bool = True,
        on_unscorable: OnUnscorable = "none",
        stop_token_ids: Collection[int] | None = None,
        timeout_s: float = 300.0,
        hold_s: float = 600.0,
    ) -> None:
        """
        Args:
            environment: Stays open when this is closed.
            run: Its ``group_size`` must be TRL's ``num_generations``.
            batch_groups: Groups leased at a time, which are one batch of the run. Prompts of TRL's generation batch, if the run's
                estimator scales by batch.
            is_chat: Prompts as messages, for policies with a chat template; else as one text.
            on_unscorable, stop_token_ids: As of `trl.groupwise_reward`.
            timeout_s: Of one try to hand in, scoring included.
            hold_s: How long it is tried again when nobody answers, or has no room.
        """
        self._environment = environment
        self._run = run
        self._batch_groups = batch_groups
        self._policy_version: int | None = None
        self._is_chat = is_chat
        self._on_unscorable = on_unscorable
        self._stop_token_ids = stop_token_ids
        self._timeout_s = timeout_s
        self._hold_s = hold_s
        self._leases = HeldLeases(environment, run, hold_s)

    def dataset(self) -> Any:
        """A ``datasets.IterableDataset`` of rows ``prompt``, ``run_id``, ``lease_id``, ``group_id`` and ``pair_id``, one a group.

        It ends when the run has no more groups to hand out. `GRPOConfig` needs ``max_steps``, as for all datasets without a length.
        """
        from datasets import IterableDataset  # type: ignore[import-not-found, unused-ignore]

        class LeasedPrompts(IterableDataset):  # type: ignore[misc, unused-ignore]
            def shuffle(self, *_: Any, **__: Any) -> LeasedPrompts:
                # Reads a thousand rows before it hands out the first: as many leases, held for nothing.
                return self

        made = IterableDataset.from_generator(self.rows)
        made.__class__ = LeasedPrompts
        return made

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows of `dataset`. First those of a pass before that the trainer dropped: a generation batch that was not full."""
        for group in from_first_rank(self._leases.still_held):
            yield self._row(group)
        while groups := from_first_rank(self._next):
            yield from map(self._row, groups)

    def _next(self) -> list[LeasedGroup]:
        return self._leases.take(self._batch_groups, policy_version=self._policy_version)

    def _row(self, group: LeasedGroup) -> dict[str, Any]:
        return {
            "prompt": group.messages if self._is_chat else "\n\n".join(each.content for each in group.prompt),
            "run_id": self._run.run_id,
            "lease_id": group.lease_id,
            "group_id": group.group_id,
            "pair_id": group.pair_id,
        }

    def reward(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]] | None = None,
        run_id: Sequence[str | None] | None = None,
        lease_id: Sequence[str | None] | None = None,
        trainer_state: Any = None,
        log_metric: LogMetric | None = None,
        **_: Any,
    ) -> list[float | None]:
        """A reward function of TRL: hands completions [N] in under the leases [N] of their rows, and returns rewards [N].

        None for what is unscorable, for rows without a lease, and for groups whose lease was lost to another client: it trains on them.

        Raises:
            GroupwiseError: the server cannot be reached, or refuses.
            ValueError: the trainer's groups are not those of the run.
        """
        if run_id is None or lease_id is None:
            raise ValueError("The rows have no lease: train on the dataset of these rollouts, with remove_unused_columns=False")
        self._policy_version = getattr(trainer_state, "global_step", self._policy_version)
        texts = completions_of(completions, completion_ids, self._stop_token_ids)
        members = _members(lease_id, texts, self._run.group_size, self._policy_version)
        run = next((each for each in run_id if each is not None), self._run.run_id)
        results = self._hand_in(run, {lease: list(own.values()) for lease, own in members.items()})
        self._leases.done(members)
        rewards: dict[int, CompletionResult] = {}
        for lease, result in results.items():
            by_member = {each.member_index: each for each in result.completions}
            rewards.update({at: by_member[own.member_index or 0] for at, own in members[lease].items()})
        tell(list(rewards.values()), self._on_unscorable, log_metric)
        if log_metric is not None and members:
            log_metric("groupwise/lost_groups", (len(members) - len(results)) / len(members))
        return [rewards[at].reward if at in rewards else None for at in range(len(texts))]

    def _hand_in(self, run_id: str, completions: dict[str, list[Completion]]) -> dict[str, GroupResult]:
        """Results by lease, of leases that still count."""
        while completions:
            try:
                results = patiently(
                    lambda: self._environment.submit(run_id, completions, timeout_s=self._timeout_s), self._hold_s
                )
                return dict(zip(completions, results, strict=True))
            except GroupwiseError as error:
                lost = _lease_at_fault(error, list(completions))
                if lost is None:
                    raise
                log.warning("A group came too late, and has no rewards: %s", error)
                del completions[lost]
        return {}

    def close(self) -> None:
        """Gives back what is still held. The run stays open."""
        self._leases.close()

    def __reduce__(self) -> tuple[Any, ...]:
        # `datasets` pickles what its rows come from, to name it by a hash.
        return _only_where_it_was_made, (self._run.run_id,)

    def __enter__(self) -> Rollouts:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close()
        except GroupwiseError as failed:
            # The training's own error says more, and leases expire by themselves.
            log.warning("Leases could not be given back: %s", failed)


def _only_where_it_was_made(run_id: str) -> Rollouts:
    raise RuntimeError(f'Leases of run "{run_id}" stay in the process that holds them: set dataloader_num_workers=0')


def _members(
    lease_ids: Sequence[str | None], texts: Sequence[Completion], group_size: int, policy_version: int | None
) -> dict[str, dict[int, Completion]]:
    """By lease, and by place in the call: the completions, with the member of the group that each is.

    TRL's generation batch is one list over all processes, cut into equal slices: groups lie in it side by side.
    """
    first = rank() * len(texts)
    members: dict[str, dict[int, Completion]] = {}
    blocks: dict[int, str] = {}
    for at, (lease_id, text) in enumerate(zip(lease_ids, texts, strict=True)):
        if lease_id is None:
            continue
        block, member_index = divmod(first + at, group_size)
        if blocks.setdefault(block, lease_id) != lease_id:
            raise _other_groups(group_size)
        own = members.setdefault(lease_id, {})
        own[at] = replace(text, member_index=member_index, policy_version=policy_version)
    if len(set(blocks.values())) < len(blocks):
        raise _other_groups(group_size)
    return members


def _other_groups(group_size: int) -> ValueError:
    return ValueError(f"The run has groups of {group_size}: the trainer must generate as many, num_generations={group_size}")


def _lease_at_fault(error: GroupwiseError, lease_ids: Sequence[str]) -> str | None:
    """The lease that counts no more: released, completed by another client, or of a group that was given up."""
    at = _LEASE_FIELD.fullmatch(error.field or "")
    is_lost = error.code in ("failed_precondition", "already_exists")
    return lease_ids[int(at.group(1))] if at is not None and is_lost else None
