import { readFileSync } from 'node:fs';
import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../errors/index.ts';
import { loadConfig } from './index.ts';
import { CONFIGURATION_PAGE, configurationReference } from './reference.ts';
import { CLUSTER_SETTINGS } from './cluster-settings.ts';
import { SETTINGS } from './settings.ts';

describe('the configuration', () => {
  it('has a working default for everything', () => {
    expect(loadConfig({})).toMatchObject({
      data: './data',
      listen: { host: '127.0.0.1', port: 8080 },
      publicUrl: null,
      trustProxy: [],
      logLevel: 'info',
      eventsMemoryBytes: 256_000_000,
      logRetentionMs: 72 * 3_600_000,
      logRetentionBytes: 20 * 2 ** 30,
      eventsRetentionMs: 400 * 86_400_000,
      eventsRetentionBytes: null,
      alertWindowMs: 3_600_000,
      rules: [],
      recordings: [],
      agent: true,
      unknown: [],
    });
    expect(loadConfig({ VONG_DATA: ' ' }).data).toBe('./data');
  });

  it('takes what is written, in the units it names', () => {
    const config = loadConfig({
      VONG_LISTEN: '[::1]:0',
      VONG_PUBLIC_URL: 'https://soc.example.vn/',
      VONG_TRUST_PROXY: '10.0.0.5, 10.1.0.0/16',
      VONG_DETECTORS: '3',
      VONG_EVENTS_MEMORY: '1.5 GiB',
      VONG_LOG_RETENTION_HOURS: 'none',
      VONG_ALERT_WINDOW_MINUTES: '90',
      VONG_RULES: '/srv/rules,/srv/more',
      VONG_AGENT: 'off',
    });
    expect(config).toMatchObject({
      listen: { host: '::1', port: 0 },
      publicUrl: 'https://soc.example.vn',
      trustProxy: ['10.0.0.5', '10.1.0.0/16'],
      detectors: 3,
      eventsMemoryBytes: 1.5 * 2 ** 30,
      logRetentionMs: null,
      alertWindowMs: 90 * 60_000,
      rules: ['/srv/rules', '/srv/more'],
      agent: false,
    });
  });

  it('names every problem at once, each with its variable, what it is and what it must be', () => {
    const env = {
      VONG_LISTEN: '8080',
      VONG_DETECTORS: '0',
      VONG_AGENT: 'maybe',
      VONG_PUBLIC_URL: 'soc',
      VONG_TRUST_PROXY: 'nowhere',
      VONG_EVENTS_MEMORY: '5 apples',
    };
    let message = '';
    try {
      loadConfig(env);
    } catch (error) {
      expect(hasCode(error, 'CONFIG_INVALID')).toBe(true);
      message = String(error);
    }
    for (const variable of Object.keys(env)) expect(message).toContain(`- ${variable} is "`);
    expect(message).toContain('VONG_AGENT is "maybe" and must be on or off.');
  });

  it('points at variables it does not know', () => {
    expect(loadConfig({ VONG_LISTN: 'x', VONG_URL: 'y', HOME: 'z' }).unknown).toEqual(['VONG_LISTN']);
  });

  it('gives valid values or a clear refusal for any text', () => {
    const variables = [...Object.values(SETTINGS), ...Object.values(CLUSTER_SETTINGS)].map((setting) => setting.variable);
    assert(
      property(constantFrom(...variables), string({ unit: 'binary' }), (variable, text) => {
        try {
          loadConfig({ [variable]: text });
        } catch (error) {
          expect(hasCode(error, 'CONFIG_INVALID')).toBe(true);
        }
      }),
      { interruptAfterTimeLimit: 4000 },
    );
  });

  it('is described in the reference as it is', () => {
    expect(readFileSync(CONFIGURATION_PAGE, 'utf8')).toBe(configurationReference());
  });
});
