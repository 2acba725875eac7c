#!/usr/bin/env bash
# GRPO with OpenRLHF on two GPUs or more; every reward comes from a Groupwise server. README.md has the commands around it.
#
#   MODEL, GPUS  what is trained, and on how many GPUs
#   DATA         folder with train.jsonl
#
# More options of OpenRLHF go behind the name of this script.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ARGS=(
  # The reward, and what it is asked about: the label names a row of the server.
  --train.agent_func_path "$HERE/agent.py"
  --data.prompt_dataset "${DATA:-$PWD}/train.jsonl"
  --data.input_key prompt
  --data.label_key label
  --data.apply_chat_template
  --data.max_len 1536

  --algo.advantage.estimator group_norm
  --algo.kl.init_coef 0
  --rollout.n_samples_per_prompt 8
  --rollout.batch_size 64
  --rollout.max_new_tokens 1024
  --train.batch_size 512
  --train.micro_batch_size 8
  --actor.adam.lr 1e-6

  --actor.model_name_or_path "${MODEL:-Qwen/Qwen2.5-0.5B-Instruct}"
  --actor.num_nodes 1
  --actor.num_gpus_per_node "${GPUS:-2}"
  --ref.num_nodes 1
  --ref.num_gpus_per_node "${GPUS:-2}"
  --vllm.num_engines "${GPUS:-2}"
  --vllm.tensor_parallel_size 1
  --vllm.gpu_memory_utilization 0.5
  --vllm.enable_sleep
  --ds.enable_sleep
  --ds.zero_stage 3
  --train.colocate_all
  --ckpt.output_dir runs/openrlhf
)
exec python3 -m openrlhf.cli.train_ppo_ray "${ARGS[@]}" "$@"
