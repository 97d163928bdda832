/** The machine's Chromium, as the tests and the screenshots use it. */
import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';

export const CHROMIUM = process.env['VONG_CHROMIUM'] ?? '/usr/bin/chromium';
export const hasBrowser = existsSync(CHROMIUM);

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Runs in the page before the console does. */
function keep([chosen, scheme]: string[]): void {
  localStorage.setItem('vong.language', chosen ?? '');
  localStorage.setItem('vong.theme', scheme ?? '');
}

export interface PageOptions {
  readonly language?: 'vi' | 'en';
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

export interface TestBrowser extends AsyncDisposable {
  readonly page: (options?: PageOptions) => Promise<Page>;
}

export async function openBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGUMENTS });
  return {
    page: async ({ language = 'vi', theme = 'light', width = 1366, height = 768 } = {}) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
      await context.addInitScript(keep, [language, theme]);
      return context.newPage();
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
