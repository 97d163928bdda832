/** How far an EVTX file has been read. */
export interface EvtxPosition {
  /** How often the log was cleared or exchanged under this path. */
  readonly generation: number;
  /** Id and time of the last record taken; -1 and '' at the beginning. */
  readonly after: bigint;
  readonly timestamp: string;
}

export const BEGINNING: EvtxPosition = { generation: 0, after: -1n, timestamp: '' };

export function formatPosition(position: EvtxPosition): string {
  return `${position.generation} ${position.after} ${position.timestamp}`;
}

/** The position in a stored text; the beginning when it is not one. */
export function parsePosition(text: string | undefined): EvtxPosition {
  const match = /^(\d{1,15}) (-1|\d{1,20}) (\S*)$/.exec(text ?? '');
  if (match === null) return BEGINNING;
  return { generation: Number(match[1]), after: BigInt(match[2] ?? -1), timestamp: match[3] ?? '' };
}
