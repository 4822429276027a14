import type { PostgresServer } from '../../servers/postgres.ts'
import type { CommittedChange } from './history.ts'

/**
 * In the database itself: each row is stamped with a version of its own by its change, and the change is noted, in the
 * same transaction. So the notes say what was committed, whatever becomes of the server and of those who wrote.
 */
const JOURNAL = `
create sequence versions;
create table journal (seq bigint primary key generated always as identity, xid bigint default pg_current_xact_id()::text::bigint,
  tab text not null, key int, op text not null, version bigint);

create function stamp_row() returns trigger language plpgsql as $$ begin
  new.version := nextval('versions');
  new.stamp := md5(new.id || ':' || new.version);
  return new;
end $$;

create function note_row() returns trigger language plpgsql as $$ begin
  if tg_op = 'DELETE' or (tg_op = 'UPDATE' and old.id <> new.id) then
    insert into journal (tab, key, op) values (tg_table_name, old.id, 'd');
  end if;
  if tg_op = 'INSERT' or (tg_op = 'UPDATE' and old.id <> new.id) then
    insert into journal (tab, key, op, version) values (tg_table_name, new.id, 'c', new.version);
  elsif tg_op = 'UPDATE' then
    insert into journal (tab, key, op, version) values (tg_table_name, new.id, 'u', new.version);
  end if;
  return null;
end $$;

create function note_truncate() returns trigger language plpgsql as $$ begin
  insert into journal (tab, op) values (tg_table_name, 't');
  return null;
end $$;
`

export async function createJournal(postgres: PostgresServer): Promise<void> {
  await postgres.query(JOURNAL)
}

/** The statements that create a table whose changes are noted. Columns c0, c1, … may be altered. */
export function createNotedTable(table: string): string {
  return `create table ${table} (id int primary key, version bigint, stamp text, name text, note text, c0 int default 0);
    alter table ${table} alter note set storage external;
    create trigger stamp before insert or update on ${table} for each row execute function stamp_row();
    create trigger note after insert or update or delete on ${table} for each row execute function note_row();
    create trigger note_truncate after truncate on ${table} for each statement execute function note_truncate();`
}

/** Part of a transaction that alters the table, and has its lock. */
export function noteAltered(table: string): string {
  return `insert into journal (tab, op, version) values ('${table}', 'ddl', nextval('versions'))`
}

/** How far the notes are; null: none. */
export async function lastNote(postgres: PostgresServer): Promise<number> {
  const [row] = await postgres.query(
    'select coalesce(max(seq), 0)::int as seq from journal',
    'postgres',
    'notes',
  )
  return row!['seq'] as number
}

/** All notes, a page at a time. */
export async function* readJournal(postgres: PostgresServer): AsyncGenerator<CommittedChange> {
  for (let from = 0; ;) {
    const rows = await postgres.query(
      `select seq::int, xid::int, tab as table, key, op, version::int from journal where seq > ${from} order by seq limit 20000`,
      'postgres',
      'notes',
    )
    if (rows.length === 0) return
    for (const row of rows) yield { kind: 'change', ...row } as CommittedChange
    from = rows.at(-1)!['seq'] as number
  }
}
