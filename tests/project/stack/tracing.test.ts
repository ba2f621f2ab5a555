import { beforeAll, describe, expect, test } from '@jest/globals';
import { withTracing } from '../../../scripts/deployment/tracing.ts';
import { compileTemplate, type Resource, type Resources, resourcesSchema } from '../../alarms/compiled-template.ts';

let off: Resources;
let on: Resources;
beforeAll(() => {
  off = compileTemplate({}).resources;
  on = resourcesSchema.parse(withTracing({ Resources: off }, true));
}, 120_000);

const ofType = (resources: Resources, type: string): [string, Resource][] =>
  Object.entries(resources).filter(([, { Type }]) => Type === type);
const modes = (resources: Resources) =>
  ofType(resources, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties.TracingConfig);
const permitted = (resources: Resources) =>
  ofType(resources, 'AWS::IAM::Role').flatMap(([id, role]) => (JSON.stringify(role).includes('xray:') ? [id] : []));

describe('tracing', () => {
  test('is off by default: no function sends traces, and no role may', () => {
    expect(modes(off)).toEqual(Array(7).fill({ Mode: 'PassThrough' }));
    expect(permitted(off)).toEqual([]);
  });

  test('is on for all functions, whose roles may send traces; the role of the schedules may not', () => {
    expect(modes(on)).toEqual(Array(7).fill({ Mode: 'Active' }));
    const roles = ofType(on, 'AWS::IAM::Role').map(([id]) => id);
    expect(permitted(on)).toEqual(roles.filter((id) => id !== 'SchedulerRole'));
    expect(permitted(on)).toHaveLength(7);
  });

  test('changes nothing but functions and their roles', () => {
    const changed = Object.keys(off).filter((id) => JSON.stringify(on[id]) !== JSON.stringify(off[id]));
    expect(changed.map((id) => off[id]?.Type).toSorted()).toEqual([
      ...Array(7).fill('AWS::IAM::Role'),
      ...Array(7).fill('AWS::Lambda::Function'),
    ]);
  });

  test('is a parameter', () => {
    expect(modes(compileTemplate({ tracing: 'true' }).resources)).toEqual(Array(7).fill({ Mode: 'Active' }));
  }, 60_000);
});
