"""The same model in PyTorch and Hugging Face's transformers, eager, for scripts/bench/trainer.ts: reads one JSON order a line, answers
with one JSON line. A step is what a GRPO trainer does: logits of the completions, clipped ratio, token mean, gradients clipped by their
common norm, AdamW."""

import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM

model = None
optimiser = None
device = "cpu"


def open_model(folder, threads, where):
    global model, optimiser, device
    torch.set_num_threads(threads)
    device = where
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa").to(device).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.0)
    return {"torch": torch.__version__, "threads": torch.get_num_threads()}


def wait():
    if device == "cuda":
        torch.cuda.synchronize()


def log_probabilities(tokens, length):
    logits = model(tokens, use_cache=False, logits_to_keep=length + 1).logits[:, :-1]
    targets = tokens[:, -length:]
    return torch.log_softmax(logits, -1).gather(-1, targets.unsqueeze(-1)).squeeze(-1)


def step(prompts, completions, old, advantages, updates):
    tokens = torch.tensor([p + c for p, c in zip(prompts, completions)], device=device)
    length = len(completions[0])
    old = torch.tensor(old, device=device)
    advantage = torch.tensor(advantages, device=device).unsqueeze(1)
    seconds, first = [], None
    for _ in range(updates):
        started = time.perf_counter()
        optimiser.zero_grad()
        new = log_probabilities(tokens, length)
        ratio = torch.exp(new - old)
        loss = -torch.min(ratio * advantage, torch.clamp(ratio, 0.8, 1.28) * advantage).mean()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        wait()
        seconds.append(time.perf_counter() - started)
        first = first or {"loss": loss.item(), "gradient_norm": norm.item()}
    return {"seconds": seconds, **first}


@torch.no_grad()
def generate(prompts, per_prompt, length):
    model.eval()
    tokens = torch.tensor(prompts, device=device)
    started = time.perf_counter()
    # As many tokens from each, so that nobody waits for the longest.
    drawn = model.generate(
        tokens,
        attention_mask=torch.ones_like(tokens),
        do_sample=True,
        temperature=1.0,
        top_k=0,
        top_p=1.0,
        num_return_sequences=per_prompt,
        min_new_tokens=length,
        max_new_tokens=length,
        pad_token_id=model.config.eos_token_id,
    )
    wait()
    seconds = time.perf_counter() - started
    model.train()
    return {"seconds": seconds, "tokens": (drawn.shape[1] - tokens.shape[1]) * drawn.shape[0]}


ORDERS = {"open": open_model, "step": step, "generate": generate}
for line in sys.stdin:
    order = json.loads(line)
    print(json.dumps(ORDERS[order.pop("do")](**order)), flush=True)
