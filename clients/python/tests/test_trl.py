"""TRL's reward function, called as `GRPOTrainer` calls it: lists over completions, with the columns of the training set."""

import logging
import unittest

import grpc

from failing import FailingServer
from groupwise import GroupwiseError, UnscorableError
from groupwise.integrations.trl import groupwise_reward
from world import JUDGED, fresh_answer, judge, server


class TrlRewardTest(unittest.TestCase):
    def setUp(self):
        self.address = server().address
        self.metrics = {}

    def log_metric(self, name, value):
        self.metrics[name] = value

    def ask(self, reward, completions, **columns):
        prompts = columns.pop("prompts", ["What?"] * len(completions))
        extras = {"trainer_state": object(), "log_extra": None, "environments": None}
        return reward(prompts=prompts, completions=completions, log_metric=self.log_metric, **extras, **columns)

    def test_it_returns_one_reward_a_completion_in_order(self):
        reward = groupwise_reward(self.address, ground_truth_column="answer")
        texts = ["\\boxed{4}", "5", "\\boxed{6}", "\\boxed{7}"]
        self.assertEqual(self.ask(reward, texts, answer=["4", 4, ["6", "six"], {"ground_truth": 8}]), [1, 0, 1, 0])
        self.assertEqual(self.metrics, {"groupwise/unscorable": 0})
        self.assertEqual(reward.__name__, "groupwise")

    def test_conversations_are_scored_by_what_the_policy_said_last(self):
        turns = [
            [{"role": "assistant", "content": "\\boxed{4}"}],
            [{"role": "assistant", "content": "\\boxed{5}"}, {"role": "tool", "content": "\\boxed{4}"}],
            [{"role": "assistant", "content": [{"type": "text", "text": "\\boxed{4}"}]}],
            [{"role": "tool", "content": "\\boxed{4}"}],
        ]
        prompts = [[{"role": "user", "content": "What is 2 + 2?"}]] * 4
        reward = groupwise_reward(self.address)
        self.assertEqual(self.ask(reward, turns, prompts=prompts, ground_truth=["4"] * 4), [1, 0, 1, 0])

    def test_what_cannot_be_scored_is_none_and_never_a_number(self):
        reward = groupwise_reward(self.address, reward=JUDGED)
        texts = [fresh_answer() for _ in range(4)]
        judge().fail(texts[1])
        judge().fail(texts[2])
        with self.assertLogs("groupwise.integrations.trl", logging.WARNING) as logs:
            rewards = self.ask(reward, texts, ground_truth=["x apples"] * 4)
        self.assertEqual(rewards, [1.0, None, None, 1.0])
        self.assertEqual(self.metrics, {"groupwise/unscorable": 0.5})
        self.assertIn("2 of 4 completions have no reward: judge_unreadable 2", logs.output[0])

    def test_it_raises_in_place_of_none_for_trainers_that_would_sum_it_up(self):
        reward = groupwise_reward(self.address, reward=JUDGED, on_unscorable="raise")
        with self.assertRaises(UnscorableError) as raised:
            self.ask(reward, [judge().fail(fresh_answer())], ground_truth=["x apples"])
        self.assertEqual((raised.exception.cause, raised.exception.scorer), ("judge_unreadable", "judge"))

    def test_rows_without_a_ground_truth_are_not_its_business(self):
        reward = groupwise_reward(self.address)
        self.assertEqual(self.ask(reward, ["4", "\\boxed{4}", "4"], ground_truth=[None, "4", None]), [None, 1, None])
        self.assertEqual(self.ask(reward, ["4"], ground_truth=[None]), [None])

    def test_a_row_may_name_its_own_reward(self):
        reward = groupwise_reward(self.address, reward="math")
        labels = ["4", {"ground_truth": "B", "reward": "choice", "choices": ["x", "y"]}, "4"]
        self.assertEqual(self.ask(reward, ["\\boxed{4}", "(B)", "\\boxed{5}"], ground_truth=labels), [1, 1, 0])

    def test_completions_that_do_not_end_with_a_stop_token_are_truncated(self):
        recipe = {"scorers": [{"name": "math"}], "truncated": "zero"}
        reward = groupwise_reward(self.address, reward=recipe, stop_token_ids=[0, 2])
        ids = [[5, 2], [5, 5], []]
        self.assertEqual(self.ask(reward, ["\\boxed{4}"] * 3, completion_ids=ids, ground_truth=["4"] * 3), [1, 0, 0])

    def test_neighbours_with_one_prompt_and_ground_truth_are_one_group(self):
        failing = FailingServer()
        self.addCleanup(failing.stop)
        with self.assertRaises(ValueError):
            # Its replies have one completion a group, and ours of two do not fit.
            self.ask(groupwise_reward(failing.address), ["a"] * 2, ground_truth=["1"] * 2)
        (request,) = failing.scored
        self.assertEqual([len(group.completions) for group in request.groups], [2])
        with self.assertRaises(ValueError):
            told = {"prompts": ["p", "p", "q", "q", "q"], "ground_truth": ["1", "1", "1", "2", ["2"]]}
            self.ask(groupwise_reward(failing.address), ["a"] * 5, **told)
        self.assertEqual([len(group.completions) for group in failing.scored[1].groups], [2, 1, 1, 1])

    def test_a_column_that_is_missing_is_named(self):
        with self.assertRaisesRegex(ValueError, '"ground_truth"'):
            self.ask(groupwise_reward(self.address), ["4"], answer=["4"])

    def test_it_waits_for_a_server_that_has_no_room(self):
        failing = FailingServer()
        self.addCleanup(failing.stop)
        # More than one call tries by itself.
        failing.fail(grpc.StatusCode.RESOURCE_EXHAUSTED, times=10, retry_after_ms="1")
        self.assertEqual(self.ask(groupwise_reward(failing.address), ["4"], ground_truth=["4"]), [1.0])
        self.assertEqual(failing.calls["Score"], 11)
        failing.fail(grpc.StatusCode.RESOURCE_EXHAUSTED, times=99)
        with self.assertRaises(GroupwiseError):
            self.ask(groupwise_reward(failing.address, hold_s=0), ["4"], ground_truth=["4"])


if __name__ == "__main__":
    unittest.main()
