#!/usr/bin/env bash
# GRPO with verl on one GPU; every reward comes from a Groupwise server. README.md has the commands around it.
#
#   GROUPWISE_ADDRESS  HOST:PORT of the gRPC door (default 127.0.0.1:50051)
#   GROUPWISE_TOKEN    of a server that has one
#   MODEL, GPUS        what is trained, and on how many GPUs
#   DATA               folder with train.parquet and test.parquet
#
# More settings of verl go behind the name of this script; `--cfg job` prints all of them and trains nothing.
set -euo pipefail

FUNCTION=reward.custom_reward_function
ARGS=(
  # The reward. It holds a fault for ten minutes, then raises: verl has no mark for a completion without a reward.
  "$FUNCTION.path=pkg://groupwise.integrations.verl"
  "$FUNCTION.name=compute_score_async"
  "+$FUNCTION.reward_kwargs.address=${GROUPWISE_ADDRESS:-127.0.0.1:50051}"
  # rate_limited would make 0.0 of what is raised.
  reward.reward_manager.name=naive

  data.train_files="${DATA:-.}/train.parquet"
  data.val_files="${DATA:-.}/test.parquet"
  data.train_batch_size=64
  data.max_prompt_length=512
  data.max_response_length=1024

  algorithm.adv_estimator=grpo
  actor_rollout_ref.model.path="${MODEL:-Qwen/Qwen2.5-0.5B-Instruct}"
  actor_rollout_ref.actor.optim.lr=1e-6
  actor_rollout_ref.actor.ppo_mini_batch_size=64
  actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=8
  actor_rollout_ref.rollout.name=vllm
  actor_rollout_ref.rollout.n=8
  actor_rollout_ref.rollout.tensor_model_parallel_size=1
  actor_rollout_ref.rollout.gpu_memory_utilization=0.5
  actor_rollout_ref.rollout.log_prob_micro_batch_size_per_gpu=8
  actor_rollout_ref.ref.log_prob_micro_batch_size_per_gpu=8

  trainer.nnodes=1
  trainer.n_gpus_per_node="${GPUS:-1}"
  trainer.logger='["console"]'
  trainer.project_name=groupwise
  trainer.experiment_name=first
  trainer.total_epochs=1
  trainer.test_freq=10
  trainer.save_freq=-1
)
# Rewards are asked for by workers of Ray, which have an environment of their own.
for NAME in GROUPWISE_TOKEN GROUPWISE_TLS_CA; do
  if [ -n "${!NAME:-}" ]; then ARGS+=("+ray_kwargs.ray_init.runtime_env.env_vars.$NAME=${!NAME}"); fi
done

exec python3 -m verl.trainer.main_ppo "${ARGS[@]}" "$@"
