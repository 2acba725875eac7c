"""Checkpoints with seeded random weights, and what `transformers` and `peft` compute with them: the reference that the trainer
is held against. Needs torch, transformers, peft and tokenizers; all of it runs on the CPU in float32.

    python reference.py make SHAPE FOLDER [--seed N]     a checkpoint; small ones also with an adapter and expected numbers
    python reference.py score CHECKPOINT ADAPTER TOKENS  log-probabilities of the next token, as JSON; ADAPTER may be -
    python reference.py step CHECKPOINT --tokens N       seconds of one LoRA step, for comparison
"""

import argparse
import json
import pathlib
import time

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast, Qwen2Config

SMALL = dict(vocab_size=290, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=256)
LLAMA3_ROPE = dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=32)
SHAPES = {
    "llama-tied": (LlamaConfig, dict(SMALL, tie_word_embeddings=True, rope_parameters=LLAMA3_ROPE), torch.bfloat16),
    "llama-untied": (LlamaConfig, dict(SMALL, tie_word_embeddings=False, head_dim=6, attention_bias=True), torch.float16),
    "qwen2": (Qwen2Config, dict(SMALL, tie_word_embeddings=True,
                                rope_parameters=dict(rope_type="default", rope_theta=1e6)), torch.bfloat16),
    "qwen2.5-0.5b": (Qwen2Config, dict(vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24,
                                       num_attention_heads=14, num_key_value_heads=2, max_position_embeddings=32768,
                                       tie_word_embeddings=True, rms_norm_eps=1e-6,
                                       rope_parameters=dict(rope_type="default", rope_theta=1e6)), torch.bfloat16),
}
TEXTS = ["What is 37+48?\n", "It is 85.", "  two  spaces, a \"quote\" and\ttabs\r\n", "naïve café – 数学 🙂", "1234567", "don't we'll",
         "<s> is no token here </s>", ""]


def small(shape):
    return SHAPES[shape][1]["hidden_size"] == SMALL["hidden_size"]


def tokenizer_for(shape):
    """Byte-level pairs as in Llama 3 and Qwen2; Llama's puts a begin token in front of every text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=286, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
                                  special_tokens=[AddedToken("<s>", special=True), AddedToken("</s>", special=True)])
    tokenizer.train_from_iterator(["What is it? It is what it is. don't we'll"] * 4, trainer)
    if shape.startswith("llama"):
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", clean_up_tokenization_spaces=False,
                                   **(dict(bos_token="<s>") if shape.startswith("llama") else {}))
    return fast


def adapted(model, **options):
    return get_peft_model(model, LoraConfig(r=4, lora_alpha=6, lora_dropout=0.0, task_type="CAUSAL_LM",
                                            target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
                                            **options))


def log_probabilities(model, tokens):
    """Of each next token: [batch][length - 1]"""
    ids = torch.tensor(tokens)
    logits = model(ids, use_cache=False).logits[:, :-1]
    return torch.log_softmax(logits.float(), -1).gather(-1, ids[:, 1:, None])[..., 0]


def make(shape, folder, seed):
    folder = pathlib.Path(folder)
    kind, sizes, dtype = SHAPES[shape]
    torch.manual_seed(seed)
    config = kind(**sizes, bos_token_id=0, eos_token_id=1)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    if small(shape):
        # Larger than a model begins with, norms and biases too: an operand that is left out shows.
        for name, weight in model.named_parameters():
            torch.nn.init.normal_(weight, 1.0 if "norm" in name else 0.0, 0.3)
    model.to(dtype).save_pretrained(folder, max_shard_size="12KB" if shape == "llama-untied" else "5GB")
    tokenizer = tokenizer_for(shape)
    tokenizer.save_pretrained(folder)
    (folder / "special_tokens_map.json").unlink(missing_ok=True)
    if not small(shape):
        return
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokens = torch.randint(config.vocab_size, (2, 40)).tolist()
    texts = [dict(text=text, ids=tokenizer(text, add_special_tokens=False).input_ids, prompt=tokenizer(text).input_ids)
             for text in TEXTS[:6]]
    with torch.no_grad():
        plain = log_probabilities(model, tokens).tolist()
    torch.manual_seed(seed + 1)
    model = adapted(model, init_lora_weights=False)
    model.save_pretrained(folder / "adapter")
    (folder / "adapter" / "README.md").unlink(missing_ok=True)
    chosen = log_probabilities(model, tokens)
    (-chosen.mean()).backward()
    gradients = {name.replace(".default.", "."): weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
    save_file(gradients, folder / "gradients.safetensors")
    expected = dict(tokens=tokens, log_probabilities=plain, adapted_log_probabilities=chosen.tolist(), texts=texts)
    (folder / "expected.json").write_text(json.dumps(expected))


def score(checkpoint, adapter, tokens):
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    if adapter != "-":
        model = PeftModel.from_pretrained(model, adapter)
    with torch.no_grad():
        print(json.dumps(log_probabilities(model, json.loads(tokens)).tolist()))


def step(checkpoint, count):
    torch.set_num_threads(2)
    model = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, task_type="CAUSAL_LM", target_modules="all-linear"))
    optimiser = torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=1e-4)
    tokens = torch.randint(model.config.vocab_size, (2, count // 2)).tolist()
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        optimiser.zero_grad()
        (-log_probabilities(model, tokens).mean()).backward()
        optimiser.step()
        seconds.append(round(time.perf_counter() - start, 3))
    print(json.dumps(dict(seconds=seconds)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("shape", choices=SHAPES)
    making.add_argument("folder")
    making.add_argument("--seed", type=int, default=1)
    scoring = commands.add_parser("score")
    for name in ["checkpoint", "adapter", "tokens"]:
        scoring.add_argument(name)
    stepping = commands.add_parser("step")
    stepping.add_argument("checkpoint")
    stepping.add_argument("--tokens", type=int, default=256)
    options = parser.parse_args()
    if options.command == "make":
        make(options.shape, options.folder, options.seed)
    elif options.command == "score":
        score(options.checkpoint, options.adapter, options.tokens)
    else:
        step(options.checkpoint, options.tokens)
