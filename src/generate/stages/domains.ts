// The domains of a dataset: a list in a data file, and the rule that turns what a model wrote into a name of that list.

import { z } from 'zod';

import { invalidArgument } from '../../core/errors.ts';
import type { PromptData } from '../../ports/prompt-data.ts';

export const DOMAIN_FILE = 'identify/domains';

export interface Domains {
  /** The name for what belongs to no other. */
  readonly fallback: string;
  readonly names: readonly string[];
  /** Each name with what it covers, a line for each: as a model is told. */
  readonly described: string;
  /** The name that `written` means, whatever its case, punctuation and joining words; undefined for an unknown one. */
  find(written: string): string | undefined;
}

const fileSchema = () =>
  z.strictObject({
    fallback: z.string(),
    domains: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          covers: z.string().min(1),
          aliases: z.array(z.string()).default([]),
        }),
      )
      .min(1),
  });

/** Throws `EnvError` (invalid_argument) that says what is wrong with the file. */
export function domainsOf(data: PromptData): Domains {
  const raw = data.find(DOMAIN_FILE);
  if (raw === undefined) throw fileFault('it is not there');
  const read = fileSchema().safeParse(raw);
  if (!read.success) throw fileFault(z.prettifyError(read.error));
  const { fallback, domains } = read.data;
  const names = domains.map(({ name }) => name);
  if (!names.includes(fallback)) throw fileFault(`its fallback "${fallback}" is none of its domains`);

  const byForm = new Map<string, string>();
  // Names after aliases: what one domain is called never means another one.
  for (const { name, aliases } of domains) for (const alias of aliases) byForm.set(normalForm(alias), name);
  for (const name of names) byForm.set(normalForm(name), name);
  return {
    fallback,
    names,
    described: domains.map(({ name, covers }) => `${name}: ${covers}`).join('\n'),
    find: (written) => byForm.get(normalForm(written)),
  };
}

/** Letters and digits in lower case; "&" and "/" are as good as "and". */
function normalForm(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[&/+]|\band\b/gu, ' ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** A domain's name as part of a file's name: `technology-engineering`. */
export function domainSlug(name: string): string {
  return normalForm(name).replaceAll(' ', '-');
}

function fileFault(what: string): Error {
  return invalidArgument('prompts', `Cannot use the data file "${DOMAIN_FILE}.yaml": ${what}`);
}
