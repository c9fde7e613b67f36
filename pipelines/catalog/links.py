"""The links that each catalog document owes by itself: a link in another document does not count."""

from collections.abc import Iterator, Mapping

from rdflib import RDF, Graph, URIRef

from pipelines.catalog import names, stac
from pipelines.catalog.graph import BASE, DCAT, DCT, KFM, PROV, one
from pipelines.model import Finding, Json


def of_item(item: Json) -> tuple[Finding, ...]:
    """Return what is wrong with an Item's links: to its PROV, to its DCAT, and to nothing else."""
    owed = {stac.EXECUTION: f"./{names.PROV}", "describedby": f"./{names.DCAT}"}
    said = [(link.get("rel"), link.get("href")) for link in item["links"]]
    missing = [rel for rel, href in owed.items() if said.count((rel, href)) != 1]
    strange = [href for rel, href in said if owed.get(rel) != href]
    return (
        *(
            _finding(f"links.stac_{rel}", f"The Item does not link to {owed[rel]} as {rel}.", "links")
            for rel in missing
        ),
        *(_finding("links.outside", f"{href} leads out of the bundle.", "links") for href in strange),
    )


def of_dataset(read: Graph, *, spec_hash: str) -> tuple[Finding, ...]:
    """Return what is wrong with a dataset's links: to what made it, to its Item, to its bytes."""
    return tuple(_of_dataset(read, spec_hash))


def of_attempt(
    read: Graph, *, manifest: str, catalogs: Mapping[str, str], spec_hash: str | None
) -> tuple[Finding, ...]:
    """Return what is wrong with an attempt's links: to the documents by digest, to what it carried out."""
    return tuple(_of_attempt(read, {"manifest": manifest, **catalogs}, spec_hash))


def _of_dataset(read: Graph, spec_hash: str) -> Iterator[Finding]:
    dataset = one(read, DCAT.Dataset)
    made_by = set(read.objects(dataset, PROV.wasGeneratedBy))
    if made_by != {URIRef(names.materialization(spec_hash))}:
        yield _finding(
            "links.dcat_materialization", "The dataset does not name what made it.", "prov:wasGeneratedBy"
        )
    if URIRef(BASE + names.STAC) not in set(read.objects(dataset, DCT.relation)):
        yield _finding("links.dcat_stac", "The dataset does not point to its STAC Item.", "dct:relation")
    listed = set(read.objects(dataset, DCAT.distribution))
    for distribution in read.subjects(RDF.type, DCAT.Distribution):
        if distribution not in listed:
            yield _finding(
                "links.dcat_distribution", "A distribution belongs to no dataset.", str(distribution)
            )
    for relation in (DCT.relation, DCAT.accessURL, DCAT.downloadURL):
        for target in read.objects(None, relation):
            if not str(target).startswith(_ROOT):
                yield _finding("links.outside", f"{target} leads out of the bundle.", str(relation))


def _of_attempt(read: Graph, documents: Mapping[str, str], spec_hash: str | None) -> Iterator[Finding]:
    attempt = one(read, KFM.RunAttempt)
    generated = set(read.objects(attempt, PROV.generated))
    for kind, sha256 in documents.items():
        if URIRef(names.bytes_id(sha256)) not in generated:
            yield _finding(
                f"links.prov_{kind}", f"The attempt does not say that it made the {kind}.", "prov:generated"
            )
    carried = set(read.objects(attempt, KFM.carriesOut))
    if carried != ({URIRef(names.materialization(spec_hash))} if spec_hash else set()):
        yield _finding(
            "links.prov_materialization", "The attempt does not say what it carried out.", "kfm:carriesOut"
        )


_ROOT = BASE.removesuffix("family/item/")


def _finding(rule: str, message: str, where: str) -> Finding:
    return Finding(rule=rule, message=message, remedy=stac.MAKE_AGAIN, where=where)
