"""What callers hand in: labels as trainers keep them, recipes as JSON, texts as tokenizers leave them; and errors that travel."""

import copy
import pickle
import unittest

from groupwise import Completion, GroupwiseError, ScoreGroup, UnscorableError, _calls, _texts, inputs
from groupwise.inputs import reward_message, score_group_message
from groupwise.labels import label_reward


class Array:
    """What NumPy and Arrow make of a list or a number."""

    def __init__(self, value):
        self.value = value

    def tolist(self):
        return self.value

    def __bool__(self):
        raise ValueError("The truth value of an array is ambiguous")


class LabelTest(unittest.TestCase):
    def test_every_form_of_a_label_is_read(self):
        forms = [
            ("18", "18", []),
            (18, "18", []),
            (18.0, "18", []),
            (0.5, "0.5", []),
            (-3, "-3", []),
            (1e300, "1e+300", []),
            (True, "true", []),
            (False, "false", []),
            (["18", 18.5], "18", ["18.5"]),
            (("a", "b"), "a", ["b"]),
            (Array(7), "7", []),
            (Array(["7", "8"]), "7", ["8"]),
            ([Array(7)], "7", []),
            ({"ground_truth": "18"}, "18", []),
            ({"ground_truth": ["18", "19"], "aliases": ["20"]}, "18", ["19", "20"]),
            ({"ground_truth": 18, "aliases": Array(["20"]), "choices": None, "pair_id": None, "reward": None}, "18", ["20"]),
            ("\ud83d", "\ufffd", []),
        ]
        for label, truth, aliases in forms:
            with self.subTest(label=label):
                group = ScoreGroup.of_label(label, ["x"])
                self.assertEqual((group.ground_truth, list(group.aliases)), (truth, aliases))

    def test_a_label_may_name_choices_or_a_row(self):
        choice = ScoreGroup.of_label({"ground_truth": "B", "choices": ["x", 2]}, [])
        self.assertEqual(choice.choices, ["x", "2"])
        row = ScoreGroup.of_label({"dataset": "gsm8k", "pair_id": "p-1"}, [])
        self.assertEqual((row.ground_truth, row.dataset, row.pair_id), (None, "gsm8k", "p-1"))

    def test_a_label_may_name_its_own_reward(self):
        self.assertEqual(label_reward({"ground_truth": "1", "reward": "numeric"}), "numeric")
        for label in ("1", ["1"], {"ground_truth": "1"}, {"ground_truth": "1", "reward": None}):
            self.assertIsNone(label_reward(label))

    def test_what_is_no_label_is_refused_and_never_repeated(self):
        secret = "s3cret"
        for label in (
            None,
            [],
            [None],
            float("nan"),
            float("inf"),
            object(),
            b"bytes",
            {},
            {"ground_truth": None},
            {"ground_truth": [[secret]]},
            {"ground_truth": secret, "answr": 1},
            {"aliases": [secret]},
        ):
            with self.subTest(label=label), self.assertRaises(GroupwiseError) as refused:
                ScoreGroup.of_label(label, [])
            self.assertEqual((refused.exception.code, refused.exception.field), ("invalid_argument", "ground_truth"))
            self.assertNotIn(secret, str(refused.exception))


class MessageTest(unittest.TestCase):
    def test_a_recipe_is_read_as_the_rest_door_reads_it(self):
        recipe = {"scorers": ["math", {"name": "format", "pattern": "boxed", "weight": 0.1, "gate": True}], "floor": -1}
        for given in (recipe, '{"scorers": ["math", {"name": "format", "pattern": "boxed", "weight": 0.1, "gate": true}], "floor": -1}'):
            message = reward_message(given).recipe
            self.assertEqual([scorer.name for scorer in message.scorers], ["math", "format"])
            self.assertEqual((message.scorers[1].gate, message.scorers[1].weight, message.floor), (0.5, 0.1, -1.0))
            self.assertEqual(dict(message.scorers[1].options), {"pattern": "boxed"})
            self.assertFalse(message.scorers[0].HasField("weight"))
        self.assertEqual(reward_message("math").scorer, "math")
        self.assertIsNone(reward_message(None))

    def test_a_bare_text_is_not_taken_for_the_list_of_its_letters(self):
        asked = {
            "completions": lambda: score_group_message(ScoreGroup("18", ground_truth="18")),
            "aliases": lambda: score_group_message(ScoreGroup(["1"], ground_truth="18", aliases="18")),
            "choices": lambda: score_group_message(ScoreGroup(["1"], ground_truth="A", choices="AB")),
            "aliases ": lambda: ScoreGroup.of_label({"ground_truth": "18", "aliases": "18"}, ["1"]),
            "choices ": lambda: ScoreGroup.of_label({"ground_truth": "A", "choices": "AB"}, ["1"]),
            "completions[l-1]": lambda: _calls.submit("r", {"l-1": "18"}, wait=False),
        }
        for field, ask in asked.items():
            with self.subTest(field=field), self.assertRaises(GroupwiseError) as refused:
                ask()
            self.assertEqual((refused.exception.code, refused.exception.field), ("invalid_argument", field.strip()))

    def test_a_misspelt_estimator_is_refused_before_it_is_sent(self):
        with self.assertRaises(GroupwiseError) as refused:
            inputs.estimator_message({"name": "grpo:trl", "epsilom": 1})
        self.assertEqual((refused.exception.code, refused.exception.field), ("invalid_argument", "estimator"))

    def test_halves_of_surrogate_pairs_do_not_stop_a_batch(self):
        group = ScoreGroup(["a\ud83d", Completion("\udc00b")], ground_truth="1", prompt=[{"role": "tool", "content": "\ud83d"}])
        message = score_group_message(group)
        self.assertEqual([each.text for each in message.completions], ["a\ufffd", "\ufffdb"])
        self.assertEqual((message.prompt[0].role, message.prompt[0].content), ("user", "\ufffd"))
        self.assertEqual(_texts.well_formed("\U0001f600"), "\U0001f600")

    def test_a_message_may_have_its_content_in_parts(self):
        parts = [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]
        (message,) = inputs.prompt_messages([{"role": "system", "content": parts}])
        self.assertEqual((message.role, message.content), ("system", "ab"))


class ErrorTest(unittest.TestCase):
    def test_errors_travel_through_pickle_and_copy(self):
        errors = [
            GroupwiseError("not_found", "There is none", "run_id", 1.5, "r-1"),
            GroupwiseError("unavailable", "Nobody"),
            UnscorableError("judge_unavailable", "judge", "down"),
        ]
        for error in errors:
            for travelled in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
                self.assertIs(type(travelled), type(error))
                self.assertEqual((vars(travelled), str(travelled)), (vars(error), str(error)))


if __name__ == "__main__":
    unittest.main()
