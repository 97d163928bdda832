import { expect, it } from 'vitest';
import { BatchSize } from './batch-size.ts';

it('grows while transactions are quick, and stops at a thousand', () => {
  const size = new BatchSize();
  for (let i = 0; i < 50; i++) size.took(size.records, 1);
  expect(size.records).toBe(1000);
});

it('falls at once when a transaction held the thread too long, never below fifty', () => {
  const size = new BatchSize();
  for (let i = 0; i < 50; i++) size.took(size.records, 1);
  size.took(size.records, 60);
  expect(size.records).toBe(167);
  size.took(size.records, 600);
  expect(size.records).toBe(50);
});

it('learns nothing from a small quick batch', () => {
  const size = new BatchSize();
  size.took(3, 14);
  expect(size.records).toBe(50);
});
