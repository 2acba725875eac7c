// `groupwise demo`: the whole round in front of the user. Documents become a dataset, a server is started on it, a rollout client
// plays against it over gRPC: groups, rewards, advantages, the books; then a policy learns. It ends by itself and leaves nothing behind.

import type { Command } from 'commander';
import { FrameQueue } from '../client/frame-queue.ts';
import { EnvClient, type RolloutInput } from '../client/env-client.ts';
import type { Accounting, LeasedGroup } from '../core/calls.ts';
import type { Completion } from '../core/completion.ts';
import type { GroupId, RunId } from '../core/ids.ts';
import type { ExampleDataset } from './demo/example-dataset.ts';
import { heading, showCompletions, showGroup, showStages } from './demo/show.ts';
import { SimulatedPolicy } from './demo/simulated-policy.ts';
import {
  canTrain,
  prepareTraining,
  trainArguments,
  type TrainedTask,
  trainInFront,
  type TrainingPlan,
} from './demo/trained-policy.ts';
import { startEmbeddedServer } from './embedded-server.ts';
import { formatCount, formatCounts, printJson, printLine, wholeNumber, withJsonOption } from './options.ts';
import { showBooks } from './show-books.ts';

const EXAMPLE_DATASET = 'example';
const GROUP_SIZE = 8;
const WINDOW = 16;
const ESTIMATOR = 'grpo:verl';
/** Groups that are shown one by one; a trainer sees hundreds of thousands. */
const GROUPS_SHOWN = 12;
/** Questions that are shown with their answers. */
const QUESTIONS_SHOWN = 6;
const DEADLINE_MS = 120_000;

/** Enough to see it learn; `groupwise train` takes more. */
const TRAINING_STEPS = 200;

interface Flags {
  readonly seed: number;
  readonly trainingSteps: number;
  readonly json?: true;
}

export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .summary(
      'Show the whole round: documents, dataset, server, rollout client, rewards, a policy that learns',
    )
    .description(
      'Generates a dataset from the example documents into a data directory of its own, starts a server on it, and plays a rollout client against it over gRPC with a simulated policy, and then trains a tiny policy from scratch. Ends by itself and deletes what it made.',
    )
    .option('--seed <n>', 'order of the groups and what the simulated policy says', wholeNumber, 1)
    .option('--training-steps <n>', 'steps of the training at the end; 0: none', wholeNumber, TRAINING_STEPS);
  withJsonOption(command).action(demo);
}

async function demo({ seed, trainingSteps, json }: Flags): Promise<void> {
  const startedAt = performance.now();
  const say = json === true ? (): void => {} : printLine;
  say('Groupwise: documents in, groups of prompts out, rewards and group-relative advantages back.');
  let example: ExampleDataset | undefined;
  let task: TrainedTask | undefined;
  const server = await startEmbeddedServer(async (data, run) => {
    // Loaded when it is asked for, as `groupwise generate` does.
    const { generateExample } = await import('./demo/example-dataset.ts');
    example = await generateExample(data, EXAMPLE_DATASET);
    if (json !== true) showExample(example);
    if (trainingSteps > 0 && canTrain()) task = await prepareTraining(data, run);
  });
  const client = new EnvClient({ address: server.grpc });
  try {
    const dataset = await client.getDataset(EXAMPLE_DATASET);
    const run = await client.openRun({
      dataset: EXAMPLE_DATASET,
      groupSize: GROUP_SIZE,
      seed,
      estimator: ESTIMATOR,
      promptTemplate: 'boxed',
    });
    if (json !== true) {
      say(`  The dataset: ${formatCounts(dataset.splits)}; answers: ${formatCounts(dataset.answerTypes)}`);
      heading('2. The server');
      say(
        `  gRPC ${server.grpc}   REST http://${server.http}   (this one lives as long as the demonstration)`,
      );
      heading(`3. A rollout client, over gRPC: run ${run.runId}`);
      say(
        `  ${formatCount(run.groupsTotal)} groups of ${GROUP_SIZE}, estimator ${ESTIMATOR}. A simulated policy stands in for a model:`,
      );
      say(
        '  it knows each answer with a chance of its own, words it in several ways, is cut off at times, and learns nothing.',
      );
    }
    const policy = new SimulatedPolicy(example?.answerSheet ?? new Map(), seed);
    await playRollouts(client, run.runId, policy, json === true ? 0 : GROUPS_SHOWN);
    const books = await client.getAccounting(run.runId);
    if (json !== true) await showBooksAndRest(books, server.http);
    const plan = { server: server.grpc, seed, steps: trainingSteps };
    const training = await showTraining(task, plan, say);
    const seconds = (performance.now() - startedAt) / 1000;
    if (json === true) printJson({ ...madeOf(example), ...summary(books, seconds), training });
    else showEnd(seconds);
  } finally {
    client.close();
    await server.stop();
  }
}

