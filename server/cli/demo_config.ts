/** The example's config, as a reader of it learns what one looks like. */
import { DEMO_BRANCH, DEMO_PROJECT } from './demo_places.ts';
import type { DemoNode, DemoPorts } from './demo_places.ts';

/** Known by this line: `demo reset` removes no folder without it. */
export const DEMO_MARK = '# The example of Signalbox.';

export function demoConfig(ports: DemoPorts): string {
  const node = (id: DemoNode['id']): string => `- id: ${id}
            root: ./nodes/${id}
            restart: ./restart.sh
            timeout: 1m
            health: { http: "http://127.0.0.1:${ports[id]}/healthz", expect: "$VERSION", within: 10s }`;
  return `${DEMO_MARK} Change what you like, then run \`signalbox reload\`; \`npm run demo:reset\` starts it afresh.
projects:
  - id: ${DEMO_PROJECT}
    repo: ./${DEMO_PROJECT}.git
    branch: ${DEMO_BRANCH}
    env: { NODE_ENV: production }
    build: { run: npm run build, artifacts: [dist, package.json], timeout: 5m }
    tiers:
      - id: host
        gates:
          - { id: unit_tests, kind: command, run: npm test, junit: reports/*.xml, timeout: 5m }
          - { kind: boot_smoke, run: node dist/server.js, http: "http://127.0.0.1:$PORT/healthz", expect: "$VERSION", within: 10s }
      - id: staging
        auto_promote: true
        canary: sequential
        nodes:
          ${node('staging-1')}
          ${node('staging-2')}
        gates:
          - { kind: burn_in, for: 20s }
          - { kind: manual_confirm, approvals: 1 }
      - id: production
        auto_promote: true # goes when staging is satisfied, the confirm included
        canary: sequential
        nodes:
          ${node('prod-1')}
          ${node('prod-2')}
`;
}

/** Puts other ports into a config that somebody may have changed since it was written. */
export function withPorts(config: string, before: Partial<DemoPorts>, after: DemoPorts): string {
  const moved = new Map(Object.entries(after).map(([id, port]) => [Object.entries(before).find(([known]) => known === id)?.[1], port]));
  return config.replace(/(127\.0\.0\.1:)(\d+)/g, (whole, host: string, port: string) => {
    const other = moved.get(Number(port));
    return other === undefined ? whole : `${host}${other}`;
  });
}
