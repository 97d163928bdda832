import { Fragment, type ReactNode } from 'react';

/** A dotted name that may go to the next line at its dots, not in the middle of a word. */
export function Breakable({ text }: { text: string }): ReactNode {
  return text.split(/(?<=[.|])/).map((part, at) => (
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
