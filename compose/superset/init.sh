#!/bin/sh
# Every start of the profile `bi`: Superset's tables, the one account that the secret names, roles,
# then the dashboards of this project, which bring their own import.
set -eu
superset db upgrade
superset fab create-admin --username admin --firstname Администратор --lastname отдела \
  --email admin@localhost --password "$(cat /run/secrets/superset_admin_password)"
# The file is the truth also when the account was there before.
superset fab reset-password --username admin --password "$(cat /run/secrets/superset_admin_password)"
superset init
if [ -x /opt/dashboards/import.sh ]; then /opt/dashboards/import.sh; fi
