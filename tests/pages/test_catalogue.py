"""Controlled documents: drafted, signed by two people, never edited once approved."""

import io
import re

import pytest

from lims import assays
from lims.accounts import actions, queries
from lims.accounts.models import Role
from lims.demonstration.people import (
    ADMINISTRATOR,
    ANALYST,
    INSPECTOR,
    MANAGER,
    QUALITY,
    Login,
)
from lims.foundation import canonical
from lims.foundation.permissions import Permission
from tests.laboratory import BY_ROLE, Browser
from tests.pages.bench import events, fingerprint, statements

WHY = "A wider range after validation report 12"

KINDS = ("specification", "product", "method", "layout", "reference")


def plate_count(**changed):
    told = {"code": "MB-099", "title": "Viable count, aerobic", "reference": "In-house",
            "procedure": "Plate and count."}  # fmt: skip
    defaults = {each.key: each.default for each in assays.find("plate_count").parameters}
    return told | {f"param-{key}": value for key, value in defaults.items()} | changed


def layout(**changed):
    return {"code": "PH-900", "title": "One sample", "assay": "lysis_kinetics", "size": "96",
            "host": "B9-B11", "lysis": "B2 - B4", "diluent": "B8", "blank": "A1-A12",
            "samples": "E5-E7\nG2, G3, G4"} | changed  # fmt: skip


def product(**changed):
    return {"code": "NEW-1", "title": "New capsules", "dosage_form": "Capsule", "strength": "0.3 g",
            "label_claim": "1.0 × 10^9 CFU", "dose_unit": "capsule", "dose_mass_g": "0.30",
            "storage": "2 °C to 8 °C", "shelf_life_months": "12", "strains": ["BL07"]} | changed  # fmt: skip


def reference(**changed):
    return {"code": "REF-X", "strain": "BL07", "locus": "strain-specific locus",
            "origin": "own sequencing, 3 Nov 2026", "sequence": ">x\nACGTACGTTT\nACGA"} | changed  # fmt: skip


def specification(**changed):
    return {"code": "SPEC-900", "title": "In-process", "product": "BL07-CAP"} | changed


def line(**changed):
    return {"name": "Viable count", "method": "MB-012", "form": "bounds", "lower": "1.0e9",
            "upper": "1.0e11", "unit": "CFU/dose", "factor": "2", "absence_unit": "g"} | changed  # fmt: skip


FORMS = {
    "specification": specification,
    "product": product,
    "method": plate_count,
    "layout": layout,
    "reference": reference,
}
NEW = {word: f"/catalogue/{word}/new" for word in KINDS} | {
    "method": "/catalogue/method/new?assay=plate_count"
}


def drafted(who: Browser, word: str, **changed) -> str:
    """The address of a fresh draft."""
    answer = who.post(NEW[word], **FORMS[word](**changed))
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def signed(who: Browser, person: Login, address: str, verb: str):
    shown = fingerprint(who.get(address).text)
    told = {"login": person.login, "password": person.password, "fingerprint": shown}
    return who.post(f"{address}/{verb}", **told)


def in_force(browser, word: str, **changed) -> str:
    """The address of a document that two people signed."""
    address = drafted(mia := browser(MANAGER), word, **changed)
    if word == "specification":
        mia.post(f"{address}/lines/new", **line())
    assert signed(mia, MANAGER, address, "author").status_code == 302
    assert signed(browser(QUALITY), QUALITY, address, "approve").status_code == 302
    return address


@pytest.mark.req("LR-01")
@pytest.mark.parametrize("word", KINDS)
def test_a_document_is_drafted_signed_by_its_author_and_approved_by_a_second_person(browser, word):
    address = in_force(browser, word)

    page = browser(INSPECTOR).get(address).text
    assert "Approved" in page
    assert "Mia Watcher" in page
    assert "Quinn Decider" in page
    assert f"{address}/edit" not in page


