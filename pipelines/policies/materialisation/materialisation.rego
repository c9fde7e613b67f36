# METADATA
# title: Materialisations
# description: Whether what a run made may go before people at all.
# schemas:
#   - input: schema.materialisation
package kfm.materialisation

import rego.v1

# METADATA
# title: Refused unless proved
# description: Silence never passes.
default allow := false

# METADATA
# title: Allowed
# description: Every rule of a list that is not empty is proved.
allow if {
	count(data.required.materialisation) > 0
	every id in data.required.materialisation {
		id in passed
	}
}

# METADATA
# title: What is answered
# description: Whether it is allowed, what was proved, and what had to be.
result := {"allow": allow, "passed": passed, "required": data.required.materialisation}

# METADATA
# title: Whatever says a label of the data themselves
# description: All but the sources, whose label is their own.
labelled := [one | some one in input.labels.told; one.kind in {"item", "asset", "dataset", "distribution", "inside"}]

generalized if input.labels.labels.generalization != null

default consistent := false

consistent if {
	generalized
	input.labels.labels.sensitivity == "generalized"
}

consistent if {
	not generalized
	input.labels.labels.sensitivity != "generalized"
}

default receipted := false

receipted if input.labels.labels.sensitivity != "generalized"

receipted if {
	input.redaction.receipt == true
	input.redaction.matches == true
}

covered(label) if data.numbers.policy.order[label] <= data.numbers.policy.order[input.labels.labels.sensitivity]

covered(label) if {
	label in object.keys(data.numbers.policy.order)
	label != "quarantine"
	input.labels.labels.sensitivity == "generalized"
	receipted
}

# METADATA
# title: As closed as it must be
# description: Bytes are as strict as the data at least; the map that everybody may see is generalized.
closed_enough(one) if {
	one.role != "generalized-preview"
	data.numbers.policy.order[one.label] >= data.numbers.policy.order[input.labels.labels.sensitivity]
}

closed_enough(one) if {
	one.role == "generalized-preview"
	one.label == "generalized"
}

attributed(false)

attributed(true) if count(trim_space(input.content.licence.attribution)) > 0

default generalized := false

# METADATA
# title: Named
# description: Asset, family, edition and title are there.
# custom:
#   id: required.names
#   code: REQUIRED_NAMES
#   group: required
#   path: input.content
#   message: Asset, family, edition or title is missing.
#   remedy: Say it in the family's pipeline.yaml.
passed contains "required.names" if {
	every name in ["asset", "family", "edition", "title", "description"] {
		count(trim_space(input.content[name])) > 0
	}
}

# METADATA
# title: Somebody answers for it
# description: Owner and contact are there.
# custom:
#   id: required.answerable
#   code: REQUIRED_OWNER
#   group: required
#   path: input.content.owner
#   message: Nobody is named who answers for the data.
#   remedy: Say it in the family's pipeline.yaml.
passed contains "required.answerable" if {
	count(trim_space(input.content.owner)) > 0
	count(trim_space(input.content.contact)) > 0
}

# METADATA
# title: A time in order
# description: The data say of which time they speak.
# custom:
#   id: required.period
#   code: REQUIRED_PERIOD
#   group: required
#   path: input.content.period
#   message: The time the data speak of is missing or ends before it starts.
#   remedy: Say it in the family's pipeline.yaml.
passed contains "required.period" if {
	count(input.content.period.start) >= 20
	input.content.period.start <= input.content.period.end
}

# METADATA
# title: Named by digest
# description: What was asked and what came out have their digests.
# custom:
#   id: required.digests
#   code: REQUIRED_DIGESTS
#   group: required
#   path: input.content.spec_hash
#   message: The digest of the request or of the content is missing.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "required.digests" if {
	regex.match(`^[0-9a-f]{64}$`, input.content.spec_hash)
	regex.match(`^[0-9a-f]{64}$`, input.content.content_digest)
}

# METADATA
# title: Labelled
# description: The data have a label that may be released.
# custom:
#   id: labels.present
#   code: LABEL_MISSING
#   group: labels
#   path: input.labels.labels
#   message: The data have no label, or one that is never released.
#   remedy: Label the family in pipeline.yaml.
passed contains "labels.present" if {
	input.labels.labels.sensitivity in data.numbers.labels.sensitivity
	input.labels.labels.rights != null
}

