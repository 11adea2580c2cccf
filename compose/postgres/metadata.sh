#!/bin/bash
# First start of the metadata server: one role and one database for each program that keeps its own.
set -euo pipefail
for name in airflow superset; do
  psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$(< "/run/secrets/${name}_db_password")" \
       -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
