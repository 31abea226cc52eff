"""The kit renders strictly, without ids used twice and without anything that the policy refuses."""

import re
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import jinja2
import pytest
from flask import Flask
from lxml import html
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, Form, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from lims.certificates.models import CertificateState
from lims.charts.colour import contrast, mix
from lims.charts.look import LOOK
from lims.charts.svg import heat_mix
from lims.control.models import DocumentState
from lims.imports.models import ImportState
from lims.lots.models import LotState
from lims.results.models import ResultState, TestState
from lims.runs.models import RunState
from lims.samples.models import SampleState
from lims.science.criteria import Verdict
from lims.science.trace import Step

sys.path.insert(0, str(Path(__file__).parent))
import gallery

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "lims" / "web" / "static"
KIT = sorted(TEMPLATES.glob("kit/*.html"))


@pytest.fixture(scope="module")
def kit():
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
    )
    env.globals.update(
        url_for=lambda _endpoint, filename: f"/static/{filename}",
        csrf_token=lambda: "token",
        get_flashed_messages=lambda **_options: [("fail", "Not <saved>.")],
    )
    return env


@pytest.fixture(scope="module")
def page(kit):
    return kit.get_template("kit/gallery.html").render(**gallery.frame_context())


def render(kit, text, **context):
    return kit.from_string('{% import "kit/all.html" as k %}' + text).render(**context)


def refused_by_policy(markup: str) -> list[str]:
    tree = html.fromstring(markup)
    found = [f"{e.tag} {a}" for e in tree.iter() for a in e.attrib if a == "style" or a[:2] == "on"]
    found += [
        "inline script" for e in tree.iter("script") if not e.get("src") or (e.text or "").strip()
    ]
    found += ["style element" for _ in tree.iter("style")]
    links = [e.get(a) for e in tree.iter() for a in ("href", "src", "action") if e.get(a)]
    return found + [u for u in links if re.match(r"(https?:)?//|javascript:|data:", u)]


def ids_used_twice(markup: str) -> list[str]:
    counted = Counter(e.get("id") for e in html.fromstring(markup).iter() if e.get("id"))
    return [i for i, n in counted.items() if n > 1]


def test_gallery_holds_nothing_that_the_policy_refuses(page):
    assert refused_by_policy(page) == []


def test_gallery_uses_no_id_twice(page):
    assert ids_used_twice(page) == []


def test_every_description_and_label_points_to_something(page):
    tree = html.fromstring(page)
    ids = {e.get("id") for e in tree.iter() if e.get("id")}

    wanted = {
        i
        for e in tree.iter()
        for a in ("aria-describedby", "aria-labelledby", "for")
        for i in (e.get(a) or "").split()
    }

    assert wanted - ids == set()


def test_every_macro_of_the_kit_is_shown_in_the_gallery():
    shown = (TEMPLATES / "kit" / "gallery.html").read_text()
    offered = re.findall(r"set (\w+) = \w+\.\1", (TEMPLATES / "kit" / "all.html").read_text())
    used_inside = {
        "unit",
        "signed_note",
        "trace_value",
        "chart_table",
        "sign_mark",
        "check",
        "cell_input",
    }
    used_inside |= {
        "cell_message",
        "cell_was",
        "row_note",
        "form_open",
        "form_close",
        "form_field",
        "submit",
    }

    missing = {m for m in offered if f"k.{m}(" not in shown} - used_inside

    assert missing == set()


def test_every_icon_that_is_named_is_in_the_sprite(page):
    tree = html.fromstring(page)
    drawn = {e.get("id") for e in tree.iter("symbol")}

    used = {e.get("href")[1:] for e in tree.iter("use")}

    assert used - drawn == set()


def test_every_icon_of_every_state_is_in_the_sprite(kit):
    module = kit.get_template("kit/marks.html").module
    drawn = set(re.findall(r'symbol id="i-([\w-]+)"', (TEMPLATES / "kit/_icons.html").read_text()))

    used = {look[1] for states in module.STATES.values() for look in states.values()}

    assert used - drawn == set()


