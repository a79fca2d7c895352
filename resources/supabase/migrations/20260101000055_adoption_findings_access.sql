-- Adoption, step one, continued: what is in the way and can be handled without loss.

create function private.adoption_columns()
returns table (subject text, kind text, words text, change text, undo text)
language plpgsql stable set search_path = '' as $$
begin
  -- Foreign checks that would refuse a row of ours.
  return query
  select format('public.%I', c.relname), 'check',
         format('The check %s on %s refuses rows that Balas writes: %s', n.conname, c.relname,
           pg_get_constraintdef(n.oid)),
         format('alter table public.%I drop constraint %I', c.relname, n.conname),
         format('alter table public.%I add constraint %I %s%s', c.relname, n.conname,
           pg_get_constraintdef(n.oid),
           case when n.convalidated then ' not valid' else '' end)
    from pg_constraint n
    join pg_class c on c.oid = n.conrelid
   where c.relnamespace = 'public'::regnamespace
     and c.relname in ('profiles', 'conversations', 'messages') and n.contype = 'c'
     and not private.check_admits(c.oid, pg_get_expr(n.conbin, n.conrelid), n.conkey);

  -- Logins come and go; who wrote what stays.
  return query
  select format('public.%I', c.relname), 'login',
         format('%s hangs on the logins (%s): deleting a login would delete it or be refused.',
           c.relname, pg_get_constraintdef(n.oid)),
         format('alter table public.%I drop constraint %I', c.relname, n.conname),
         format('alter table public.%I add constraint %I %s%s', c.relname, n.conname,
           pg_get_constraintdef(n.oid),
           case when n.convalidated then ' not valid' else '' end)
    from pg_constraint n
    join pg_class c on c.oid = n.conrelid
   where c.relnamespace = 'public'::regnamespace
     and c.relname in ('profiles', 'conversations', 'messages') and n.contype = 'f'
     and n.confrelid = to_regclass('auth.users')
     and exists (select from private.our_columns() o
                   join pg_attribute a on a.attrelid = c.oid and a.attname = o.col
                  where o.tab = c.relname and n.conkey = array[a.attnum]);

  -- A column of ours with another meaning or type. Renamed, so that it keeps every value; one that
  -- only spells its type otherwise is converted where nothing is built on it.
  return query
  with taken as (
    select o.tab, o.col, o.typ, c.oid as rel, a.attnum,
           format_type(a.atttypid, null) as has, t.typtype,
           pg_get_expr(d.adbin, d.adrelid) as preset,
           exists (select from pg_depend p
                    where p.refobjid = c.oid and p.refobjsubid = a.attnum
                      and p.classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass)) as built_on,
           exists (select from pg_constraint n
                    where n.conrelid = c.oid and n.contype = 'f' and n.conkey = array[a.attnum]
                      and n.confrelid is distinct from to_regclass(case o.col
                        when 'assignee_id' then 'public.profiles'
                        when 'reply_to' then 'public.messages' end)) as refers_elsewhere
      from (select tab, col, typ from private.our_columns()
            union all values ('conversations', 'contact_id', 'contact'),
                             ('conversations', 'inbox_id', 'inbox')) o
      join pg_class c on c.relnamespace = 'public'::regnamespace and c.relname = o.tab
      join pg_attribute a on a.attrelid = c.oid and a.attname = o.col and not a.attisdropped
      join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where (o.tab, o.col) not in (('messages', 'conversation_id'), ('messages', 'sent_by'))
       and o.col <> 'id'),
  verdict as (
    select *, case
        when typ in ('contact', 'inbox') then 'rename'
        when refers_elsewhere and col in ('assignee_id', 'reply_to') then 'rename'
        when has = typ then null
        when typ = 'text' and has in ('character varying', 'citext') then null
        when built_on then 'rename'
        when typ = 'text' and (has = 'character' or typtype = 'e') then 'convert'
        when typ = 'timestamp with time zone' and has = 'timestamp without time zone' then 'utc'
        when typ = 'jsonb' and has = 'json' then 'convert'
        when typ = 'integer' and has = 'smallint' then 'convert'
        else 'rename' end as way
      from taken)
  select format('public.%I.%I', tab, col), 'column',
         case way
           when 'rename' then format('%s.%s means something else here; it becomes adopted_%s.',
             tab, col, col)
           else format('%s.%s is %s; it becomes %s with the same values.', tab, col, has, typ) end,
         case way
           when 'rename' then format('alter table public.%I rename column %I to %I', tab, col,
             'adopted_' || col)
           else format('alter table public.%1$I alter column %2$I drop default, '
             'alter column %2$I type %3$s using %4$s', tab, col, typ,
             case way when 'utc' then format('%I at time zone ''UTC''', col)
               else format('%I::%s', col, typ) end) end,
         case way
           when 'rename' then format('alter table public.%1$I drop column if exists %2$I; '
             'alter table public.%1$I rename column %3$I to %2$I', tab, col, 'adopted_' || col)
           else format('alter table public.%1$I alter column %2$I drop default, '
             'alter column %2$I type %3$s using %4$s%5$s', tab, col, has,
             case way when 'utc' then format('%I at time zone ''UTC''', col)
               else format('%I::text::%s', col, has) end,
             coalesce(format('; alter table public.%I alter column %I set default %s', tab, col,
               preset), '')) end
    from verdict where way is not null;

  -- Foreign columns that every row must fill, and that we cannot fill.
  return query
  select format('public.%I.%I', c.relname, a.attname), 'required',
         format('%s.%s must be filled in every row, and Balas does not know what with.',
           c.relname, a.attname),
         format('alter table public.%I alter column %I drop not null', c.relname, a.attname),
         format('alter table public.%I alter column %I set not null', c.relname, a.attname)
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join private.our_columns() o on o.tab = c.relname and o.col = a.attname
   where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
     and c.relname in ('profiles', 'conversations', 'messages')
     and a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attgenerated = ''
     and (o.samples is null or array_position(o.samples, null) is not null)
     and not exists (select from pg_index i
                      where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey));
