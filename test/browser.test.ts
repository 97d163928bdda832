/** The whole way in a real browser against the real server: set up, an alert arrives, triage, find its event. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, openBrowser, type TestBrowser } from '../console/test/browser.ts';
import { startServer, type TestServer } from '../deploy/testbed/vong.ts';
import { allAlerts, drained, enrol, sendBatch, temporaryDirectory } from './harness/product.ts';

const HOST = 'MAY-KE-TOAN-07';
const rows = (page: Page) => page.locator('[role=row][aria-rowindex]:has([role=gridcell])');

/** Our rule on shadow copies fires on it. */
function ransomware(): string {
  return JSON.stringify({
    '@timestamp': new Date().toISOString(),
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    EventID: 1,
    SourceName: 'Microsoft-Windows-Sysmon',
    Hostname: HOST,
    Image: String.raw`C:\Windows\System32\vssadmin.exe`,
    CommandLine: 'vssadmin.exe delete shadows /all /quiet',
    User: String.raw`BO\ketoan`,
  });
}

describe.skipIf(!hasBrowser)('an analyst at a fresh server', () => {
  let data: Awaited<ReturnType<typeof temporaryDirectory>>;
  let server: TestServer;
  let browser: TestBrowser;
  let page: Page;

  beforeAll(async () => {
    execFileSync(process.execPath, [fileURLToPath(new URL('../console/build.ts', import.meta.url))]);
    data = await temporaryDirectory('browser');
    server = await startServer({ data: data.path });
    browser = await openBrowser();
    page = await browser.page();
    page.setDefaultTimeout(20_000);
  }, 120_000);

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await server?.stop();
    await data?.remove();
  });

  it('sets the password by the one-time link and is signed in', async () => {
    const link = /http:\S+\/setup\/[\w-]+/.exec(server.output())?.[0] ?? '';
    await page.goto(link);
    await page.getByLabel('Họ và tên').fill('Trần Văn Trực');
    await page.getByLabel('Tên đăng nhập').fill('truc.tran');
    const passwords = page.locator('input[type=password]');
    await passwords.nth(0).fill('một câu đủ dài để nhớ');
    await passwords.nth(1).fill('một câu đủ dài để nhớ');
    await page.keyboard.press('Enter');
    await page.getByText('trực tiếp', { exact: true }).waitFor();
  }, 60_000);

  it('sees an alert arrive without reloading', async () => {
    await page.goto(`${server.url}/alerts`);
    await page.getByText('trực tiếp', { exact: true }).waitFor();
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    const token = await enrol(server, 'ke-toan');
    const record = { id: '1', source: 'file', format: 'windows' as const, collected: new Date().toISOString(), raw: ransomware() };
    await sendBatch(server, { token, sequence: 0, records: [record] });
    await rows(page).filter({ hasText: HOST }).first().waitFor();
    expect(await rows(page).first().innerText()).toContain('Shadow Copies Deleted');
    expect(await page.evaluate(() => 'sameDocument' in globalThis)).toBe(true);
  }, 60_000);

  it('sees why it matched: the words of the command line marked', async () => {
    await page.keyboard.press('Escape');
    await rows(page).first().getByText('Shadow Copies Deleted').click();
    await page.getByRole('tab', { name: 'Vì sao khớp' }).waitFor();
    await expect.poll(async () => (await page.locator('mark').allInnerTexts()).join(' ')).toContain('delete');
  }, 60_000);

  it('assigns it, closes it with a verdict and a reason, and both stand in the history', async () => {
    await page.keyboard.press('e');
    await expect.poll(async () => (await allAlerts(server))[0]?.assignee?.name).toBe('Trần Văn Trực');
    await page.keyboard.press('c');
    await page.getByLabel('Lý do').fill('Ransomware drill of the accounting department');
    await page.keyboard.press('Control+Enter');
    await expect.poll(async () => (await allAlerts(server, { status: 'closed' })).length).toBe(1);
    const [alert] = await allAlerts(server, { status: 'closed' });
    const { history } = await server.call<{ history: { actor: { name: string }; kind: string }[] }>(`/api/alerts/${alert?.id}`);
    expect(history.filter(({ kind }) => kind === 'changed').length).toBeGreaterThanOrEqual(2);
    expect(history.at(-1)?.actor.name).toBe('truc.tran');
  }, 60_000);

  it('finds its event by search', async () => {
    await drained(server);
    await page.goto(`${server.url}/hunt`);
    const query = page.getByRole('combobox').or(page.getByRole('textbox')).and(page.locator('input, textarea')).filter({ visible: true });
    await query.nth(0).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(`host.name: ${HOST} and process.command_line: *shadows*`);
    await page.keyboard.press('Enter');
    await rows(page).filter({ hasText: HOST }).first().waitFor();
    await expect.poll(() => rows(page).count()).toBe(1);
  }, 60_000);
});
