"""XML files, read as untrusted input: no document type, no entity, no external reference."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from instruments.errors import Malformed, TooLarge, Unsafe
from instruments.source import Source

_MARKUP = 2_000_000


def tree(source: Source, tag: str) -> Element:
    """The root element of a file.

    Raises:
        TooLarge: more elements than any export has.
        Unsafe: a document type or an entity.
        Malformed: not well-formed, or another root element than `tag`.
    """
    if source.content.count(b"<") > _MARKUP:
        raise TooLarge(
            source.filename, "XML elements", found=f"over {_MARKUP:,}", allowed=f"{_MARKUP:,}"
        )
    try:
        root: Element = fromstring(source.content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unsafe(
            source.filename, found=type(error).__name__, expected="XML without entities"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise Malformed(source.filename, found=str(error), expected="well-formed XML") from error
    if root.tag != tag:
        raise Malformed(source.filename, found=root.tag, expected=f"the root element {tag}")
    return root
