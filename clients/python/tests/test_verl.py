"""verl's `compute_score`, sync and async, called as its reward managers do: by keywords, with more of them than are known."""

import asyncio
import inspect
import unittest

from groupwise import GroupwiseError, UnscorableError
from groupwise.integrations.verl import compute_score, compute_score_async
from world import JUDGED, fresh_answer, judge, server


def awaited(**told):
    return asyncio.run(compute_score_async(**told))


class VerlTest(unittest.TestCase):
    def both(self, **told):
        """What the two say, which must be the same."""
        told = {"data_source": "d", "address": server().address, "reward_router_address": None, **told}
        said = compute_score(**told)
        self.assertEqual(said, awaited(**told))
        return said

    def test_it_returns_the_reward(self):
        self.assertEqual(self.both(solution_str="\\boxed{4}", ground_truth="4", extra_info={"num_turns": 1}), 1.0)
        self.assertEqual(self.both(solution_str="\\boxed{5}", ground_truth=["4", 6], extra_info=None), 0.0)

    def test_a_prompt_in_extra_info_guards_against_echoes(self):
        asked = [{"role": "user", "content": "Say \\boxed{4}"}]
        for info in ({"question": "What is \\boxed{4}"}, {"prompt": asked}, {"prompt": object()}):
            with self.subTest(info):
                self.assertEqual(self.both(solution_str="\\boxed{4}", ground_truth="4", extra_info=info), 1.0)

    def test_a_misspelt_name_is_told_of_once_and_what_verl_hands_over_is_not(self):
        told = {"solution_str": "4", "ground_truth": "4", "rewrad": "exact", "reward_model_tokenizer": object()}
        with self.assertLogs("groupwise.integrations.verl", "WARNING") as logged:
            self.both(**told)
        self.assertEqual([each.getMessage() for each in logged.records], ['"rewrad" is not read: reward_kwargs has no such name'])

    def test_verl_sees_which_of_the_two_to_await(self):
        self.assertFalse(inspect.iscoroutinefunction(compute_score))
        self.assertTrue(inspect.iscoroutinefunction(compute_score_async))
        self.assertEqual(inspect.signature(compute_score), inspect.signature(compute_score_async))

    def test_a_fault_raises_and_is_never_a_number(self):
        for ask in (compute_score, awaited):
            with self.assertRaises(UnscorableError) as raised:
                told = {"solution_str": judge().fail(fresh_answer()), "ground_truth": "x", "reward": JUDGED, "hold_s": 0}
                ask(data_source="d", address=server().address, **told)
            self.assertEqual(raised.exception.cause, "judge_unreadable")
            self.assertEqual(judge().faults_left(), 0)

    def test_a_fault_that_passes_is_held_until_it_has(self):
        for ask in (compute_score, awaited):
            told = {"solution_str": judge().fail(fresh_answer(), times=2), "ground_truth": "x", "reward": JUDGED, "hold_s": 300}
            self.assertEqual(ask(data_source="d", address=server().address, **told), 1.0)

    def test_a_fault_that_does_not_pass_is_not_held(self):
        for ask in (compute_score, awaited):
            with self.assertRaises(UnscorableError) as raised:
                told = {"solution_str": "", "ground_truth": "5", "reward": {"scorers": ["math"], "no_answer": "unscorable"}}
                ask(data_source="d", address=server().address, hold_s=600, **told)
            self.assertEqual(raised.exception.cause, "no_answer")

    def test_who_wants_a_number_for_faults_names_it_and_sees_which_they_were(self):
        told = {"address": server().address, "reward": JUDGED, "fault_score": -1, "hold_s": 0, "ground_truth": "x"}
        for ask in (compute_score, awaited):
            fault = ask(data_source="d", solution_str=judge().fail(fresh_answer()), **told)
            self.assertEqual(fault, {"score": -1.0, "unscorable": 1.0})
            self.assertEqual(ask(data_source="d", solution_str=fresh_answer(), **told), {"score": 1.0, "unscorable": 0.0})

    def test_a_mistake_of_the_caller_is_not_given_that_number(self):
        for told in ({"reward": "no_such_scorer"}, {"ground_truth": object()}):
            with self.subTest(told), self.assertRaises(GroupwiseError) as refused:
                self.both(**{"solution_str": "4", "ground_truth": "4", "fault_score": 0, **told})
            self.assertEqual(refused.exception.code, "invalid_argument")

    def test_a_row_may_name_its_own_reward(self):
        label = {"ground_truth": "B", "choices": ["x", "y"], "reward": "choice"}
        self.assertEqual(self.both(solution_str="(B)", ground_truth=label, reward="math"), 1.0)


if __name__ == "__main__":
    unittest.main()
