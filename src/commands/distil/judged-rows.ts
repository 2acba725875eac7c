// Where the verdicts of a distillation come from: completions with their questions (of the data directory's runs, or of a
// file), and for each what the judge said of it, looked up in its cache and never asked, or what the file's labels say.
//
// The cache knows hashes, not texts. The texts are in the runs, or in the file that was scored: what was asked then is put
// together again, to the byte, and has the same hash.

import { loadPromptFiles } from '../../adapters/prompt-files.ts';
import { openRowFile } from '../../adapters/row-files.ts';
import { SqliteDatasetStore } from '../../adapters/sqlite-dataset-store.ts';
import { SqliteRunStore } from '../../adapters/sqlite-run-store.ts';
import { openDatabase } from '../../adapters/sqlite.ts';
import { extractAnswer } from '../../core/answer.ts';
import { isJsonObject } from '../../core/canonical-json.ts';
import { EnvError } from '../../core/errors.ts';
import type { RunId } from '../../core/ids.ts';
import type { JsonValue } from '../../core/json.ts';
import { promptText, renderPrompt, type PromptSource } from '../../core/prompt.ts';
import type { Clock } from '../../ports/clock.ts';
import type { StoredRun } from '../../ports/run-store.ts';
import { GROUND_TRUTHS_MAX } from '../../services/reward-models/model-texts.ts';
import type { LabelledAnswer } from '../../trainer/distil/labelled-answers.ts';
import { storedRollouts } from '../run/stored-rollouts.ts';
import { rolloutBatches } from '../score/rollout-batches.ts';
import { parseStoredRollout, type StoredRollout } from '../score/stored-rollout.ts';
import type { AskedAnswer, JudgeLookup } from './judge-lookup.ts';

/** A verdict with what else scorers need to see the same completion. */
export interface JudgedRow extends LabelledAnswer {
  readonly completion: string;
  readonly choices: readonly string[];
}

/** What became of the completions that were read. */
export interface ReadingCounts {
  completions: number;
  /** No answer in it: no scorer is asked. */
  noAnswer: number;
  /** The file has no label of it. */
  unlabelled: number;
  /** The judge was never asked about it, or under other settings. */
  noVerdict: number;
  /** The votes did not decide. */
  undecided: number;
  /** Lines that are no groups. */
  rejected: number;
}

export interface JudgedRows {
  readonly rows: readonly JudgedRow[];
  readonly counts: Readonly<ReadingCounts>;
  /** The first few lines that were refused, and why. */
  readonly rejections: readonly string[];
}

const GROUPS_AT_ONCE = 256;
const REJECTIONS_SHOWN = 5;
/** What the scorers of judges and reward models take where a completion marks no answer. */
const FALLBACK = 'line';

/** One group of completions, worded as its run or its line worded it. */
interface JudgedGroup {
  readonly question: string;
  readonly groundTruths: readonly [string, ...string[]];
  readonly choices: readonly string[];
  readonly completions: readonly { readonly text: string; readonly label: boolean | undefined }[];
}

/** @param judge absent: the labels of the lines count */
export async function rowsOfFile(file: string, judge: JudgeLookup | undefined): Promise<JudgedRows> {
  const reader = new RowReader(judge);
  const reading = {
    size: GROUPS_AT_ONCE,
    parse: (row: JsonValue) =>
      groupOfLine(parseStoredRollout(row, { reward: undefined, estimator: undefined, dataset: undefined })),
    reject: (at: string, reason: string) => reader.reject(at, reason),
  };
  for await (const groups of rolloutBatches(openRowFile(file), reading)) await reader.take(groups);
  return reader.finished();
}

/** Completed groups of runs. @param runIds empty: all runs that there are */
export async function rowsOfRuns(
  {
    dataDir,
    prompts,
    runIds,
    clock,
  }: {
    readonly dataDir: string;
    /** The user's own templates, as the server has them. */
    readonly prompts: string | undefined;
    readonly runIds: readonly string[];
    readonly clock: Clock;
  },
  judge: JudgeLookup,
): Promise<JudgedRows> {
  const templates = loadPromptFiles({ user: prompts });
  const database = openDatabase(dataDir);
  const datasets = new SqliteDatasetStore({ dataDir, now: () => clock.now() });
  const reader = new RowReader(judge);
  try {
    const store = new SqliteRunStore(database);
    for (const run of await runsOf(store, runIds)) {
      const { promptTemplate } = run.settings;
      if (!templates.names().includes(promptTemplate)) {
        reader.reject(`run ${run.runId}`, `its prompt template "${promptTemplate}" is gone`);
        continue;
      }
      const word = (source: PromptSource): string =>
        promptText(renderPrompt(source, (values) => templates.render(promptTemplate, values)));
      let groups: JudgedGroup[] = [];
      for await (const line of storedRollouts(run, store, datasets)) {
        groups.push(groupOfRun(line, word));
        if (groups.length === GROUPS_AT_ONCE) await reader.take(groups.splice(0));
      }
      await reader.take(groups);
    }
  } finally {
    datasets.close();
    database.close();
  }
  return reader.finished();
}

