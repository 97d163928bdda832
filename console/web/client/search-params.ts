/** Validators for search parameters: each takes what the URL held and answers a valid value or undefined. The URL is untrusted. */

/** Text of at most `max` characters. */
export function text(raw: unknown, max = 255): string | undefined {
  const value = typeof raw === 'number' || typeof raw === 'boolean' ? String(raw) : raw;
  return typeof value === 'string' && value !== '' && value.length <= max ? value : undefined;
}

/** One of the allowed words. */
export function oneOf<const Word extends string>(raw: unknown, allowed: readonly Word[]): Word | undefined {
  return allowed.find((word) => word === raw);
}

/** `a,b` → the allowed words among them, in the allowed order; undefined when none. */
export function someOf<const Word extends string>(raw: unknown, allowed: readonly Word[]): Word[] | undefined {
  if (typeof raw !== 'string' && !Array.isArray(raw)) return undefined;
  const asked = new Set<unknown>(typeof raw === 'string' ? raw.split(',') : raw);
  const found = allowed.filter((word) => asked.has(word));
  return found.length > 0 ? found : undefined;
}

/** A whole number within the bounds. */
export function whole(raw: unknown, min: number, max: number): number | undefined {
  const value = typeof raw === 'string' && /^-?\d{1,16}$/.test(raw) ? Number(raw) : raw;
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

/** Leaves out what is undefined, so that validated objects satisfy exact optional properties. */
export function defined<Value extends object>(value: Value): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- entries lose the keys' types
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as {
    [Key in keyof Value]?: Exclude<Value[Key], undefined>;
  };
}
