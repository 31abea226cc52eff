"""Drafts: the forms in which documents are entered and edited until their author signs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from lims import assays
from lims.assays.assay import Assay, UnknownAssay
from lims.audit.act import Act
from lims.control import actions as control
from lims.control import queries as documents
from lims.control.models import Controlled
from lims.foundation import canonical
from lims.foundation.errors import NotFound
from lims.foundation.permissions import Permission
from lims.methods import actions as methods
from lims.methods import rules
from lims.methods.models import Method, PlateLayout
from lims.pages.catalogue import shown, stock
from lims.pages.catalogue.forms import (
    LOCI,
    LayoutForm,
    MethodForm,
    ProductForm,
    ReferenceForm,
    SpecificationForm,
    StrainForm,
)
from lims.pages.catalogue.kinds import Kind, bp, get, kind_of
from lims.pages.refusals import NOTHING, TOLD, Told, misread, told
from lims.products import actions as products
from lims.products.models import Locus, Product, ReferenceSequence
from lims.specifications import actions as specifications
from lims.specifications.models import Specification
from lims.web.fields import entered
from lims.web.guard import guard
from lims.web.request import acting, page, session

Typed = Mapping[str, Any]


@dataclass(frozen=True)
class Draft:
    """How one kind of document is entered: its form, and what makes and changes it."""

    form: type[FlaskForm]
    values: Callable[[Any], Typed]
    make: Callable[[Act, Any], Controlled]
    change: Callable[[Act, Any, Any, str | None], None]


@bp.get("/<word>/new")
@guard(Permission.CATALOGUE_AUTHOR)
def new(word: str) -> ResponseReturnValue:
    kind = kind_of(word)
    if word == "method" and not request.args.get("assay"):
        return page("catalogue/choose_assay.html", title="New method", assays=assays.every())
    form = DRAFTS[word].form(formdata=None)
    stock.offer(form, session())
    return _form_page(kind, None, form, NOTHING)


@bp.post("/<word>/new")
@guard(Permission.CATALOGUE_AUTHOR)
def draft(word: str) -> ResponseReturnValue:
    kind, form = kind_of(word), DRAFTS[word].form()
    stock.offer(form, session())
    if not form.validate():
        return _form_page(kind, None, form, misread(form.errors))
    try:
        with acting() as act:
            made = DRAFTS[word].make(act, form)
    except TOLD as refusal:
        return _form_page(kind, None, form, told(refusal))
    return redirect(url_for(".show", word=word, key=shown.as_record(made).id))


@bp.get("/<word>/<int:key>/edit")
@guard(Permission.CATALOGUE_AUTHOR)
def edit(word: str, key: int) -> ResponseReturnValue:
    kind = kind_of(word)
    document = get(session(), kind, key)
    try:
        control.check_editable(document)
    except TOLD as refusal:
        return shown.document_page(kind, key, told(refusal))
    form = DRAFTS[word].form(formdata=None, data=DRAFTS[word].values(document))
    stock.offer(form, session())
    return _form_page(kind, document, form, NOTHING)


@bp.post("/<word>/<int:key>/edit")
@guard(Permission.CATALOGUE_AUTHOR)
def change(word: str, key: int) -> ResponseReturnValue:
    kind, form = kind_of(word), DRAFTS[word].form()
    stock.offer(form, session())
    if not form.validate():
        return _form_page(kind, get(session(), kind, key), form, misread(form.errors))
    try:
        with acting() as act:
            document = get(act.session, kind, key)
            DRAFTS[word].change(act, document, form, request.form.get("fingerprint") or None)
    except control.ApprovedIsFixed as refusal:
        return shown.document_page(kind, key, told(refusal))
    except TOLD as refusal:
        return _form_page(kind, get(session(), kind, key), form, told(refusal))
    return redirect(url_for(".show", word=word, key=key))


def _form_page(
    kind: Kind, document: Controlled | None, form: FlaskForm, said: Told
) -> ResponseReturnValue:
    """The form of one kind; an edit carries the digest of what it began from."""
    words = f"Edit {document.label}" if document else f"New {kind.title.lower()}"
    digest = canonical.digest(control.content(document)) if document else ""
    return page(
        f"catalogue/edit_{kind.word}.html",
        said.status,
        title=words,
        kind=kind,
        document=document,
        form=form,
        errors=said.errors,
        digest=request.form.get("fingerprint", digest),
        action=request.full_path,
        **_beside(kind.word, document),
    )


def _beside(word: str, document: Controlled | None) -> dict[str, object]:
    """What a form shows beside its own fields."""
    if word == "method":
        key = document.assay if isinstance(document, Method) else request.args.get("assay", "")
        assay, kept = _assay(key), document.parameters if isinstance(document, Method) else {}
        values = [
            (each, request.form.get(f"param-{each.key}", kept.get(each.key, each.default)))
            for each in assay.parameters
        ]
        return {"assay": assay, "parameters": values}
    if word == "layout":
        return {"legend": shown.LEGEND}
    return {"loci": LOCI} if word == "reference" else {}


def _assay(key: str) -> Assay:
    try:
        return assays.find(key)
    except UnknownAssay as refusal:
        raise NotFound("kind of test", key) from refusal


# --- methods and layouts ----------------------------------------------------------------------


def _method_told(form: MethodForm, assay: str, code: str) -> methods.MethodTold:
    parameters = {
        each.key: request.form.get(f"param-{each.key}", "").strip()
        for each in _assay(assay).parameters
    }
    return methods.MethodTold(
        code,
        form.title.data or "",
        assay,
        form.reference.data or "",
        parameters,
        form.procedure.data or "",
    )


def _make_method(act: Act, form: MethodForm) -> Controlled:
    told_now = _method_told(form, request.args.get("assay", ""), form.code.data or "")
    return methods.draft_method(act, told_now)


def _change_method(act: Act, method: Method, form: MethodForm, seen: str | None) -> None:
    methods.edit_method(act, method, _method_told(form, method.assay, method.code), seen)


def _method_values(method: Method) -> Typed:
    return {"code": method.code, "title": method.title, "reference": method.reference,
            "procedure": method.procedure}  # fmt: skip


def _wells(form: LayoutForm, size: int) -> dict[str, dict[str, object]]:
    typed = {name: str(form[name].data or "") for name in (*rules.CONTROLS, "samples")}
    return rules.read_layout(size, typed)


def _make_layout(act: Act, form: LayoutForm) -> Controlled:
    size, assay = int(form.size.data), _assay(form.assay.data or "").key
    wells = _wells(form, size)
    return methods.draft_layout(
        act, form.code.data or "", form.title.data or "", assay, size, wells
    )


def _change_layout(act: Act, layout: PlateLayout, form: LayoutForm, seen: str | None) -> None:
    wells = _wells(form, layout.size)
    methods.edit_layout(act, layout, form.title.data or "", wells, seen)


def _layout_values(layout: PlateLayout) -> Typed:
    head = {"code": layout.code, "title": layout.title, "assay": layout.assay}
    return head | {"size": str(layout.size)} | rules.written_layout(layout.wells)


# --- products, references, specifications -----------------------------------------------------


def _product_told(form: ProductForm, code: str) -> products.ProductTold:
    return products.ProductTold(
        code=code,
        title=form.title.data or "",
        dosage_form=form.dosage_form.data or "",
        strength=form.strength.data or "",
        label_claim=form.label_claim.data or "",
        dose_unit=form.dose_unit.data or "",
        dose_mass_g=entered(form.dose_mass_g.data),
        storage=form.storage.data or "",
        shelf_life_months=entered(form.shelf_life_months.data),
    )


def _make_product(act: Act, form: ProductForm) -> Controlled:
    strains = stock.strains(act.session, form.strains.data or [])
    return products.draft_product(act, _product_told(form, form.code.data or ""), strains)


def _change_product(act: Act, product: Product, form: ProductForm, seen: str | None) -> None:
    strains = stock.strains(act.session, form.strains.data or [])
    products.edit_product(act, product, _product_told(form, product.code), strains, seen)


def _product_values(product: Product) -> Typed:
    return control.content(product)


def _make_reference(act: Act, form: ReferenceForm) -> Controlled:
    strain = stock.strains(act.session, [form.strain.data])
    return products.draft_reference(
        act,
        strain[0],
        form.code.data or "",
        Locus(form.locus.data),
        form.origin.data or "",
        form.sequence.data or "",
    )


def _change_reference(
    act: Act, reference: ReferenceSequence, form: ReferenceForm, seen: str | None
) -> None:
    origin, fasta = form.origin.data or "", form.sequence.data or ""
    products.edit_reference(act, reference, origin, fasta, seen)


def _reference_values(reference: ReferenceSequence) -> Typed:
    return {"code": reference.code, "strain": reference.strain.code,
            "locus": reference.locus.value, "origin": reference.origin,
            "sequence": reference.sequence}  # fmt: skip


def _make_specification(act: Act, form: SpecificationForm) -> Controlled:
    product = documents.find_approved(act.session, Product, form.product.data)
    if product is None:
        raise NotFound("approved product", form.product.data)
    return specifications.draft(act, form.code.data or "", form.title.data or "", product, [])


def _change_specification(
    act: Act, specification: Specification, form: SpecificationForm, seen: str | None
) -> None:
    specifications.edit_head(act, specification, form.title.data or "", seen)


def _specification_values(specification: Specification) -> Typed:
    head = {"code": specification.code, "title": specification.title}
    return head | {"product": specification.product.code}


DRAFTS: dict[str, Draft] = {
    "method": Draft(MethodForm, _method_values, _make_method, _change_method),
    "layout": Draft(LayoutForm, _layout_values, _make_layout, _change_layout),
    "product": Draft(ProductForm, _product_values, _make_product, _change_product),
    "reference": Draft(ReferenceForm, _reference_values, _make_reference, _change_reference),
    "specification": Draft(
        SpecificationForm, _specification_values, _make_specification, _change_specification
    ),
}


# --- strains ----------------------------------------------------------------------------------


@bp.get("/strains/new")
@guard(Permission.CATALOGUE_AUTHOR)
def new_strain() -> ResponseReturnValue:
    return _strain_page(StrainForm(formdata=None), NOTHING)


def _strain_page(form: StrainForm, said: Told) -> ResponseReturnValue:
    template, title = "catalogue/new_strain.html", "New strain"
    return page(template, said.status, title=title, form=form, errors=said.errors)


@bp.post("/strains/new")
@guard(Permission.CATALOGUE_AUTHOR)
def add_strain() -> ResponseReturnValue:
    form = StrainForm()
    if not form.validate():
        return _strain_page(form, misread(form.errors))
    try:
        with acting() as act:
            products.add_strain(
                act, form.code.data or "", form.taxon.data or "", form.designation.data or ""
            )
    except TOLD as refusal:
        return _strain_page(form, told(refusal))
    return redirect(url_for(".index", kind="strain"))
