/**
 * Screenshots of the console against generated data: `node console/test/screens.ts <folder> [name …]`. Every page at 1366×768 in both
 * languages and themes, for people to look at; prints anything the browser complained about.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { startFixtureServer } from './fixture-server.ts';

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly before?: (page: Page) => Promise<void>;
}

const openFirst = async (page: Page): Promise<void> => {
  for (const key of ['j', 'j', 'Enter']) await page.keyboard.press(key);
  await page.getByRole('tablist').waitFor();
};
const tab = (at: number) => async (page: Page) => {
  await openFirst(page);
  await page.getByRole('tab').nth(at).click();
  await page.waitForTimeout(at === 3 ? 900 : 250);
};

export const SHOTS: readonly Shot[] = [
  { name: 'queue', path: '/alerts' },
  { name: 'queue-filtered', path: '/alerts?host=dc02&severity=critical,high' },
  { name: 'queue-empty', path: '/alerts?q=zzzz' },
  {
    name: 'queue-selected',
    path: '/alerts',
    before: async (page) => {
      for (const key of ['j', 'x', 'j', 'x', 'j', 'x']) await page.keyboard.press(key);
    },
  },
  {
    name: 'close',
    path: '/alerts',
    before: async (page) => {
      await page.keyboard.press('j');
      await page.keyboard.press('c');
      await page.waitForTimeout(200);
    },
  },
  { name: 'why', path: '/alerts', before: openFirst },
  { name: 'event', path: '/alerts', before: tab(1) },
  { name: 'raw', path: '/alerts', before: tab(2) },
  { name: 'timeline', path: '/alerts', before: tab(3) },
  { name: 'events', path: '/alerts', before: tab(4) },
  {
    name: 'history',
    path: '/alerts',
    before: async (page) => {
      await openFirst(page);
      await page.keyboard.press('e');
      await page.keyboard.press('a');
      await page.getByRole('tab').nth(5).click();
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'agencies',
    path: '/alerts',
    before: async (page) => {
      await page.locator('header button').first().click();
      await page.waitForTimeout(150);
    },
  },
  {
    name: 'palette',
    path: '/alerts',
    before: async (page) => {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('da');
      await page.waitForTimeout(150);
    },
  },
  {
    name: 'keys',
    path: '/alerts',
    before: async (page) => {
      await page.keyboard.press('?');
      await page.waitForTimeout(150);
    },
  },
];

export const BARE_SHOTS: readonly Shot[] = [
  { name: 'sign-in', path: '/alerts' },
  {
    name: 'sign-in-locked',
    path: '/sign-in',
    before: async (page) => {
      await page.locator('input').first().fill('ngoc.tran');
      await page.locator('input[type=password]').fill('locked');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'setup',
    path: '/setup/abc',
    before: async (page) => {
      await page.locator('input[type=password]').first().fill('Mật khẩu dài');
    },
  },
  { name: 'setup-used', path: '/setup/used' },
];

async function takeAll(folder: string, wanted: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await using browser = await openBrowser();
  for (const [shots, signedOut] of [
    [SHOTS, false],
    [BARE_SHOTS, true],
  ] as const) {
    for (const language of ['vi', 'en'] as const) {
      for (const theme of ['light', 'dark'] as const) {
        for (const shot of shots.filter(
          ({ name }) => wanted.length === 0 || wanted.includes(`${name}-${language}-${theme}`) || wanted.includes(name),
        )) {
          const server = await startFixtureServer({ alerts: 5000, signedOut });
          await fetch(`${server.url}/api/session`, { method: 'PATCH', body: JSON.stringify({ language, theme }) });
          if (signedOut) await fetch(`${server.url}/api/session`, { method: 'DELETE' });
          const page = await browser.page({ language, theme });
          page.on('console', (message) => message.type() === 'error' && console.log(shot.name, message.text()));
          page.on('pageerror', (error) => console.log(shot.name, error.message));
          page.setDefaultTimeout(5000);
          await page.goto(server.url + shot.path);
          await page.locator('[role=gridcell], h1, h2').first().waitFor();
          await page.waitForTimeout(400);
          await shot.before?.(page).catch((error: Error) => console.log(shot.name, error.message));
          await page.screenshot({ path: join(folder, `${shot.name}-${language}-${theme}.png`) });
          await page.context().close();
          await server.close();
        }
      }
    }
  }
}

const [folder = 'screens', ...wanted] = process.argv.slice(2);
await takeAll(folder, wanted);
