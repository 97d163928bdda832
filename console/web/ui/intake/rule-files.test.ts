import { describe, expect, it } from 'vitest';
import { addResults, inUploads, MAX_BYTES, NOTHING, refused, ruleFiles } from './rule-files.ts';

const file = (path: string, size = 1000) => ({ path, size });

describe('files to import', () => {
  it('are rules and archives of them, wherever they lie', () => {
    const chosen = ['a.yml', 'deep/b.YAML', 'all.zip', 'README.md', 'repo/.git/config.yml'].map((path) => file(path));
    const { rules, ignored } = ruleFiles(chosen);
    expect(rules.map(({ path }) => path)).toEqual(['a.yml', 'deep/b.YAML', 'all.zip']);
    expect(ignored).toBe(2);
  });

  it('go in uploads of at most 200, in order, none lost', () => {
    const many = Array.from({ length: 450 }, (_, at) => file(`${at}.yml`));
    const uploads = inUploads(many);
    expect(uploads.map((upload) => upload.length)).toEqual([200, 200, 50]);
    expect(uploads.flat()).toEqual(many);
  });

  it('never go above the size of one upload together', () => {
    const third = MAX_BYTES / 3 + 1;
    expect(inUploads([file('a.yml', third), file('b.yml', third), file('c.yml', third)]).map((one) => one.length)).toEqual([2, 1]);
  });

  it('leave an archive alone in its upload', () => {
    expect(inUploads([file('a.yml'), file('z.zip'), file('b.yml')])).toEqual([[file('z.zip')], [file('a.yml'), file('b.yml')]]);
  });
});

describe('results', () => {
  it('add up', () => {
    const failed = [{ file: 'x.yml', line: 3, code: 'C', reason: 'r' }];
    const sum = addResults({ imported: 1, updated: 2, unchanged: 3, failed }, { imported: 10, updated: 20, unchanged: 30, failed });
    expect(sum).toEqual({ imported: 11, updated: 22, unchanged: 33, failed: [...failed, ...failed] });
  });

  it('name every file of an upload that was refused', () => {
    const result = addResults(NOTHING, refused([file('a.yml'), file('b.yml')], { code: 'X', message: 'why' }));
    expect(result.failed.map(({ file: name, reason }) => `${name} ${reason}`)).toEqual(['a.yml why', 'b.yml why']);
  });
});