interface HeldGroup {
  readonly group: LeasedGroup;
  readonly completions: readonly Completion[];
}

/** Holds up to `WINDOW` groups at a time, until the run is exhausted. */
async function playRollouts(
  client: EnvClient,
  runId: RunId,
  policy: SimulatedPolicy,
  groupsShown: number,
): Promise<void> {
  const frames = new FrameQueue<RolloutInput>();
  frames.push({ kind: 'open', runId, window: WINDOW, policyVersion: 0 });
  const held = new Map<GroupId, HeldGroup>();
  let ended = 0;
  let hasShownCompletions = false;
  for await (const frame of client.rollout(frames, { deadlineMs: DEADLINE_MS })) {
    if (frame.kind === 'group') {
      const { group } = frame;
      const completions = policy.sample(group.pairId, group.groupSize);
      held.set(group.groupId, { group, completions });
      frames.push({
        kind: 'submit',
        groups: [
          { leaseId: group.leaseId, completions: completions.map((each) => ({ ...each, policyVersion: 0 })) },
        ],
      });
    } else if (frame.kind === 'result') {
      const { result } = frame;
      const ours = held.get(result.groupId);
      held.delete(result.groupId);
      ended += 1;
      if (ours === undefined || ended > groupsShown) continue;
      showGroup(ours.group, result);
      if (!hasShownCompletions && result.flags.length === 0) {
        showCompletions(ours.completions, result);
        hasShownCompletions = true;
      }
      if (ended === groupsShown) printLine('\n  … and the rest without showing each');
    } else if (frame.kind === 'idle' && frame.reason === 'exhausted') {
      frames.end();
    }
  }
}

async function showBooksAndRest(books: Accounting, http: string): Promise<void> {
  heading('4. The books: every leased group ended exactly once');
  showBooks(books);
  heading('5. The same over REST');
  const request = {
    reward: 'math',
    estimator: 'dr_grpo',
    groups: [
      { ground_truth: '1/2', completions: [{ text: 'It is \\boxed{0.5}' }, { text: 'Answer: 1/2 or 1/3' }] },
    ],
  };
  const reply = await fetch(`http://${http}/v1/score`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  printLine(`  POST /v1/score ${JSON.stringify(request)}`);
  printLine(`  → ${reply.status} ${await reply.text()}`);
}

/** What the training said at its end; null where there was none. */
async function showTraining(
  task: TrainedTask | undefined,
  plan: TrainingPlan,
  say: (line: string) => void,
): Promise<Readonly<Record<string, unknown>> | null> {
  if (plan.steps === 0) return null;
  say(
    '\n6. A policy that learns: sums of numbers that the documents state, from scratch, by rewards over gRPC',
  );
  if (task === undefined) {
    say('  Left out: onnxruntime-node, which trains, is not installed or has no build for this machine.');
    return null;
  }
  const args = trainArguments(task, plan);
  say(`  groupwise ${args.join(' ')}`);
  return trainInFront(args);
}

function showEnd(seconds: number): void {
  printLine(
    `\nDone in ${seconds.toFixed(1)} s. Next: npx groupwise generate YOUR-DOCUMENTS/ --name NAME, then npm start.`,
  );
}

function summary(books: Accounting, seconds: number): object {
  return {
    groups: books.groups.completed,
    completions: books.completions.submitted,
    scored: books.completions.scored,
    unscorable: books.completions.unscorable,
    mean_reward: books.meanReward ?? null,
    pass_rate: books.passRate ?? null,
    zero_variance_groups: books.zeroVarianceGroups,
    wall_s: seconds,
  };
}

/** What went in, stage by stage, and some of what came out. */
function showExample({ report, questions }: ExampleDataset): void {
  heading('1. Documents become a dataset (no model: each question is what a sentence states)');
  showStages(report);
  printLine('');
  const every = Math.max(1, Math.floor(questions.length / QUESTIONS_SHOWN));
  for (const { question, answer, source } of questions
    .filter((_, index) => index % every === 0)
    .slice(0, QUESTIONS_SHOWN)) {
    printLine(`    ${question} → ${answer}   (${source})`);
  }
  printLine('');
}

function madeOf(example: ExampleDataset | undefined): object {
  return {
    documents: example?.report.source.documents ?? 0,
    questions: example?.questions.length ?? 0,
  };
}
