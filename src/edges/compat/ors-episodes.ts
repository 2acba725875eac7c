// The episodes of ORS clients by the ids that they send in a header: which row each is about, and how it ended. They live in
// memory only and are forgotten when nobody asks about them for a while: nothing here is worth keeping that a client cannot
// begin again.

import { EnvError } from '../../core/errors.ts';

/** As long as its own server keeps one that does not ping. */
const IDLE_MS = 900_000;
const EPISODES_MAX = 65_536;

/** What a client asked to be about; its dataset is in the paths of its calls. */
export type Task =
  | { readonly kind: 'row'; readonly rowId: string; readonly split: string }
  | { readonly kind: 'place'; readonly index: number; readonly split: string };

/** The reply that ended an episode, and what it can be asked for again by. */
export interface EpisodeEnd {
  /** Id of the call. */
  readonly taskId: string;
  /** Hash of the answer. */
  readonly answer: string;
  readonly reply: string;
}

export interface Episode {
  readonly task: Task;
  end: EpisodeEnd | undefined;
  seenAt: number;
}

export class OrsEpisodes {
  readonly #now: () => number;
  readonly #byId = new Map<string, Episode>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * The same beginning twice is one: clients ask again when a reply is lost.
   *
   * @throws EnvError `invalid_argument` for an id that has another one, `resource_exhausted` when there are too many
   */
  begin(id: string, task: Task): void {
    const open = this.#find(id);
    if (open !== undefined && open.end === undefined && isSameTask(open.task, task)) return;
    if (open !== undefined) {
      throw new EnvError('invalid_argument', 'Cannot create an episode: this X-Session-ID has one', {
        field: 'X-Session-ID',
      });
    }
    if (this.#byId.size >= EPISODES_MAX) this.#forgetIdle();
    if (this.#byId.size >= EPISODES_MAX) {
      throw new EnvError('resource_exhausted', `Cannot create an episode: ${EPISODES_MAX} are open`, {
        retryAfterMs: 1_000,
      });
    }
    this.#byId.set(id, { task, end: undefined, seenAt: this.#now() });
  }

  /** Counts as a sign of life. @throws EnvError `not_found` */
  get(id: string): Episode {
    const episode = this.#find(id);
    if (episode === undefined) {
      throw new EnvError('not_found', 'Cannot find an episode of this X-Session-ID: create it first', {
        field: 'X-Session-ID',
      });
    }
    episode.seenAt = this.#now();
    return episode;
  }

  end(id: string): void {
    this.#byId.delete(id);
  }

  #find(id: string): Episode | undefined {
    const episode = this.#byId.get(id);
    if (episode === undefined || !this.#isIdle(episode)) return episode;
    this.#byId.delete(id);
    return undefined;
  }

  #isIdle({ seenAt }: Episode): boolean {
    return this.#now() - seenAt > IDLE_MS;
  }

  #forgetIdle(): void {
    for (const [id, episode] of this.#byId) if (this.#isIdle(episode)) this.#byId.delete(id);
  }
}

/** Whether the episode ended with this answer: of two that were scored at once, the first one counts. */
export function finish(episode: Episode, end: EpisodeEnd): boolean {
  episode.end ??= end;
  return episode.end.answer === end.answer;
}

function isSameTask(one: Task, other: Task): boolean {
  if (one.split !== other.split) return false;
  return one.kind === 'row'
    ? other.kind === 'row' && one.rowId === other.rowId
    : other.kind === 'place' && one.index === other.index;
}
