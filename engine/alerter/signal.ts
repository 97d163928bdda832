/** Reading a record of the topic `signals`. A record that is no signal is reported and passed over: it must not stop the others. */
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { SEVERITIES, type Signal } from '../contracts.ts';

const Text = Type.String({ maxLength: 4096 });
const Id = Type.String({ minLength: 1, maxLength: 256 });
const Time = Type.Number({ minimum: -8.64e15, maximum: 8.64e15 });

const SignalShape = Type.Object({
  id: Id,
  rule: Type.Object({
    id: Id,
    title: Text,
    level: Type.Union(SEVERITIES.map((level) => Type.Literal(level))),
    version: Text,
    tags: Type.Array(Text, { maxItems: 500 }),
  }),
  group: Id,
  agency: Id,
  host: Text,
  user: Text,
  event: Type.Object({ id: Id, happened: Time, collected: Time, received: Time }),
  detected: Time,
  correlated: Type.Optional(Type.Object({ fields: Type.Record(Type.String(), Type.Unknown()), silent: Type.Boolean() })),
});
const shape = Compile(SignalShape);
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The signal, or what is wrong with the bytes. */
export function readSignal(value: Uint8Array): Signal | { readonly reason: string } {
  try {
    const parsed: unknown = JSON.parse(decoder.decode(value));
    if (!shape.Check(parsed)) return { reason: shape.Errors(parsed)[0]?.message ?? 'not a signal' };
    return parsed satisfies Static<typeof SignalShape>;
  } catch (error) {
    return { reason: error instanceof Error ? error.message : 'unreadable' };
  }
}
