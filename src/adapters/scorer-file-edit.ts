// Adds scorers to the configuration file of scorers, which a person writes: what is there stays as it is, comments included. It
// takes nothing away, and writes nothing itself.

import { Document, isMap, parseDocument } from 'yaml';
import { EnvError, invalidArgument } from '../core/errors.ts';
import { parseScorerFile } from './scorer-file.ts';

export interface AddedScorer {
  readonly section: 'judges' | 'reward_models';
  readonly name: string;
  /** In the file's own words. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * The file's text with the scorers in it.
 *
 * @param text undefined where there is no such file yet
 * @throws EnvError `invalid_argument` where it is no file of scorers before or after, `already_exists` for one that is there
 */
export function withScorers(
  path: string,
  text: string | undefined,
  { scorers, overwrite }: { readonly scorers: readonly AddedScorer[]; readonly overwrite: boolean },
): string {
  if (text !== undefined) parseScorerFile(path, text);
  const document: Document = text === undefined ? new Document({}) : parseDocument(text);
  if (!isMap(document.contents)) document.contents = document.createNode({}) as Document['contents'];
  for (const { section, name, settings } of scorers) {
    if (document.hasIn([section, name]) && !overwrite) {
      throw new EnvError(
        'already_exists',
        `Cannot add the scorer "${name}" to "${path}": it is there already (--overwrite replaces it)`,
      );
    }
    if (!isMap(document.get(section))) document.set(section, document.createNode({}));
    document.setIn([section, name], document.createNode(settings));
  }
  const written = document.toString();
  try {
    parseScorerFile(path, written);
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    throw invalidArgument(error.field ?? 'scorers', `Cannot add the scorers: ${error.message}`);
  }
  return written;
}
