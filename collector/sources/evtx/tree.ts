/** A template or a record's own markup, parsed once and rendered many times. Offsets are within the chunk. */

/** What stands in an element's content or in an attribute's value. */
export type TreeNode =
  | { readonly kind: 'element'; readonly element: TreeElement }
  | { readonly kind: 'text'; readonly encoded: Uint8Array }
  | { readonly kind: 'value'; readonly type: number; readonly start: number; readonly size: number }
  | { readonly kind: 'substitution'; readonly id: number; readonly optional: boolean }
  /** What an entity or character reference stands for. */
  | { readonly kind: 'reference'; readonly encoded: Uint8Array }
  | { readonly kind: 'instruction' }
  | { readonly kind: 'instance'; readonly instance: Instance };

export interface TreeAttribute {
  readonly name: string;
  /** `"name":` */
  readonly key: Uint8Array;
  readonly value: TreeNode[];
}

export interface TreeElement {
  readonly name: string;
  /** The name as the inside of a JSON string. */
  readonly encodedName: Uint8Array;
  readonly attributes: TreeAttribute[];
  /** The whole `"#attributes":{…}` when no record's values change it; empty when there are none with text. */
  fixedAttributes: Uint8Array | undefined;
  /** `"name":` from a `Name` attribute that no record's values change. */
  fixedDataKey: Uint8Array | undefined;
  readonly children: TreeNode[];
  /** Two children of the same name, or content that only a record's values decide. */
  mayRepeat: boolean;
  /** Holds an element whatever the values are. */
  holdsElement: boolean;
  /** Ids of the substitutions directly in content and attributes. */
  readonly substitutions: number[];
}

/** The values of one template instance: parallel arrays, one entry per substitution id. */
export interface Frame {
  readonly types: number[];
  readonly starts: number[];
  readonly sizes: number[];
  hasArray: boolean;
}

/** Markup with the values that fill it. */
export interface Instance {
  readonly root: TreeElement;
  readonly frame: Frame;
}

export const EMPTY_FRAME: Frame = { types: [], starts: [], sizes: [], hasArray: false };

/** `text` as the inside of a JSON string, in UTF-8. */
export function encodeInside(text: string): Uint8Array {
  return Buffer.from(JSON.stringify(text.toWellFormed()).slice(1, -1), 'utf8');
}
