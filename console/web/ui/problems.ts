/** What went wrong, in the person's language. Pure. */
import type { Language } from './format.ts';
import { PROBLEMS_VI } from './problems.vi.ts';

export interface Problem {
  readonly message: string;
  readonly code: string | undefined;
  /** Number to quote when the fault is the server's. */
  readonly incident: string | undefined;
}

const NETWORK_EN = 'The server cannot be reached. Check the network and try again.';

function textOf(error: object, name: string): string | undefined {
  const value: unknown = Object.entries(error).find(([key]) => key === name)?.[1];
  return typeof value === 'string' ? value : undefined;
}

function fill(template: string, details: object): string {
  const values = new Map<string, unknown>(Object.entries(details));
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => (values.has(key) ? String(values.get(key)) : whole));
}

/** Reads an error of the API (or any other) for showing. An unknown code keeps the server's own sentence. */
export function problemOf(error: unknown, language: Language): Problem {
  if (!(error instanceof Error)) return { message: String(error), code: undefined, incident: undefined };
  const code = textOf(error, 'code');
  const incident = textOf(error, 'incident');
  const details = 'details' in error && typeof error.details === 'object' && error.details !== null ? error.details : {};
  const template = language === 'vi' && code !== undefined && Object.hasOwn(PROBLEMS_VI, code) ? PROBLEMS_VI[code] : undefined;
  const plain = code === 'NETWORK' ? NETWORK_EN : error.message;
  return { message: template === undefined ? plain : fill(template, { incident, ...details }), code, incident };
}