end $$;

-- Values of columns that Balas reads: mapped, with the old value kept beside.
create function private.adoption_values()
returns table (subject text, kind text, words text, change text, undo text)
language plpgsql stable set search_path = '' as $$
declare
  rule record;
begin
  for rule in
    select r.*, a.attnotnull, pg_get_expr(d.adbin, d.adrelid) as old_preset from (values
      ('conversations', 'status', 'open', $q$case
         when lower(status::text) in ('open', 'snoozed', 'resolved') then lower(status::text)
         when lower(status::text) in ('closed', 'done', 'solved', 'archived', 'completed',
           'inactive', 'selesai', 'ditutup') then 'resolved'
         when lower(status::text) in ('on_hold', 'paused') then 'snoozed'
         else 'open' end$q$),
      ('conversations', 'priority', null, $q$case
         when lower(priority::text) in ('low', 'normal', 'high', 'urgent')
           then lower(priority::text) end$q$),
      ('messages', 'status', null, $q$case
         when lower(status::text) in ('received', 'accepted', 'sent', 'delivered', 'read',
           'failed', 'undelivered', 'canceled') then lower(status::text) end$q$),
      -- Nobody brings a role along: in the old project it may have been free to choose.
      ('profiles', 'role', 'agent', $q$'agent'$q$)) r (tab, col, preset, mapping)
      join pg_attribute a on a.attrelid = to_regclass('public.' || r.tab) and a.attname = r.col
      join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     -- of any other type it is renamed, see above
     where t.typtype = 'e' or t.typname in ('text', 'varchar', 'bpchar', 'citext')
  loop
    return query select format('public.%I.%I', rule.tab, rule.col), 'value',
      format('%s.%s has its own words; each is mapped to ours and kept in adopted_%s.', rule.tab,
        rule.col, rule.col),
      format('alter table public.%1$I add column %3$I text, alter column %2$I %5$s; '
        'update public.%1$I set %3$I = %2$I::text, %2$I = %4$s',
        rule.tab, rule.col, 'adopted_' || rule.col, rule.mapping,
        case when rule.preset is null then 'drop default, alter column ' || rule.col
               || ' drop not null'
          else 'set default ' || quote_literal(rule.preset) end),
      format('alter table public.%1$I drop constraint if exists %4$I; '
        'update public.%1$I set %2$I = %3$I where %3$I is not null; '
        'alter table public.%1$I drop column %3$I, alter column %2$I %5$s%6$s',
        rule.tab, rule.col, 'adopted_' || rule.col, 'balas_' || rule.tab || '_' || rule.col,
        coalesce('set default ' || rule.old_preset, 'drop default'),
        case when rule.attnotnull then format(', alter column %I set not null', rule.col)
          else '' end);
  end loop;
end $$;

