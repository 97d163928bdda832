/** What the subcommands print: values from files and events are never trusted to be harmless to a terminal. */

/** Whether a person reads it who wants colour. */
export function wantsColour(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
}

export type Paint = (text: string, style: 'good' | 'bad' | 'mark' | 'dim') => string;

const STYLES = {
  good: ['\u001B[32m', '\u001B[39m'],
  bad: ['\u001B[31m', '\u001B[39m'],
  mark: ['\u001B[1;7m', '\u001B[22;27m'],
  dim: ['\u001B[2m', '\u001B[22m'],
} as const;

/** Colour where it is wanted; elsewhere only what matched is marked, with `»` and `«`. */
export function painter(colour: boolean): Paint {
  if (colour) return (text, style) => `${STYLES[style][0]}${text}${STYLES[style][1]}`;
  return (text, style) => (style === 'mark' ? `»${text}«` : text);
}

/** Control characters, and those that turn the direction of text, as escapes. */
export function printable(text: string): string {
  return text.replace(
    // oxlint-disable-next-line no-control-regex -- these are what must not reach a terminal
    /[\u0000-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g,
    (character) => {
      const code = character.charCodeAt(0);
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
    },
  );
}
