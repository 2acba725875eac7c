// A dataset card in Hugging Face's form, written from what the store knows and from nothing else: a fact that was not
// recorded is said to be unknown, never filled in.

import type { DatasetInfo, NamedCount } from './calls.ts';
import { isJsonObject } from './canonical-json.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { recipeToJson } from './recipe-json.ts';

/** The files of one split, as a pattern below the card. */
export interface CardFiles {
  readonly split: string;
  readonly path: string;
}

export interface CardFacts {
  readonly info: DatasetInfo;
  /** How the version was made, as its writer recorded it. */
  readonly record: JsonObject | undefined;
  /** Empty when the card lies beside no export. */
  readonly files: readonly CardFiles[];
}

const SIZES: readonly (readonly [number, string])[] = [
  [1e3, 'n<1K'],
  [1e4, '1K<n<10K'],
  [1e5, '10K<n<100K'],
  [1e6, '100K<n<1M'],
  [1e7, '1M<n<10M'],
  [1e8, '10M<n<100M'],
];
const DOMAINS_LISTED_MAX = 30;

/** The card as Markdown with YAML front matter. */
export function datasetCard(facts: CardFacts): string {
  const { info } = facts;
  const sections = [
    `# ${plain(info.name)}`,
    plain(info.description) || 'No description was recorded.',
    '## Facts',
    factTable(facts),
    '## Splits',
    countTable('split', info.splits),
    '## Answer types',
    countTable('answer type', info.answerTypes),
    ...(info.domains.length === 0
      ? []
      : [
          '## Domains',
          countTable('domain', info.domains.slice(0, DOMAINS_LISTED_MAX)),
          notListed(info.domains),
        ]),
    ...provenanceSections(facts.record),
    '## Use',
    'Each row is a question with a ground truth that a rule can check. The ground truths are in the files: keep them from the policy that is trained or measured with them.',
  ];
  return `${frontMatter(facts)}\n${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function frontMatter({ info, files }: CardFacts): string {
  const rows = total(info.splits);
  const license = info.provenance.license.toLowerCase();
  const lines = [
    '---',
    ...(license === '' ? [] : [`license: ${yaml(/^[a-z0-9.-]+$/.test(license) ? license : 'other')}`]),
    'task_categories:',
    '- question-answering',
    'size_categories:',
    `- ${yaml(SIZES.find(([limit]) => rows < limit)?.[1] ?? 'n>100M')}`,
    'tags:',
    '- reinforcement-learning',
    '- verifiable-rewards',
    `pretty_name: ${yaml(info.name)}`,
    ...(files.length === 0
      ? []
      : [
          'configs:',
          '- config_name: default',
          '  data_files:',
          ...files.flatMap(({ split, path }) => [`  - split: ${yaml(split)}`, `    path: ${yaml(path)}`]),
        ]),
    'dataset_info:',
    '  splits:',
    ...info.splits.flatMap(({ name, count }) => [`  - name: ${yaml(name)}`, `    num_examples: ${count}`]),
    '---',
  ];
  return `${lines.join('\n')}\n`;
}

function factTable({ info }: CardFacts): string {
  const { provenance } = info;
  return table(
    ['fact', 'value'],
    [
      ['rows', String(total(info.splits))],
      ['version', `\`${info.version}\` (hash of the rows and of how they are scored)`],
      ['made', new Date(info.createdAt).toISOString()],
      ['source', provenance.source || 'unknown'],
      ['licence', provenance.license || 'unknown'],
      ['generator', provenance.generator || 'none recorded'],
      [
        'reward',
        info.reward === undefined
          ? 'what each row names, else the verifier of its answer type'
          : `\`${JSON.stringify(recipeToJson(info.reward))}\``,
      ],
    ],
  );
}

/** What the record holds: lists of maps and maps of counts as tables of their own, everything else as facts. */
function provenanceSections(record: JsonObject | undefined): readonly string[] {
  if (record === undefined) return ['## How it was made', 'No record was kept.'];
  const facts: [string, string][] = [];
  const tables: string[] = [];
  for (const [key, value] of Object.entries(record)) {
    const own = tableOf(key, value);
    if (own !== undefined) tables.push(own);
    else if (key !== 'at' && !isEmpty(value)) facts.push([key.replaceAll('_', ' '), cellOf(value)]);
  }
  return ['## How it was made', table(['fact', 'value'], facts), ...tables];
}

/** Undefined for what is no table. */
function tableOf(key: string, value: JsonValue | undefined): string | undefined {
  if (key === 'rejected' || key === 'dropped' || key === 'broken') return reasonTable(key, value);
  const columns = TABLES[key];
  if (columns === undefined || !Array.isArray(value) || value.length === 0) return undefined;
  const rows = value.filter(isJsonObject);
  return table(
    columns.map((column) => column.replaceAll('_', ' ')),
    rows.map((row) => columns.map((column) => cellOf(row[column]))),
  );
}

/** Columns of the lists that a record may hold. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  sources: ['file', 'layout', 'rows_read', 'rows_added'],
  stages: ['name', 'model', 'in', 'kept', 'made', 'dropped', 'calls', 'cached', 'used_usd'],
  files: ['stage', 'file'],
  models: ['name', 'model', 'calls', 'prompt_tokens', 'completion_tokens', 'cost_usd'],
};

function reasonTable(key: string, value: JsonValue | undefined): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const rows = Object.entries(value).map(([reason, count]) => [reason.replaceAll('_', ' '), cellOf(count)]);
  if (rows.length === 0) return key === 'rejected' ? 'No row was rejected.' : undefined;
  return table(
    [`${key === 'broken' ? 'not readable' : key} because`, key === 'rejected' ? 'rows' : 'items'],
    rows,
  );
}

function isEmpty(value: JsonValue | undefined): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** A map of counts in words; nothing for what is absent. */
function cellOf(value: JsonValue | undefined): string {
  if (value === undefined) return '';
  if (!isJsonObject(value)) return shown(value);
  return Object.entries(value)
    .map(([name, count]) => `${name.replaceAll('_', ' ')} ${shown(count)}`)
    .join(', ');
}

function notListed(counts: readonly NamedCount[]): string {
  const more = counts.length - DOMAINS_LISTED_MAX;
  return more > 0 ? `and ${more} more.` : '';
}

function countTable(heading: string, counts: readonly NamedCount[]): string {
  return table(
    [heading, 'rows'],
    counts.map(({ name, count }) => [name, String(count)]),
  );
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return [tableLine(headings), tableLine(headings.map(() => '---')), ...rows.map(tableLine)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** Text of a source is data: it does not become markup of the card. */
function cell(text: string): string {
  return plain(text).replaceAll('|', '\\|').replace(/\s+/gu, ' ');
}

function plain(text: string): string {
  return text.trim().replaceAll('<', '&lt;');
}

function shown(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** JSON text is a YAML scalar that no content can break out of. */
function yaml(text: string): string {
  return JSON.stringify(text);
}

function total(counts: readonly NamedCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