-- What opens the tables to the API: row security that is off, grants, policies, views.
create function private.adoption_access()
returns table (subject text, kind text, words text, change text, undo text)
language plpgsql stable set search_path = '' as $$
begin
  return query
  select format('public.%I', c.relname), 'row security',
         format('Row security of %s is off; it goes on.', c.relname),
         format('alter table public.%I enable row level security', c.relname),
         format('alter table public.%I disable row level security', c.relname)
    from pg_class c
   where c.relnamespace = 'public'::regnamespace and not c.relrowsecurity and c.relkind = 'r'
     and c.relname in ('profiles', 'conversations', 'messages');

  return query
  select format('public.%I', g.rel), 'grant',
         format('%s may %s %s directly; Balas takes that back.', g.who,
           lower(string_agg(g.may, ', ' order by g.may)), g.rel),
         format('revoke %s on public.%I from %s', string_agg(g.may, ', ' order by g.may), g.rel,
           g.who),
         format('grant %s on public.%I to %s', string_agg(g.may, ', ' order by g.may), g.rel, g.who)
    from (
      select c.relname as rel, x.privilege_type as may,
             case x.grantee when 0 then 'public' else pg_get_userbyid(x.grantee)::text end as who
        from pg_class c cross join lateral aclexplode(c.relacl) x
       where c.relnamespace = 'public'::regnamespace
         and c.relname in ('profiles', 'conversations', 'messages')
      union all
      select c.relname, format('%s (%I)', x.privilege_type, a.attname),
             case x.grantee when 0 then 'public' else pg_get_userbyid(x.grantee)::text end
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attacl is not null
       cross join lateral aclexplode(a.attacl) x
       where c.relnamespace = 'public'::regnamespace
         and c.relname in ('profiles', 'conversations', 'messages')) g
   where g.who in ('public', 'anon', 'authenticated')
   group by g.rel, g.who;

  return query
  select format('public.%I', p.tablename), 'policy',
         format('The policy "%s" on %s (%s for %s) stays, and can no longer open anything: '
           'restrictive policies of Balas are and-ed to it.', p.policyname, p.tablename,
           lower(p.cmd), array_to_string(p.roles, ', ')),
         null::text, null::text
    from pg_policies p
   where p.schemaname = 'public' and p.tablename in ('profiles', 'conversations', 'messages');

  return query
  select distinct v.oid::regclass::text, 'view',
         case v.relkind
           when 'v' then format('The view %s reads these tables with its owner''s rights; '
             'from now on with the reader''s.', v.oid::regclass)
           else format('The materialized view %s copies these tables; the API may no longer '
             'read it.', v.oid::regclass) end,
         case v.relkind
           when 'v' then format('alter view %s set (security_invoker = true)', v.oid::regclass)
           else format('revoke all on %s from public, anon, authenticated', v.oid::regclass) end,
         case v.relkind
           when 'v' then format('alter view %s reset (security_invoker)', v.oid::regclass)
           else format('grant select on %s to anon, authenticated', v.oid::regclass) end
    from pg_class c
    join pg_depend d on d.refobjid = c.oid and d.classid = 'pg_rewrite'::regclass
    join pg_rewrite w on w.oid = d.objid
    join pg_class v on v.oid = w.ev_class and v.relkind in ('v', 'm')
   where c.relnamespace = 'public'::regnamespace
     and c.relname in ('profiles', 'conversations', 'messages')
     and pg_has_role(v.relowner, 'usage')
     and not coalesce('security_invoker=true' = any (v.reloptions)
                      or 'security_invoker=on' = any (v.reloptions), false);

  return query
  select format('public.%I', c.relname), 'trigger',
         format('The trigger %s on %s runs %s. It stays unless it refuses or changes what Balas '
           'writes, which is tried; then it is switched off.', g.tgname, c.relname,
           g.tgfoid::regprocedure),
         null::text, null::text
    from pg_trigger g join pg_class c on c.oid = g.tgrelid
   where not g.tgisinternal and g.tgenabled <> 'D' and c.relnamespace = 'public'::regnamespace
     and c.relname in ('profiles', 'conversations', 'messages');
end $$;

-- Everything, in the order in which it is handled.
create function private.adoption_findings()
returns table (subject text, kind text, words text, change text, undo text, blocking boolean)
language sql stable set search_path = '' as $$
  select s.subject, s.kind, s.words, null::text, null::text, true from private.adoption_stops() s
  union all select a.*, false from private.adoption_access() a
  union all select c.*, false from private.adoption_columns() c
  union all select v.*, false from private.adoption_values() v
$$;
revoke all on all functions in schema private from public;
