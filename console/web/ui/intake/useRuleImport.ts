/** Importing rules: uploads one after the other, a refused one does not stop the others. */
import { useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import type { RuleImportResult } from '@vong/engine/contracts';
import { ApiError } from '../../client/api.ts';
import type { ChosenFile } from './chosen-files.ts';
import { addResults, inUploads, NOTHING, refused, ruleFiles } from './rule-files.ts';
import { upload } from './upload.ts';

export interface ImportState {
  readonly phase: 'idle' | 'reading' | 'sending' | 'stopped' | 'done' | 'empty';
  readonly total: number;
  /** Files in uploads that were answered, and the part of the bytes sent (0 to 1). */
  readonly done: number;
  readonly part: number;
  readonly ignored: number;
  /** What was sent, for the checks. */
  readonly files: readonly ChosenFile[];
  readonly result: RuleImportResult;
  readonly error?: unknown;
}

const IDLE: ImportState = { phase: 'idle', total: 0, done: 0, part: 0, ignored: 0, files: [], result: NOTHING };

export interface RuleImport {
  readonly state: ImportState;
  readonly start: (files: Promise<ChosenFile[]>) => void;
  readonly stop: () => void;
  readonly reset: () => void;
}

/** What goes on for all files alike (no network, signed out, no right) ends the import; anything else is that upload's. */
function endsAll(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status === 401 || error.status === 403;
}

function formOf(files: readonly ChosenFile[]): FormData {
  const form = new FormData();
  for (const { file, path } of files) form.append('rules', file, path);
  return form;
}

export function useRuleImport(): RuleImport {
  const client = useQueryClient();
  const [state, setState] = useState(IDLE);
  const stopper = useRef<AbortController>(undefined);
  useEffect(() => () => stopper.current?.abort(), []);
  const set = (part: Partial<ImportState>): void => setState((before) => ({ ...before, ...part }));

  const send = async (files: readonly ChosenFile[], signal: AbortSignal): Promise<void> => {
    let result = NOTHING;
    let done = 0;
    for (const some of inUploads(files)) {
      const onProgress = (part: number): void => set({ part: (done + part * some.length) / files.length });
      try {
        const answer = await upload<RuleImportResult>({ path: '/api/rules/import', form: formOf(some), onProgress, signal });
        result = addResults(result, answer);
      } catch (error) {
        if (endsAll(error)) return set({ phase: 'stopped', ...(signal.aborted ? {} : { error }) });
        if (error instanceof ApiError) result = addResults(result, refused(some, error));
      }
      done += some.length;
      set({ done, result });
    }
    set({ phase: 'done' });
  };
  const start = async (files: Promise<ChosenFile[]>): Promise<void> => {
    const control = new AbortController();
    stopper.current = control;
    setState({ ...IDLE, phase: 'reading' });
    try {
      const { rules, ignored } = ruleFiles(await files);
      if (rules.length === 0) return set({ phase: 'empty', ignored });
      set({ phase: 'sending', total: rules.length, ignored, files: rules });
      await send(rules, control.signal);
    } catch (error) {
      set({ phase: 'stopped', error });
    }
    void client.invalidateQueries({ queryKey: ['rules'] });
  };
  return {
    state,
    start: (files) => void start(files),
    stop: () => stopper.current?.abort(),
    reset: () => setState(IDLE),
  };
}
