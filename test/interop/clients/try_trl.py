"""TRL's own GRPOTrainer, with a tiny random model, trains against a running server. What each training step was rewarded with, and
the advantages that TRL made of it, go to a file. Nothing of TRL is replaced: its results are read where they leave its own method."""

from importlib import metadata

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from exchange import answer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import GRPOConfig, GRPOTrainer

from groupwise.integrations.trl import groupwise_reward

DIGITS = ["0", "1", "2", "3", "4"]
SPECIAL = ["[PAD]", "[EOS]", "[UNK]"]


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """One token a character; what is no digit is unknown."""
    vocabulary = {token: index for index, token in enumerate([*SPECIAL, *DIGITS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", eos_token="[EOS]", unk_token="[UNK]", padding_side="left"
    )


def tiny_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
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
    """Keeps the advantages that `GRPOTrainer` computes, beside the rewards that it was given."""

    def __init__(self, *args, seen, **kwargs):
        self.seen, self.rewarded = seen, []
        super().__init__(*args, **kwargs)

    def _generate_and_score_completions(self, inputs):
        self.rewarded.clear()
        output = super()._generate_and_score_completions(inputs)
        rewarded = self.rewarded[0]
        self.seen.append({**rewarded, "advantages": output["advantages"].tolist()})
        return output


def train(request: dict) -> dict:
    seen: list[dict] = []
    tokenizer = tiny_tokenizer()
    model = tiny_model(tokenizer)
    before = [weights.detach().clone() for weights in model.parameters()]
    rows = request["rows"]
    scored = [
        groupwise_reward(request["address"], reward=reward, ground_truth_column="answer", name=f"groupwise_{index}")
        for index, reward in enumerate(request["rewards"])
    ]
    trainer: WatchedTrainer

    def watched(index: int):
        def rewards_of(prompts, completions, **columns):
            rewards = scored[index](prompts=prompts, completions=completions, **columns)
            if index == 0:
                trainer.rewarded.append({"prompts": prompts, "completions": completions, "answers": columns["answer"]})
            trainer.rewarded[0].setdefault("rewards", []).append(rewards)
            return rewards

        rewards_of.__name__ = scored[index].__name__
        return rewards_of

    settings = {"scale_rewards": "group", **request["settings"]}
    trainer = WatchedTrainer(
        model=model,
        processing_class=tokenizer,
        reward_funcs=[watched(index) for index in range(len(scored))],
        train_dataset=Dataset.from_list([{"prompt": row["question"], "answer": row["answers"]} for row in rows]),
        seen=seen,
        args=GRPOConfig(
            output_dir=request["folder"],
            max_steps=request["steps"],
            per_device_train_batch_size=request["group_size"] * request["groups"],
            num_generations=request["group_size"],
            max_completion_length=1,
            generation_kwargs={"suppress_tokens": list(range(len(SPECIAL)))},
            learning_rate=0.05,
            lr_scheduler_type="constant",
            seed=request["seed"],
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
    return {"steps": seen, "trained_steps": trainer.state.global_step, "moved": moved, "logged_rewards": logged}
