/** Finding a literal in a text in linear time: the native search compares a long literal over and over on a text that nearly holds it. */

/** Up to this length the native search is quick at its worst, too. */
const SHORT = 48;

/** First place at or after `from` where the literal stands; -1 where there is none. */
export type Finder = (text: string, from: number) => number;

export function makeFinder(literal: string): Finder {
  if (literal.length <= SHORT) return (text, from) => text.indexOf(literal, from);
  const borders = bordersOf(literal);
  return (text, from) => {
    let held = 0;
    for (let at = from; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      while (held > 0 && literal.charCodeAt(held) !== unit) held = borders[held - 1] ?? 0;
      if (literal.charCodeAt(held) === unit && ++held === literal.length) return at - held + 1;
    }
    return -1;
  };
}

/** For each start of the literal, the length of its longest own start that it also ends with (Knuth, Morris and Pratt). */
function bordersOf(literal: string): Int32Array {
  const borders = new Int32Array(literal.length);
  let held = 0;
  for (let at = 1; at < literal.length; at++) {
    const unit = literal.charCodeAt(at);
    while (held > 0 && literal.charCodeAt(held) !== unit) held = borders[held - 1] ?? 0;
    if (literal.charCodeAt(held) === unit) held++;
    borders[at] = held;
  }
  return borders;
}