# METADATA
# title: The same label everywhere
# description: Item, assets, dataset, distributions and files say the label.
# custom:
#   id: labels.agree
#   code: LABEL_DIFFERS
#   group: labels
#   path: input.labels.told
#   message: A document or a file says another label.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "labels.agree" if {
	every kind in ["item", "asset", "dataset", "distribution", "inside"] {
		count([one | some one in input.labels.told; one.kind == kind]) > 0
	}
	every one in labelled {
		one.said.sensitivity == input.labels.labels.sensitivity
		one.said.rights == input.labels.labels.rights
		one.said.reason == input.labels.labels.reason
		one.said.embargo == input.labels.labels.embargo
		one.said.generalization == input.labels.labels.generalization
	}
}

# METADATA
# title: Access follows from the label
# description: Dataset and distributions give the access of their label.
# custom:
#   id: labels.access
#   code: LABEL_ACCESS
#   group: labels
#   path: input.labels.told
#   message: An access right does not follow from the label.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "labels.access" if {
	access := [one | some one in input.labels.told; one.kind in {"dataset", "distribution"}]
	count(access) > 1
	every one in access {
		one.access == [data.numbers.policy.access[input.labels.labels.sensitivity]]
	}
}

# METADATA
# title: No looser than what went in
# description: The label is the strictest of the inputs, or a receipt says how it was made coarser.
# custom:
#   id: labels.inherit
#   code: LABEL_LOOSER
#   group: labels
#   path: input.labels.inputs
#   message: The data are labelled looser than what they were made of.
#   remedy: Label them as strictly, or generalise them with a receipt.
passed contains "labels.inherit" if {
	count(input.labels.inputs) > 0
	every one in input.labels.inputs {
		covered(one.label)
	}
}

# METADATA
# title: Every byte labelled
# description: Each artifact has a label of its own, no looser than the data.
# custom:
#   id: labels.artifacts
#   code: LABEL_ARTIFACT
#   group: labels
#   path: input.labels.artifacts
#   message: An artifact has no label, or a looser one than the data.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "labels.artifacts" if {
	count(input.labels.artifacts) > 0
	every one in input.labels.artifacts {
		one.label != "quarantine"
		closed_enough(one)
	}
}

# METADATA
# title: Its own channel
# description: The channel is the one of the label.
# custom:
#   id: labels.channel
#   code: LABEL_CHANNEL
#   group: labels
#   path: input.labels.channel
#   message: The run is for another channel than its label's.
#   remedy: Ask for the run again.
passed contains "labels.channel" if {
	input.labels.channel == data.numbers.policy.channels[input.labels.labels.sensitivity]
	input.content.channel == input.labels.channel
}

# METADATA
# title: Sovereignty assessed
# description: Whose word the data are under was looked at; an empty list says nobody's.
# custom:
#   id: sovereignty.assessed
#   code: SOVEREIGNTY_UNKNOWN
#   group: sovereignty
#   path: input.labels.labels.sovereignty
#   message: Nobody has looked whether a people has a say about the data.
#   remedy: Assess it, and write the list in pipeline.yaml, also when it is empty.
passed contains "sovereignty.assessed" if {
	is_array(input.labels.labels.sovereignty)
}

# METADATA
# title: The same claims everywhere
# description: Item, dataset and files name the same authorities.
# custom:
#   id: sovereignty.agree
#   code: SOVEREIGNTY_DIFFERS
#   group: sovereignty
#   path: input.labels.labels.sovereignty
#   message: A document names other authorities.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "sovereignty.agree" if {
	count(labelled) > 0
	every one in labelled {
		one.said.sovereignty == input.labels.labels.sovereignty
	}
}

# METADATA
# title: A licence we know
# description: The licence is one under which data may be published, at its own address.
# custom:
#   id: rights.listed
#   code: RIGHTS_UNKNOWN
#   group: rights
#   path: input.content.licence.spdx
#   message: The licence is not one under which data may be published.
#   remedy: Name the source's licence in pipeline.yaml.
passed contains "rights.listed" if {
	input.content.licence.uri == data.numbers.rights.licences[input.content.licence.spdx].uri
	input.labels.labels.rights == input.content.licence.spdx
}

