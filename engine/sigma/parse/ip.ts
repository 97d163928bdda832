/** IPv4 and IPv6 addresses as 16-bit words: two for IPv4, eight for IPv6. */

/** Undefined for anything that is not one address. A zone (`%eth0`) is ignored. */
export function parseAddress(text: string): number[] | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): number[] | undefined {
  if (text.length > 15 || text.length < 7) return undefined;
  const words = [0, 0];
  let dots = 0;
  let value = -1;
  for (let index = 0; index <= text.length; index++) {
    const code = index === text.length ? 46 : text.charCodeAt(index);
    if (code === 46) {
      if (value < 0 || value > 255 || dots > 3) return undefined;
      words[dots >> 1] = ((words[dots >> 1] ?? 0) << 8) | value;
      dots++;
      value = -1;
    } else if (code >= 48 && code <= 57) value = (value < 0 ? 0 : value * 10) + code - 48;
    else return undefined;
  }
  return dots === 4 ? words : undefined;
}

function parseV6(whole: string): number[] | undefined {
  const text = whole.split('%', 1)[0] ?? '';
  if (text.length < 2 || text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] ?? '');
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  if (head.length + tail.length > 7) return undefined;
  return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const words: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = index === parts.length - 1 ? parseV4(part) : undefined;
      if (v4 === undefined) return undefined;
      words.push(...v4);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) words.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return words;
}

/** `10.0.0.0/8`, `fe80::/10`; an address alone is a network of one. */
export function parseNetwork(text: string): { network: number[]; bits: number } | undefined {
  const [address = '', length, ...rest] = text.trim().split('/');
  const network = parseAddress(address);
  if (network === undefined || rest.length > 0) return undefined;
  const most = network.length * 16;
  if (length === undefined) return { network, bits: most };
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) return undefined;
  return { network, bits: Number(length) };
}

export function inNetwork(address: readonly number[], network: readonly number[], bits: number): boolean {
  if (address.length !== network.length) return false;
  for (let word = 0, left = bits; left > 0; word++, left -= 16) {
    const shift = left >= 16 ? 0 : 16 - left;
    if ((address[word] ?? 0) >> shift !== (network[word] ?? 0) >> shift) return false;
  }
  return true;
}
