// The newest policy version that a run has heard of. It only rises: news of old weights is no news.

export class PolicyVersion {
  #newest: number | undefined;
  readonly #onChange: () => void;

  constructor(newest: number | undefined, onChange: () => void) {
    this.#newest = newest;
    this.#onChange = onChange;
  }

  get newest(): number | undefined {
    return this.#newest;
  }

  hear(version: number | undefined): void {
    if (version === undefined || version <= (this.#newest ?? -1)) return;
    this.#newest = version;
    this.#onChange();
  }
}