@pytest.mark.req("LR-01")
@pytest.mark.parametrize("word", KINDS)
def test_an_approved_document_has_no_edit_button_and_its_route_refuses(seated, word):
    mia = seated(MANAGER)
    address = f"/catalogue/{word}/1"

    assert f"{address}/edit" not in mia.get(address).text
    for answer in (mia.get(f"{address}/edit"), mia.post(f"{address}/edit", **FORMS[word]())):
        assert answer.status_code == 422
        assert "is approved and is never edited; make a new version instead" in answer.text


@pytest.mark.req("LR-01")
@pytest.mark.parametrize("word", KINDS)
def test_a_new_version_copies_and_supersedes_the_former_when_it_is_approved(browser, demo, word):
    mia, quinn = browser(MANAGER), browser(QUALITY)
    answer = mia.post(f"/catalogue/{word}/1/new-version", reason=WHY)
    assert answer.status_code == 302
    address = answer.location
    assert WHY in mia.get(address).text

    assert signed(mia, MANAGER, address, "author").status_code == 302
    assert signed(quinn, QUALITY, address, "approve").status_code == 302

    assert "Superseded" in mia.get(f"/catalogue/{word}/1").text
    assert "v2" in mia.get(address).text
    assert events(demo, "document.superseded") == 1


def test_only_one_version_of_a_code_is_open_and_a_new_one_needs_a_reason(browser):
    mia = browser(MANAGER)
    again = "/catalogue/method/1/new-version"

    assert mia.post(again, reason="").status_code == 422
    assert mia.post(again, reason=WHY).status_code == 302
    second = mia.post(again, reason=WHY)
    assert second.status_code == 422
    assert "v2 is draft already" in second.text


def test_a_withdrawn_draft_stays_visible_and_can_be_begun_anew(browser):
    mia = browser(MANAGER)
    address = drafted(mia, "method")

    assert mia.post(f"{address}/withdraw", reason="").status_code == 422
    assert mia.post(f"{address}/withdraw", reason=WHY).status_code == 302
    assert "Withdrawn" in mia.get(address).text
    again = mia.post(f"{address}/new-version", reason=WHY)
    assert again.status_code == 302
    assert "MB-099 v2" in mia.get(again.location).text


@pytest.mark.parametrize("word", KINDS)
def test_a_draft_is_edited_and_tells_what_changed(browser, demo, word):
    mia = browser(MANAGER)
    address = drafted(mia, word)
    changed = {"origin": "accession XX0001"} if word == "reference" else {"title": "Other title"}
    told = FORMS[word](**changed)
    shown = fingerprint(mia.get(f"{address}/edit").text)

    assert mia.post(f"{address}/edit", fingerprint=shown, **told).status_code == 302
    assert next(iter(changed.values())) in mia.get(address).text
    assert events(demo, "document.edited") == 1
    late = mia.post(f"{address}/edit", fingerprint=shown, **told)
    assert late.status_code == 409
    assert "changed by somebody else" in late.text


@pytest.mark.req("AT-01")
def test_another_strain_of_a_product_is_told_with_the_strains_before(browser):
    mia = browser(MANAGER)
    other = {"code": "LR03", "taxon": "Limosilactobacillus reuteri", "designation": "LR-03"}
    assert mia.post("/catalogue/strains/new", **other).status_code == 302
    address = drafted(mia, "product")
    shown = fingerprint(mia.get(f"{address}/edit").text)
    both = product(strains=["BL07", "LR03"])

    assert mia.post(f"{address}/edit", fingerprint=shown, **both).status_code == 302

    told = browser(INSPECTOR).get(f"/audit/product/{address.rsplit('/', 1)[1]}").text
    assert "product, strains" in told
    assert "BL07, LR03" in told


@pytest.mark.req("AC-08")
def test_the_author_never_approves_even_with_both_roles(browser, demo):
    address = drafted(mia := browser(MANAGER), "method")
    assert signed(mia, MANAGER, address, "author").status_code == 302
    _grant_quality(demo)
    mia.sign_in(MANAGER)

    page = mia.get(address).text
    assert "another person approves it" in page
    told = {"login": MANAGER.login, "password": MANAGER.password}
    answer = mia.post(f"{address}/approve", **told)
    assert answer.status_code == 403
    assert "another person has to approve it" in answer.text


