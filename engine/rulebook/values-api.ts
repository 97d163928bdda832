/** HTTP face of the placeholders' values. */
import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { ADMINISTRATORS, READERS } from '@vong/platform/http';
import { ValuesChange } from '../contracts.ts';
import type { Values } from './values.ts';

const Agency = Type.Object({ agency: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) });
const Name = Type.Object({ name: Type.String({ pattern: String.raw`^\w{1,64}$` }) });
type Of = { Querystring: Static<typeof Agency> };

export function valuesApi({ values }: { values: Values }) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<Of>('/api/placeholders', { config: { access: READERS }, schema: { querystring: Agency } }, async ({ scope, query }) => {
      const agency = query.agency ?? scope.agency;
      return { agency, items: await values.list(scope, agency) };
    });
    app.put<{ Params: Static<typeof Name>; Body: ValuesChange }>(
      '/api/placeholders/:name',
      { config: { access: ADMINISTRATORS }, schema: { params: Name, body: ValuesChange } },
      async ({ scope, params, body, ip }, reply) => {
        await values.change({ scope, from: ip }, { agency: body.agency, name: params.name }, body);
        return await reply.code(204).send();
      },
    );
    app.delete<{ Querystring: Required<Static<typeof Agency>>; Params: Static<typeof Name> }>(
      '/api/placeholders/:name',
      { config: { access: ADMINISTRATORS }, schema: { params: Name, querystring: Type.Required(Agency) } },
      async ({ scope, query, params, ip }, reply) => {
        await values.change({ scope, from: ip }, { agency: query.agency, name: params.name }, undefined);
        return await reply.code(204).send();
      },
    );
  };
}
