"""STAC, DCAT and PROV: content in, document out; and the check that the three agree."""
