# `make` alone lists what can be done. Set-up happens by itself and only once.
AS_OF ?= 2024-09-30
DATA ?= data
SCALE ?= 1.0
SEED ?= 1
PYTHON ?= python3
PORT ?= 8080

VENV := .venv
BIN := $(VENV)/bin
SUPERSET := .venv-superset
RUN_READY := $(VENV)/.run-ready
DEV_READY := $(VENV)/.dev-ready
CODE := bvb channels compose dashboards desk duty ingest expectations reports synthetic warehouse dags tests bench
# Only bytes of a locked, hashed version are ever installed; compiled once, so every start is quick.
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r

SECRETS = git ls-files -z ':!*.lock' ':!bench/results.json' ':!.secrets.baseline' | \
    xargs -0 $(BIN)/detect-secrets-hook --no-verify --baseline $(VENV)/secrets.baseline

.DEFAULT_GOAL := help
.PHONY: help run test check audit format airflow bench synth secrets compose-smoke dashboards clean

help:  ## этот список
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'
	@echo "  переменные: AS_OF=$(AS_OF) DATA=$(DATA) SCALE=$(SCALE) SEED=$(SEED)"

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit("нужен Python 3.11-3.13, найден " + sys.version.split()[0] if not (3, 11) <= sys.version_info < (3, 14) else 0)'
	@echo "Готовлю окружение в $(VENV) (один раз)…"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock

$(RUN_READY): requirements.lock pyproject.toml | $(BIN)/uv
	@$(INSTALL) requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_READY): requirements-dev.lock $(RUN_READY)
	@$(INSTALL) requirements-dev.lock
	@touch $@

run: $(RUN_READY)  ## главная работа за дату AS_OF; нет файлов — вымышленная область размера SCALE
	@if [ -z "$$(ls -A '$(DATA)/incoming' 2>/dev/null)" ]; then \
	    $(BIN)/bvb synth --as-of $(AS_OF) --scale $(SCALE) --seed $(SEED) --out '$(DATA)/incoming'; fi
	@$(BIN)/bvb run --as-of $(AS_OF) --data '$(DATA)'

airflow: $(RUN_READY)  ## интерфейс Airflow на тех же DAG: печатает адрес, пользователя и пароль
	@$(BIN)/bvb airflow --data '$(DATA)' --port $(PORT)

test: $(DEV_READY)  ## все тесты
	@$(BIN)/python -m pytest

check: $(DEV_READY)  ## формат, стиль, типы, направление импортов, стиль SQL, файлы Docker, секреты
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports
	@$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests
	@$(BIN)/hadolint Dockerfile compose/*/Dockerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml docker-compose.celery.yml
	@if docker compose version >/dev/null 2>&1; then \
	    docker compose --profile '*' config -q && \
	    docker compose -f docker-compose.yml -f docker-compose.celery.yml --profile '*' config -q; \
	else echo "docker compose не найден: файлы проверены только по схеме"; fi

	@# On a copy, where the tool notes moved lines: the second call is red for new secrets only.
	@if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then \
	    cp .secrets.baseline $(VENV)/secrets.baseline; $(SECRETS) >/dev/null || $(SECRETS); fi

audit:  ## известные уязвимости зависимостей; нужна сеть до базы уязвимостей
	@$(PYTHON) -m venv $(VENV)-audit && $(VENV)-audit/bin/pip install --quiet pip-audit
	@for lock in requirements*.lock; do $(VENV)-audit/bin/pip-audit --no-deps --disable-pip --progress-spinner off -r $$lock; done

format: $(DEV_READY)  ## привести код к принятому виду
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

secrets:  ## случайные пароли и ключи для docker compose в secrets/; прежние не трогает
	@$(PYTHON) compose/make_secrets.py secrets

compose-smoke:  ## поднять весь docker-compose.yml, прогнать месяц, убить процессы, убрать; нужен Docker
	@$(PYTHON) -m tests.compose.smoke
# Superset needs older libraries than Airflow and dbt: an environment of its own.
$(SUPERSET)/.ready: dashboards/requirements.lock | $(BIN)/uv
	@echo "Готовлю Superset в $(SUPERSET) (один раз, около 700 МБ)…"
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(SUPERSET)
	@$(BIN)/uv pip install --quiet --python $(SUPERSET)/bin/python --require-hashes -r dashboards/requirements.lock
	@touch $@

dashboards: $(SUPERSET)/.ready  ## Superset с дашбордами из dashboards/assets; секреты — docs/dashboards.md
	@$(SUPERSET)/bin/python dashboards/manage.py prepare import compare serve

bench: $(DEV_READY)  ## замер: этапы рядом с двумя простыми скриптами, год по датам; docs/benchmark.md
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench --year 0.02

clean:  ## убрать окружение и журналы Airflow (данные остаются)
	@rm -rf $(VENV) $(SUPERSET) .airflow
