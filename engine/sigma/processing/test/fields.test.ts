/** Transformations of field names, each with what pySigma's documentation says of it in the claim. */
import { describe, expect, it } from 'vitest';
import { itemsOf, matches, pipelineOf, processed, ruleOf, selecting } from './support.ts';

describe('field_name_mapping', () => {
  const mapping = pipelineOf('{type: field_name_mapping, mapping: {Image: exe, CommandLine: [command_line, cmdline]}}');
  it('maps a field name to another', () => {
    expect(matches(selecting("{Image|endswith: '\\a.exe'}"), mapping, { exe: 'C:\\A.exe' })).toBe(true);
    expect(matches(selecting("{Image|endswith: '\\a.exe'}"), mapping, { Image: 'C:\\A.exe' })).toBe(false);
  });
  it('maps one field name to several: the value may be in any of them', () => {
    const rule = selecting('{CommandLine: x, Image: y}');
    for (const name of ['command_line', 'cmdline']) expect(matches(rule, mapping, { [name]: 'x', exe: 'y' })).toBe(true);
    expect(matches(rule, mapping, { command_line: 'x' })).toBe(false);
  });
  it('maps a negated value to several names: it may be in none of them', () => {
    const rule = selecting('{CommandLine|neq: x}');
    expect(matches(rule, mapping, { command_line: 'a', cmdline: 'b' })).toBe(true);
    expect(matches(rule, mapping, { command_line: 'x', cmdline: 'b' })).toBe(false);
  });
  it('keeps the modifiers of the item: all, exists, regular expressions, networks', () => {
    expect(matches(selecting('{CommandLine|contains|all: [a, b]}'), mapping, { command_line: 'xaxbx' })).toBe(true);
    expect(matches(selecting('{CommandLine|contains|all: [a, b]}'), mapping, { command_line: 'a', cmdline: 'b' })).toBe(false);
    expect(matches(selecting('{Image|exists: true}'), mapping, { exe: '' })).toBe(true);
    expect(matches(selecting("{Image|re: '^a.$'}"), mapping, { exe: 'ab' })).toBe(true);
    expect(matches(selecting('{Image|cidr: 10.0.0.0/8}'), mapping, { exe: '10.1.2.3' })).toBe(true);
  });
  it('maps the names that values refer to', () => {
    const rule = selecting('{Other|fieldref: Image}');
    expect(matches(rule, mapping, { Other: 'a', exe: 'a' })).toBe(true);
    expect(matches(selecting('{Image|fieldref: CommandLine}'), mapping, { exe: 'a', cmdline: 'a' })).toBe(true);
    expect(processed(selecting('{A|fieldref|all: [CommandLine, Image]}'), mapping).failure?.reason).toContain('becomes several names');
  });
  it('maps the names in the list of fields', () => {
    expect(processed(selecting('{A: b}', 'fields: [Image, CommandLine, Host]\n'), mapping).rule?.fields).toEqual([
      'exe',
      'command_line',
      'cmdline',
      'Host',
    ]);
  });
  it('puts a keyword search into a field where the name mapped is null: still anywhere in the text', () => {
    const rule = ruleOf("keywords: ['needle']\ncondition: keywords");
    const text = pipelineOf('{type: field_name_mapping, mapping: {null: message}}');
    expect(matches(rule, text, { message: 'hay needle hay', other: '' })).toBe(true);
    expect(matches(rule, text, { message: 'hay', other: 'needle' })).toBe(false);
    expect(matches(rule, mapping, { message: 'hay', other: 'a needle' })).toBe(true);
  });
  it('drops the item where the list of names is empty', () => {
    expect(itemsOf(processed(selecting('{A: 1, B: 2}'), pipelineOf('{type: field_name_mapping, mapping: {A: []}}')).rule)).toEqual([
      'B: ["2"]',
    ]);
  });
});

describe('field_name_prefix_mapping', () => {
  it('maps the start of a name to one or several others, the first that fits', () => {
    const text = pipelineOf('{type: field_name_prefix_mapping, mapping: {win.: windows., win: other, x: [a., b.]}}');
    const { rule } = processed(selecting('{win.Image: 1, window: 2, x1: 3, plain: 4}'), text);
    expect(itemsOf(rule)).toEqual(['windows.Image: ["1"]', 'otherdow: ["2"]', 'a.1: ["3"]', 'b.1: ["3"]', 'plain: ["4"]']);
  });
});

