/** Transformations of placeholders (`%name%` of `|expand`). What they leave is filled when the rules are compiled. */
import { SigmaError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { ANY, type Part } from '../model.ts';
import { parseString, tidy } from '../parse/string.ts';
import type { Draft } from './draft.ts';
import type { Transform } from './model.ts';
import { type Params, refuse } from './params.ts';
import { changeValues, failure } from './values.ts';
import { withParts } from './text.ts';

type ReadTransform = (params: Params) => Transform;

export const PLACEHOLDER_TRANSFORMATIONS: ReadonlyMap<string, ReadTransform> = new Map<string, ReadTransform>([
  ['wildcard_placeholders', (params) => replacing(params, () => [[ANY]])],
  ['value_placeholders', (params) => replacing(params, (name, draft) => valuesOf(name, draft))],
  ['query_expression_placeholders', readQueryExpression],
]);

/** Which placeholders the transformation is about. */
function readHandled(params: Params): (name: string) => boolean {
  const include = params.optionalTexts('include');
  const exclude = params.optionalTexts('exclude');
  if (include !== undefined && exclude !== undefined) refuse('"include" and "exclude" exclude each other', params.place);
  return (name) => (include === undefined || include.includes(name)) && exclude?.includes(name) !== true;
}

function replacing(params: Params, values: (name: string, draft: Draft) => readonly (readonly Part[])[]): Transform {
  const handled = readHandled(params);
  return (draft, processing) => {
    const replace = changeValues((test) => {
      if (test.kind !== 'string' || !test.parts.some((part) => typeof part === 'object' && handled(part.placeholder))) return undefined;
      let variants: Part[][] = [[]];
      for (const part of test.parts) {
        const choices = typeof part === 'object' && handled(part.placeholder) ? values(part.placeholder, draft) : [[part]];
        variants = variants.flatMap((start) => choices.map((choice) => [...start, ...choice]));
        if (variants.length > LIMITS.expansions) throw new SigmaError('SIGMA_LIMIT', { reason: 'its placeholders make too many values' });
      }
      return variants.map((parts) => withParts(test, tidy(parts)));
    });
    replace(draft, processing);
  };
}

function valuesOf(name: string, draft: Draft): Part[][] {
  const values = draft.vars.get(name);
  if (values === undefined || values.length === 0) throw new SigmaError('SIGMA_PLACEHOLDER', { placeholder: name });
  return values.map((value) => parseString(String(value)));
}

/** Its text is a piece of some backend's query language, which an engine cannot run. */
function readQueryExpression(params: Params): Transform {
  const handled = readHandled(params);
  params.optionalText('expression');
  params.node('mapping');
  return changeValues((test, item) => {
    const open = test.kind === 'string' ? test.parts.find((part) => typeof part === 'object' && handled(part.placeholder)) : undefined;
    if (typeof open !== 'object') return undefined;
    throw failure(
      item,
      `"query_expression_placeholders" would put a query in the place of %${open.placeholder}%; events are matched here without a query language: give its values with "value_placeholders"`,
    );
  });
}
