"""Write a bundle: the documents, the page that checks them, the index over both, in one archive."""

from collections.abc import Mapping

from pipelines.bundle import archive, contents, page
from pipelines.errors import NotProved


def write(documents: Mapping[str, bytes]) -> bytes:
    """Return the one archive of these documents; equal documents give equal bytes."""
    return archive.pack(whole(documents))


def whole(documents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the documents with page and index, which are made of them."""
    if set(documents) & set(contents.MADE):
        raise NotProved(f"{' and '.join(contents.MADE)} are made of the documents, never given.")
    contents.about(documents)
    files = {**documents, contents.PAGE: page.write(documents)}
    return {**files, contents.INDEX: contents.index(files)}