describe('field_name_prefix and field_name_suffix', () => {
  it('put a text before or behind every name, never before a keyword', () => {
    const rule = ruleOf("a: {Image: 1}\nb: ['word']\ncondition: a or b");
    const text = pipelineOf('{type: field_name_prefix, prefix: event.}', '{type: field_name_suffix, suffix: .raw}');
    expect(itemsOf(processed(rule, text).rule)).toEqual(['event.Image.raw: ["1"]', 'keywords: ["word"]']);
  });
});

describe('field_name_transform', () => {
  it.each([
    ['lower', 'targetusername'],
    ['upper', 'TARGETUSERNAME'],
    ['title', 'Targetusername'],
    ['snake_case', 'target_user_name'],
  ])('writes names in %s', (name, field) => {
    const text = pipelineOf(`{type: field_name_transform, transform_func: ${name}}`);
    expect(itemsOf(processed(selecting('{TargetUserName: 1}'), text).rule)).toEqual([`${field}: ["1"]`]);
  });
  it('lets an explicit mapping win', () => {
    const text = pipelineOf('{type: field_name_transform, transform_func: snake_case, mapping: {EventID: code}}');
    expect(itemsOf(processed(selecting('{EventID: 1, HTTPStatusCode: 2}'), text).rule)).toEqual(['code: ["1"]', 'http_status_code: ["2"]']);
  });
});

describe('add_field, remove_field and set_field', () => {
  it('change the list of fields of the rule', () => {
    const rule = selecting('{A: b}', 'fields: [x, y]\n');
    const fields = (line: string): readonly string[] | undefined => processed(rule, pipelineOf(line)).rule?.fields;
    expect(fields('{type: add_field, field: z}')).toEqual(['x', 'y', 'z']);
    expect(fields('{type: add_field, field: [z, x]}')).toEqual(['x', 'y', 'z', 'x']);
    expect(fields('{type: remove_field, field: [x, absent]}')).toEqual(['y']);
    expect(fields('{type: set_field, fields: [only]}')).toEqual(['only']);
  });
});

describe('hashes_fields', () => {
  const text = pipelineOf(
    '{type: hashes_fields, valid_hash_algos: [MD5, SHA1, SHA256], field_prefix: File, field_name_conditions: [{type: include_fields, fields: [Hashes]}]}',
  );
  const [md5, sha1] = ['fedcba9876543210fedcba9876543210', '0123456789abcdef0123456789abcdef01234567'];
  it('puts each hash into the field of its algorithm, named or told by its length', () => {
    const rule = selecting(`{Hashes|contains: ['SHA1=${sha1}', 'MD5=${md5}'], Image: a}`);
    expect(matches(rule, text, { FileSHA1: sha1, Image: 'a' })).toBe(true);
    expect(matches(rule, text, { FileMD5: md5, Image: 'a' })).toBe(true);
    expect(matches(rule, text, { FileMD5: sha1, Image: 'a' })).toBe(false);
    expect(matches(selecting(`{Hashes: '${md5}'}`), text, { FileMD5: md5 })).toBe(true);
  });
  it('asks for all of them where the rule does', () => {
    const rule = selecting(`{Hashes|contains|all: ['SHA1=${sha1}', 'MD5=${md5}']}`);
    expect(matches(rule, text, { FileSHA1: sha1, FileMD5: md5 })).toBe(true);
    expect(matches(rule, text, { FileSHA1: sha1 })).toBe(false);
  });
  it('leaves out what it does not know, and refuses a rule of which nothing is left', () => {
    const { rule } = processed(selecting(`{Hashes|contains: ['IMPHASH=${md5}', 'MD5=${md5}']}`), text);
    expect(itemsOf(rule)).toEqual([`FileMD5: ["${md5}",1]`]);
    const { failure } = processed(selecting(`{Hashes|contains: 'IMPHASH=${md5}'}`), text);
    expect(failure).toMatchObject({ code: 'SIGMA_TRANSFORMATION', file: 'test.yml' });
    expect(failure?.reason).toContain('none of its values is a hash of MD5, SHA1, SHA256');
  });
  it('leaves the name of the algorithm out when told to', () => {
    const short = pipelineOf('{type: hashes_fields, valid_hash_algos: [MD5], field_prefix: hash, drop_algo_prefix: true}');
    expect(itemsOf(processed(selecting(`{Hashes: 'MD5=${md5}'}`), short).rule)).toEqual([`hash: ["${md5}"]`]);
  });
});
