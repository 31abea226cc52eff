"""The structure tree: headings, paragraphs, tables and figures, in reading order.

The signature fields are not in it, though a reader reaches them through the form: a field that the
tree points to counts as changed elsewhere when it is signed, and the first signature would look
broken. Source: ISO 32000-1 14.7 and 14.8.
"""

from pikepdf import Array, Dictionary, Name, Object, Pdf, String

from lims.certificates.page.pen import Mark, Node


def add_tags(pdf: Pdf, tree: Node) -> None:
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    writer = _Writer(pdf)
    root.K = writer.element(tree, root)
    root.ParentTree = pdf.make_indirect(writer.parent_tree())
    root.ParentTreeNextKey = len(pdf.pages)
    pdf.Root.StructTreeRoot = root
    pdf.Root.MarkInfo = Dictionary(Marked=True)


class _Writer:
    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self._by_mark: list[dict[int, Object]] = [{} for _ in pdf.pages]

    def element(self, node: Node, parent: Object) -> Object:
        made = self._pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name(f"/{node.role}"), P=parent)
        )
        if node.alternative:
            made.Alt = String(node.alternative)
        if node.scope:
            made.A = Dictionary(O=Name.Table, Scope=Name(f"/{node.scope}"))
        pages = {kid.page for kid in node.kids if isinstance(kid, Mark)}
        if pages:
            made.Pg = self._pdf.pages[min(pages)].obj
        if node.kids:
            made.K = Array([self._kid(kid, made, min(pages, default=0)) for kid in node.kids])
        return made

    def _kid(self, kid: Node | Mark, parent: Object, page: int) -> Object | int:
        """A child: an element, or the number of a mark, with its page where that differs."""
        if isinstance(kid, Node):
            return self.element(kid, parent)
        self._by_mark[kid.page][kid.number] = parent
        if kid.page == page:
            return kid.number
        return Dictionary(Type=Name.MCR, Pg=self._pdf.pages[kid.page].obj, MCID=kid.number)

    def parent_tree(self) -> Dictionary:
        """From marks back to their elements."""
        numbers = Array()
        for at, (page, marks) in enumerate(zip(self._pdf.pages, self._by_mark, strict=True)):
            page.obj.StructParents = at
            page.obj.Tabs = Name.S
            owners = Array([marks[number] for number in sorted(marks)])
            numbers.append(at)
            numbers.append(self._pdf.make_indirect(owners))
        return Dictionary(Nums=numbers)
