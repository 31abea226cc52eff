"""Lines of a specification: one test, its method, its criterion as it will print."""

from flask import redirect as redirected
from flask import request, url_for
from flask.typing import ResponseReturnValue

from lims.audit.act import Act
from lims.control import actions as control
from lims.control import queries as documents
from lims.foundation import canonical
from lims.foundation.errors import NotFound
from lims.foundation.permissions import Permission
from lims.methods.models import Method
from lims.pages.catalogue import criteria, shown, stock
from lims.pages.catalogue.forms import LineForm
from lims.pages.catalogue.kinds import KINDS, bp
from lims.pages.refusals import NOTHING, TOLD, Told, misread, told
from lims.specifications import actions
from lims.specifications import queries as specifications
from lims.specifications.models import Specification, SpecificationLine
from lims.web.guard import guard
from lims.web.request import acting, page, session

_KIND = KINDS["specification"]


@bp.get("/specification/<int:key>/lines/new")
@guard(Permission.CATALOGUE_AUTHOR)
def new_line(key: int) -> ResponseReturnValue:
    return _begin(key, None)


@bp.get("/specification/<int:key>/lines/<int:position>")
@guard(Permission.CATALOGUE_AUTHOR)
def line(key: int, position: int) -> ResponseReturnValue:
    return _begin(key, position)


def _begin(key: int, position: int | None) -> ResponseReturnValue:
    specification = specifications.get(session(), key)
    try:
        control.check_editable(specification)
    except TOLD as refusal:
        return shown.document_page(_KIND, key, told(refusal))
    found = _line(specification, position) if position else None
    form = LineForm(formdata=None, data=_values(found) if found else None)
    return _line_page(specification, position, form, NOTHING)


def _line(specification: Specification, position: int) -> SpecificationLine:
    found = next((each for each in specification.lines if each.position == position), None)
    if found is None:
        raise NotFound("line", position)
    return found


def _values(found: SpecificationLine) -> dict[str, object]:
    head = {"name": found.name, "method": found.method.code}
    return head | {"criterion_text": found.criterion_text} | criteria.fields_of(found.criterion)


def _line_page(
    specification: Specification,
    position: int | None,
    form: LineForm,
    said: Told,
    as_read: str = "",
) -> ResponseReturnValue:
    stock.offer(form, session())
    words = f"Line {position}" if position else "New line"
    digest = canonical.digest(control.content(specification))
    return page(
        "catalogue/line.html",
        said.status,
        title=f"{words} of {specification.label}",
        words=words,
        document=specification,
        form=form,
        errors=said.errors,
        as_read=as_read,
        digest=request.form.get("fingerprint", digest),
        action=request.path,
    )


@bp.post("/specification/<int:key>/lines/new")
@guard(Permission.CATALOGUE_AUTHOR)
def add_line(key: int) -> ResponseReturnValue:
    return _save(key, None)


@bp.post("/specification/<int:key>/lines/<int:position>")
@guard(Permission.CATALOGUE_AUTHOR)
def change_line(key: int, position: int) -> ResponseReturnValue:
    return _save(key, position)


def _save(key: int, position: int | None) -> ResponseReturnValue:
    """Save a line, or with `preview` show how its criterion will be read and printed."""
    form = LineForm()
    stock.offer(form, session())
    if not form.validate():
        return _line_page(specifications.get(session(), key), position, form, misread(form.errors))
    try:
        criterion = criteria.criterion_of(form)
        if request.form.get("preview"):
            there = specifications.get(session(), key)
            return _line_page(there, position, form, NOTHING, str(criterion))
        with acting() as act:
            _write(act, key, position, _told(act, form))
    except control.ApprovedIsFixed as refusal:
        return shown.document_page(_KIND, key, told(refusal))
    except TOLD as refusal:
        return _line_page(specifications.get(session(), key), position, form, told(refusal))
    return redirected(url_for(".show", word="specification", key=key))


def _told(act: Act, form: LineForm) -> actions.LineTold:
    """What was typed; a criterion without words of its own prints as it is read."""
    method = documents.find_approved(act.session, Method, form.method.data)
    if method is None:
        raise NotFound("approved method", form.method.data)
    criterion = criteria.criterion_of(form)
    words = (form.criterion_text.data or "").strip() or str(criterion)
    return actions.LineTold(form.name.data or "", method, criterion, words)


def _write(act: Act, key: int, position: int | None, line_told: actions.LineTold) -> None:
    specification = specifications.get(act.session, key)
    seen = request.form.get("fingerprint") or None
    if position is None:
        actions.add_line(act, specification, line_told, seen)
    else:
        actions.edit_line(act, specification, position, line_told, seen)
