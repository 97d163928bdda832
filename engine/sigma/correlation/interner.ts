/** Texts as small numbers, each kept once and only while somebody holds it. */
export class Interner {
  private readonly numbers = new Map<string, number>();
  private readonly texts: string[] = [''];
  private readonly holders: number[] = [0];
  private readonly free: number[] = [];

  /** The text's number (from 1), held once more. */
  hold(text: string): number {
    const known = this.numbers.get(text);
    const number = known ?? this.free.pop() ?? this.texts.length;
    if (known === undefined) {
      this.numbers.set(text, number);
      this.texts[number] = text;
      this.holders[number] = 0;
    }
    this.holders[number] = (this.holders[number] ?? 0) + 1;
    return number;
  }

  release(number: number): void {
    const left = (this.holders[number] ?? 0) - 1;
    this.holders[number] = left;
    if (left > 0) return;
    this.numbers.delete(this.text(number));
    this.texts[number] = '';
    this.free.push(number);
  }

  text(number: number): string {
    return this.texts[number] ?? '';
  }

  get size(): number {
    return this.numbers.size;
  }
}