# METADATA
# title: The source named
# description: Where the licence demands it, the source is named.
# custom:
#   id: rights.named
#   code: RIGHTS_ATTRIBUTION
#   group: rights
#   path: input.content.licence.spdx
#   message: The licence demands that the source be named.
#   remedy: Name it in pipeline.yaml.
passed contains "rights.named" if {
	terms := data.numbers.rights.licences[input.content.licence.spdx]
	attributed(terms.attribution)
}

# METADATA
# title: The same licence everywhere
# description: STAC and DCAT name the licence and the source.
# custom:
#   id: rights.agree
#   code: RIGHTS_DIFFER
#   group: rights
#   path: input.rights
#   message: A document names another licence or another source.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "rights.agree" if {
	input.rights.stac.license == input.content.licence.spdx
	input.rights.stac.citation == input.content.licence.attribution
	count(input.rights.dcat) > 1
	every one in input.rights.dcat {
		one.license == [input.content.licence.uri]
		one.attribution == input.content.licence.attribution
	}
}

# METADATA
# title: Coarser, and how
# description: What is generalized says how; nothing else does.
# custom:
#   id: redaction.said
#   code: REDACTION_UNSAID
#   group: redaction
#   path: input.labels.labels.generalization
#   message: The data do not say how they were made coarser, or say it without being so.
#   remedy: Say method and size in pipeline.yaml.
passed contains "redaction.said" if {
	consistent
}

# METADATA
# title: A receipt that fits
# description: What is generalized has the receipt of this very output.
# custom:
#   id: redaction.receipt
#   code: REDACTION_RECEIPT
#   group: redaction
#   path: input.redaction.receipt
#   message: The receipt is missing, or of another output.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "redaction.receipt" if {
	receipted
}

# METADATA
# title: Valid catalogs
# description: The validators found nothing in STAC and DCAT.
# custom:
#   id: catalogs.valid
#   code: CATALOG_INVALID
#   group: catalogs
#   path: input.catalogs.faults
#   message: A catalog document is not valid.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "catalogs.valid" if {
	input.catalogs.faults == 0
}

# METADATA
# title: The same bytes everywhere
# description: STAC, DCAT and the run list the same digests.
# custom:
#   id: catalogs.checksums
#   code: CATALOG_CHECKSUMS
#   group: catalogs
#   path: input.catalogs
#   message: STAC, DCAT and the run do not list the same bytes.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "catalogs.checksums" if {
	count(input.catalogs.artifacts) > 0
	input.catalogs.stac == input.catalogs.artifacts
	input.catalogs.dcat == input.catalogs.artifacts
}

# METADATA
# title: Links that are owed
# description: Each document carries its own links.
# custom:
#   id: links.owed
#   code: LINK_MISSING
#   group: links
#   path: input.links.owed
#   message: A document lacks a link that it owes.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "links.owed" if {
	count(data.numbers.links.required) > 0
	every name in data.numbers.links.required {
		name in input.links.owed
	}
}

# METADATA
# title: No strange host
# description: Documents name only hosts that somebody allowed.
# custom:
#   id: links.hosts
#   code: LINK_HOST
#   group: links
#   path: input.links.hosts
#   message: A document names a host that nobody allowed.
#   remedy: Take it out of the family's texts.
passed contains "links.hosts" if {
	count(data.numbers.links.hosts) > 0
	every host in input.links.hosts {
		host in data.numbers.links.hosts
	}
}

# METADATA
# title: Nothing leads out
# description: Every address of bytes lies inside the bundle.
# custom:
#   id: links.inside
#   code: LINK_OUTSIDE
#   group: links
#   path: input.links.hrefs
#   message: An address leads out of the bundle.
#   remedy: Run again; the product writes this everywhere the same.
passed contains "links.inside" if {
	count(input.links.hrefs) > 0
	every href in input.links.hrefs {
		startswith(href, "../")
		not contains(href, "://")
	}
}
