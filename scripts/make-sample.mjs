// Writes examples/sample/questions.jsonl: the hand-written facts, each tied to the bytes of the note that state it, and the
// computed questions. The same sources and seed give the same file: `--check` says whether the committed one is current.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { computed } from './sample/computed.mjs';
import { seededRandom } from './sample/random.mjs';
import { wordProblems } from './sample/word-problems.mjs';

const SEED = 20_250_301;
const ROWS_PER_FAMILY = 5;
const TRIES_MAX = 200;
/** No question of these families is in the training split, so the test split asks for kinds of sums not seen there. */
const TEST_FAMILIES = new Set([
  'mean',
  'speed',
  'zeros',
  'largest-fraction',
  'weeks-before',
  'primes',
  'greater',
  'roman',
  'any-day',
]);

const folder = fileURLToPath(new URL('../examples/sample', import.meta.url));
const target = join(folder, 'questions.jsonl');

/** One row in the native layout, keys in its order. */
function row(fields) {
  const { question, choices, answer, aliases, answerType, domain, persona, split, provenance } = fields;
  return {
    question,
    ...(choices === undefined ? {} : { choices }),
    ground_truth: String(answer),
    ...(aliases === undefined ? {} : { aliases }),
    answer_type: answerType,
    domain,
    persona,
    split,
    provenance,
  };
}

function factRows(file) {
  const { domain, persona, split, questions } = parse(readFileSync(join(folder, 'facts', file), 'utf8'));
  const documentId = `notes/${basename(file, '.yaml')}.md`;
  const note = readFileSync(join(folder, documentId));
  return questions.map(({ type, evidence, ...rest }) => {
    const start = note.indexOf(evidence, 0, 'utf8');
    if (start === -1) throw new Error(`Cannot find in ${documentId} the evidence "${evidence}"`);
    const provenance = {
      document_id: documentId,
      span: { start, end: start + Buffer.byteLength(evidence) },
      generator: 'hand-written',
    };
    return row({ ...rest, answerType: type, domain, persona, split, provenance });
  });
}

/** By chance a question may hold its answer as one of its own numbers. */
function tellsAnswer({ question, answer }) {
  return question.split(/[^0-9A-Za-z]+/u).includes(String(answer).split(' ')[0]);
}

function computedRows(random, family) {
  const { name, make, ...common } = family;
  const rows = new Map();
  for (let tries = 0; rows.size < ROWS_PER_FAMILY; tries += 1) {
    if (tries > TRIES_MAX)
      throw new Error(`Cannot make ${ROWS_PER_FAMILY} different questions of family "${name}"`);
    const made = make(random);
    if (made === undefined || tellsAnswer(made)) continue;
    const { expression, ...rest } = made;
    const provenance = { generator: 'arithmetic', extra: { family: name, expression } };
    const split = TEST_FAMILIES.has(name) ? 'test' : 'train';
    rows.set(JSON.stringify([made.question, made.choices]), row({ ...rest, ...common, split, provenance }));
  }
  return [...rows.values()];
}

const random = seededRandom(SEED);
const facts = readdirSync(join(folder, 'facts')).toSorted().flatMap(factRows);
const sums = [...wordProblems, ...computed].flatMap((family) => computedRows(random, family));
const rows = random.shuffled([...facts, ...sums]);
const text = rows.map((line) => `${JSON.stringify(line)}\n`).join('');

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error(
      'examples/sample/questions.jsonl is not what its sources make: run node scripts/make-sample.mjs',
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
  console.log(`Wrote ${rows.length} questions to ${target}`);
}
