"""The pages as people meet them: on a screen and a telephone, by keyboard and screen reader."""

from __future__ import annotations

import json
import time

import pytest

from cases import EXAMPLES
from report.browser import REQUIRED, lacking
from risicoscreener.serve.trying import EXAMPLES as NAMES
from risicoscreener.serve.trying import dossier_of, example, form_of
from serving import Settings, process, running

if lacking() and not REQUIRED:
    pytest.skip(lacking(), allow_module_level=True)

SIZES = {"desktop": (1280, 900), "telephone": (360, 740)}
PAGES = ["/?lang=nl", "/?lang=en&example=deny", "/evaluation?lang=nl", "/evaluation?lang=en"]
HOSTILE = '"><script>document.title="owned"</script>'


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with process(tmp_path_factory.mktemp("demo"), "--demo") as found:
        yield found.address


def visit(tab, url):
    tab.events.clear()
    tab.call("Page.navigate", url=url)
    while not any(event.get("method") == "Page.loadEventFired" for event in tab.events):
        tab.events.append(tab._read())


def screened(tab, before="document.getElementById('outcome') === null"):
    tab.ask("document.querySelector('#case button').click()")
    for _ in range(200):
        if tab.ask("document.activeElement && document.activeElement.id === 'outcome'"):
            return
        time.sleep(0.05)
    raise TimeoutError("nothing was screened")


def fill(tab, name, value):
    tab.ask(
        f"(() => {{ const f = document.querySelector('[name=\"{name}\"]'); f.value = {json.dumps(value)};"
        "f.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_wrong(tab, address, page, size):
    tab.size(*SIZES[size])
    visit(tab, address + page)
    assert tab.violations() == []
    assert not tab.ask("document.documentElement.scrollWidth > innerWidth + 1")


@pytest.mark.parametrize(("size", "lang"), [("desktop", "en"), ("telephone", "nl")])
def test_a_case_is_screened_explained_and_compared(tab, address, size, lang):
    tab.size(*SIZES[size])
    visit(tab, f"{address}/?lang={lang}")
    fill(tab, "detentions.0.expected_release_on", "2024-06-30")
    fill(tab, "debts.0.amount_eur", "25000")
    assert tab.ask("document.querySelectorAll('.changed').length") == 2
    screened(tab)
    said = tab.ask("document.getElementById('result').textContent")
    assert "25000" in said
    assert "870" in said
    tab.ask("document.querySelectorAll('#result details').forEach(d => { d.open = true })")
    assert tab.violations() == []
    assert tab.complaints() == []
    assert not tab.ask("document.documentElement.scrollWidth > innerWidth + 1")


def test_a_fault_in_the_dossier_is_named(tab, address):
    visit(tab, f"{address}/?lang=en")
    fill(tab, "debts.0.amount_eur", "a lot")
    screened(tab)
    said = tab.ask("document.getElementById('result').textContent")
    assert "debts[0].amount_eur" in said
    assert tab.violations() == []


def test_a_hostile_name_is_text(tab, address):
    visit(tab, f"{address}/?lang=en")
    fill(tab, "debts.0.amount_eur", HOSTILE)
    screened(tab)
    assert "owned" not in tab.ask("document.title")
    assert tab.ask("document.querySelectorAll('#result script').length") == 0


def test_it_works_without_scripts(tab, address):
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        visit(tab, f"{address}/?lang=en")
        tab.call("Emulation.setScriptExecutionDisabled", value=False)
        tab.events.clear()
        tab.ask("document.getElementById('case').submit()")
        while not any(event.get("method") == "Page.loadEventFired" for event in tab.events):
            tab.events.append(tab._read())
        assert tab.ask("document.getElementById('outcome') !== null")
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)


def test_the_warning_is_seen_first_and_the_keyboard_leads_to_the_content(tab, address):
    visit(tab, f"{address}/?lang=en")
    assert "not for decisions about people" in tab.ask(
        "document.querySelector('[role=note]').textContent"
    )
    for kind in ("rawKeyDown", "keyUp"):
        tab.call(
            "Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9
        )
    assert tab.ask("document.activeElement.className") == "skip"


@pytest.mark.parametrize("page", [*PAGES, "/evaluation/leave/2021-07-01?lang=nl"])
def test_a_page_asks_nothing_of_another_place_and_complains_of_nothing(tab, address, page):
    visit(tab, address + page)
    # the browser draws the sign of a day from itself
    assert all(url.startswith((address, "data:image/svg")) for url in tab.requests())
    assert tab.complaints() == []


def test_the_examples_of_the_package_are_those_of_the_repository():
    for name in NAMES:
        assert example(name) == (EXAMPLES / f"{name}.json").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_form_says_the_dossier_it_was_made_of(name, lang):
    plain = json.loads(example(name))
    fields = {f.name: f.value for t in form_of(plain, lang) for row in t.rows for f in row.fields}
    assert dossier_of({**fields, "person_id": plain["person_id"]}) == plain


def test_pages_are_for_this_machine_and_for_demonstrations(issuer, tmp_path):
    with running(Settings(demo=True)) as service:
        assert service.ask("GET", "/", headers={"host": "127.0.0.1:8080"}).status_code == 200
        assert service.ask("GET", "/", headers={"host": "evil.example.org"}).status_code == 403
    with running(issuer.settings(tmp_path / "record.db")) as service:
        assert service.ask("GET", "/", headers={"host": "127.0.0.1:8080"}).status_code == 404
