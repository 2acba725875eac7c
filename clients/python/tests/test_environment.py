"""`Environment` against a real server: a run from its first lease to its books."""

import unittest
from datetime import datetime, timezone

from groupwise import Completion, Environment, GroupwiseError, ScoreGroup
from server import DATASET, answer_to
from world import environment, fresh_run, server


class EnvironmentTest(unittest.TestCase):
    def test_a_run_goes_from_lease_to_rewards_and_advantages(self):
        run = fresh_run(estimator="dr_grpo", lease_ttl_s=90)
        self.assertEqual((run.state, run.group_size, run.lease_ttl_s), ("open", 2, 90.0))
        self.assertEqual((run.estimator.name, run.groups_total), ("dr_grpo", 8))
        lease = environment().lease(run.run_id, 2)
        self.assertIsNone(lease.empty_reason)
        self.assertFalse(lease.is_exhausted)
        group, other = lease.groups
        self.assertEqual((group.attempt, group.group_size, group.epoch), (1, 2, 0))
        self.assertEqual(group.messages[-1]["role"], "user")
        self.assertGreater(group.expires_at, datetime.now(timezone.utc))

        submitted = environment().submit(
            run.run_id,
            {
                group.lease_id: [answer_to(group.prompt[-1].content), Completion("No idea", "length", 3, policy_version=1)],
                other.lease_id: ["\\boxed{-1}", "\\boxed{-1}"],
            },
        )
        result, zeros = submitted
        self.assertEqual((result.state, result.rewards, result.advantages), ("completed", [1.0, 0.0], [0.5, -0.5]))
        self.assertEqual((result.group_id, result.missing, result.flags), (group.group_id, (), ()))
        self.assertEqual((result.completions[1].drift, result.completions[0].drift), (0, None))
        self.assertEqual(result.completions[0].scores[0].scorer, "numeric")
        self.assertEqual((zeros.rewards, zeros.advantages, zeros.flags), ([0.0, 0.0], [0.0, 0.0], ("zero_variance",)))
        self.assertEqual(environment().group(run.run_id, group.group_id), result)

        books = environment().accounting(run.run_id)
        self.assertEqual((books.leases.leased, books.leases.completed, books.groups.completed), (2, 2, 2))
        self.assertEqual((books.completions.scored, books.completions.truncated, books.mean_reward), (4, 1, 0.25))
        self.assertEqual((books.drift, books.cost_usd), ({0: 1}, 0.0))

    def test_members_come_in_one_by_one_and_repeats_return_the_first_result(self):
        run = fresh_run()
        (group,) = environment().lease(run.run_id).groups
        right = Completion(answer_to(group.prompt[-1].content), member_index=1)
        (partial,) = environment().submit(run.run_id, {group.lease_id: [right]})
        self.assertEqual((partial.state, partial.missing, partial.advantages), ("partial", (0,), [None]))
        whole = {group.lease_id: ["No", right]}
        first = environment().submit(run.run_id, whole)
        self.assertEqual(environment().submit(run.run_id, whole), first)
        self.assertEqual(first[0].rewards, [0.0, 1.0])
        books = environment().accounting(run.run_id)
        self.assertEqual((books.completions.submitted, books.completions.repeats), (2, 3))
        with self.assertRaises(GroupwiseError) as refused:
            environment().submit(run.run_id, {group.lease_id: ["Yes", right]})
        self.assertEqual((refused.exception.code, refused.exception.field), ("already_exists", "groups[0].completions[0]"))

    def test_leases_are_extended_and_given_back(self):
        run = fresh_run()
        lease = environment().lease(run.run_id, 3)
        kept, *given_back = (group.lease_id for group in lease.groups)
        self.assertEqual(environment().release(run.run_id, given_back), 2)
        self.assertEqual(environment().release(run.run_id, kept[:3]), 0)
        beat = environment().heartbeat(run.run_id, [kept, *given_back])
        self.assertEqual((list(beat.expires_at), sorted(beat.lost)), ([kept], sorted(given_back)))
        self.assertGreaterEqual(beat.expires_at[kept], lease.groups[0].expires_at)
        self.assertEqual(list(environment().heartbeat(run.run_id, kept).expires_at), [kept])

    def test_an_empty_lease_says_why_and_when_to_ask_again(self):
        run = fresh_run()
        leased = environment().lease(run.run_id, 99).groups
        self.assertEqual(len(leased), 8)
        waiting = environment().lease(run.run_id)
        self.assertEqual((waiting.groups, waiting.empty_reason, waiting.is_exhausted), ((), "all_leased", False))
        self.assertGreater(waiting.retry_after_s, 0)
        environment().submit(run.run_id, {group.lease_id: ["a", "b"] for group in leased})
        over = environment().lease(run.run_id)
        self.assertEqual((over.is_exhausted, over.retry_after_s), (True, None))
        self.assertEqual(environment().get_run(run.run_id).state, "exhausted")

    def test_a_run_is_opened_again_by_its_name_and_closed(self):
        reward = {"scorers": [{"name": "math", "require_unit": True, "weight": 2}]}
        same = {"group_size": 2, "sampling": "sequential", "reward": reward}
        run = fresh_run(seed=3, **same)
        scorer = {"name": "math", "require_unit": True, "weight": 2.0}
        self.assertLessEqual(scorer.items(), run.reward["scorers"][0].items())
        again = environment().open_run(DATASET, run_id=run.run_id, seed=3, **same)
        self.assertEqual((again.run_id, again.created_at), (run.run_id, run.created_at))
        with self.assertRaises(GroupwiseError) as refused:
            environment().open_run(DATASET, run_id=run.run_id, seed=4, **same)
        self.assertEqual((refused.exception.code, refused.exception.field), ("failed_precondition", "seed"))
        self.assertEqual(environment().close_run(run.run_id).state, "closed")
        with self.assertRaises(GroupwiseError) as refused:
            environment().lease(run.run_id)
        self.assertEqual(refused.exception.code, "failed_precondition")

    def test_training_steps_are_kept_and_tell_the_policy_version(self):
        run = fresh_run()
        environment().report_training_step(run.run_id, 1, {"loss": 0.5}, policy_version=4)
        self.assertEqual(environment().get_run(run.run_id).policy_version, 4)

    def test_score_needs_no_run_and_groups_may_differ_in_size(self):
        groups = [
            ScoreGroup(["\\boxed{1/2}", "\\boxed{2}"], ground_truth="0.5", aliases=["50\\%"]),
            ScoreGroup(["(B)", "(A)", "B"], ground_truth="B", choices=["one", "two"], prompt="Which?"),
        ]
        scores = environment().score(groups, estimator={"name": "grpo:trl", "epsilon": 0.0})
        self.assertEqual([group.rewards for group in scores.groups], [[1.0, 0.0], [1.0, 0.0, 1.0]])
        self.assertEqual((scores.estimator.name, scores.estimator.ddof, scores.estimator.epsilon), ("grpo:trl", 1, 0.0))
        self.assertAlmostEqual(scores.groups[0].advantages[0], 0.5**0.5)

    def test_score_takes_a_row_of_a_dataset_for_its_ground_truth(self):
        run = fresh_run()
        (group,) = environment().lease(run.run_id).groups
        right = answer_to(group.prompt[-1].content)
        scores = environment().score([ScoreGroup([right, "7777"], dataset=DATASET, pair_id=group.pair_id)])
        self.assertEqual(scores.groups[0].rewards, [1.0, 0.0])

    def test_refusals_have_a_code_and_the_field_at_fault(self):
        asked = {
            ("not_found", "run_id"): lambda: environment().get_run("nobody"),
            ("invalid_argument", "group_size"): lambda: environment().open_run(DATASET, group_size=0),
            ("invalid_argument", "reward"): lambda: environment().open_run(DATASET, reward={"scorer": 1}),
            ("invalid_argument", "reward", 2): lambda: environment().open_run(DATASET, reward="{not JSON"),
            ("invalid_argument", "pair_id"): lambda: environment().score(
                [ScoreGroup(["1"], ground_truth="1", pair_id="p", dataset=DATASET)]
            ),
            ("invalid_argument", "groups[0].completions"): lambda: environment().score([ScoreGroup([], ground_truth="1")]),
        }
        for (code, field, *_), ask in asked.items():
            with self.subTest(code=code, field=field), self.assertRaises(GroupwiseError) as refused:
                ask()
            self.assertEqual((refused.exception.code, refused.exception.field), (code, field))
            self.assertIn(code, str(refused.exception))

    def test_an_address_of_the_wrong_door_is_refused_at_once(self):
        for address in (f"http://{server().address}", "127.0.0.1", "127.0.0.1:", ""):
            with self.subTest(address), self.assertRaisesRegex(ValueError, "HOST:PORT"):
                Environment(address)

    def test_it_closes_with_its_block(self):
        with Environment(server().address) as own:
            own.get_run(fresh_run().run_id)
        with self.assertRaises(ValueError):
            own.get_run("any")


if __name__ == "__main__":
    unittest.main()
