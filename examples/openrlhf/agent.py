"""OpenRLHF's agent of one turn; every reward comes from a Groupwise server. README.md has the commands around it.

The server is at GROUPWISE_ADDRESS (default 127.0.0.1:50051); GROUPWISE_TOKEN is sent where it is set, GROUPWISE_REWARD is a scorer or a
recipe as JSON for all rows (default: each row's own). Which responses were cut off is told, and a fault that lasts stops the training.
"""

import os

from groupwise.integrations.openrlhf import agent_executor

AgentExecutor = agent_executor(reward=os.environ.get("GROUPWISE_REWARD"))
