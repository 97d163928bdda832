/** HTTP face of the rulebook; see docs/reference/http-api.md. */
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CorrelatorStats } from 'sigma-rules-ts';
import { Type, type Static } from 'typebox';
import { ADMINISTRATORS, READERS } from '@vong/platform/http';
import type { By } from '@vong/platform/identity';
import { RULE_SORTS, type RulePipelines } from '../contracts.ts';
import { rulesError } from './errors.ts';
import type { Rulebook } from './rulebook.ts';
import { rulesOfUpload, type RuleFile } from './upload.ts';
import type { Values } from './values.ts';
import { valuesApi } from './values-api.ts';
import type { RuleViews } from './views.ts';

const UPLOAD_BYTES = 64 * 1024 * 1024;
/** Characters of all rule files of one upload. */
const UPLOAD_TEXT = 256 * 1024 * 1024;

const ListQuery = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 255 })),
  kind: Type.Optional(Type.Union([Type.Literal('rule'), Type.Literal('correlation'), Type.Literal('filter')])),
  level: Type.Optional(Type.String({ maxLength: 128 })),
  product: Type.Optional(Type.String({ maxLength: 255 })),
  enabled: Type.Optional(Type.Boolean()),
  state: Type.Optional(Type.String({ maxLength: 128 })),
  sort: Type.Optional(Type.Union(RULE_SORTS.map((sort) => Type.Literal(sort)))),
  direction: Type.Optional(Type.Union([Type.Literal('ascending'), Type.Literal('descending')])),
  cursor: Type.Optional(Type.String({ maxLength: 1024 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
});
const Id = Type.Object({ id: Type.String({ maxLength: 128 }) });
const Enabled = Type.Object({ enabled: Type.Boolean() });
const Bulk = Type.Object({ ids: Type.Array(Type.String({ maxLength: 128 }), { minItems: 1, maxItems: 5000 }), enabled: Type.Boolean() });

export function rulesApi(deps: {
  rulebook: Rulebook;
  views: RuleViews;
  values: Values;
  pipelines: () => RulePipelines;
  correlations: () => readonly CorrelatorStats[] | Promise<readonly CorrelatorStats[]>;
}) {
  const { rulebook, views, pipelines } = deps;
  return async (app: FastifyInstance): Promise<void> => {
    // Names keep their folders: in a rule set the same file name occurs in many of them.
    await app.register(multipart, { preservePath: true, limits: { fileSize: UPLOAD_BYTES, files: 200, fields: 0 } });
    await app.register(valuesApi(deps));
    app.get<{ Querystring: Static<typeof ListQuery> }>(
      '/api/rules',
      { config: { access: READERS }, schema: { querystring: ListQuery } },
      async (request) => await views.list(request.scope, request.query),
    );
    app.get('/api/rules/failures', { config: { access: READERS } }, async () => ({ items: await views.failures() }));
    app.get('/api/rules/pipelines', { config: { access: READERS } }, () => pipelines());
    app.get<{ Params: Static<typeof Id> }>('/api/rules/:id', { config: { access: READERS }, schema: { params: Id } }, async (request) => {
      const found = await views.get(request.scope, request.params.id);
      // What the whole node holds is for those who run it: a unit must not read a neighbour's volume out of it.
      if (found.kind !== 'correlation' || request.scope.agencies !== 'all') return found;
      const held = await deps.correlations();
      const { correlation: _id, ...memory } = held.find(({ correlation }) => correlation === found.id) ?? {};
      return { ...found, ...('groups' in memory ? { memory } : {}) };
    });
    app.patch<{ Params: Static<typeof Id>; Body: Static<typeof Enabled> }>(
      '/api/rules/:id',
      { config: { access: ADMINISTRATORS }, schema: { params: Id, body: Enabled } },
      async (request) => {
        await views.get(request.scope, request.params.id);
        await rulebook.setEnabled([request.params.id], request.body.enabled, byOf(request));
        return await views.get(request.scope, request.params.id);
      },
    );
    app.post<{ Body: Static<typeof Bulk> }>(
      '/api/rules/bulk',
      { config: { access: ADMINISTRATORS }, schema: { body: Bulk } },
      async (request) => ({ changed: await rulebook.setEnabled(request.body.ids, request.body.enabled, byOf(request)) }),
    );
    app.post('/api/rules/import', { config: { access: ADMINISTRATORS }, bodyLimit: UPLOAD_BYTES }, async (request) => {
      const files: RuleFile[] = [];
      let length = 0;
      for await (const part of request.files()) {
        for (const file of await rulesOfUpload(part.filename, await part.toBuffer())) {
          length += file.text.length;
          files.push(file);
        }
        // Many small archives of large files are as large as one.
        if (length > UPLOAD_TEXT) throw rulesError('RULES_UPLOAD_TOO_LARGE', { limit: '256 MiB in all' });
      }
      if (files.length === 0) throw rulesError('RULES_UPLOAD_EMPTY');
      return await rulebook.import(files, byOf(request));
    });
  };
}

function byOf(request: FastifyRequest): By {
  return { scope: request.scope, from: request.ip };
}
