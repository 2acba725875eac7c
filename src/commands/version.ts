// The version of this package, as package.json has it.

import { readFileSync } from 'node:fs';
import { isJsonObject } from '../core/canonical-json.ts';

export function readVersion(): string {
  const json: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (!isJsonObject(json) || typeof json['version'] !== 'string')
    throw new Error('package.json has a version');
  return json['version'];
}
