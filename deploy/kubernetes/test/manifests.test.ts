/** The manifests for Kubernetes: what its API knows, and what we promise of them. */
import { describe, expect, it } from 'vitest';
import { configOf, unknownSettings } from '../../testbed/settings.ts';
import { installed } from '../../testbed/native.ts';
import { invalid, render, unknownFields, type Resource } from './render.ts';

const kustomize = await installed('kustomize');
const ROLES = ['alerter', 'console', 'detector', 'gateway', 'indexer', 'jobs'];
const FOLDERS = ['base', 'example'] as const;

describe.skipIf(!kustomize.ok).each(FOLDERS)(`%s${kustomize.ok ? '' : ` (${kustomize.why})`}`, (folder) => {
  const all = kustomize.ok ? render(kustomize.home, folder) : [];
  const of = (kind: string): Resource[] => all.filter((each) => each.kind === kind);
  const deployments = of('Deployment');
  const except = (claim: (deployment: Resource) => boolean): string[] =>
    deployments.filter((each) => !claim(each)).map(({ metadata }) => metadata.name);
  const container = (deployment: Resource): Resource => deployment['spec'].template.spec.containers[0] as Resource;
  const settings = (): Record<string, string> => of('ConfigMap')[0]?.['data'] as Record<string, string>;

  it('is what the API of Kubernetes takes', () => {
    expect(all.length).toBeGreaterThan(25);
    expect(invalid(all)).toEqual([]);
    const wrong = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'wrong' }, spec: { maxUnavailable: true } };
    expect(invalid([wrong])).toHaveLength(1);
  });

  it('has no field that Kubernetes does not know', () => {
    expect(unknownFields(all)).toBe('');
    const misspelt = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'wrong' }, spec: { selektor: { a: 'b' } } };
    expect(unknownFields([misspelt])).toContain('selektor');
  });

  it('runs every role as two pods or more, of which one may be away', () => {
    expect(deployments.map(({ metadata }) => metadata.name.replace('vong-', '')).toSorted()).toEqual(ROLES);
    const scaled = new Map(of('HorizontalPodAutoscaler').map(({ spec }) => [spec.scaleTargetRef.name as string, spec]));
    expect(except(({ metadata, spec }) => ((scaled.get(metadata.name)?.minReplicas ?? spec.replicas) as number) >= 2)).toEqual([]);
    // Where an autoscaler decides, a number in the manifest would undo what it decided at every apply.
    expect(except(({ metadata, spec }) => (spec.replicas === undefined) === scaled.has(metadata.name))).toEqual([]);
    const budgets = of('PodDisruptionBudget').map(({ spec }) => JSON.stringify([spec.selector.matchLabels, spec.maxUnavailable]));
    expect(except(({ spec }) => budgets.includes(JSON.stringify([spec.selector.matchLabels, 1])))).toEqual([]);
    expect(except(({ spec }) => spec.strategy.rollingUpdate.maxUnavailable === 0)).toEqual([]);
  });

  it('runs them without rights, on a read-only root, within limits, without a token of the API', () => {
    expect(except(({ spec }) => spec.template.spec.containers.length === 1 && spec.template.spec.initContainers === undefined)).toEqual([]);
    for (const deployment of deployments) {
      const pod = deployment['spec'].template.spec;
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        serviceAccountName: 'vong',
        securityContext: { runAsNonRoot: true, runAsUser: 65_532, fsGroup: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect([pod.hostNetwork, pod.hostPID, pod.hostIPC]).toEqual([undefined, undefined, undefined]);
      expect(container(deployment)['securityContext']).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      const { requests, limits } = container(deployment)['resources'];
      expect([requests.cpu, requests.memory, limits.cpu, limits.memory].filter((each) => each === undefined)).toEqual([]);
      expect(container(deployment)['image']).toMatch(
        folder === 'base' ? /^vong-gac$/ : /^registry\.example\.gov\.vn\/soc\/vong-gac:\d+\.\d+\.\d+$/,
      );
    }
  });

  it('asks each pod whether it lives and whether it can work, where it listens', () => {
    for (const deployment of deployments) {
      const { ports, livenessProbe, readinessProbe, startupProbe } = container(deployment);
      expect(ports).toEqual([{ name: 'http', containerPort: configOf(settings()).listen.port }]);
      const http = (path: string): object => ({ httpGet: { path, port: 'http' } });
      expect([startupProbe, livenessProbe, readinessProbe]).toMatchObject([http('/healthz'), http('/healthz'), http('/readyz')]);
    }
    expect(of('Service').map(({ spec }) => spec.ports[0].targetPort as string)).toEqual(['http', 'http']);
  });

  it('gives settings that the server takes, secrets only as files that a mounted Secret holds', () => {
    const given = settings();
    expect(Object.entries(given).filter(([name]) => /PASSWORD|API_KEY/.test(name) && !name.endsWith('_FILE'))).toEqual([]);
    expect(Object.values(given).filter((value) => value.endsWith('/'))).toEqual([]);
    expect(all.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    for (const deployment of deployments) {
      const { args, env, volumeMounts, envFrom } = container(deployment);
      const own = Object.fromEntries((env as { name: string; value?: string }[]).map(({ name, value = 'pod' }) => [name, value]));
      const together: Record<string, string> = { ...given, ...own, VONG_ROLES: args[2] as string };
      expect(unknownSettings(Object.keys(together))).toEqual([]);
      expect(configOf(together).roles.has(deployment.metadata.name.replace('vong-', '') as 'jobs')).toBe(true);
      expect(envFrom).toEqual([{ configMapRef: { name: of('ConfigMap')[0]?.metadata.name } }]);
      const mounted = (volumeMounts as { mountPath: string }[]).map(({ mountPath }) => mountPath);
      const files = Object.entries(given).filter(([name]) => /_FILE$|_CA$/.test(name));
      expect(files.length).toBe(8);
      expect(files.filter(([, path]) => !mounted.includes(path.slice(0, path.lastIndexOf('/'))))).toEqual([]);
      // The server refuses a secret that everyone may read.
      const secrets = deployment['spec'].template.spec.volumes.find(({ name }: { name: string }) => name === 'secrets');
      expect(secrets.secret).toEqual({ secretName: 'vong-secrets', defaultMode: 0o440 });
    }
  });

  it('scales what consumes on its lag', () => {
    const groups = of('HorizontalPodAutoscaler').flatMap(({ metadata, spec }) =>
      spec.metrics[0].type === 'External' ? [[metadata.name, spec.metrics[0].external.metric]] : [],
    );
    const lag = (group: string): object => ({ name: 'vong_consumer_lag_records', selector: { matchLabels: { group } } });
    expect(groups).toEqual(['alerter', 'detector', 'indexer'].map((group) => [`vong-${group}`, lag(group)]));
    // More pods than partitions would stand idle.
    const most = of('HorizontalPodAutoscaler').find(({ metadata }) => metadata.name === 'vong-detector')?.['spec'].maxReplicas as number;
    expect(most).toBeLessThanOrEqual(configOf(settings()).kafka?.partitions ?? 0);
  });

  it('lets nobody speak with anybody but roles with servers and names, the ingress and Prometheus with roles', () => {
    const policies = of('NetworkPolicy');
    const everyPod = { matchLabels: { 'app.kubernetes.io/part-of': 'vong' } };
    expect(policies.find(({ metadata }) => metadata.name === 'vong-nothing')?.['spec']).toEqual({
      podSelector: everyPod,
      policyTypes: ['Ingress', 'Egress'],
    });
    expect(except(({ spec }) => spec.template.metadata.labels['app.kubernetes.io/part-of'] === 'vong')).toEqual([]);
    const ports = policies.flatMap(({ spec }) => (spec.egress ?? []).flatMap((rule: { ports: { port: number }[] }) => rule.ports));
    const config = configOf(settings());
    const urls = [...(config.elasticsearch?.urls ?? []), config.postgres?.url ?? '', config.redis?.url ?? ''];
    const needed = [...(config.kafka?.brokers ?? []).map((broker) => broker.split(':')[1]), ...urls.map((url) => new URL(url).port)];
    const open = new Set(ports.map(({ port }: { port: number }) => String(port)));
    expect([...open].toSorted()).toEqual([...new Set([...needed, '53'])].map(String).toSorted());
    const from = policies.flatMap(({ spec }) => (spec.ingress ?? []).map((rule: { from: object[] }) => rule.from));
    expect(from.flat()).toHaveLength(2);
    expect(from.flat().filter((each: object) => Object.keys(each).length === 0)).toEqual([]);
  });

  it('sends what agents send to the gateways, and the rest to the consoles, over TLS', () => {
    const [ingress] = of('Ingress');
    const paths = ingress?.['spec'].rules[0].http.paths as { path: string; backend: { service: { name: string } } }[];
    expect(paths.map(({ path, backend }) => [path, backend.service.name])).toEqual([
      ['/ingest', 'vong-gateway'],
      ['/', 'vong-console'],
    ]);
    expect(ingress?.['spec'].tls[0].hosts).toEqual([ingress?.['spec'].rules[0].host]);
    const services = new Set(of('Service').map(({ metadata }) => metadata.name));
    expect(paths.filter(({ backend }) => !services.has(backend.service.name))).toEqual([]);
  });
});
