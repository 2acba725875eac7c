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

/** Sources, rejections and whatever else the record holds. */
function provenanceSections(record: JsonObject | undefined): readonly string[] {
  if (record === undefined) return ['## How it was made', 'No record was kept.'];
  const { sources, rejected, ...rest } = record;
  const facts = Object.entries(rest)
    .filter(([key]) => key !== 'at')
    .map(([key, value]): [string, string] => [key.replaceAll('_', ' '), shown(value)]);
  return [
    '## How it was made',
    table(['fact', 'value'], facts),
    ...sourceTable(sources),
    ...rejectionTable(rejected),
  ];
}

function sourceTable(sources: JsonValue | undefined): readonly string[] {
  if (!Array.isArray(sources)) return [];
  const rows = sources
    .filter(isJsonObject)
    .map((source) => [
      shown(source['file']),
      shown(source['layout']),
      shown(source['rows_read']),
      shown(source['rows_added']),
    ]);
  return [table(['file', 'layout', 'rows read', 'rows added'], rows)];
}

function rejectionTable(rejected: JsonValue | undefined): readonly string[] {
  if (!isJsonObject(rejected)) return [];
  const rows = Object.entries(rejected).map(([reason, count]) => [reason.replaceAll('_', ' '), shown(count)]);
  return rows.length === 0 ? ['No row was rejected.'] : [table(['rejected because', 'rows'], rows)];
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
