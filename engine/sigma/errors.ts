/** Every way a rule or a pipeline can be refused. `{name}` is filled from the details. */
export const SIGMA_ERRORS = {
  SIGMA_YAML: { status: 422, message: 'The YAML cannot be read: {reason}' },
  SIGMA_LIMIT: { status: 422, message: 'The file is larger or deeper than allowed: {reason}' },
  SIGMA_DOCUMENT: { status: 422, message: 'This document is not a detection rule: {reason}' },
  SIGMA_ATTRIBUTE: { status: 422, message: 'The attribute "{attribute}" is not right: {reason}' },
  SIGMA_DETECTION: { status: 422, message: 'The detection "{detection}" is not right: {reason}' },
  SIGMA_MODIFIER: { status: 422, message: 'The modifiers of "{item}" are not right: {reason}' },
  SIGMA_VALUE: { status: 422, message: 'A value of "{item}" is not right: {reason}' },
  SIGMA_REGEX: { status: 422, message: 'The regular expression of "{item}" cannot be used: {reason}' },
  SIGMA_REGEX_BUDGET: { status: 422, message: 'A pattern took more steps than an event may cost: {pattern}' },
  SIGMA_CONDITION: { status: 422, message: 'The condition cannot be read: {reason}' },
  SIGMA_PLACEHOLDER: { status: 422, message: 'No values are given for the placeholder %{placeholder}%' },
  SIGMA_CORRELATION: { status: 422, message: 'The correlation cannot be used: {reason}' },
  SIGMA_FILTER: { status: 422, message: 'The filter "{filter}" cannot be applied: {reason}' },
  SIGMA_PROCESSING: { status: 422, message: 'The processing pipeline cannot be read: {reason}' },
  SIGMA_TRANSFORMATION: { status: 422, message: 'The processing pipeline cannot transform the rule ({item}): {reason}' },
  SIGMA_PIPELINE: { status: 422, message: 'The pipeline cannot be read: {reason}' },
} as const;

export type SigmaCode = keyof typeof SIGMA_ERRORS;

/** Where in its file an error stands; lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** An expected refusal with a stable code, and the place in the text when it has one. */
export class SigmaError extends Error {
  override readonly name = 'SigmaError';
  readonly code: SigmaCode;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly place: Place | undefined;

  constructor(code: SigmaCode, details: Readonly<Record<string, unknown>> = {}, place?: Place) {
    super(fill(SIGMA_ERRORS[code].message, details));
    this.code = code;
    this.status = SIGMA_ERRORS[code].status;
    this.details = details;
    this.place = place;
  }
}

function fill(template: string, details: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => (Object.hasOwn(details, key) ? String(details[key]) : whole));
}
