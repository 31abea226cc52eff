"""The structure tree: headings, paragraphs, tables, figures and signature fields, in reading order.

Source: ISO 32000-1 14.7 and 14.8.
"""

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from lims.certificates.page.pen import Mark, Node


def add_tags(pdf: Pdf, tree: Node, fields: dict[int, Object]) -> None:
    """Write the tree; `fields` are the widgets by the identity of their node."""
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    writer = _Writer(pdf, fields)
    root.K = writer.element(tree, root)
    root.ParentTree = pdf.make_indirect(writer.parent_tree())
    root.ParentTreeNextKey = len(pdf.pages) + len(fields)
    pdf.Root.StructTreeRoot = root
    pdf.Root.MarkInfo = Dictionary(Marked=True)


class _Writer:
    def __init__(self, pdf: Pdf, fields: dict[int, Object]) -> None:
        self._pdf, self._fields = pdf, fields
        self._by_mark: list[dict[int, Object]] = [{} for _ in pdf.pages]
        self._widgets: list[Object] = []

    def element(self, node: Node, parent: Object) -> Object:
        made = self._pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name(f"/{node.role}"), P=parent)
        )
        if node.alternative:
            made.Alt = String(node.alternative)
        if node.scope:
            made.A = Dictionary(O=Name.Table, Scope=Name(f"/{node.scope}"))
        kids = [self._kid(kid, made) for kid in node.kids]
        if id(node) in self._fields:
            kids.append(self._widget(self._fields[id(node)], made))
        if kids:
            made.K = Array(kids)
        return made

    def _kid(self, kid: Node | Mark, parent: Object) -> Object:
        if isinstance(kid, Node):
            return self.element(kid, parent)
        self._by_mark[kid.page][kid.number] = parent
        page = self._pdf.pages[kid.page].obj
        return Dictionary(Type=Name.MCR, Pg=page, MCID=kid.number)

    def _widget(self, widget: Object, parent: Object) -> Object:
        widget.StructParent = len(self._pdf.pages) + len(self._widgets)
        self._widgets.append(parent)
        return Dictionary(Type=Name.OBJR, Obj=widget, Pg=widget.P)

    def parent_tree(self) -> Dictionary:
        """From marks and widgets back to their elements."""
        numbers = Array()
        for at, (page, marks) in enumerate(zip(self._pdf.pages, self._by_mark, strict=True)):
            page.obj.StructParents = at
            page.obj.Tabs = Name.S
            owners = Array([marks[number] for number in sorted(marks)])
            numbers.extend([at, self._pdf.make_indirect(owners)])
        for at, owner in enumerate(self._widgets, len(self._pdf.pages)):
            numbers.extend([at, owner])
        return Dictionary(Nums=numbers)
