// Which token ends a completion, by the files of a checkpoint, which say it in up to three places and some of them with
// several tokens.

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';

/** What a tokenizer is made of. */
export interface TokenizerParts {
  /** `tokenizer.json`, parsed. */
  readonly tokenizer: Readonly<Record<string, unknown>>;
  /** `tokenizer_config.json`, parsed; empty where there is none. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Rows of the table of embeddings: at least as many as there are tokens. */
  readonly vocabulary: number;
  readonly end: number;
}

export interface EndTokenFiles extends Pick<TokenizerParts, 'tokenizer' | 'config'> {
  /** `generation_config.json` */
  readonly generation: Readonly<Record<string, unknown>>;
  /** `config.json` */
  readonly model: Readonly<Record<string, unknown>>;
}

const IDS = z.object({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });
const NAME = z.object({ eos_token: z.union([z.string(), z.object({ content: z.string() })]).nullish() });
const ADDED = z.object({ added_tokens: z.array(z.object({ id: z.int(), content: z.string() })).nullish() });
const VOCABULARY = z.object({ model: z.object({ vocab: z.record(z.string(), z.int()) }) });

/**
 * The token by `generation_config.json`, else by `config.json`, else by `tokenizer_config.json`. Of several (a model that was
 * taught to answer has one for the end of a turn, too) the one that the tokenizer names, else the first.
 * @throws EnvError `failed_precondition` where no file says it
 */
export function endTokenOf(files: EndTokenFiles, folder: string): number {
  const named = namedToken(files);
  for (const file of [files.generation, files.model]) {
    const ids = [IDS.safeParse(file).data?.eos_token_id ?? []].flat();
    const [first] = ids;
    if (named !== undefined && ids.includes(named)) return named;
    if (first !== undefined) return first;
  }
  if (named !== undefined) return named;
  throw new EnvError(
    'failed_precondition',
    `Cannot use the checkpoint "${folder}": no file says which token ends a completion (eos_token_id)`,
  );
}

function namedToken({ tokenizer, config }: EndTokenFiles): number | undefined {
  const name = NAME.safeParse(config).data?.eos_token ?? undefined;
  if (name === undefined) return undefined;
  const text = typeof name === 'string' ? name : name.content;
  const added = ADDED.safeParse(tokenizer).data?.added_tokens ?? [];
  return (
    added.find(({ content }) => content === text)?.id ??
    VOCABULARY.safeParse(tokenizer).data?.model.vocab[text]
  );
}
