/** Internal signal: the bytes at `offset` (within the chunk) are not what the format allows. Never leaves this folder. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
  readonly offset: number;

  constructor(reason: string, offset: number) {
    super(reason);
    this.offset = offset;
  }
}
