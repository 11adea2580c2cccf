#!/bin/bash
# First start of the warehouse server: its owner and the passwords of the readers. What each may
# read is said by warehouse/server/server.yml at the first publication; until then, nothing.
set -euo pipefail
run() { psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" "$@"; }
run -v password="$(< /run/secrets/bvb_admin_password)" <<'SQL'
CREATE ROLE bvb_admin LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE bvb OWNER bvb_admin;
REVOKE TEMPORARY ON DATABASE bvb FROM PUBLIC;
-- Where `bvb crosscheck` builds; nobody else has business there.
CREATE DATABASE bvb_build OWNER bvb_admin;
REVOKE CONNECT ON DATABASE bvb_build FROM PUBLIC;
SQL
# Made by bvb_admin itself: since PostgreSQL 16 only a role's maker may change it.
for name in bvb_analyst bvb_report bvb_restricted; do
  run -v name="$name" -v password="$(< "/run/secrets/${name}_password")" <<'SQL'
SET ROLE bvb_admin;
CREATE ROLE :"name" LOGIN PASSWORD :'password';
SQL
done
