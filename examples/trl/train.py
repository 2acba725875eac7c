"""GRPO with TRL; every reward comes from a Groupwise server. README.md has the commands around it."""

import argparse

import torch
from datasets import load_dataset
from groupwise.integrations.trl import groupwise_reward
from transformers import AutoTokenizer
from trl import GRPOConfig, GRPOTrainer


def main() -> None:
    options = parse_options()
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    rows = load_dataset("json", data_files=options.data, split="train")
    if tokenizer.chat_template is None:
        # A base model: it reads the question as it is.
        rows = rows.map(lambda row: {"prompt": row["prompt"][-1]["content"]})
    reward = groupwise_reward(
        options.address,  # None: GROUPWISE_ADDRESS, else 127.0.0.1:50051. The token is taken from GROUPWISE_TOKEN.
        reward=options.reward,  # None: each row is scored by its own recipe.
        ground_truth_column="label",
        # Completions that were cut off are handed in as such: recipes say what becomes of them.
        stop_token_ids=[token for token in (tokenizer.eos_token_id, tokenizer.pad_token_id) if token is not None],
    )
    has_gpu = torch.cuda.is_available()
    trainer = GRPOTrainer(
        model=options.model,
        processing_class=tokenizer,
        train_dataset=rows,
        reward_funcs=reward,
        args=GRPOConfig(
            output_dir=options.out,
            max_steps=options.steps,
            num_generations=options.group_size,
            per_device_train_batch_size=options.batch_size,
            max_completion_length=options.max_completion_length,
            learning_rate=options.learning_rate,
            temperature=1.0,
            use_cpu=not has_gpu,
            bf16=has_gpu,
            logging_steps=1,
            save_strategy="no",
            report_to="none",
            seed=options.seed,
        ),
    )
    trainer.train()
    trainer.save_model(options.out)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="train.jsonl", help="rows as groupwise dataset export --format trainer writes them")
    parser.add_argument("--model", default="Qwen/Qwen2.5-0.5B-Instruct", help="name on the hub, or a folder")
    parser.add_argument("--address", help="HOST:PORT of the gRPC door of the server")
    parser.add_argument("--reward", help="a scorer, or a recipe as JSON, for all rows")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--group-size", type=int, default=8, help="completions of one prompt")
    parser.add_argument("--batch-size", type=int, default=8, help="completions at a time, a multiple of --group-size")
    parser.add_argument("--max-completion-length", type=int, default=512, help="in tokens")
    parser.add_argument("--learning-rate", type=float, default=1e-6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default="runs/trl")
    return parser.parse_args()


if __name__ == "__main__":
    main()
