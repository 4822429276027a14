import type { Fault } from '../fault.ts'

export const POSTGRES_FAULTS: readonly Fault[] = [
  {
    name: 'PostgreSQL restarted',
    outcome: 'survived',
    strike: (bench) => bench.restartPostgres('restart'),
  },
  {
    name: 'PostgreSQL killed (kill -9)',
    outcome: 'survived',
    strike: (bench) => bench.restartPostgres('kill'),
  },
  {
    name: 'walsender and all sessions of the worker terminated',
    outcome: 'survived',
    async strike(bench) {
      await bench.postgres
        .query(
          `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()
            and (backend_type = 'walsender' or application_name !~ '^$')`,
          'postgres',
          'faults',
        )
        .catch(() => {})
    },
  },
]
