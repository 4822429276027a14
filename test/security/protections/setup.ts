import type { Protection } from '../protection.ts'

const UNIT = 'deploy/systemd/tailrace.service'
const MANIFEST = 'deploy/kubernetes/tailrace.yaml'

export const setup: readonly Protection[] = [
  {
    threat: 'who gets into the worker has the machine',
    without: 'a user of its own',
    changes: [{ file: UNIT, text: 'DynamicUser=yes\n', instead: '' }],
  },
  {
    threat: 'who gets into the worker has the machine',
    without: 'the loss of capabilities',
    changes: [{ file: UNIT, text: 'CapabilityBoundingSet=\n', instead: '' }],
  },
  {
    threat: 'who gets into the worker has the machine',
    without: 'the ban on new privileges',
    changes: [{ file: UNIT, text: 'NoNewPrivileges=yes\n', instead: '' }],
  },
  {
    threat: 'the same in a cluster',
    without: 'a user of its own',
    changes: [{ file: MANIFEST, text: 'runAsNonRoot: true', instead: 'runAsNonRoot: false' }],
  },
  {
    threat: 'the same in a cluster',
    without: 'a filesystem that it cannot change',
    changes: [
      { file: MANIFEST, text: 'readOnlyRootFilesystem: true', instead: 'readOnlyRootFilesystem: false' },
    ],
  },
  {
    threat: 'the same in a cluster',
    without: 'the loss of capabilities',
    changes: [{ file: MANIFEST, text: 'drop: [ALL]', instead: 'drop: []' }],
  },
  {
    threat: 'a worker has to be root, because it works as nobody else',
    without: 'everything being in the data directory',
    changes: [
      {
        file: 'src/log/embedded/open-store.ts',
        text: "join(dataDir, 'pid')",
        instead: "'/run/tailrace.pid'",
      },
    ],
  },
  {
    threat: 'a library that is installed along has a known hole',
    without: 'an end of the check',
    changes: [
      {
        file: 'scripts/check-advisories.ts',
        text: 'process.exit(found.some(([, { severity }]) => GRAVE.has(severity)) ? 1 : 0)',
        instead: 'process.exit(0)',
      },
    ],
  },
  {
    threat: 'a library that is installed along has a known hole',
    without: 'severity',
    changes: [
      {
        file: 'scripts/check-advisories.ts',
        text: "const GRAVE = new Set(['high', 'critical'])",
        instead: "const GRAVE = new Set(['critical'])",
      },
    ],
  },
  {
    threat: 'a library asks for more than its notice',
    without: 'a look at licences',
    changes: [
      {
        file: 'scripts/check-licences.ts',
        text: 'process.exit(refused.length > 0 ? 1 : 0)',
        instead: 'process.exit(0)',
      },
    ],
  },
  {
    threat: 'nobody knows what is installed along',
    without: 'a difference between tools and libraries',
    changes: [
      {
        file: 'scripts/sbom.ts',
        text: ".filter(([path, { dev }]) => path !== '' && dev !== true)",
        instead: ".filter(([path]) => path !== '')",
      },
    ],
  },
]
