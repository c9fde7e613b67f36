"""What each process loads: no geodata where people are, no Django where machines are, no dead task."""

import ast
import json
import os
import re
import subprocess
import sys

import pytest

from tests.house import tree

TASK = re.compile(r"kfm_review\.tasks\.[a-z_]+|pipelines\.(run|bury|ping)")
GEODATA = ("geopandas", "pandas", "shapely", "leafmap", "osgeo", "rasterio", "duckdb", "pyarrow", "pyogrio")
DJANGO = ("django.apps", "django.conf", "django.db")  # kombu looks for `django.utils` wherever Django is
LOADED = "import json, sys; print(json.dumps(sorted(sys.modules)))"
WEB = """
from kfm_review import wsgi
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
from django.urls import get_resolver
get_resolver().url_patterns
"""


def loaded_by(code: str, **environment: str) -> set[str]:
    """Run a program of its own and return the modules it has loaded."""
    told = {**os.environ, **environment}
    command = [sys.executable, "-c", f"{code}\n{LOADED}"]
    ran = subprocess.run(command, cwd=tree.ROOT, env=told, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    names: list[str] = json.loads(ran.stdout.splitlines()[-1])
    return set(names)


@pytest.mark.django_db
def test_the_web_process_loads_no_geodata_library() -> None:
    loaded = loaded_by(WEB, DJANGO_SETTINGS_MODULE="kfm_review.settings")
    assert "django" in loaded
    assert not loaded & set(GEODATA)


def test_a_worker_loads_no_django() -> None:
    loaded = loaded_by("import pipelines.worker", STORE_URL="file:///nowhere", BROKER_URL="memory://")
    assert "celery" in loaded
    assert not loaded & {*DJANGO, "psycopg", "kfm_review"}


def test_a_witness_loads_no_django_no_database_and_no_broker() -> None:
    loaded = loaded_by("import pipelines.witness.__main__")
    assert "cryptography" in loaded
    assert not loaded & {*DJANGO, "psycopg", "celery", "kombu", "kfm_review", *GEODATA}


@pytest.mark.slow
def test_every_task_that_is_written_or_sent_is_registered() -> None:
    people = "from kfm_review.celery import app; app.loader.import_default_modules()"
    machines = "from pipelines.worker import app"
    registered = tasks_of(machines, BROKER_URL="memory://") | tasks_of(
        f"import django; django.setup(); {people}", DJANGO_SETTINGS_MODULE="kfm_review.settings"
    )
    written = {f"kfm_review.tasks.{name}" for name in _tasks_in("kfm_review/tasks.py")}
    assert written
    assert written | _named() <= registered


def tasks_of(code: str, **environment: str) -> set[str]:
    """Run a program that makes `app`, and return the names of its tasks."""
    command = [sys.executable, "-c", f"{code}\nimport json; print(json.dumps(sorted(app.tasks)))"]
    told = {**os.environ, **environment}
    ran = subprocess.run(command, cwd=tree.ROOT, env=told, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    names: list[str] = json.loads(ran.stdout.splitlines()[-1])
    return set(names)


def _tasks_in(file: str) -> set[str]:
    """Return the names of the functions that a module makes tasks."""
    functions = ast.parse((tree.ROOT / file).read_text(encoding="utf-8")).body
    return {
        function.name
        for function in functions
        if isinstance(function, ast.FunctionDef)
        and "task" in "".join(map(ast.unparse, function.decorator_list))
    }


def _named() -> set[str]:
    """Return every task name that stands in our code as a word."""
    return {
        node.value
        for file in tree.modules()
        if file.parts[0] in ("kfm_review", "pipelines")
        for node in ast.walk(ast.parse((tree.ROOT / file).read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TASK.fullmatch(node.value)
    }
