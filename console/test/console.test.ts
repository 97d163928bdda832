/** The console in a real browser, against generated data: what a person sees and what reaches the server. */
// oxlint-disable typescript/no-unsafe-type-assertion -- answers of the fixture server have the shapes of the contracts
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasBrowser, openBrowser, type TestBrowser } from './browser.ts';
import { startFixtureServer, type FixtureServer } from './fixture-server.ts';

const build = fileURLToPath(new URL('../build.ts', import.meta.url));

const rows = (page: Page) => page.locator('[role=row][aria-rowindex]:has([role=gridcell])');
const textOf = (page: Page, index: number) => page.locator(`[role=row][aria-rowindex="${index + 2}"]`).innerText();

describe.skipIf(!hasBrowser)('the console in Chromium', () => {
  let browser: TestBrowser;
  let server: FixtureServer;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    execFileSync(process.execPath, [build]);
    browser = await openBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());
  beforeEach(async () => {
    server = await startFixtureServer({ alerts: 2000 });
    page = await browser.page();
    page.setDefaultTimeout(15_000);
    problems.length = 0;
    page.on('pageerror', (error) => problems.push(error.message));
  });
  afterEach(async () => {
    await page.context().close();
    await server.close();
    // oxlint-disable-next-line vitest/no-standalone-expect -- holds for every test: nothing was thrown in the page
    expect(problems).toEqual([]);
  });

  const open = async (path = '/alerts'): Promise<void> => {
    await page.goto(server.url + path);
    await page.getByText('trực tiếp').waitFor();
    await rows(page).first().waitFor();
  };

  it('shows 25 rows of the queue at 1366×768, none cut', async () => {
    await open();
    const whole = await rows(page).evaluateAll((all) => all.filter((row) => row.getBoundingClientRect().bottom <= 768).length);
    expect(whole).toBeGreaterThanOrEqual(25);
    expect(await page.locator('html').evaluate((html) => html.scrollWidth)).toBe(1366);
  });

  it('lets an alert in at the top without reloading, and says it was shown', async () => {
    await open();
    const before = await textOf(page, 0);
    server.arrive();
    await expect.poll(() => textOf(page, 0)).not.toBe(before);
    expect(await textOf(page, 1)).toBe(before);
    await expect.poll(() => server.shown().length).toBeGreaterThan(25);
  });

  it('moves nothing that is being read: arrivals wait in a bar until they are asked for', async () => {
    await open();
    await page.getByRole('grid').evaluate((grid) => grid.scrollTo({ top: 2800 }));
    await page.locator('[role=row][aria-rowindex="110"]').waitFor();
    const seen = await textOf(page, 108);
    server.arrive(12);
    const bar = page.getByRole('button', { name: '12 mới' });
    await bar.waitFor();
    expect(await textOf(page, 108)).toBe(seen);
    await bar.click();
    await expect.poll(() => textOf(page, 120)).toBe(seen);
  });

  it('catches up by itself after it was cut off', async () => {
    await open();
    await page.context().setOffline(true);
    server.disconnect();
    await page.getByText('mất kết nối từ').waitFor();
    server.arrive(7);
    await page.context().setOffline(false);
    await page.getByText('trực tiếp').waitFor();
    await expect
      .poll(async () => (await page.getByRole('grid').getAttribute('aria-rowcount')) ?? '')
      .toBe(String(1 + 7 + (await openCount())));
  });

  const openCount = async (): Promise<number> => {
    const answer = (await (await fetch(`${server.url}/api/alerts?status=open,acknowledged&limit=1`)).json()) as { total: number };
    return answer.total - 7;
  };

  it('triages by keyboard and undoes it', async () => {
    await open('/alerts?status=open&assignee=none');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('tab').first().waitFor();
    const id = new URL(page.url()).searchParams.get('alert')!;
    const stored = async () =>
      (await (await fetch(`${server.url}/api/alerts/${id}`)).json()) as { status: string; verdict?: string; verdictReason?: string };
    await page.keyboard.press('c');
    await page.getByLabel('Lý do').fill('Bảo trì theo lịch');
    await page.keyboard.press('Control+Enter');
    await expect.poll(stored).toMatchObject({ status: 'closed', verdict: 'false_positive', verdictReason: 'Bảo trì theo lịch' });
    await page.getByText('Đã đóng 1 cảnh báo').waitFor();
    await page.keyboard.press('u');
    await expect.poll(async () => (await stored()).status).toBe('open');
    expect((await stored()).verdict).toBeUndefined();
  });

  it('offers a decision again, reason and all, when somebody else was faster', async () => {
    await open('/alerts?status=open&assignee=none');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('tab').first().waitFor();
    const address = `${server.url}/api/alerts/${new URL(page.url()).searchParams.get('alert')}`;
    const stored = async () => (await (await fetch(address)).json()) as { status: string; version: number };
    let faster = 0;
    await page.route('**/api/alerts/*', async (route) => {
      if (route.request().method() === 'PATCH' && faster++ === 0) {
        const body = JSON.stringify({ version: (await stored()).version, status: 'acknowledged' });
        await fetch(address, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body });
      }
      await route.continue();
    });
    await page.keyboard.press('c');
    await page.getByLabel('Lý do').fill('Bảo trì theo lịch, đã gọi xác nhận');
    await page.keyboard.press('Control+Enter');
    await page.getByText('Người khác vừa thay đổi cảnh báo này').waitFor();
    expect((await stored()).status).toBe('acknowledged');
    await page.getByRole('button', { name: 'Vẫn thực hiện' }).click();
    await expect.poll(stored).toMatchObject({ status: 'closed', verdictReason: 'Bảo trì theo lịch, đã gọi xác nhận' });
    expect(faster).toBe(2);
  });

  it('keeps the view in the URL: reload changes nothing, Back goes back', async () => {
    await open('/alerts?severity=critical&sort=oldest&agency=byt');
    const first = await textOf(page, 0);
    await page.reload();
    await rows(page).first().waitFor();
    await expect.poll(() => textOf(page, 0)).toBe(first);
    expect(await page.getByRole('button', { name: 'Đơn vị: Bộ Y tế' }).count()).toBe(1);
    await page.keyboard.press('j');
    await page.keyboard.press('o');
    await page.getByRole('tab').first().waitFor();
    await page.goBack();
    await expect.poll(() => page.getByRole('tab').count()).toBe(0);
    expect(new URL(page.url()).searchParams.get('severity')).toBe('critical');
  });

  it('brings a signed-out person to the sign-in page and back to where they were going', async () => {
    await fetch(`${server.url}/api/session`, { method: 'DELETE' });
    await page.goto(`${server.url}/alerts?host=dc02`);
    await page.getByLabel('Tên đăng nhập').fill('ngoc.tran');
    await page.locator('input[type=password]').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('không đúng').waitFor();
    await page.locator('input[type=password]').fill('correct');
    await page.keyboard.press('Enter');
    await rows(page).first().waitFor();
    expect(new URL(page.url()).searchParams.get('host')).toBe('dc02');
  });

  it('closes a menu with Escape and leaves the alert open behind it; a value leads on to grouping, timeline and the last hunt', async () => {
    await open();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('tab').first().waitFor();
    const value = rows(page).nth(3).locator('[aria-haspopup=menu]').first();
    await value.click();
    await page.getByRole('menuitem', { name: 'Nhóm theo host.name' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('menu').count()).toBe(0);
    expect(await page.getByRole('tab').count()).toBeGreaterThan(0);
    await value.click();
    await page.getByRole('menuitem', { name: 'Dòng thời gian' }).click();
    await page.waitForURL(/\/hunt\?.*order=oldest/);
    const first = new URL(page.url()).searchParams.get('q');
    expect(first).toMatch(/^host\.name: "/);
    await page.goBack();
    await value.click();
    await page.getByRole('menuitem', { name: 'Thêm vào lần săn tìm trước' }).click();
    await page.waitForURL(/\/hunt/);
    expect(new URL(page.url()).searchParams.get('q')).toContain(first);
    await page.goBack();
    await value.click();
    await page.getByRole('menuitem', { name: 'Nhóm theo host.name' }).click();
    await page.waitForURL(/\/hunt\?.*field=host\.name/);
  });

  it('keeps the language chosen on the set-up page for the new person', async () => {
    await fetch(`${server.url}/api/session`, { method: 'DELETE' });
    await page.goto(`${server.url}/setup/abc`);
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByLabel('Full name').fill('Alex Example');
    await page.getByLabel('User name').fill('alex');
    for (const field of await page.locator('input[type=password]').all()) await field.fill('a phrase long enough');
    await page.keyboard.press('Enter');
    await page.getByText('live', { exact: true }).waitFor();
    const { user } = (await (await fetch(`${server.url}/api/session`)).json()) as { user: { language: string } };
    expect(user.language).toBe('en');
  });
});
