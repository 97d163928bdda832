/** The administrator's processing pipelines: files in pySigma's format, read and checked. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadProcessingPipeline, type ProcessingPipeline, SigmaError } from 'sigma-rules-ts';
import { detectorError } from './errors.ts';
import type { PipelineText } from './messages.ts';

/** Where is told what of a pipeline has no effect. */
interface NoteLogger {
  warn: (details: object, message: string) => void;
}

/** The `.yml` and `.yaml` files of the directories, by name. Throws `DETECTOR_PIPELINE` for one that cannot be loaded. */
export async function readProcessing(directories: readonly string[]): Promise<PipelineText[]> {
  const texts: PipelineText[] = [];
  for (const directory of directories)
    for (const file of await filesOf(directory)) {
      const text = { file, text: await readText(file, directory) };
      load(text);
      texts.push(text);
    }
  return texts;
}

/** Logs what of the pipelines has no effect. */
export function noteNoEffect(texts: readonly PipelineText[], logger: NoteLogger): void {
  for (const text of texts)
    for (const { line, note } of load(text).notes)
      logger.warn({ file: text.file, line, note }, 'a part of a processing pipeline has no effect');
}

async function readText(file: string, directory: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw detectorError('DETECTOR_PIPELINES_UNREADABLE', { directory, reason: error instanceof Error ? error.message : '' }, error);
  }
}

async function filesOf(directory: string): Promise<string[]> {
  try {
    const names = (await readdir(directory)).filter((name) => /\.ya?ml$/i.test(name));
    return names.sort().map((name) => join(directory, name));
  } catch (error) {
    throw detectorError('DETECTOR_PIPELINES_UNREADABLE', { directory, reason: error instanceof Error ? error.message : '' }, error);
  }
}

function load({ text, file }: PipelineText): ProcessingPipeline {
  try {
    return loadProcessingPipeline(text, file);
  } catch (error) {
    if (!(error instanceof SigmaError)) throw error;
    throw detectorError('DETECTOR_PIPELINE', { file, line: error.place?.line ?? 1, reason: error.message }, error);
  }
}

/** Those texts, loaded; they have been checked by `readProcessing`. */
export function loadProcessing(texts: readonly PipelineText[]): ProcessingPipeline[] {
  return texts.map(load);
}