@pytest.mark.parametrize(
    ("kind", "state", "words"),
    [
        ("lot", "on hold", "On hold"),
        ("lot", "in test", "In test"),
        ("test", "in review", "In review"),
        ("certificate", "signed by QC", "Signed by QC"),
        ("verdict", "does not conform", "Does not conform"),
        ("verdict", "not_comparable", "Not comparable"),
    ],
)
def test_a_state_is_shown_by_shape_and_word(kit, kind, state, words):
    shown = render(kit, "{{ k.state_badge(kind, state) }}", kind=kind, state=state)

    assert words in shown
    assert "<use " in shown


def test_an_enum_member_is_shown_by_its_value(kit):

    shown = render(kit, "{{ k.state_badge('lot', state) }}", state=LotState.ON_HOLD)

    assert "On hold" in shown


def test_every_state_of_the_models_has_a_badge(kit):

    states = kit.get_template("kit/marks.html").module.STATES

    for kind, enums in {
        "lot": [LotState],
        "test": [TestState, ResultState],
        "certificate": [CertificateState],
        "verdict": [Verdict],
        "run": [RunState],
        "sample": [SampleState],
        "document": [DocumentState],
        "import": [ImportState],
    }.items():
        known = {m.value.lower().replace(" ", "_") for e in enums for m in e}
        assert known - set(states[kind]) == set()


def test_an_unknown_state_is_an_error(kit):
    with pytest.raises(jinja2.UndefinedError):
        render(kit, "{{ k.state_badge('lot', 'sleeping') }}")


def test_words_from_people_are_escaped_everywhere(kit):
    evil = '<script>alert(1)</script>"'
    shown = render(
        kit,
        "{{ k.field('a', evil, evil, hint=evil, error=evil, unit=evil) }}"
        "{{ k.facts([(evil, evil, evil)]) }}{{ k.btn(evil, attrs={'data-x': evil}) }}"
        "{{ k.checks([('p', evil, evil, evil)]) }}{% call k.ban() %}{{ evil }}{% endcall %}"
        "{{ k.sig(evil, evil, evil) }}{{ k.diff(evil, evil, evil) }}{{ k.state_badge('lot', 'tested', evil) }}"
        "{{ k.calc_trace([{'name': evil, 'formula': evil, 'inputs': {evil: evil}, 'value': evil, 'unit': evil}]) }}"
        "{{ k.error_summary([('a', evil)]) }}{{ k.tl([('', 'check', evil, evil)]) }}"
        "{{ k.plate([('A', [{'name': evil, 'role': 'S', 'text': evil, 'level': 3, 'look': '', 'flag': evil}])], evil) }}",
        evil=evil,
    )

    assert "<script" not in shown


def test_markup_from_the_page_is_kept(kit):
    shown = render(kit, "{{ k.facts([('Limit', limit)]) }}", limit=Markup("10<sup>3</sup>"))

    assert "10<sup>3</sup>" in shown


def test_an_error_is_tied_to_its_field_and_to_the_summary(kit):
    shown = render(
        kit,
        "{{ k.error_summary({'mass': ['Enter a mass']}) }}{{ k.field('mass', 'Mass', error=['Enter a mass'], hint='In g') }}",
    )
    tree = html.fragment_fromstring(shown, create_parent="div")

    field = tree.get_element_by_id("mass")
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-describedby").split() == ["mass-h", "mass-e"]
    assert tree.get_element_by_id("mass-e").text_content() == "Enter a mass"
    assert [a.get("href") for a in tree.iter("a")] == ["#mass"]


def test_a_password_is_never_written_back(kit):
    shown = render(kit, "{{ k.field('pw', 'Password', 'secret', 'password') }}")

    assert "secret" not in shown


@pytest.mark.parametrize("kind", ["radio", "cards", "select"])
def test_the_chosen_option_is_marked_and_a_refused_one_says_why(kit, kind):
    shown = render(
        kit,
        "{{ k.field('d', 'Decision', 'b', kind, [('a', 'Release', 'No', true), ('b', 'Hold')]) }}",
        kind=kind,
    )
    tree = html.fragment_fromstring(shown)

    options = list(tree.iter("input", "option"))
    assert [e.get("value") for e in options if "checked" in e.attrib or "selected" in e.attrib] == [
        "b"
    ]
    assert [e.get("value") for e in options if "disabled" in e.attrib] == ["a"]
    if kind != "select":
        assert "No" in tree.text_content()


