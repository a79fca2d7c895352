"""Supabase's own lints of a project, asked of the catalog of a migrated one.

Source: https://supabase.com/docs/guides/database/database-advisors (supabase/splinter). Left out
are those about use and size (unused indexes, bloat) and about settings of Auth.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.conftest import Database, create_database

OURS = "('public', 'private', 'jobs')"
API = "'public'::regnamespace"

# Each by Supabase's name; its query names what breaks it.
LINTS = {
    "unindexed_foreign_keys": f"""
        select k.conrelid::regclass || '.' || k.conname from pg_constraint k
         where k.contype = 'f' and k.connamespace::regnamespace::text in {OURS}
           and not exists (select from pg_index i where i.indrelid = k.conrelid and i.indisvalid
             and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] = k.conkey)""",
    "auth_users_exposed": f"""
        select distinct c.oid::regclass::text from pg_class c
          join pg_rewrite r on r.ev_class = c.oid join pg_depend d on d.objid = r.oid
         where c.relnamespace = {API} and d.refobjid = 'auth.users'::regclass""",
    "auth_rls_initplan": """
        select schemaname || '.' || tablename || '.' || policyname from pg_policies
         where schemaname in ('public', 'storage', 'realtime')
           and regexp_replace(concat(qual, ' ', with_check),
                 'SELECT\\s+(auth\\.|realtime\\.)?(uid|jwt|role|email|topic)\\(\\)'
                 '|SELECT\\s+current_setting\\(', '', 'gi')
               ~* '(auth\\.)?\\m(uid|jwt|role|email|topic|current_setting)\\('""",
    "no_primary_key": f"""
        select c.oid::regclass::text from pg_class c
         where c.relnamespace = {API} and c.relkind in ('r', 'p')
           and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)""",
    "multiple_permissive_policies": """
        select schemaname || '.' || tablename || ' ' || role || ' ' || act
          from pg_policies, unnest(roles) role,
               unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) act
         where schemaname = 'public' and permissive = 'PERMISSIVE' and cmd in (act, 'ALL')
         group by schemaname, tablename, role, act having count(*) > 1""",
    "policy_exists_rls_disabled": f"""
        select distinct c.oid::regclass::text from pg_class c join pg_policy p on p.polrelid = c.oid
         where c.relnamespace = {API} and not c.relrowsecurity""",
    "rls_enabled_no_policy": f"""
        select c.oid::regclass::text from pg_class c
         where c.relnamespace = {API} and c.relrowsecurity
           and not exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive)""",
    "duplicate_index": f"""
        select string_agg(i.indexrelid::regclass::text, ' = ') from pg_index i
          join pg_class c on c.oid = i.indexrelid
         where c.relnamespace::regnamespace::text in {OURS}
         group by i.indrelid, i.indkey::text, i.indclass::text, i.indcollation::text,
                  i.indoption::text, coalesce(pg_get_expr(i.indexprs, i.indrelid), ''),
                  coalesce(pg_get_expr(i.indpred, i.indrelid), ''), c.relam
        having count(*) > 1""",
    "security_definer_view": f"""
        select c.oid::regclass::text from pg_class c
         where c.relnamespace = {API} and c.relkind = 'v'
           and not coalesce(c.reloptions && '{{security_invoker=true,security_invoker=on}}', false)
        """,
    "function_search_path_mutable": f"""
        select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace::regnamespace::text in {OURS} and p.prokind in ('f', 'p')
           and not exists (select from unnest(p.proconfig) s where s like 'search_path=%')""",
    "rls_disabled_in_public": f"""
        select c.oid::regclass::text from pg_class c
         where c.relnamespace = {API} and c.relkind in ('r', 'p') and not c.relrowsecurity""",
    "extension_in_public": f"select extname from pg_extension where extnamespace = {API}",
    "rls_references_user_metadata": """
        select schemaname || '.' || tablename || '.' || policyname from pg_policies
         where schemaname in ('public', 'storage', 'realtime')
           and concat(qual, ' ', with_check) ~* 'user_meta_?data'""",
    "materialized_view_in_api": f"""
        select oid::regclass::text from pg_class where relnamespace = {API} and relkind = 'm'""",
    "foreign_table_in_api": f"""
        select oid::regclass::text from pg_class where relnamespace = {API} and relkind = 'f'""",
    "unsupported_reg_types": f"""
        select a.attrelid::regclass || '.' || a.attname from pg_attribute a
          join pg_class c on c.oid = a.attrelid
         where c.relnamespace::regnamespace::text in {OURS} and c.relkind in ('r', 'p')
           and a.attnum > 0 and a.atttypid in ('regcollation'::regtype, 'regconfig'::regtype,
             'regdictionary'::regtype, 'regnamespace'::regtype, 'regoper'::regtype,
             'regoperator'::regtype, 'regproc'::regtype, 'regprocedure'::regtype)""",
    "insecure_queue_exposed_in_api": f"""
        select relname from pg_class where relnamespace = {API}
           and (relname like 'procrastinate%' or relname like 'pgmq%')""",
    "fkey_to_auth_unique": """
        select conname from pg_constraint where contype = 'f' and confrelid::regclass::text
          like 'auth.%' and conrelid::regclass::text not like 'auth.%'""",
    "rls_policy_always_true": """
        select schemaname || '.' || tablename || '.' || policyname from pg_policies
         where schemaname in ('public', 'storage', 'realtime') and permissive = 'PERMISSIVE'
           and (with_check = 'true' or (qual = 'true' and cmd <> 'SELECT'))""",
    "public_bucket_allows_listing": "select id from storage.buckets where public",
    "anon_security_definer_function_executable": f"""
        select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace::regnamespace::text in {OURS}
           and has_function_privilege('anon', p.oid, 'execute')""",
}


@pytest.fixture(scope="module")
def connection(migrated_template: Database) -> Iterator[psycopg.Connection[Any]]:
    """A migrated project, only to be read."""
    name = f"lints_{uuid.uuid4().hex[:8]}"
    database = create_database(migrated_template.server, name, migrated_template.name)
    with psycopg.connect(database.dsn, autocommit=True) as connected:
        yield connected


@pytest.mark.parametrize("lint", LINTS)
def test_a_lint_of_supabase_finds_nothing(connection: psycopg.Connection[Any], lint: str) -> None:
    assert connection.execute(LINTS[lint].encode()).fetchall() == []


# What must be found where it is: a lint that sees nothing proves nothing.
FAULTS = {
    "unindexed_foreign_keys": "create table public.bad (id int primary key,"
    " p uuid references public.profiles)",
    "auth_users_exposed": "create view public.bad as select id from auth.users",
    "auth_rls_initplan": "create policy bad on public.labels using (auth.uid() is not null)",
    "no_primary_key": "create table public.bad (id int)",
    "multiple_permissive_policies": "create policy bad on public.labels for select to authenticated"
    " using (id is not null)",
    "policy_exists_rls_disabled": "alter table public.labels disable row level security",
    "rls_enabled_no_policy": "drop policy read_as_staff on public.labels",
    "duplicate_index": "create index bad on public.labels (color);"
    " create index worse on public.labels (color)",
    "security_definer_view": "create view public.bad as select id from public.labels",
    "function_search_path_mutable": "create function public.bad() returns int language sql"
    " as 'select 1'",
    "rls_disabled_in_public": "alter table public.labels disable row level security",
    "rls_references_user_metadata": "create policy bad on public.labels"
    " using ((auth.jwt() -> 'user_metadata') is not null)",
    "materialized_view_in_api": "create materialized view public.bad as select 1",
    "unsupported_reg_types": "create table public.bad (id regproc)",
    "insecure_queue_exposed_in_api": "create table public.procrastinate_jobs (id int)",
    "rls_policy_always_true": "create policy bad on public.labels for insert with check (true)",
    "public_bucket_allows_listing": "update storage.buckets set public = true",
    "anon_security_definer_function_executable": "grant execute on function public.my_profile()"
    " to anon",
}


@pytest.mark.parametrize("lint", FAULTS)
def test_the_lint_sees_the_fault_it_is_for(connection: psycopg.Connection[Any], lint: str) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute(FAULTS[lint].encode())
        assert connection.execute(LINTS[lint].encode()).fetchall() != []