async function runsOf(
  store: Pick<SqliteRunStore, 'find' | 'list'>,
  runIds: readonly string[],
): Promise<readonly StoredRun[]> {
  if (runIds.length === 0) return store.list();
  return Promise.all(
    runIds.map(async (runId) => {
      // Whether it is the id of a run is what is asked here.
      const run = await store.find(runId as RunId);
      if (run === undefined) throw new EnvError('not_found', `There is no run "${runId}"`);
      return run;
    }),
  );
}

function groupOfLine({ group, known }: StoredRollout): JudgedGroup {
  const { reference, prompt, completions } = group;
  if (reference.kind !== 'inline')
    throw new EnvError('invalid_argument', 'A ground truth is needed on the line itself', {
      field: 'ground_truth',
    });
  return {
    question: promptText(prompt),
    groundTruths: [reference.groundTruth.answer, ...reference.groundTruth.aliases],
    choices: reference.choices,
    completions: completions.map(({ text }, index) => ({ text, label: known[index]?.isCorrect })),
  };
}

/** @param line as `groupwise run export` writes it */
function groupOfRun(line: JsonValue, word: (source: PromptSource) => string): JudgedGroup {
  const row = isJsonObject(line) ? line : {};
  // Read back from our own store: the members have the types that they were written with.
  const question = row['prompt'] as PromptSource['question'];
  const choices = (row['choices'] ?? []) as readonly string[];
  const aliases = (row['aliases'] ?? []) as readonly string[];
  const completions = (row['completions'] ?? []) as readonly { readonly text: string }[];
  return {
    question: word({ question, choices }),
    groundTruths: [row['ground_truth'] as string, ...aliases],
    choices,
    completions: completions.map(({ text }) => ({ text, label: undefined })),
  };
}

/** Takes groups in, looks their verdicts up, and counts what became of them. */
class RowReader {
  readonly #judge: JudgeLookup | undefined;
  readonly #rows: JudgedRow[] = [];
  readonly #rejections: string[] = [];
  readonly #counts: ReadingCounts = {
    completions: 0,
    noAnswer: 0,
    unlabelled: 0,
    noVerdict: 0,
    undecided: 0,
    rejected: 0,
  };

  constructor(judge: JudgeLookup | undefined) {
    this.#judge = judge;
  }

  reject(at: string, reason: string): void {
    this.#counts.rejected += 1;
    if (this.#rejections.length < REJECTIONS_SHOWN) this.#rejections.push(`${at}: ${reason}`);
  }

  async take(groups: readonly JudgedGroup[]): Promise<void> {
    const found = groups.flatMap((group) =>
      group.completions.flatMap(({ text, label }) => {
        this.#counts.completions += 1;
        const answer = extractAnswer(text, FALLBACK)?.answer;
        if (answer === undefined) this.#counts.noAnswer += 1;
        return answer === undefined ? [] : [{ group, text, label, answer }];
      }),
    );
    const verdicts = await this.#verdictsOf(found.map(({ group, answer }) => ({ ...group, answer })));
    found.forEach(({ group, text, label, answer }, index) => {
      const isEquivalent = this.#judge === undefined ? label : verdicts[index];
      if (isEquivalent === undefined) {
        this.#counts[this.#judge === undefined ? 'unlabelled' : 'noVerdict'] += 1;
      } else if (isEquivalent === 'undecided') {
        this.#counts.undecided += 1;
      } else {
        const { question, choices } = group;
        const [groundTruth, ...aliases] = group.groundTruths;
        const groundTruths: JudgedRow['groundTruths'] = [
          groundTruth,
          ...aliases.slice(0, GROUND_TRUTHS_MAX - 1),
        ];
        this.#rows.push({ question, groundTruths, answer, isEquivalent, completion: text, choices });
      }
    });
  }

  finished(): JudgedRows {
    return { rows: this.#rows, counts: this.#counts, rejections: this.#rejections };
  }

  async #verdictsOf(asked: readonly AskedAnswer[]): ReturnType<JudgeLookup> {
    return this.#judge === undefined ? [] : this.#judge(asked);
  }
}
