"""OpenRLHF's two hooks. Its executor of single turns is stood in for by one that says what it would: tokens, their range, whether
they were cut off."""

import asyncio
import sys
import types
import unittest
from unittest import mock

from groupwise import GroupwiseError, UnscorableError
from groupwise.integrations.openrlhf import agent_executor, groupwise_reward, response_of
from world import JUDGED, fresh_answer, judge, server

PROMPT = "<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n"


class SingleTurnAgentExecutor:
    def __init__(self, remote_rm_url=None):
        assert remote_rm_url is None

    async def execute(self, prompt, label, sampling_params, max_length, hf_tokenizer, llm_engine, images=None):
        tokens = [ord(char) for char in prompt + llm_engine.response]
        return {
            "prompt": prompt,
            "label": label,
            "observation_tokens": tokens,
            "action_ranges": [(len(prompt), len(tokens))],
            "truncated": llm_engine.truncated,
            "reward": None,
            "scores": None,
            "extra_logs": {},
        }


class Tokenizer:
    def decode(self, tokens, skip_special_tokens):
        assert not skip_special_tokens
        return "".join(map(chr, tokens))


class OpenRlhfTest(unittest.TestCase):
    def setUp(self):
        agent = types.ModuleType("openrlhf.utils.agent")
        agent.SingleTurnAgentExecutor = SingleTurnAgentExecutor
        modules = {"openrlhf": types.ModuleType("openrlhf"), "openrlhf.utils": types.ModuleType("openrlhf.utils")}
        patched = mock.patch.dict(sys.modules, {**modules, "openrlhf.utils.agent": agent})
        patched.start()
        self.addCleanup(patched.stop)

    def execute(self, response, label="4", truncated=False, **options):
        executor = agent_executor(server().address, **options)()
        self.assertIsInstance(executor, SingleTurnAgentExecutor)
        engine = types.SimpleNamespace(response=response, truncated=truncated)
        # By keywords, as OpenRLHF's engine calls it.
        told = {"sampling_params": None, "max_length": 64, "hf_tokenizer": Tokenizer(), "images": None}
        return asyncio.run(executor.execute(prompt=PROMPT, label=label, llm_engine=engine, **told))

    def test_the_agent_adds_the_reward_to_what_the_executor_returns(self):
        output = self.execute("It is \\boxed{4}<|im_end|>")
        self.assertEqual((output["reward"], output["scores"], output["extra_logs"]), (1.0, 1.0, {"math": 1.0}))
        self.assertEqual((output["prompt"], output["truncated"]), (PROMPT, False))
        self.assertEqual(self.execute("\\boxed{5}")["reward"], 0.0)

    def test_the_agent_hands_in_what_was_cut_off_as_truncated(self):
        recipe = {"scorers": ["math"], "truncated": "zero"}
        self.assertEqual(self.execute("\\boxed{4}", truncated=True, reward=recipe)["reward"], 0.0)
        self.assertEqual(self.execute("\\boxed{4}", truncated=False, reward=recipe)["reward"], 1.0)

    def test_the_agent_raises_for_a_fault_that_does_not_pass_in_time(self):
        with self.assertRaises(UnscorableError):
            self.execute(judge().fail(fresh_answer()), reward=JUDGED, hold_s=0)
        self.assertEqual(self.execute(judge().fail(fresh_answer()), reward=JUDGED, hold_s=300)["reward"], 1.0)

    def test_the_reward_function_answers_in_lists(self):
        reward = groupwise_reward(server().address)
        queries = [f"{PROMPT}\\boxed{{4}}<|im_end|><pad><pad>", f"<s>{PROMPT}\\boxed{{5}}</s>"]
        self.assertEqual(
            reward(queries, [PROMPT] * 2, ["4", 4]),
            {"rewards": [1.0, 0.0], "scores": [1.0, 0.0], "extra_logs": {"math": [1.0, 0.0]}},
        )
        self.assertEqual(reward([], [], []), {"rewards": [], "scores": [], "extra_logs": {}})

    def test_rewards_beyond_0_to_1_are_no_scores_for_dynamic_filtering(self):
        reward = groupwise_reward(server().address, reward={"scorers": [{"name": "math", "weight": 2}]})
        self.assertEqual(reward([f"{PROMPT}\\boxed{{4}}"], [PROMPT], ["4"]), {"rewards": [2.0], "extra_logs": {"math": [1.0]}})

    def test_the_reward_function_holds_a_fault_and_then_raises(self):
        held = groupwise_reward(server().address, reward=JUDGED, hold_s=300)
        self.assertEqual(held([PROMPT + judge().fail(fresh_answer())], [PROMPT], ["x"])["rewards"], [1.0])
        with self.assertRaises(UnscorableError):
            groupwise_reward(server().address, reward=JUDGED, hold_s=0)([PROMPT + judge().fail(fresh_answer())], [PROMPT], ["x"])

    def test_empty_labels_of_a_trainer_without_a_label_key_are_refused(self):
        with self.assertRaises(GroupwiseError) as refused:
            groupwise_reward(server().address)([f"{PROMPT}4"], [PROMPT], [""])
        self.assertEqual(refused.exception.code, "invalid_argument")

    def test_the_response_is_what_follows_the_prompt_without_end_tokens(self):
        cases = [
            ("ask", "ask\\boxed{4}", None, "\\boxed{4}"),
            ("ask", "<s>ask 4 </s>\n<|endoftext|>", None, " 4"),
            ("ask", "[BOS] ask4[PAD][PAD]", None, "4"),
            ("ask", "other >> ask >> 4", ">> ", "4"),
            ("", "x<|im_start|>assistant\n4<｜end▁of▁sentence｜>", "assistant\n", "4"),
            ("ask", "ask<think>4</think>", None, "<think>4</think>"),
        ]
        for prompt, query, marker, response in cases:
            with self.subTest(query=query):
                self.assertEqual(response_of(query, prompt, marker), response)

    def test_a_query_that_does_not_hold_its_prompt_is_refused(self):
        for prompt, marker in (("ask", None), ("", None), ("ask", "no such marker")):
            with self.subTest(prompt), self.assertRaises(GroupwiseError) as refused:
                response_of("another question", prompt, marker)
            self.assertEqual(refused.exception.field, "queries")


if __name__ == "__main__":
    unittest.main()
