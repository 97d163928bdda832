/** Case folding that never changes a text's length, so that a place in the folded text is a place in the text. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length !== text.length) return unitByUnit(text);
  // The final sigma is the only letter whose lower case depends on its neighbours.
  return lower.includes('\u03C2') ? lower.replaceAll('\u03C2', '\u03C3') : lower;
}

function unitByUnit(text: string): string {
  let result = '';
  for (const character of text) {
    const lower = character.toLowerCase();
    result += lower.length === character.length ? lower : character;
  }
  return result.replaceAll('\u03C2', '\u03C3');
}

/** `windash`: the five dash characters become one. */
export function foldDashes(text: string): string {
  return text.replace(/[/\u2013\u2014\u2015]/g, '-');
}
