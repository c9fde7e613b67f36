# METADATA
# title: Promotions
# description: Whether what people approved may become current.
# schemas:
#   - input: schema.promotion
package kfm.promotion

import rego.v1

# METADATA
# title: Refused unless proved
# description: Silence never passes.
default allow := false

# METADATA
# title: Allowed
# description: Every rule of a list that is not empty is proved.
allow if {
	count(data.required.promotion) > 0
	every id in data.required.promotion {
		id in passed
	}
}

# METADATA
# title: What is answered
# description: Whether it is allowed, what was proved, and what had to be.
result := {"allow": allow, "passed": passed, "required": data.required.promotion}

default held := false

held if {
	input.facts.held_by != ""
	input.facts.kind != "rollback"
}

default current_base := false

current_base if input.facts.base == input.facts.current

current_base if input.facts.kind == "rollback"

default embargo_over := false

embargo_over if input.facts.embargo == ""

embargo_over if input.facts.embargo <= input.facts.today

default excused_enough := false

excused_enough if input.facts.outcome != "FAIL"

excused_enough if count(input.facts.excused) > 0

stands(gate) if input.facts.gates[gate] in {"PASS", "REVIEW"}

stands(gate) if {
	input.facts.gates[gate] == "FAIL"
	input.facts.excused[gate] != ""
}

# METADATA
# title: Identity and closure
# description: The closure identity and closure is proved.
# custom:
#   id: closure.identity
#   code: CLOSURE_IDENTITY
#   group: closures
#   path: input.checks
#   message: The closure identity and closure is not proved.
#   remedy: It stays where it is until that is mended.
passed contains "closure.identity" if {
	input.checks.manifest == true
	input.checks.signature == true
	input.checks.closing == true
	regex.match(`^[0-9a-f]{64}$`, input.facts.manifest)
	input.facts.withdrawn == false
}

# METADATA
# title: Asset integrity
# description: The closure asset integrity is proved.
# custom:
#   id: closure.integrity
#   code: CLOSURE_INTEGRITY
#   group: closures
#   path: input.checks
#   message: The closure asset integrity is not proved.
#   remedy: It stays where it is until that is mended.
passed contains "closure.integrity" if {
	input.checks.artifacts == true
	input.checks.reproduced == true
	count(input.facts.gates) > 0
}

# METADATA
# title: Geometry and CRS
# description: The closure geometry and crs is proved.
# custom:
#   id: closure.geometry
#   code: CLOSURE_GEOMETRY
#   group: closures
#   path: input.checks.place
#   message: The closure geometry and crs is not proved.
#   remedy: It stays where it is until that is mended.
passed contains "closure.geometry" if {
	input.checks.place == true
	some gate in data.numbers.policy.place
	stands(gate)
}

# METADATA
# title: Temporal semantics
# description: The closure temporal semantics is proved.
# custom:
#   id: closure.time
#   code: CLOSURE_TIME
#   group: closures
#   path: input.checks
#   message: The closure temporal semantics is not proved.
#   remedy: It stays where it is until that is mended.
passed contains "closure.time" if {
	input.checks.period == true
	input.checks.base == true
	current_base
}

# METADATA
# title: Rights and sensitivity
# description: The closure rights and sensitivity is proved.
# custom:
#   id: closure.rights
#   code: CLOSURE_RIGHTS
#   group: closures
#   path: input.checks
#   message: The closure rights and sensitivity is not proved.
#   remedy: It stays where it is until that is mended.
passed contains "closure.rights" if {
	input.checks.label == true
	input.checks.rights == true
	input.facts.sovereignty_assessed == true
	input.facts.channel == data.numbers.policy.channels[input.facts.label]
	embargo_over
	every gate in data.numbers.policy.rights {
		stands(gate)
	}
}

# METADATA
# title: Proof and catalog support
# description: The closure proof and catalog support is proved.
# custom:
#   id: closure.proof
#   code: CLOSURE_PROOF
#   group: closures
#   path: input.checks
#   message: The closure proof and catalog support is not proved.
#   remedy: It stays where it is until that is mended.
passed contains "closure.proof" if {
	input.checks.catalogs == true
	input.checks.audit == true
	every gate in data.numbers.policy.catalogs {
		stands(gate)
	}
}

# METADATA
# title: Review and rollback
# description: The closure review and rollback is proved.
# custom:
#   id: closure.review
#   code: CLOSURE_REVIEW
#   group: closures
#   path: input.checks
#   message: The closure review and rollback is not proved.
#   remedy: It stays where it is until that is mended.
passed contains "closure.review" if {
	input.checks.review == true
	input.checks.recorded == true
	input.checks.outcomes == true
	input.checks.hold == true
	input.checks.back == true
	input.facts.review_status == "approved"
	input.facts.review_manifest == input.facts.manifest
	input.facts.needed >= 1
	count({name | some name in input.facts.approved_by}) >= input.facts.needed
	not held
	every gate, _ in input.facts.gates {
		stands(gate)
	}
}

# METADATA
# title: Nothing broke
# description: The run passed, was looked at, or fails only in what is excused.
# custom:
#   id: excused.outcomes
#   code: OUTCOME
#   group: closures
#   path: input.facts.outcome
#   message: The run broke, or fails in something that is not excused.
#   remedy: Mend it and run again, or ask for an exception.
passed contains "excused.outcomes" if {
	input.facts.outcome in {"PASS", "REVIEW", "FAIL"}
	excused_enough
}
