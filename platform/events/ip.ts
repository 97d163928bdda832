/** IP addresses as texts that sort like the addresses: `4` + 8 hex digits, `6` + 32 hex digits. IPv4-mapped IPv6 counts as IPv4. */
import ipaddr from 'ipaddr.js';

export function ipKey(text: string): string | undefined {
  if (text.length > 64) return undefined;
  if (!text.includes(':')) return v4Key(text);
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? hex('4', address.toIPv4Address().toByteArray()) : hex('6', address.toByteArray());
}

/** Lowest and highest key of `address/prefix`; undefined when it is not one. */
export function cidrKeys(text: string): readonly [string, string] | undefined {
  const match = /^([0-9a-fA-F:.]{2,45})\/(\d{1,3})$/.exec(text);
  const key = match?.[1] === undefined ? undefined : ipKey(match[1]);
  if (key === undefined) return undefined;
  const bits = (key.length - 1) * 4;
  const mapped = bits === 32 && match?.[1]?.includes(':') === true ? 96 : 0;
  const prefix = Number(match?.[2]) - mapped;
  if (prefix < 0 || prefix > bits) return undefined;
  const value = BigInt(`0x${key.slice(1)}`);
  const span = (1n << BigInt(bits - prefix)) - 1n;
  const low = value & ~span;
  const text16 = (number: bigint): string => key.charAt(0) + number.toString(16).padStart(bits / 4, '0');
  return [text16(low), text16(low | span)];
}

function v4Key(text: string): string | undefined {
  if (!/^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : hex('4', bytes);
}

function hex(family: string, bytes: readonly number[]): string {
  return family + bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
