#!/bin/sh
# Loads a dump (pg_dump --format=custom) into a new project, all of it or nothing:
#
#   SUPABASE_DB_URL=... balas migrate
#   SUPABASE_DB_URL=... sh restore.sh balas.dump
#
# People keep their passwords and sign in anew. Files are not in a dump: copy the buckets besides.
set -eu
dump=$1

# What a broken dump does not finish must not be kept: the last line is no SQL then.
data() { pg_restore --data-only --file=- "$@" "$dump" || echo 'the dump could not be read;'; }

{
  echo "do \$\$ begin
    if exists (select from public.messages) then
      raise exception 'this project has messages already: restore into a new one';
    end if;
  end \$\$;"
  # Rows come as they were: no trigger makes anything of them a second time.
  echo "set session_replication_role = replica; set client_min_messages = warning;"
  # What the migrations themselves put there.
  echo "do \$\$ declare ours text; begin
    select string_agg(format('%I.%I', schemaname, tablename), ', ') into ours
      from pg_tables where schemaname in ('public', 'private', 'jobs');
    execute 'truncate ' || ours || ' cascade';
  end \$\$;"
  data --schema=public --schema=private --schema=jobs
  data --schema=auth --table=users --table=identities
} | psql --quiet --single-transaction --set=ON_ERROR_STOP=1 --output=/dev/null "$SUPABASE_DB_URL"
