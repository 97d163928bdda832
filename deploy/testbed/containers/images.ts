/** The images in which servers run for tests: those of docker-compose.yml, each replaceable by a setting. */

export type ServerName = 'kafka' | 'elasticsearch' | 'elasticsearch-9' | 'postgres' | 'redis';

export const OFFICIAL: Readonly<Record<ServerName, string>> = {
  kafka: 'apache/kafka:4.3.1',
  elasticsearch: 'docker.elastic.co/elasticsearch/elasticsearch:8.19.21',
  'elasticsearch-9': 'docker.elastic.co/elasticsearch/elasticsearch:9.5.3',
  postgres: 'postgres:17-bookworm',
  redis: 'redis:7.4-bookworm',
};

export type Image = { readonly ok: true; readonly image: string } | { readonly ok: false; readonly why: string };

/** Another image for one server: `VONG_TEST_IMAGE_REDIS=…`, `VONG_TEST_IMAGE_ELASTICSEARCH_9=…`. */
export function imageName(name: ServerName): string {
  return process.env[`VONG_TEST_IMAGE_${name.toUpperCase().replaceAll('-', '_')}`] || OFFICIAL[name];
}

/** The image of a server, pulled where it is missing; why it cannot be had when no Docker answers or it cannot be pulled. */
export async function imageOf(name: ServerName): Promise<Image> {
  const image = imageName(name);
  // Not part of an installed product.
  const library = await import('testcontainers').catch(() => undefined);
  if (library === undefined) return { ok: false, why: 'the package testcontainers is not installed' };
  const { getContainerRuntimeClient, ImageName } = library;
  const client = await getContainerRuntimeClient().catch(() => undefined);
  if (client === undefined) return { ok: false, why: 'no Docker answers' };
  try {
    await client.image.pull(ImageName.fromString(image));
    if (await client.image.exists(ImageName.fromString(image))) return { ok: true, image };
    return { ok: false, why: `the image ${image} cannot be pulled` };
  } catch (error) {
    return { ok: false, why: `the image ${image} cannot be pulled: ${error instanceof Error ? error.message : String(error)}` };
  }
}
