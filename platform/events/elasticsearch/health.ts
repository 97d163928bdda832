/** Whether the cluster can do its work, in sentences for people. */
import { ElasticFailure, type Elastic } from './client.ts';
import type { Settings } from './options.ts';

interface Health {
  readonly status: 'green' | 'yellow' | 'red';
  readonly number_of_data_nodes: number;
  readonly unassigned_shards: number;
}

const ASK_MS = 5000;

export async function clusterProblems(elastic: Elastic, { prefix, replicas }: Settings): Promise<readonly string[]> {
  const found: string[] = [];
  try {
    const health = await elastic.request<Health>({ method: 'GET', path: '/_cluster/health', timeoutMs: ASK_MS });
    if (health.status === 'red')
      found.push(`Elasticsearch is red: ${health.unassigned_shards} shards are on no node. See GET /_cluster/allocation/explain.`);
    if (health.number_of_data_nodes <= replicas)
      found.push(
        `${replicas} copies of each index are asked for and there are ${health.number_of_data_nodes} data nodes: add nodes or ask for fewer copies.`,
      );
    await elastic.request({ method: 'GET', path: `/_index_template/${prefix}-events`, timeoutMs: ASK_MS });
  } catch (error) {
    if (!(error instanceof ElasticFailure)) throw error;
    if (error.status === 404)
      found.push(`The index template ${prefix}-events is missing: start a node with the role indexer, which writes it.`);
    else found.push(`Elasticsearch can not be asked: ${error.message}`);
  }
  return found;
}
