// The adapters that a server has of a policy: a new name for each version, the new one loaded before the old one goes, and none
// unloaded while completions are drawn with it. Names are never used twice: servers keep caches by name and give stale ones
// (https://github.com/vllm-project/vllm/issues/42125).

import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { z } from 'zod';

import { EnvError } from '../../core/errors.ts';
import { type Patience, patiently } from '../loop/patience.ts';
import { callServer, type ServerAddress } from './server-calls.ts';

export interface AdapterShelfOptions {
  readonly address: ServerAddress;
  readonly patience: Patience;
  /** Where adapters are written, and the same folder as the server's disk has it; default: the same path. */
  readonly folder: string;
  readonly folderOnServer?: string | undefined;
  /** Stands in every name: what another training, or an earlier life of this one, has on the server is told apart by it. */
  readonly life: string;
}

/** Of the names of adapters. */
const PREFIX = 'policy-';

interface ShelvedAdapter {
  /** Of its folder. */
  readonly version: string;
  name: string;
  /** Drawings that are under way with it. */
  uses: number;
  /** Under way where the server has lost it. */
  reloading?: Promise<void> | undefined;
}

const MODELS = z.object({
  data: z.array(z.object({ id: z.string(), owned_by: z.string().nullish() })).min(1),
});

const LOADING_NEEDS =
  'The server has to see the folder under this path, and to take adapters while it runs ' +
  '(vLLM: --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True; SGLang: --enable-lora)';

/** Where a server takes adapters, and how a request names one. */
interface Dialect {
  readonly load: string;
  readonly unload: string;
  readonly modelOf: (adapter: string) => string;
}

export class AdapterShelf {
  readonly #options: AdapterShelfOptions;
  readonly #dialect: Dialect;
  #current: ShelvedAdapter | undefined;

  /** Asks the server what it is. @throws EnvError as its calls fail */
  static async open(options: AdapterShelfOptions): Promise<AdapterShelf> {
    const what = 'ask the server for its models';
    const reply = await patiently(
      what,
      () => callServer(options.address, { what, path: 'models', signal: options.patience.signal }),
      options.patience,
    );
    const models = MODELS.safeParse(reply);
    if (!models.success)
      throw new EnvError(
        'failed_precondition',
        `Cannot draw from ${options.address.url}: it lists no models`,
      );
    const shelf = new AdapterShelf(options, dialectOf(models.data.data));
    await shelf.#clear();
    return shelf;
  }

  private constructor(options: AdapterShelfOptions, dialect: Dialect) {
    this.#options = options;
    this.#dialect = dialect;
  }

  /** Has `write` fill a folder, and the server load it; what was there before goes when nobody uses it. @param policy its version */
  async put(policy: number, write: (folder: string) => Promise<void>): Promise<void> {
    const version = `${PREFIX}${String(policy).padStart(6, '0')}-${this.#options.life}`;
    await write(this.#folderOf(version));
    const next = { version, name: await this.#load(version), uses: 0 };
    const before = this.#current;
    this.#current = next;
    if (before !== undefined) await this.#giveUp(before);
  }

  /** Draws with the current adapter, which is loaded again if the server has lost it. */
  async use<Result>(draw: (model: string) => Promise<Result>): Promise<Result> {
    const adapter = this.#current;
    if (adapter === undefined)
      throw new RangeError('Nothing was published yet: there is nothing to draw with');
    adapter.uses += 1;
    try {
      const { name } = adapter;
      try {
        return await draw(this.#dialect.modelOf(name));
      } catch (error) {
        if (!(error instanceof EnvError) || error.code !== 'not_found') throw error;
        // Whoever came first may have loaded it meanwhile.
        if (adapter.name === name) await (adapter.reloading ??= this.#reload(adapter));
        return await draw(this.#dialect.modelOf(adapter.name));
      }
    } finally {
      adapter.uses -= 1;
      if (adapter !== this.#current) await this.#giveUp(adapter);
    }
  }

  /** Unloads the last adapter; its folder stays. */
  async close(): Promise<void> {
    const last = this.#current;
    this.#current = undefined;
    if (last !== undefined) await this.#unload(last.name);
  }

  /** What a life that was killed has left, here and on the server. */
  async #clear(): Promise<void> {
    const names = await readdir(this.#options.folder).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    });
    for (const version of names.filter((name) => name.startsWith(PREFIX))) {
      await this.#unload(version);
      await rm(this.#folderOf(version), { recursive: true, force: true });
    }
  }

  async #reload(adapter: ShelvedAdapter): Promise<void> {
    this.#options.patience.say(`The server has lost the adapter "${adapter.name}": it is loaded again`);
    try {
      adapter.name = await this.#load(adapter.version);
    } finally {
      adapter.reloading = undefined;
    }
  }

  /** @returns the name that it took */
  async #load(version: string): Promise<string> {
    const { address, patience, folderOnServer, folder } = this.#options;
    const path = join(folderOnServer ?? resolve(folder), version);
    for (let copy = 1; ; copy += 1) {
      const name = copy === 1 ? version : `${version}-${copy}`;
      const what = `load the adapter "${name}"`;
      const body = { lora_name: name, lora_path: path };
      // Not cut off where the training is to stop: the server would have an adapter that nobody takes back.
      const call = { what, path: this.#dialect.load, body };
      try {
        await patiently(what, () => callServer(address, call), patience);
        return name;
      } catch (error) {
        if (!(error instanceof EnvError)) throw error;
        if (error.code === 'not_found')
          throw new EnvError('failed_precondition', `${error.message}. ${LOADING_NEEDS}`, { cause: error });
        // By a call of ours whose answer was lost.
        if (!/already (?:been )?(?:loaded|exist)/iu.test(error.message)) throw error;
        await this.#unload(name);
      }
    }
  }

  async #giveUp(adapter: ShelvedAdapter): Promise<void> {
    if (adapter.uses > 0) return;
    await this.#unload(adapter.name);
    await rm(this.#folderOf(adapter.version), { recursive: true, force: true });
  }

  /** An adapter that stays takes memory and harms nobody: it is said, and the training goes on. Done also where it is to stop. */
  async #unload(name: string): Promise<void> {
    const { address, patience } = this.#options;
    const what = `unload the adapter "${name}"`;
    try {
      const body = { lora_name: name };
      await callServer(address, { what, path: this.#dialect.unload, body });
    } catch (error) {
      if (!(error instanceof EnvError)) throw error;
      if (error.code !== 'not_found') patience.say(error.message);
    }
  }

  #folderOf(version: string): string {
    return join(this.#options.folder, version);
  }
}

/** SGLang has these calls beside its version, and wants the model's name in front of the adapter's. */
function dialectOf(
  models: readonly { readonly id: string; readonly owned_by?: string | null | undefined }[],
): Dialect {
  const base = models.find((model) => model.owned_by === 'sglang');
  if (base !== undefined) {
    return {
      load: '/load_lora_adapter',
      unload: '/unload_lora_adapter',
      modelOf: (adapter) => `${base.id}:${adapter}`,
    };
  }
  return { load: 'load_lora_adapter', unload: 'unload_lora_adapter', modelOf: (adapter) => adapter };
}
