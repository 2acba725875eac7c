// How a value is written in a shell, in Python, in a URL; where a secret goes. Nothing here ever holds the token itself: it stands
// as `$GROUPWISE_TOKEN`.

import { join } from 'node:path';
import type { Block } from './guide.ts';
import { type ServerFacts, testSplit, trainSplit } from './server-facts.ts';

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A string of Python, of TypeScript, of TOML's basic kind and of YAML's double-quoted kind. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Several arguments below each other. */
export function command(...words: readonly string[]): string {
  return words.join(' \\\n  ');
}

/** The address of a dialect, with what can only be said there. */
export function compatUrl(facts: ServerFacts, path: string): string {
  const query = facts.reward === undefined ? '' : `?reward=${encodeURIComponent(facts.reward)}`;
  return `${facts.http}/compat/${path}${query}`;
}

/** The same as a word of a shell, for trainers that take nothing but a URL: the token is its password. */
export function compatUrlWord(facts: ServerFacts, path: string): string {
  const url = compatUrl(facts, path);
  if (!facts.needsToken) return shellWord(url);
  // encodeURIComponent leaves nothing in the query that double quotes would let the shell read.
  return `"${url.replace('://', '://any:$GROUPWISE_TOKEN@')}"`;
}

/** How clients in Python, over HTTP, come to believe a certificate of one's own. */
export function httpTrust({ tls }: ServerFacts): readonly string[] {
  return tls?.ca === undefined ? [] : [`export SSL_CERT_FILE=${shellWord(tls.ca)}`];
}

/** The same for the Python client of this package, which takes it from the environment. */
export function grpcTrust({ tls }: ServerFacts): readonly string[] {
  return tls?.ca === undefined ? [] : [`export GROUPWISE_TLS_CA=${shellWord(tls.ca)}`];
}

/** A variable of the shell must hold the token before the other lines are run: without it they stop here. */
export function tokenLine({ needsToken }: ServerFacts): readonly string[] {
  if (!needsToken) return [];
  return [
    ': "${GROUPWISE_TOKEN:?set it to the token that the server was started with}"',
    'export GROUPWISE_TOKEN',
  ];
}

export function installPython(facts: ServerFacts, ...packages: readonly string[]): Block {
  return {
    title: 'Install',
    language: 'bash',
    text: `pip install ${[...packages, facts.pythonClient].map(shellWord).join(' ')}`,
  };
}

export type RowFormat = 'trainer' | 'nemo-gym';
export interface RowFiles {
  readonly block: Block;
  readonly train: string;
  readonly test: string;
}

/**
 * Writes the questions to files. They hold no ground truth: each row names itself, and the server looks it up. Their paths are from
 * the root, and not yet words of a shell.
 */
export function rowFiles(
  facts: ServerFacts,
  { format, extension }: { readonly format: RowFormat; readonly extension: 'jsonl' | 'parquet' },
): RowFiles {
  const fileOf = (split: string): string => join(facts.here, `${split}.${extension}`);
  const data = facts.dataDir === undefined ? '' : ` --data ${shellWord(facts.dataDir)}`;
  const lines = [...new Set([trainSplit(facts), testSplit(facts)])].map(
    (split) =>
      `npx groupwise dataset export ${facts.dataset.name}${data} --format ${format} --split ${split} --out ${shellWord(fileOf(split))}`,
  );
  const where = facts.dataDir === undefined ? ', where the data directory of the server is' : '';
  return {
    block: { title: `Write the questions to files${where}`, language: 'bash', text: lines.join('\n') },
    train: fileOf(trainSplit(facts)),
    test: fileOf(testSplit(facts)),
  };
}
