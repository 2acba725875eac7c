// Rules about plain text: leftovers, length, opening comments, and words that say nothing to a reader of this project.
// Each rule is data: where it holds, what it looks for, and why.

import type { Violation } from './check-layers.ts';

export interface TextRule {
  readonly name: string;
  /** Paths that the rule holds for. */
  readonly files: RegExp;
  readonly find: RegExp;
  /** A file with this in it is excused. */
  readonly unless?: RegExp;
  readonly because: string;
}

/** This folder names what it forbids. */
const NOT_TIDY = String.raw`^(?!test/tidy/|package-lock\.json$)`;

export const TEXT_RULES: readonly TextRule[] = [
  {
    name: 'leftover-note',
    files: new RegExp(NOT_TIDY, 'u'),
    find: /\b(?:TODO|FIXME|XXX|HACK)\b/u,
    because: 'a note to oneself belongs into the change that it asks for',
  },
  {
    name: 'leftover-print',
    files: /^src\/.*\.ts$/u,
    find: /\bconsole\.\w+\(|\bdebugger\b/u,
    because: 'the server speaks through its log, the commands through their writers',
  },
  {
    name: 'leftover-only',
    files: /^test\/(?!tidy\/).*\.ts$/u,
    find: /\b(?:it|test|describe)\.only\b/u,
    because: 'one test that runs alone hides all others',
  },
  {
    name: 'machine-path',
    files: new RegExp(NOT_TIDY, 'u'),
    find: /(?<![\w.~:/-])\/(?:work|root|Users|mnt)\/\w|(?<![\w.~:/-])\/home\/(?!groupwise|node)\w/u,
    because: 'a path of one machine helps nobody on another',
  },
  {
    name: 'outside-path',
    files: /^(?!test\/|package-lock\.json$)/u,
    find: /\.\.\/shared\b/u,
    because: 'only a test may look for data beside the checkout, and it skips when there is none',
  },
  {
    name: 'word-session',
    files: new RegExp(NOT_TIDY, 'u'),
    // The Open Reward Standard has a header X-Session-ID.
    find: /(?<!\bX-)\bsessions?\b/iu,
    // Node's own word for a connection, the name of an option of the ONNX runtime, a method of the client of the Open Reward Standard.
    unless: /from 'node:http2'|from 'onnxruntime-node'|^from ors\.client import/mu,
    because: 'what lasts is a run, a lease or a stream: say which',
  },
  {
    name: 'word-agent',
    files: new RegExp(NOT_TIDY, 'u'),
    find: /\b(?:helper|sub-?|coding )[- ]?agents?\b|\bhelpers?\b/iu,
    because: 'a name says what a thing does; the model in training is the policy',
  },
  {
    name: 'word-coming-soon',
    files: new RegExp(NOT_TIDY, 'u'),
    find: /\bcoming soon\b|\bnot (?:yet )?implemented yet\b/iu,
    because: 'absence is honest',
  },
  {
    name: 'issue-number',
    files: /^(?:src|test\/(?!tidy\/)|docs|prompts|proto|scripts|bin|examples)\/|^[^/]+\.md$/u,
    find: /(?<![\w/.-])(?:issue|ticket|task) #?\d+\b/iu,
    because:
      'a comment says why in words; a number sends the reader away (owner/name#1 of another project is a source)',
  },
];

/** Longest source file, in lines. */
export const LINES_MAX = 250;

/** Files that hold one idea in more lines, each with its reason. */
export const LONG_FILES: Readonly<Record<string, string>> = {
  'src/contract/calls.ts': 'one table, a row for each call: what both doors and the client know of it',
  'src/contract/decode-calls.ts':
    'a function for each message: a field that is forgotten shows beside its neighbours',
  'src/contract/decode-replies.ts': 'a function for each message, in the order of the proto files',
  'src/contract/encode-replies.ts': 'a function for each message, in the order of the proto files',
  'src/contract/schemas/replies.ts': 'a schema for each message, in the order of the proto files',
  'src/core/calls.ts': 'all calls of the service side by side: types alone, read as the contract is',
};

export function checkText(file: string, text: string): readonly Violation[] {
  const rules = TEXT_RULES.filter((rule) => rule.files.test(file) && rule.unless?.test(text) !== true);
  return text.split('\n').flatMap((line, index) =>
    rules
      .filter((rule) => rule.find.test(line))
      .map((rule) => ({
        file: `${file}:${index + 1}`,
        rule: rule.name,
        detail: `${rule.because} ("${rule.find.exec(line)?.[0]}")`,
      })),
  );
}

export function checkLength(
  file: string,
  text: string,
  longFiles: Readonly<Record<string, string>> = LONG_FILES,
): readonly Violation[] {
  const lines = text.trimEnd().split('\n').length;
  const isListed = Object.hasOwn(longFiles, file);
  if (lines > LINES_MAX && !isListed) {
    return [{ file, rule: 'file-length', detail: `${lines} lines are rarely one idea (${LINES_MAX})` }];
  }
  return lines <= LINES_MAX && isListed
    ? [{ file, rule: 'file-length', detail: `${lines} lines need no exception: take it off the list` }]
    : [];
}

/** A source file opens with why it exists: a comment of at least one full sentence. */
export function checkOpening(file: string, text: string): readonly Violation[] {
  const lines = text.replace(SHEBANG, '').split('\n');
  const end = lines.findIndex((line) => !line.startsWith('//'));
  return checkWords(file, lines.slice(0, end).join(' '), 'a comment');
}

/** The same of a module in Python: a docstring. */
export function checkPythonOpening(file: string, text: string): readonly Violation[] {
  const docstring = /^"""(?<words>.*?)"""/su.exec(text.replace(SHEBANG, ''));
  return checkWords(file, docstring?.groups?.['words'] ?? '', 'a docstring');
}

const SHEBANG = /^#!.*\n/u;

function checkWords(file: string, opening: string, kind: string): readonly Violation[] {
  const words = opening.match(/\p{L}+/gu) ?? [];
  return words.length >= 5
    ? []
    : [{ file, rule: 'opening', detail: `it does not open with ${kind} that says why it exists` }];
}
