/** Reading a record of the topic `signals`. A record that is no signal is reported and passed over: it must not stop the others. */
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { SEVERITIES, type Signal } from '../contracts.ts';

const Text = Type.String({ maxLength: 4096 });
const Id = Type.String({ minLength: 1, maxLength: 256 });
const Time = Type.Number({ minimum: -8.64e15, maximum: 8.64e15 });

/** Characters of a host or user that an alert keeps: both are looked up by index, and PostgreSQL takes at most 2,704 bytes into an entry. */
const NAME_CHARACTERS = 512;

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
    const signal: Signal = parsed satisfies Static<typeof SignalShape>;
    return { ...signal, host: kept(signal.host), user: kept(signal.user) };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : 'unreadable' };
  }
}

/** As every database holds it: no NUL, nothing that is not Unicode, not too long for an index. The group still tells apart what is cut. */
function kept(name: string): string {
  return name.slice(0, NAME_CHARACTERS).replaceAll('\0', '\ufffd').toWellFormed();
}
