// Domain and personas of a passage. The domain picks the examples that the generator sees; each persona gets a question of its
// own. Nothing is lost here: a domain that nobody knows becomes the fallback, with a note that says what was written.

import { z } from 'zod';

import { collapseSpace } from '../../core/normalize.ts';
import { asPassage, type PassageItem } from '../item.ts';
import { dropped, kept, noted, stageKind, type Outcome, type StageTools } from '../stage.ts';
import { domainsOf } from './domains.ts';
import { passageValues } from './passage-values.ts';

/** Longer than any description of a reader: what does not fit is text of the passage, or worse. */
const PERSONA_CHARS_MAX = 120;

const identifyOptions = () =>
  z.strictObject({
    /** Personas of one passage at most. */
    personas: z.int().min(1).max(10).default(3),
  });
type IdentifyOptions = z.output<ReturnType<typeof identifyOptions>>;

/** The domain is text, not one of a set: an unknown one is mended here, which is cheaper than asking again. */
const replySchema = () =>
  z.object({ reasoning: z.string(), domain: z.string(), personas: z.array(z.string()) });

export const identify = stageKind({
  name: 'identify',
  summary: 'A model names the domain of a passage and up to three kinds of readers.',
  takes: 'passage',
  gives: 'passage',
  model: 'teacher',
  options: identifyOptions,
  estimate: () => ({ calls: 1, promptTokens: 450, showsPassage: true, completionTokens: 100, yield: 1 }),
  build: (options: IdentifyOptions) => {
    const reply = replySchema();
    return {
      kind: 'each',
      apply: async (item, tools) => sort(asPassage(item), { options, tools, reply }),
    };
  },
});

async function sort(
  item: PassageItem,
  by: {
    readonly options: IdentifyOptions;
    readonly tools: StageTools;
    readonly reply: ReturnType<typeof replySchema>;
  },
): Promise<Outcome> {
  const domains = domainsOf(by.tools.data);
  const answer = await by.tools.ask({
    prompt: 'identify/passage',
    values: {
      ...passageValues(item.passage),
      domains: domains.described,
      personas_max: by.options.personas,
    },
    reply: by.reply,
    temperature: 0,
  });
  if (answer.kind === 'unreadable') return dropped('unreadable_reply', answer.detail);
  const written = collapseSpace(answer.value.domain);
  const known = domains.find(written);
  return kept({
    ...item,
    domain: known ?? domains.fallback,
    personas: personasOf(answer.value.personas, by.options.personas),
    notes:
      known === undefined
        ? noted(item.notes, 'identify', { unknown_domain: written.slice(0, PERSONA_CHARS_MAX) })
        : item.notes,
  });
}

/** Trimmed, each once whatever its case, none longer than a description, the first `limit`. A comma is part of a persona. */
export function personasOf(written: readonly string[], limit: number): readonly string[] {
  const byForm = new Map<string, string>();
  for (const raw of written) {
    const persona = collapseSpace(raw);
    if (persona === '' || persona.length > PERSONA_CHARS_MAX) continue;
    const form = persona
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
    if (form !== '' && !byForm.has(form)) byForm.set(form, persona);
  }
  return [...byForm.values()].slice(0, limit);
}
