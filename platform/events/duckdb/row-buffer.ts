/** Rows of one transaction, as bytes: texts lie in one blob, cells are places in it. Nothing becomes a JavaScript string on the way. */
import { TABLE_COLUMNS, type Row } from './rows.ts';

const WIDTH = TABLE_COLUMNS.length;
const NULL = -1;

/** What the store itself has to know of a row. */
export type RowFacts = Pick<Row, 'id' | 'at' | 'size' | 'agency' | 'received'>;

export class RowBuffer {
  readonly facts: RowFacts[] = [];
  blob: Buffer = Buffer.allocUnsafe(256 * 1024);
  /** End of the texts so far; a text under way is written from here on. */
  end = 0;
  private starts = new Int32Array(WIDTH * 256);
  private lengths = new Int32Array(WIDTH * 256).fill(NULL);
  private numbers = new Float64Array(WIDTH * 256);
  private base = 0;
  private committed = 0;

  /** Begins the next row, with all its cells null; room for `bytes` of text is then certain. Forgets a row begun and not finished. */
  begin(bytes: number): void {
    this.end = this.committed;
    this.base = this.facts.length * WIDTH;
    if (this.base + WIDTH > this.starts.length) this.moreRows();
    this.lengths.fill(NULL, this.base, this.base + WIDTH);
    this.reserve(bytes);
  }

  /** Makes room for so many more bytes of text. */
  reserve(bytes: number): void {
    if (this.end + bytes <= this.blob.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.blob.length * 2, this.end + bytes));
    this.blob.copy(larger, 0, 0, this.end);
    this.blob = larger;
  }

  /** Forgets the rows and keeps the room they took. */
  clear(): void {
    this.facts.length = 0;
    this.end = this.committed = 0;
  }

  finish(facts: RowFacts): void {
    this.facts.push(facts);
    this.committed = this.end;
  }

  /** The text that ends at `end` and began at `from` is the cell's. */
  text(column: number, from: number): void {
    this.starts[this.base + column] = from;
    this.lengths[this.base + column] = this.end - from;
  }

  number(column: number, value: number): void {
    this.numbers[this.base + column] = value;
    this.lengths[this.base + column] = 8;
  }

  /** Appends a string's UTF-8 as a cell. */
  string(column: number, value: string): void {
    this.reserve(value.length * 3);
    const from = this.end;
    this.end += this.blob.write(value, from);
    this.text(column, from);
  }

  /** The row in the form that `rowOf` gives. */
  add(row: Row): void {
    this.begin(0);
    for (const [column, cell] of row.cells.entries()) {
      if (typeof cell === 'string') this.string(column, cell);
      else if (cell !== null) this.number(column, Number(cell));
    }
    const { id, at, size, agency, received } = row;
    this.finish({ id, at, size, agency, received });
  }

  isNull(row: number, column: number): boolean {
    return (this.lengths[row * WIDTH + column] ?? NULL) < 0;
  }

  numberAt(row: number, column: number): number {
    return this.numbers[row * WIDTH + column] ?? 0;
  }

  startOf(row: number, column: number): number {
    return this.starts[row * WIDTH + column] ?? 0;
  }

  lengthOf(row: number, column: number): number {
    return this.lengths[row * WIDTH + column] ?? NULL;
  }

  /** For tests: what the cell holds. */
  valueAt(row: number, column: number): string | bigint | null {
    if (this.isNull(row, column)) return null;
    if (TABLE_COLUMNS[column]?.type === 'BIGINT') return BigInt(this.numberAt(row, column));
    const from = this.startOf(row, column);
    return this.blob.toString('utf8', from, from + this.lengthOf(row, column));
  }

  private moreRows(): void {
    const grown = this.starts.length * 2;
    const [starts, lengths, numbers] = [new Int32Array(grown), new Int32Array(grown), new Float64Array(grown)];
    starts.set(this.starts);
    lengths.set(this.lengths);
    numbers.set(this.numbers);
    [this.starts, this.lengths, this.numbers] = [starts, lengths, numbers];
  }
}
