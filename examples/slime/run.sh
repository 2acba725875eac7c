#!/usr/bin/env bash
# GRPO with slime on one machine, in its Docker image; every reward comes from a Groupwise server. README.md has the commands around it.
#
#   GROUPWISE_URL    of the dialect (default http://127.0.0.1:8080/compat/slime/remote_rm; ?reward=NAME for all rows)
#   GROUPWISE_TOKEN  of a server that has one; it becomes the password in the URL
#   SLIME, MEGATRON  checkouts of slime and Megatron-LM (default: this folder, ~/Megatron-LM)
#   MODEL            folder of Qwen2.5-0.5B-Instruct
#   GPUS, DATA       how many GPUs, folder with train.jsonl and test.jsonl
#
# More options of slime go behind the name of this script.
set -euo pipefail

SLIME=$(realpath "${SLIME:-$PWD}")
MODEL=$(realpath "${MODEL:-Qwen2.5-0.5B-Instruct}")
MEGATRON=${MEGATRON:-$HOME/Megatron-LM}
DATA=$(realpath "${DATA:-$PWD}")
URL=${GROUPWISE_URL:-http://127.0.0.1:8080/compat/slime/remote_rm}
if [ -n "${GROUPWISE_TOKEN:-}" ]; then URL=${URL/:\/\//:\/\/any:$GROUPWISE_TOKEN@}; fi
# Sets MODEL_ARGS.
source "$SLIME/scripts/models/qwen2.5-0.5B.sh"

ARGS=(
  # The reward, and what it is asked about: the label names a row of the server.
  --rm-type remote_rm
  --rm-url "$URL"
  --prompt-data "$DATA/train.jsonl"
  --input-key prompt
  --label-key label
  --apply-chat-template
  --eval-prompt-data groupwise "$DATA/test.jsonl"
  --eval-interval 20
  --n-samples-per-eval-prompt 1
  --eval-max-response-len 1024

  --rollout-shuffle
  --num-rollout 100
  --rollout-batch-size 32
  --n-samples-per-prompt 8
  --rollout-max-response-len 1024
  --rollout-temperature 1
  --global-batch-size 256

  --advantage-estimator grpo
  --eps-clip 0.2
  --eps-clip-high 0.28
  --optimizer adam
  --lr 1e-6
  --lr-decay-style constant

  --hf-checkpoint "$MODEL"
  --ref-load "$MODEL"
  --tensor-model-parallel-size 1
  --use-dynamic-batch-size
  --max-tokens-per-gpu 9216
  --attention-dropout 0.0
  --hidden-dropout 0.0
  --accumulate-allreduce-grads-in-fp32
  --attention-softmax-in-fp32
  --attention-backend flash

  --actor-num-nodes 1
  --actor-num-gpus-per-node "${GPUS:-1}"
  --colocate
  --rollout-num-gpus-per-engine 1
  --sglang-mem-fraction-static 0.6
)
# Jobs start where Ray was started: train.py is there.
cd "$SLIME"
ray start --head --num-gpus "${GPUS:-1}" --disable-usage-stats
exec ray job submit --address http://127.0.0.1:8265 \
  --runtime-env-json "{\"env_vars\": {\"PYTHONPATH\": \"$MEGATRON\", \"CUDA_DEVICE_MAX_CONNECTIONS\": \"1\"}}" \
  -- python3 train.py "${MODEL_ARGS[@]}" "${ARGS[@]}" "$@"