def test_a_wtforms_field_renders_with_its_errors():

    class Sample(Form):
        code = StringField("Code", [InputRequired("Enter a code")], description="On the label")
        made = DateField("Made")
        family = SelectField(
            "Family", choices=[SelectChoice("I", "Identity"), SelectChoice("P", "Potency")]
        )
        intact = BooleanField("Seal intact")
        password = PasswordField("Password")

    form = Sample(MultiDict({"made": "2026-11-22", "family": "P", "password": "secret"}))
    form.validate()
    app = Flask("kit", template_folder=str(TEMPLATES))
    app.jinja_env.undefined = jinja2.StrictUndefined

    with app.app_context():
        shown = app.jinja_env.from_string(
            '{% import "kit/all.html" as k %}{% for f in form %}{{ k.form_field(f) }}{% endfor %}'
        ).render(form=form)
    tree = html.fragment_fromstring(shown, create_parent="div")

    assert tree.get_element_by_id("code-e").text_content() == "Enter a code"
    assert "On the label" in shown
    assert tree.get_element_by_id("made").get("value") == "2026-11-22"
    assert [o.get("value") for o in tree.iter("option") if "selected" in o.attrib] == ["P"]
    assert "secret" not in shown
    assert ids_used_twice(shown) == []


def test_the_sign_dialog_repeats_the_record_and_asks_for_the_password_alone(kit):
    shown = render(
        kit,
        "{{ k.sign_dialog('s', '/sign', 'Sign', [('Result', '4.3')], [('reviewed', 'Reviewed', 'I agree')],"
        " 'reviewer.c', 'Reviewer C', '14:32 CET', 'Sign as reviewed', 'a' * 64, error='Wrong password.', open=true) }}",
    )
    tree = html.fragment_fromstring(shown)

    posted = {e.get("name"): e.get("value") for e in tree.iter("input") if e.get("name")}
    assert posted == {
        "csrf_token": "token",
        "fingerprint": "a" * 64,
        "meaning": "reviewed",
        "login": "reviewer.c",
        "password": None,
    }
    assert "readonly" in tree.get_element_by_id("s-u").attrib
    assert "data-modal" in tree.attrib
    assert "data-key" not in shown


def test_the_first_signature_of_a_series_asks_for_the_login_too(kit):
    shown = render(
        kit,
        "{{ k.sign_dialog('s', '/sign', 'Sign', [], [('reviewed', 'Reviewed')], 'reviewer.c', 'Reviewer C',"
        " '14:32 CET', 'Sign', type_login=true) }}",
    )
    login = html.fragment_fromstring(shown).get_element_by_id("s-u")

    assert login.get("value") == ""
    assert "readonly" not in login.attrib


def test_no_key_signs(page):
    tree = html.fromstring(page)

    assert [e for d in tree.iter("dialog") for e in d.iter() if e.get("data-key")] == []


def test_a_long_series_in_a_trace_folds(kit):
    shown = render(
        kit,
        "{{ k.calc_trace([{'name': 'Area', 'formula': 'sum', 'inputs': {'od': range(97)}, 'value': 1, 'unit': 'h'}]) }}",
    )

    assert "0 … 96, 97 values" in shown


def test_a_step_of_a_trace_renders_as_it_is(kit):

    step = Step("Sum", "lims:sum", "ΣC", {"counts": (1, 2)}, Decimal("-3.50"), "CFU")

    shown = render(kit, "{{ k.calc_trace([step]) }}", step=step)

    assert "−3.50" in shown
    assert "counts" in shown


