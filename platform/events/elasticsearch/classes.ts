/**
 * The class of each agency, fixed in the cluster when its first event comes: every node agrees, and a change of the settings or of
 * the agencies' tree moves no event that is stored again to another index.
 */
import { idOf } from './document.ts';
import { ElasticFailure, type Elastic } from './client.ts';
import { GENERAL, type Settings } from './options.ts';

export class Classes {
  private readonly elastic: Elastic;
  private readonly settings: Settings;
  private readonly known = new Map<string, string>();

  constructor(elastic: Elastic, settings: Settings) {
    this.elastic = elastic;
    this.settings = settings;
  }

  async learn(agencies: Iterable<string>): Promise<void> {
    for (const agency of agencies) if (!this.known.has(agency)) this.known.set(agency, await this.settle(agency));
  }

  of(agency: string): string {
    return this.known.get(agency) ?? GENERAL;
  }

  private async settle(agency: string): Promise<string> {
    const { prefix, classes } = this.settings;
    const path = `/${prefix}-classes`;
    const id = encodeURIComponent(idOf(agency));
    const wanted = Object.hasOwn(classes, agency) ? (classes[agency] ?? GENERAL) : GENERAL;
    try {
      await this.elastic.request({ method: 'PUT', path: `${path}/_create/${id}`, body: { agency, class: wanted } });
      return wanted;
    } catch (error) {
      if (!(error instanceof ElasticFailure) || error.status !== 409) throw error;
    }
    const found = await this.elastic.request<{ readonly _source: { readonly class: string } }>({
      method: 'GET',
      path: `${path}/_doc/${id}`,
    });
    return found._source.class;
  }
}
