#!/bin/sh
# Superset's own database has its password in a file; what is to be done are words of manage.py.
set -eu
SUPERSET_METADATA_URI="postgresql+psycopg2://superset:$(cat /run/secrets/superset_db_password)@metadata-db:5432/superset"
export SUPERSET_METADATA_URI
exec python /opt/dashboards/manage.py "$@"
