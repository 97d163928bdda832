/** Which versions of an alert a person has made themself: what one did oneself is not something one has not read. */
const MOST = 1000;

export class OwnVersions {
  readonly #after = new Map<string, number>();

  /** A change of ours to the alert as of version `seen` was answered with version `now`. Others changed nothing only when it is the next. */
  note(id: string, seen: number, now: number): void {
    if (now !== seen + 1) return;
    this.#after.set(`${id} ${seen}`, now);
    const [oldest] = this.#after.keys();
    if (this.#after.size > MOST && oldest !== undefined) this.#after.delete(oldest);
  }

  /** The version to send for an alert seen at version `seen`: the newest that only our own changes led to. */
  latest(id: string, seen: number): number {
    const next = this.#after.get(`${id} ${seen}`);
    return next === undefined ? seen : this.latest(id, next);
  }
}
