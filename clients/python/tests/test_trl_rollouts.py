"""Leased prompts and the rewards of their completions, as `GRPOTrainer` asks for both: rows of a stream, each repeated for its group,
read ahead of the rewards; passes that end and begin again."""

import copy
import dataclasses
import importlib.util
import itertools
import logging
import pickle
import queue
import time
import types
import unittest

from groupwise import Completion, Environment, GroupwiseError
from groupwise.integrations.trl_rollouts import Rollouts
from server import answer_to
from world import JUDGED, environment, fresh_run, fresh_answer, judge, server


def step(global_step):
    return types.SimpleNamespace(global_step=global_step)


class RolloutsTest(unittest.TestCase):
    def open(self, run=None, **options):
        self.run_ = run or fresh_run()
        rollouts = Rollouts(environment(), self.run_, **options)
        self.addCleanup(rollouts.close)
        return rollouts

    def answer(self, rollouts, rows, texts=None, **more):
        """The trainer's call: every row for each member of its group; by default the first member is right."""
        repeated = [copy.deepcopy(row) for row in rows for _ in range(2)]
        columns = {name: [row[name] for row in repeated] for name in repeated[0]}
        prompts = columns.pop("prompt")
        if texts is None:
            texts = list(itertools.chain(*((answer_to(row["prompt"][-1]["content"]), "No") for row in rows)))
        return rollouts.reward(prompts=prompts, completions=texts, **columns, **more)

    def books(self):
        return environment().accounting(self.run_.run_id)

    def test_rows_are_leased_and_their_completions_handed_in(self):
        rollouts = self.open()
        rows = rollouts.rows()
        first = [next(rows), next(rows)]
        self.assertEqual(first[0]["prompt"][-1]["role"], "user")
        self.assertEqual(list(first[0]), ["prompt", "run_id", "lease_id", "group_id", "pair_id"])
        self.assertEqual(self.answer(rollouts, first, trainer_state=step(3)), [1.0, 0.0, 1.0, 0.0])
        # One more than was answered: read ahead.
        next(rows)
        books = self.books()
        self.assertEqual((books.leases.leased, books.leases.completed, books.leases.open), (3, 2, 1))
        self.assertEqual((books.drift, books.completions.scored), ({0: 4}, 4))
        rollouts.close()
        self.assertEqual((self.books().leases.released, self.books().leases.open), (1, 0))

    def test_the_stream_ends_with_the_run_and_the_next_pass_is_empty(self):
        rollouts = self.open(batch_groups=3)
        for row in rollouts.rows():
            self.answer(rollouts, [row])
        self.assertEqual(list(rollouts.rows()), [])
        self.assertEqual((self.books().leases.completed, self.books().leases.open), (8, 0))

    def test_a_trainer_that_reads_to_the_end_before_it_answers_is_not_kept_waiting(self):
        rollouts = self.open()
        rows = list(rollouts.rows())
        self.assertEqual((len(rows), self.books().leases.open), (8, 8))
        self.answer(rollouts, rows[:6])
        # What it dropped comes again: the same leases, no new ones.
        self.assertEqual([row["lease_id"] for row in rollouts.rows()], [row["lease_id"] for row in rows[6:]])
        self.answer(rollouts, rows[6:])
        self.assertEqual((self.books().leases.leased, self.books().leases.completed), (8, 8))

    def test_it_waits_for_groups_that_others_hold(self):
        leases = []

        class Watched(Environment):
            def lease(self, run_id, *given, **options):
                leases.append(super().lease(run_id, *given, **options))
                if len(leases) == 2:
                    environment().release(run_id, [held.lease_id])
                # As if the server had said to come back at once.
                return dataclasses.replace(leases[-1], retry_after_s=0.001)

        self.run_ = fresh_run()
        held = environment().lease(self.run_.run_id, 8).groups[0]
        watched = Watched(server().address)
        self.addCleanup(watched.close)
        with Rollouts(watched, self.run_) as rollouts:
            self.assertEqual(next(rollouts.rows())["group_id"], held.group_id)
        self.assertEqual([len(lease.groups) for lease in leases], [0, 0, 1])

    def test_leases_are_kept_alive_until_they_are_answered(self):
        beats = queue.Queue()

        class Watched(Environment):
            def heartbeat(self, run_id, lease_ids, **options):
                beat = super().heartbeat(run_id, lease_ids, **options)
                beats.put((list(lease_ids), beat.lost))
                return beat

        self.run_ = fresh_run()
        watched = Watched(server().address)
        self.addCleanup(watched.close)
        # As if leases were short: a beat every ten milliseconds.
        with Rollouts(watched, dataclasses.replace(self.run_, lease_ttl_s=0.03)) as rollouts:
            row = next(rollouts.rows())
            self.assertEqual([beats.get(timeout=20) for _ in range(3)], [([row["lease_id"]], ())] * 3)
            self.assertEqual(self.answer(rollouts, [row]), [1.0, 0.0])
            self.assertEqual(rollouts._leases.still_held(), [])

    def test_a_group_that_another_client_has_done_meanwhile_has_no_rewards(self):
        metrics = {}
        rollouts = self.open()
        rows = rollouts.rows()
        late, kept = next(rows), next(rows)
        environment().release(self.run_.run_id, [late["lease_id"]])
        again = environment().lease(self.run_.run_id).groups[0]
        self.assertEqual(again.group_id, late["group_id"])
        environment().submit(self.run_.run_id, {again.lease_id: ["a", "b"]})
        with self.assertLogs("groupwise.integrations.trl_rollouts", logging.WARNING):
            rewards = self.answer(rollouts, [late, kept], log_metric=metrics.__setitem__)
        self.assertEqual(rewards, [None, None, 1.0, 0.0])
        self.assertEqual(metrics, {"groupwise/unscorable": 0.0, "groupwise/lost_groups": 0.5})

    def test_a_lease_that_expired_counts_until_another_client_has_done_the_group(self):
        rollouts = self.open(fresh_run(lease_ttl_s=1))
        expired, rest = (groups := environment().lease(self.run_.run_id, 8).groups)[:2], groups[2:]
        late, lost = ({**rollouts._row(group)} for group in expired)
        environment().submit(self.run_.run_id, {group.lease_id: ["a", "b"] for group in rest})
        others = {}
        while len(others) < len(expired):
            again = environment().lease(self.run_.run_id, 2)
            others.update({group.group_id: group.lease_id for group in again.groups})
            time.sleep(again.retry_after_s or 0)
        environment().submit(self.run_.run_id, {others[lost["group_id"]]: ["a", "b"]})
        with self.assertLogs("groupwise.integrations.trl_rollouts", logging.WARNING) as logs:
            self.assertEqual(self.answer(rollouts, [lost, late]), [None, None, 1.0, 0.0])
        self.assertIn("another lease has completed", logs.output[0])

    def test_what_cannot_be_scored_is_none(self):
        rollouts = self.open(fresh_run(reward=JUDGED))
        row = next(rollouts.rows())
        with self.assertLogs("groupwise.integrations.trl", logging.WARNING):
            rewards = self.answer(rollouts, [row], [fresh_answer(), judge().fail(fresh_answer())])
        self.assertEqual(rewards, [1.0, None])

    def test_a_repeated_call_says_the_same_and_counts_once(self):
        rollouts = self.open()
        row = next(rollouts.rows())
        self.assertEqual(self.answer(rollouts, [row]), self.answer(rollouts, [row]))
        self.assertEqual((self.books().completions.submitted, self.books().completions.repeats), (2, 2))

    def test_groups_of_another_size_are_refused_before_anything_is_handed_in(self):
        for size in (1, 4):
            rollouts = self.open(fresh_run(group_size=size))
            rows = rollouts.rows()
            with self.assertRaisesRegex(ValueError, f"num_generations={size}"):
                self.answer(rollouts, [next(rows), next(rows)])
            self.assertEqual(self.books().completions.submitted, 0)

    def test_rows_without_a_lease_are_not_its_business_and_columns_must_not_be_removed(self):
        rollouts = self.open()
        no_lease = {"prompts": ["p"], "completions": ["c"], "run_id": [None], "lease_id": [None]}
        self.assertEqual(rollouts.reward(**no_lease), [None])
        with self.assertRaisesRegex(ValueError, "remove_unused_columns=False"):
            rollouts.reward(prompts=["p"], completions=["c"])

    def test_a_run_that_was_closed_ends_the_training(self):
        rollouts = self.open()
        row = next(rollouts.rows())
        environment().close_run(self.run_.run_id)
        with self.assertRaises(GroupwiseError) as refused:
            next(rollouts.rows())
        self.assertEqual(refused.exception.code, "failed_precondition")
        with self.assertLogs("groupwise.integrations.trl_rollouts", logging.WARNING):
            self.assertEqual(self.answer(rollouts, [row]), [None, None])

    def test_a_policy_without_a_chat_template_gets_one_text(self):
        row = next(self.open(is_chat=False).rows())
        self.assertRegex(row["prompt"], r"^What is \d \+ \d+\?$")

    def test_it_can_be_named_by_a_hash_but_not_taken_elsewhere(self):
        rollouts = self.open()
        pickled = pickle.dumps(rollouts)
        with self.assertRaisesRegex(RuntimeError, "dataloader_num_workers=0"):
            pickle.loads(pickled)

    @unittest.skipIf(importlib.util.find_spec("datasets") is None, "no package datasets")
    def test_its_dataset_is_one_of_datasets_and_is_not_shuffled(self):
        from datasets import IterableDataset

        rollouts = self.open()
        dataset = rollouts.dataset()
        self.assertIsInstance(dataset, IterableDataset)
        rows = iter(dataset.shuffle(seed=1))
        self.assertEqual(next(rows)["group_id"], "g-0")
        self.assertLessEqual(self.books().leases.leased, 2)


class MembersTest(unittest.TestCase):
    def test_members_of_a_group_may_lie_in_the_slices_of_several_processes(self):
        import groupwise.integrations.trl_rollouts as module

        texts = [Completion("a"), Completion("b"), Completion("c")]
        kept = module.rank
        self.addCleanup(setattr, module, "rank", kept)
        module.rank = lambda: 1
        members = module._members(["x", "y", "y"], texts, 4, 7)
        indexes = {lease: [own.member_index for own in at.values()] for lease, at in members.items()}
        self.assertEqual(indexes, {"x": [3], "y": [0, 1]})
        self.assertEqual({own.policy_version for at in members.values() for own in at.values()}, {7})


if __name__ == "__main__":
    unittest.main()
