"""TRL's own GRPOTrainer, with a tiny random model, trains against a running server. What each training step was rewarded with, and the
advantages that TRL made of it, are read where they leave its own method; nothing of TRL is replaced. Afterwards the server is asked for
the same by its other ways: ``Score``, and leases with submits."""

import os
from importlib import metadata

import torch
from datasets import Dataset
from exchange import answer
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import GRPOConfig, GRPOTrainer

from groupwise import Environment, ScoreGroup
from groupwise.integrations.trl import groupwise_reward
from groupwise.integrations.trl_rollouts import Rollouts

DIGITS = ["0", "1", "2", "3", "4"]
SPECIAL = ["[PAD]", "[EOS]", "[UNK]"]


def tiny_tokenizer():
    """One token a character; what is no digit is unknown."""
    vocabulary = {token: index for index, token in enumerate([*SPECIAL, *DIGITS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", eos_token="[EOS]", unk_token="[UNK]", padding_side="left"
    )


def tiny_model(tokenizer):
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=256,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
    )
    return LlamaForCausalLM(config)


class WatchedTrainer(GRPOTrainer):
    """Keeps the advantages that `GRPOTrainer` computes, beside what its reward functions were asked and said."""

    def __init__(self, *args, seen, **kwargs):
        self.seen, self.asked = seen, []
        super().__init__(*args, **kwargs)

    def _generate_and_score_completions(self, inputs):
        self.asked.clear()
        output = super()._generate_and_score_completions(inputs)
        self.seen.append({**self.asked[0], "advantages": output["advantages"].tolist()})
        return output


def train(reward_functions, dataset, settings):
    """Steps of a training, each with flat lists [groups × group size], and what became of the weights."""
    tokenizer = tiny_tokenizer()
    model = tiny_model(tokenizer)
    before = [weights.detach().clone() for weights in model.parameters()]
    seen, trainer = [], None

    def watched(reward_function, index):
        def rewards_of(prompts, completions, **columns):
            rewards = reward_function(prompts=prompts, completions=completions, **columns)
            if index == 0:
                answers = columns.get("answer")
                leases = columns.get("lease_id")
                asked = {"prompts": prompts, "completions": completions, "answers": answers, "leases": leases}
                trainer.asked.append({**asked, "groups": columns.get("group_id"), "rewards": []})
            trainer.asked[0]["rewards"].append(rewards)
            return rewards

        rewards_of.__name__ = f"reward_{index}"
        return rewards_of

    trainer = WatchedTrainer(
        model=model,
        processing_class=tokenizer,
        reward_funcs=[watched(function, index) for index, function in enumerate(reward_functions)],
        train_dataset=dataset,
        seen=seen,
        args=GRPOConfig(
            output_dir=os.path.join(os.getcwd(), "trained"),
            max_completion_length=1,
            # Digits alone, so that a policy that knows nothing is right at times.
            generation_kwargs={"suppress_tokens": list(range(len(SPECIAL)))},
            learning_rate=0.01,
            lr_scheduler_type="constant",
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            logging_steps=1,
            **settings,
        ),
    )
    trainer.train()
    moved = max((now - was).abs().max().item() for now, was in zip(model.parameters(), before, strict=True))
    logged = [entry["reward"] for entry in trainer.state.log_history if "reward" in entry]
    return {"steps": seen, "trained": trainer.state.global_step, "moved": moved, "logged": logged}


def groups_of(step, size):
    texts, prompts, answers = step["completions"], step["prompts"], step["answers"]
    return [
        ScoreGroup.of_label(answers[at], texts[at : at + size], prompts[at]) for at in range(0, len(texts), size)
    ]


def flat(groups):
    return {
        "rewards": [reward for group in groups for reward in group.rewards],
        "advantages": [advantage for group in groups for advantage in group.advantages],
        "flags": [list(group.flags) for group in groups],
    }


def with_rewards(request, environment, case):
    """Prompts of TRL's own dataset, rewarded by the reward function; and the same by ``Score``."""
    functions = [
        groupwise_reward(request["grpc"], reward=reward, ground_truth_column="answer", token=request["token"])
        for reward in case["rewards"]
    ]
    rows = [{"prompt": row["question"], "answer": row["answers"]} for row in request["rows"]]
    trained = train(functions, Dataset.from_list(rows), case["settings"])
    size = case["settings"]["num_generations"]
    for step in trained["steps"]:
        scored = environment.score(groups_of(step, size), reward=case["recipe"], estimator=case["estimator"])
        step["scored"] = flat(scored.groups)
    return trained


def resubmitted(request, environment, steps, size):
    """TRL's completions handed in again under leases: the groups of each question in turn. Rewards by question, in the order of ``steps``."""
    waiting, handed_in = {}, {}
    for step in steps:
        for at in range(0, len(step["prompts"]), size):
            waiting.setdefault(step["prompts"][at], []).append(step["completions"][at : at + size])
    epochs = len(next(iter(waiting.values())))
    run = environment.open_run(request["dataset"], group_size=size, epochs=epochs, estimator="grpo:trl", seed=5)
    while groups := environment.lease(run.run_id, 4).groups:
        for group in groups:
            question = next(key for key in waiting if any(key in message.content for message in group.prompt))
            [result] = environment.submit(run.run_id, {group.lease_id: waiting[question].pop(0)})
            handed_in.setdefault(question, []).append({**flat([result]), "state": result.state})
    return {"by_question": handed_in, "left": sum(map(len, waiting.values()))}


def with_leases(request, environment, case):
    """Prompts leased from a run, by the rollouts of the client package; and what the run's books say of them."""
    size = case["settings"]["num_generations"]
    run = environment.open_run(
        request["dataset"], group_size=size, epochs=9, estimator=case["estimator"], reward=case["recipe"], seed=5
    )
    with Rollouts(environment, run, is_chat=False, batch_groups=case["batch_groups"]) as rollouts:
        trained = train([rollouts.reward], rollouts.dataset(), case["settings"])
    for step in trained["steps"]:
        groups = [environment.group(run.run_id, group_id) for group_id in step["groups"][::size]]
        step["scored"] = flat(groups)
    return trained


def seen_for(request):
    environment = Environment(request["grpc"], token=request["token"])
    trainings = {name: with_rewards(request, environment, case) for name, case in request["with_rewards"].items()}
    first = next(iter(request["with_rewards"]))
    size = request["with_rewards"][first]["settings"]["num_generations"]
    leased = {name: with_leases(request, environment, case) for name, case in request["with_leases"].items()}
    return {
        "versions": {name: metadata.version(name) for name in ("trl", "transformers", "torch")},
        "trainings": trainings,
        "resubmitted": resubmitted(request, environment, trainings[first]["steps"], size),
        "leased": leased,
    }


if __name__ == "__main__":
    answer(seen_for)