def _grant_quality(demo) -> None:
    stage = demo.stage()
    with stage.does(ADMINISTRATOR, Permission.PEOPLE_ADMINISTER, "Both roles for a test") as act:
        person = queries.find_login(act.session, MANAGER.login)
        actions.grant(act, person, Role.QA, act.at.date(), None)
    stage.close()


def test_a_wrong_password_comes_back_in_the_open_dialog(browser, demo):
    address = drafted(mia := browser(MANAGER), "method")

    answer = mia.post(f"{address}/author", login=MANAGER.login, password="not the one at all")

    assert answer.status_code == 422
    assert re.search(r'<dialog id="author"[^>]*\bopen\b', answer.text)
    assert events(demo, "password.wrong") == 1
    assert "Draft" in mia.get(address).text


@pytest.mark.req("ES-05")
def test_a_signature_covers_what_was_shown_or_is_refused(browser):
    address = drafted(mia := browser(MANAGER), "method")
    shown = canonical.digest("something else")
    told = {"login": MANAGER.login, "password": MANAGER.password, "fingerprint": shown}

    answer = mia.post(f"{address}/author", **told)

    assert answer.status_code == 409
    assert "changed by somebody else" in answer.text


def test_quality_sends_back_with_a_reason_and_the_first_signature_stays(browser):
    address = drafted(mia := browser(MANAGER), "method")
    signed(mia, MANAGER, address, "author")
    quinn = browser(QUALITY)

    assert quinn.post(f"{address}/send-back", reason="no").status_code == 422
    back = quinn.post(f"{address}/send-back", reason="The range lacks its reference")
    assert back.status_code == 302
    page = mia.get(address).text
    assert "This draft was sent back" in page
    assert "Draft" in page


