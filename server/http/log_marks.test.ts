import { expect, test } from 'vitest';
import { addLog, ask, openHello } from './house_for_tests.ts';
import type { IndexedRun } from './run_index_port.ts';

const gate = (run_id: number): IndexedRun =>
  ({ run_id, project: 'hello', type: 'gate', tier: 'host', gate: 'unit_tests', status: 'passed' }) as IndexedRun;

test('the marks of a log', async () => {
  const house = await openHello();
  const marks = {
    bytes: 50,
    lines: 2,
    closed: true,
    surveyed: 50,
    errors: { count: 1, items: [{ n: 2, offset: 9, kind: 'compiler' }] },
    sections: [{ from: 1, to: 2, title: 'a', depth: 0 }],
  };
  addLog(house, 7, 'x'.repeat(50));
  house.marks.set(7, marks);
  expect(await ask(house, 'GET', '/api/v1/runs/7/log/marks')).toMatchObject({ status: 200, body: { run_id: 7, ...marks } });
  expect(await ask(house, 'GET', '/api/v1/runs/8/log/marks')).toMatchObject({ status: 404, body: { code: 'not_found' } });
});

test('the pace of a run', async () => {
  const house = await openHello();
  house.runs.push(gate(9), gate(7));
  addLog(house, 7, 'x');
  Object.assign(house.runLogs.get(7)?.stat ?? {}, { first_at: null, last_at: null, longest_pause_ms: 0 });
  expect(await ask(house, 'GET', '/api/v1/runs/9/pace')).toMatchObject({ status: 200, body: { run_id: 9, usual: null, pause: null } });
  Object.assign(house.runLogs.get(7)?.stat ?? {}, { first_at: 1_000, last_at: 90_000, longest_pause_ms: 40_000 });
  expect((await ask(house, 'GET', '/api/v1/runs/9/pace')).body).toEqual({ run_id: 9, usual: null, pause: { usual_s: 40, runs: 1 } });
  expect(await ask(house, 'GET', '/api/v1/runs/10/pace')).toMatchObject({ status: 404, body: { code: 'not_found' } });
});

test('both are in the document', async () => {
  const { body } = await ask(await openHello(), 'GET', '/api/v1/openapi.json');
  expect(body['paths']).toMatchObject({
    '/api/v1/runs/{run_id}/log/marks': { get: { operationId: 'run_log_marks' } },
    '/api/v1/runs/{run_id}/pace': { get: { operationId: 'run_pace' } },
  });
});