def test_a_count_sheet_saves_cell_by_cell_and_asks_for_a_reason_when_recorded(kit):
    shown = render(
        kit,
        "{{ k.count_sheet(['Plate 1'], [{'head': 'x', 'reader': 'Dilution minus 6', 'used': none, 'note': '',"
        " 'cells': [{'id': 'c1', 'name': 'c1', 'value': '17', 'error': '', 'recorded': '17', 'was': ['71']}]}], '/cell') }}",
    )
    cell = next(html.fragment_fromstring(shown).iter("input"))

    assert cell.get("type") == "text"
    assert cell.get("inputmode") == "numeric"
    assert cell.get("aria-label") == "Dilution minus 6, plate 1"
    assert cell.get("data-recorded") == "17"
    assert cell.get("hx-params").split(",")[0] == "c1"
    assert "71</del>" in shown


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_theme_is_rendered_by_the_server(kit, theme):
    frame = {**gallery.frame_context(), "theme": theme, "pictures": gallery.pictures()}

    shown = kit.get_template("kit/gallery.html").render(**frame)

    assert f'<html lang="en-GB" data-theme="{theme}">' in shown


def test_a_page_with_errors_says_so_first_in_its_title(kit):
    shown = kit.get_template("base.html").render(**gallery.frame_context(), errors=[("a", "b")])

    assert "<title>Error: Components · QC Microbiology</title>" in shown


def test_the_frame_needs_only_what_its_head_names(kit):
    context = gallery.frame_context()
    needed = {n: context[n] for n in ("title", "nav", "person", "laboratory", "theme")}

    shown = kit.get_template("base.html").render(**needed)

    assert refused_by_policy(shown) == []
    assert ids_used_twice(shown) == []
    assert "Not &lt;saved&gt;." in shown


def test_the_bare_frame_needs_no_person(kit):
    shown = kit.get_template("bare.html").render(
        title="Verify a certificate",
        laboratory={"name": "Northmere"},
        theme="auto",
        scripts=["verify.js"],
    )

    assert refused_by_policy(shown) == []
    assert ids_used_twice(shown) == []


def test_dark_by_choice_and_dark_by_system_are_the_same():
    css = (STATIC / "lims.css").read_text()

    chosen, system = (
        re.sub(
            r"\s+", " ", re.search(rf'\[data-theme="{name}"\] {{(.*?)\n\s*}}', css, re.DOTALL)[1]
        )
        for name in ("dark", "auto")
    )

    assert chosen == system


def test_the_heat_ramp_of_the_style_sheet_is_that_of_the_charts():

    css = (STATIC / "lims.css").read_text()
    written = {int(n): float(v) for n, v in re.findall(r"\.h(\d+) { --v: ([\d.]+)%; }", css)}

    assert written == {n: pytest.approx(100 * heat_mix(n), abs=0.051) for n in range(21)}


@pytest.mark.parametrize("theme", [":root", '[data-theme="dark"]'])
def test_the_ink_on_every_heat_level_can_be_read(theme):

    css = (STATIC / "lims.css").read_text()
    block = re.search(re.escape(theme) + r" {(.*?)\n\s*}", css, re.DOTALL)[1]
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))

    for level in range(21):
        ink = tokens["accent-ink"] if level >= 12 else tokens["ink"]
        assert contrast(ink, mix(tokens["h0"], tokens["h1"], heat_mix(level))) >= 4.5


def test_no_template_or_script_writes_styles_or_evaluates_text():
    for path in [*TEMPLATES.glob("*.html"), *KIT]:
        assert not re.search(r"\sstyle=|\son\w+=|<style", path.read_text()), path.name
    for name in ("app.js", "sheet.js", "verify.js"):
        script = (STATIC / name).read_text()
        assert not re.search(r"\beval\(|new Function|\.style\b|document\.write", script), name


def test_every_font_and_library_has_its_licence_beside_it():
    assert {p.name for p in STATIC.rglob("*.txt")} == {
        "inter-OFL.txt",
        "ibm-plex-mono-OFL.txt",
        "htmx-LICENSE.txt",
        "idiomorph-LICENSE.txt",
    }


def test_every_file_that_the_style_sheet_asks_for_is_there():
    for name in re.findall(r'url\("([^"]+)"\)', (STATIC / "lims.css").read_text()):
        assert (STATIC / name).is_file()


def test_every_class_of_a_chart_has_a_look_in_the_style_sheet():

    css = (STATIC / "lims.css").read_text()

    assert [c for c in LOOK if c != "t" and not re.search(rf"\.ch \.{c}\b", css)] == []