@pytest.mark.parametrize(
    ("word", "changed", "sentence"),
    [
        ("method", {"code": "MB-012"}, "The code MB-012 is in use"),
        ("method", {"code": ""}, "Enter code and title"),
        ("method", {"param-minimum": "1,5"}, "is not a number"),
        ("method", {"param-minimum": "ten", "param-maximum": ""}, "2 things to correct"),
        ("method", {"param-atmosphere": "vacuum"}, "none of"),
        ("layout", {"host": "A13"}, "no well of a plate of 96"),
        ("layout", {"host": "B2"}, "B2 has two roles"),
        ("layout", {"samples": "E5-"}, "no well of a plate"),
        ("layout", {"host": "", "lysis": "", "diluent": "", "blank": "", "samples": ""},
         "names at least one well"),
        ("layout", {"assay": "nothing"}, "Not a valid choice"),
        ("product", {"dose_mass_g": "0,4"}, "with a point, as 0.4"),
        ("product", {"dose_mass_g": "-1"}, "above zero"),
        ("product", {"strains": []}, "at least one strain"),
        ("product", {"shelf_life_months": "0"}, "one month or more"),
        ("product", {"dose_mass_g": ""}, "Enter the mass in g"),
        ("reference", {"sequence": ">x\nACGT!"}, "no nucleotide code"),
        ("reference", {"sequence": ""}, "is empty"),
        ("reference", {"origin": ""}, "where the sequence comes from"),
        ("reference", {"strain": "NOPE"}, "Not a valid choice"),
        ("specification", {"product": "NOPE"}, "Not a valid choice"),
        ("specification", {"title": ""}, "Enter a title"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_and_nothing_typed_is_lost(seated, word, changed, sentence):
    told = FORMS[word](**changed)

    answer = seated(MANAGER).post(NEW[word], **told)

    assert answer.status_code == 422
    assert sentence in answer.text
    kept = told["code"] or told["title"]
    assert kept in answer.text


def test_a_reference_sequence_comes_from_a_file(browser):
    mia = browser(MANAGER)
    file = (io.BytesIO(b">from a file\nACGTACGTACGT\n"), "locus.fasta")

    address = drafted(mia, "reference", sequence="", file=file)

    assert "ACGTACGTACGT" in mia.get(address).text
    for content, sentence in [(b"\xff\xfe\x00", "is no text"), (b"A" * 200_001, "larger than")]:
        again = reference(code="REF-Y", file=(io.BytesIO(content), "x.fasta"))
        answer = mia.post(NEW["reference"], **again)
        assert answer.status_code == 422
        assert sentence in answer.text


def test_a_strain_is_entered_once(browser):
    mia = browser(MANAGER)
    told = {"code": "LR22", "taxon": "Lacticaseibacillus rhamnosus", "designation": "LR-22"}

    assert mia.post("/catalogue/strains/new", **told).status_code == 302
    assert "LR22" in mia.get("/catalogue/?kind=strain").text
    again = mia.post("/catalogue/strains/new", **told)
    assert again.status_code == 422
    assert "in use already" in again.text


def test_the_form_of_a_method_has_units_hints_and_what_to_confirm(seated):
    page = seated(MANAGER).get("/catalogue/method/new?assay=sequence_identity").text

    assert "Confirm against the current text" in page
    assert "Stackebrandt" in page
    assert ">bp<" in page
    assert seated(MANAGER).get("/catalogue/method/new?assay=nothing").status_code == 404


def test_the_plate_shows_the_wells_as_they_were_written(seated):
    page = seated(INSPECTOR).get("/catalogue/layout/1").text

    assert "A1-A12" in page
    assert "E5-E7" in page
    assert page.count('class="rl"') == 27


@pytest.mark.parametrize(
    ("changed", "compared"),
    [
        ({}, "1.0e9 to 1.0e11 CFU/dose"),
        ({"lower": "", "upper_excluded": "y"}, "less than 1.0e11 CFU/dose"),
        ({"method": "MB-036", "form": "absence", "required": "10", "absence_unit": "g"},
         "absent in 10 g"),
        ({"method": "ID-014", "form": "one_of", "allowed": "conforms\npartly"},
         "conforms or partly"),
        ({"form": "power_of_ten", "exponent": "3", "factor": "2", "power_unit": "CFU/dose"},
         "NMT 10<sup>3</sup> CFU/dose (max. acceptable 2000)"),
        ({"form": "for_information"}, "report result"),
    ],
)  # fmt: skip
def test_each_form_of_criterion_is_shown_as_it_prints_and_then_saved(browser, changed, compared):
    mia = browser(MANAGER)
    address = drafted(mia, "specification")

    preview = mia.post(f"{address}/lines/new", **line(preview="y", **changed))

    assert preview.status_code == 200
    assert f"compared as <b>{compared}</b>" in preview.text
    assert "No test yet" in mia.get(address).text
    assert mia.post(f"{address}/lines/new", **line(**changed)).status_code == 302
    assert compared in mia.get(address).text
    again = mia.get(f"{address}/lines/1").text
    assert all(value in again for value in changed.values() if value and "\n" not in value)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"lower": "1,5"}, "is not a limit"),
        ({"lower": "1.0e12"}, "upside down"),
        ({"lower": "", "upper": ""}, "needs a lower or an upper bound"),
        ({"unit": "CFU/g"}, "reports in CFU/dose"),
        ({"name": ""}, "Enter the name of the test"),
        ({"method": "NOPE"}, "Not a valid choice"),
        ({"form": "magic"}, "Not a valid choice"),
        ({"form": "one_of"}, "criterion"),
        ({"form": "absence", "required": "0"}, "above zero"),
        ({"form": "absence", "required": ""}, "required"),
        ({"form": "power_of_ten", "exponent": "many"}, "is not a whole number"),
        ({"form": "power_of_ten", "exponent": "3", "factor": "x", "power_unit": "g"}, "factor"),
    ],
)
def test_a_criterion_that_cannot_be_is_refused_at_its_field(seated, shared_spec, changed, sentence):
    answer = seated(MANAGER).post(f"{shared_spec}/lines/new", **line(**changed))

    assert answer.status_code == 422
    assert sentence in answer.text


@pytest.fixture(scope="module")
def shared_spec(seated) -> str:
    return drafted(seated(MANAGER), "specification", code="SPEC-901")


