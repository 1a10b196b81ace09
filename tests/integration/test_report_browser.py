"""The report in a real browser: no script error, every figure drawn, nothing fetched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sim.reports.figures import FIGURES
from sim.reports.html import write_report
from tests.helpers.folders import panic_folder

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    """Skips on a machine without a browser, but never where the build is judged."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"no browser on PATH (one of {', '.join(NAMES)}), and CI must check the report")
    if found is None:
        pytest.skip(f"no browser on PATH (one of {', '.join(NAMES)}): the report was not opened")
    return found


@pytest.fixture(scope="module")
def opened(browser, tmp_path_factory):
    """The document as the browser leaves it, of a report with every kind of design."""
    folder = tmp_path_factory.mktemp("report")
    panic_folder(folder, ("fixed", "fixed_breaker", "dutch", "dutch_breaker"), (0, 1), 600)
    return dom(browser, write_report(folder), folder)


def dom(browser: str, page: Path, folder: Path) -> str:
    command = [
        browser,
        "--headless",
        "--no-sandbox",  # the browser refuses to sandbox for root
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND",  # no network
        f"--user-data-dir={folder / 'profile'}",
        "--virtual-time-budget=30000",
        "--dump-dom",
        page.as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=240).stdout


class Plots(HTMLParser):
    """For each figure: how many drawings and how many drawn traces it has."""

    def __init__(self) -> None:
        super().__init__()
        self.svgs: dict[str, int] = {}
        self.traces: dict[str, int] = {}
        self._figure = ""

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        classes = (found.get("class") or "").split()
        if tag == "figure":
            self._figure = found["id"]
        if tag == "svg" and "main-svg" in classes:
            self.svgs[self._figure] = self.svgs.get(self._figure, 0) + 1
        if tag == "g" and "trace" in classes:
            self.traces[self._figure] = self.traces.get(self._figure, 0) + 1


def test_open__report__no_script_error(opened):
    root = re.search(r"<html[^>]*>", opened)[0]

    assert 'data-errors="0"' in root, root


def test_open__report__every_figure_is_drawn_with_traces(opened):
    plots = Plots()
    plots.feed(opened)

    assert f'data-drawn="{len(FIGURES)}"' in re.search(r"<html[^>]*>", opened)[0]
    assert len(plots.svgs) == len(plots.traces) == len(FIGURES)
    assert min(plots.traces.values()) >= 4  # at least one for each design


def test_open__broken_script__is_noticed(browser, tmp_path):
    """The collector of errors works: a test that can't fail would prove nothing."""
    panic_folder(tmp_path, ("fixed",), (0,), 3600)
    page = write_report(tmp_path)
    page.write_text(page.read_text().replace("Plotly.newPlot(place", "Plotly.noPlot(place"))

    assert 'data-errors="1"' in dom(browser, page, tmp_path)
