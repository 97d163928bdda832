/**
 * The form in which text is compared: lower case, without accents, `đ` as `d`. So `dang nhap` finds `Đăng nhập`.
 * The SQL macro `fold` (duckdb/schema.ts) computes the same; the differential test holds the two together.
 */
// oxlint-disable-next-line no-control-regex -- NUL is treated apart
const ASCII = /^[\u0001-\u007f]*$/;

export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  // Code point by code point: a whole-string toLowerCase makes a final sigma depend on its neighbours.
  let lower = '';
  for (const point of text.toWellFormed().replaceAll('\0', '\ufffd')) lower += point.toLowerCase();
  return lower
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .normalize('NFC')
    .replaceAll('đ', 'd');
}

/** True when folding is no more than `toLowerCase` on ASCII. */
export function isPlain(text: string): boolean {
  return ASCII.test(text);
}
