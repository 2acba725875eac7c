// What `groupwise connect` says of one trainer. A trainer is one file beside this one: a pure function from facts of the server to
// lines that can be pasted as they are.

import type { ServerFacts } from './server-facts.ts';

export const LANGUAGES = ['bash', 'python', 'typescript', 'toml', 'yaml', 'json'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface Block {
  /** What it does, in a few words. */
  readonly title: string;
  readonly language: Language;
  /** Without the newline at the end. */
  readonly text: string;
}

export interface Guide {
  readonly blocks: readonly Block[];
  /** What goes wrong here when it is not known; one sentence each. */
  readonly traps: readonly string[];
}

export interface Trainer {
  /** As it is typed. */
  readonly name: string;
  /** As it calls itself. */
  readonly title: string;
  /** One line for the list. */
  readonly summary: string;
  /** Which door its rewards come through. */
  readonly door: 'grpc' | 'http';
  /** The call that the server must have for it, as it lists it; undefined: what every server has. */
  readonly call?: string;
  /** Page and heading, from the root of this package. */
  readonly docs: string;
  /** Folder with a whole example, from the root of this package. */
  readonly example?: string;
  guide(facts: ServerFacts): Guide;
}
