/** One field of the event at hand: read once, folded once, and only when a test asks. */
import { fold, foldDashes } from '../match/fold.ts';
import { leaves, readPath, type Path, type ScalarValue, scalars } from '../pipelines/paths.ts';
import { makeReader, own, type Reader } from './reader.ts';

/** A value as text, with its prepared forms. */
export class FieldText {
  text = '';
  private foldedText: string | undefined;
  private dashedText: string | undefined;

  set(text: string): this {
    this.text = text;
    this.foldedText = undefined;
    this.dashedText = undefined;
    return this;
  }

  get folded(): string {
    return (this.foldedText ??= fold(this.text));
  }

  /** Folded, the five dashes being one. */
  get dashed(): string {
    return (this.dashedText ??= foldDashes(this.folded));
  }
}

export class Field {
  present = false;
  /** Holds null, alone or in a list, or nothing at all. */
  empty = true;
  values: readonly ScalarValue[] = [];
  /** Texts of all values that are not null. */
  readonly texts: FieldText[] = [];
  private readonly spare = new FieldText();
  private readonly read: Reader;
  private at = -1;

  constructor(paths: readonly Path[]) {
    this.read = makeReader(paths);
  }

  /** Reads the field for the event with this serial number, unless that was done. */
  load(event: object, serial: number): this {
    if (this.at === serial) return this;
    this.at = serial;
    const value = this.read(event);
    this.texts.length = 0;
    this.present = value !== undefined;
    if (typeof value === 'string') {
      this.empty = false;
      this.values = NOT_LISTED;
      this.texts.push(this.spare.set(value));
    } else if (typeof value === 'number' || typeof value === 'boolean') {
      this.empty = false;
      this.values = [value];
      this.texts.push(this.spare.set(String(value)));
    } else {
      this.values = scalars(value);
      this.empty = this.values.length === 0 || this.values.includes(null);
      for (const one of this.values) if (one !== null) this.texts.push(new FieldText().set(String(one)));
    }
    return this;
  }

  /** The values as they are, for tests on more than their texts. */
  list(): readonly ScalarValue[] {
    return this.values === NOT_LISTED ? this.texts.map((one) => one.text) : this.values;
  }
}

/** Stands for the one text of the field. */
const NOT_LISTED: readonly ScalarValue[] = [];

/** All values of the event, for keywords. */
export class Everything {
  private readonly paths: readonly Path[];
  private readonly spare = new FieldText();
  private list: FieldText[] = [];
  private at = -1;

  constructor(paths: readonly Path[]) {
    this.paths = paths;
  }

  /** The texts as a list, for tests that no scan answers. */
  load(event: object, serial: number): readonly FieldText[] {
    if (this.at === serial) return this.list;
    this.at = serial;
    this.list = this.paths.flatMap((path) => leaves(readPath(event, path))).map((text) => new FieldText().set(text));
    return this.list;
  }

  /** Calls `each` with every text, which is only good until the call returns. */
  visit<Context>(event: object, each: (text: FieldText, context: Context) => void, context: Context): void {
    const descend = (value: unknown, depth: number): void => {
      if (typeof value === 'string') each(this.spare.set(value), context);
      else if (typeof value === 'number' || typeof value === 'boolean') each(this.spare.set(String(value)), context);
      else if (typeof value === 'object' && value !== null && depth < 64) {
        if (Array.isArray(value)) for (const inner of value) descend(inner, depth + 1);
        else for (const key in value) descend(own(value, key), depth + 1);
      }
    };
    for (const path of this.paths) descend(path.length === 0 ? event : readPath(event, path), 0);
  }
}