def test_a_line_is_changed_in_place_and_not_in_an_approved_specification(browser):
    mia = browser(MANAGER)
    address = drafted(mia, "specification")
    mia.post(f"{address}/lines/new", **line())

    assert mia.post(f"{address}/lines/1", **line(lower="2.0e9")).status_code == 302
    assert "2.0e9" in mia.get(address).text
    assert mia.get(f"{address}/lines/9").status_code == 404
    for answer in (
        mia.get("/catalogue/specification/1/lines/1"),
        mia.post("/catalogue/specification/1/lines/1", **line()),
        mia.post("/catalogue/specification/1/lines/new", **line()),
    ):
        assert answer.status_code == 422
        assert "never edited" in answer.text


def test_a_specification_without_a_test_is_not_signed(browser):
    mia = browser(MANAGER)
    address = drafted(mia, "specification")

    answer = signed(mia, MANAGER, address, "author")

    assert answer.status_code == 422
    assert "at least one test" in answer.text


def test_a_specification_is_not_approved_under_a_superseded_method(browser):
    mia, quinn = browser(MANAGER), browser(QUALITY)
    address = drafted(mia, "specification")
    mia.post(f"{address}/lines/new", **line())
    signed(mia, MANAGER, address, "author")
    newer = mia.post("/catalogue/method/2/new-version", reason=WHY).location
    signed(mia, MANAGER, newer, "author")
    signed(quinn, QUALITY, newer, "approve")

    answer = signed(quinn, QUALITY, address, "approve")

    assert answer.status_code == 422
    assert "MB-012 v1 is superseded" in answer.text


AUTHORS = (
    ("GET", "/catalogue/{0}/new"),
    ("GET", "/catalogue/{0}/1/edit"),
    ("POST", "/catalogue/{0}/new"),
    ("POST", "/catalogue/{0}/1/edit"),
    ("POST", "/catalogue/{0}/1/author"),
    ("POST", "/catalogue/{0}/1/withdraw"),
    ("POST", "/catalogue/{0}/1/new-version"),
)
APPROVERS = ("/catalogue/{0}/1/approve", "/catalogue/{0}/1/send-back")
OF_LINES = (
    ("GET", "/catalogue/strains/new"),
    ("POST", "/catalogue/strains/new"),
    ("GET", "/catalogue/specification/1/lines/new"),
    ("POST", "/catalogue/specification/1/lines/new"),
    ("GET", "/catalogue/specification/1/lines/1"),
    ("POST", "/catalogue/specification/1/lines/1"),
)


@pytest.mark.req("AC-05")
@pytest.mark.parametrize("role", Role)
def test_managers_write_quality_approves_and_everybody_looks(seated, role):
    who = seated(BY_ROLE[role])

    for method, address in (*AUTHORS, *OF_LINES):
        asked = address.format("method")
        answer = who.get(asked) if method == "GET" else who.post(asked)
        assert (answer.status_code == 403) == (role is not Role.LAB_MANAGER), (method, address)
    for address in APPROVERS:
        refused = who.post(address.format("method")).status_code == 403
        assert refused == (role is not Role.QA), address
    for word in KINDS:
        assert who.get(f"/catalogue/{word}/1").status_code == 200
        assert who.get(f"/catalogue/?kind={word}").status_code == 200
    assert who.get("/catalogue/").status_code == 200


def test_what_does_not_exist_is_not_found(seated):
    ana = seated(ANALYST)

    assert ana.get("/catalogue/spoon/1").status_code == 404
    assert ana.get("/catalogue/method/4711").status_code == 404
    assert seated(MANAGER).get("/catalogue/spoon/new").status_code == 404


def test_pages_ask_the_same_number_of_questions_whatever_there_is(browser, app):
    mia = browser(MANAGER)
    address = drafted(mia, "specification")
    mia.post(f"{address}/lines/new", **line())
    pages = ("/catalogue/", address)
    counted = []
    for number in range(2):
        with statements(app) as seen:
            for page in pages:
                mia.get(page)
        counted.append(len(seen))
        for method in ("ID-014", "MB-036"):
            told = {"method": method, "form": "for_information", "name": f"{method} {number}"}
            mia.post(f"{address}/lines/new", **line(**told))
        drafted(mia, "method", code=f"MB-2{number}")
        drafted(mia, "reference", code=f"REF-2{number}")

    assert counted[0] == counted[1]
