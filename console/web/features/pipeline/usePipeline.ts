/** The pipeline's numbers, read every two seconds while the page is shown, and those of the last five minutes. */
import { useEffect, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import type { PipelineStatus } from '@vong/engine/contracts';
import { api } from '../../client/api.ts';
import { remembered, sampleOf, type Sample } from './judge.ts';

const EVERY_MS = 2000;

// Kept while the page is left and come back to: the chart goes on where it was.
let kept: readonly Sample[] = [];

export function usePipeline() {
  const query = useQuery({
    queryKey: ['pipeline'],
    refetchInterval: EVERY_MS,
    staleTime: 0,
    queryFn: ({ signal }) => api.get<PipelineStatus>('/api/pipeline', { signal }),
  });
  const [samples, setSamples] = useState(kept);
  const { data, dataUpdatedAt } = query;
  useEffect(() => {
    if (!data) return;
    kept = remembered(kept, sampleOf(data, dataUpdatedAt));
    setSamples(kept);
  }, [data, dataUpdatedAt]);
  return { status: data, samples, error: data ? undefined : query.error, retry: () => void query.refetch() };
}
