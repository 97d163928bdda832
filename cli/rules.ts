/** `./vong rules`: the rulebook of a running server. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { RuleImportResult, RuleSummary } from '@vong/engine/contracts';
import { connect, withServerFlags, type Client, type ServerFlags } from './client.ts';
import { CommandFailure, EXIT, EXIT_HELP } from './exit.ts';
import { startProgress } from './progress.ts';

interface RulesFlags extends ServerFlags {
  readonly json?: boolean;
}

/** Files in one upload. */
const BATCH = 200;

export function rulesCommand(program: Command): void {
  const rules = program.command('rules').description('list, import, switch rules on and off on a running server');
  withServerFlags(rules.command('list').description('every rule: id, level, on or off, title'))
    .option('--json', 'one JSON object per line')
    .addHelpText('after', EXIT_HELP)
    .action(async (flags: RulesFlags) => await list(flags));
  withServerFlags(rules.command('import').description('import Sigma rules from a directory, a zip or a file'))
    .argument('<path>')
    .option('--json', 'the result as JSON')
    .addHelpText('after', EXIT_HELP)
    .action(async (path: string, flags: RulesFlags) => await importRules(path, flags));
  for (const enabled of [true, false]) {
    withServerFlags(rules.command(enabled ? 'enable' : 'disable').description(`switch rules ${enabled ? 'on' : 'off'}`))
      .argument('<id...>')
      .addHelpText('after', EXIT_HELP)
      .action(async (ids: string[], flags: RulesFlags) => {
        const client = await connect(flags);
        const { changed } = (await client.request('/api/rules/bulk', { method: 'POST', body: { ids, enabled } })) as { changed: number };
        process.stdout.write(`${changed} changed\n`);
        // Fewer than asked: they stood so already, or there is no such rule, which the server says.
        if (changed < ids.length) for (const id of ids) await client.request(`/api/rules/${encodeURIComponent(id)}`);
      });
  }
}

async function list(flags: RulesFlags): Promise<void> {
  const client = await connect(flags);
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '500', ...(cursor === undefined ? {} : { cursor }) });
    const page = (await client.request(`/api/rules?${query.toString()}`)) as { items: RuleSummary[]; next?: string };
    for (const rule of page.items) {
      const line = `${rule.id}  ${rule.level.padEnd(13)}  ${rule.enabled ? 'on ' : 'off'}  ${rule.title}`;
      process.stdout.write(`${flags.json ? JSON.stringify(rule) : line}\n`);
    }
    cursor = page.next;
  } while (cursor !== undefined);
}

async function importRules(path: string, flags: RulesFlags): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CommandFailure(EXIT.usage, `${path} does not exist.`);
  const client = await connect(flags);
  const result = found.isDirectory()
    ? await importDirectory(client, path)
    : await upload(client, [{ name: basename(path), bytes: await readFile(path) }]);
  if (flags.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    process.stdout.write(
      `${result.imported} imported, ${result.updated} updated, ${result.unchanged} unchanged, ${result.failed.length} failed\n`,
    );
    for (const f of result.failed) process.stderr.write(`${f.file}:${f.line ?? 1}: ${f.code} ${f.reason}\n`);
  }
  if (result.failed.length > 0)
    throw new CommandFailure(EXIT.failed, `${result.failed.length} rules could not be read; the others are in.`);
}

async function importDirectory(client: Client, path: string): Promise<RuleImportResult> {
  const { rulesOfDirectory } = await import('@vong/engine/rulebook');
  const files = await rulesOfDirectory(path);
  if (files.length === 0) throw new CommandFailure(EXIT.usage, `${path} holds no .yml or .yaml file.`);
  const progress = startProgress('rules', files.length);
  const total: RuleImportResult = { imported: 0, updated: 0, unchanged: 0, failed: [] };
  for (let i = 0; i < files.length; i += BATCH) {
    const part = files.slice(i, i + BATCH).map(({ name, text }) => ({ name, bytes: Buffer.from(text) }));
    const result = await upload(client, part);
    total.imported += result.imported;
    total.updated += result.updated;
    total.unchanged += result.unchanged;
    total.failed.push(...result.failed);
    progress.update(i + part.length);
  }
  progress.stop();
  return total;
}

async function upload(client: Client, files: readonly { name: string; bytes: Uint8Array }[]): Promise<RuleImportResult> {
  const form = new FormData();
  for (const { name, bytes } of files) form.append('rules', new Blob([new Uint8Array(bytes)]), name);
  return (await client.request('/api/rules/import', { method: 'POST', form })) as RuleImportResult;
}
