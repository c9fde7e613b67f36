# METADATA
# title: Manifests of a deployment
# description: Whether a rendered overlay may be deployed.
# schemas:
#   - input: schema.infra
package kfm.infra

import rego.v1

# METADATA
# title: Refused unless proved
# description: Silence never passes.
default allow := false

# METADATA
# title: Allowed
# description: Every rule of a list that is not empty is proved.
allow if {
	count(data.required.infra) > 0
	every id in data.required.infra {
		id in passed
	}
}

# METADATA
# title: What is answered
# description: Whether it is allowed, what was proved, and what had to be.
result := {"allow": allow, "passed": passed, "required": data.required.infra}

containers := [container | some one in input.workloads; some container in one.containers]

# METADATA
# title: Something to judge
# description: There is a workload.
# custom:
#   id: infra.some
#   code: INFRA_EMPTY
#   group: infra
#   path: input.workloads
#   message: No workload was given.
#   remedy: Change the manifest of the overlay.
passed contains "infra.some" if {
	count(input.workloads) > 0
}

# METADATA
# title: No privilege
# description: No container is privileged or may become so.
# custom:
#   id: infra.unprivileged
#   code: INFRA_PRIVILEGED
#   group: infra
#   path: input.workloads
#   message: A container is privileged, or may become so.
#   remedy: Change the manifest of the overlay.
passed contains "infra.unprivileged" if {
	count(containers) > 0
	every one in containers {
		one.securityContext.privileged == false
		one.securityContext.allowPrivilegeEscalation == false
	}
}

# METADATA
# title: Not as root
# description: Every container runs as somebody else than root.
# custom:
#   id: infra.nonroot
#   code: INFRA_ROOT
#   group: infra
#   path: input.workloads
#   message: A container may run as root.
#   remedy: Change the manifest of the overlay.
passed contains "infra.nonroot" if {
	count(containers) > 0
	every one in containers {
		one.securityContext.runAsNonRoot == true
	}
}

# METADATA
# title: Read-only
# description: No container writes to its own file system.
# custom:
#   id: infra.readonly
#   code: INFRA_WRITABLE
#   group: infra
#   path: input.workloads
#   message: A container may write to its own file system.
#   remedy: Change the manifest of the overlay.
passed contains "infra.readonly" if {
	count(containers) > 0
	every one in containers {
		one.securityContext.readOnlyRootFilesystem == true
	}
}

# METADATA
# title: No capabilities
# description: Every container drops all capabilities.
# custom:
#   id: infra.dropped
#   code: INFRA_CAPABILITIES
#   group: infra
#   path: input.workloads
#   message: A container keeps capabilities.
#   remedy: Change the manifest of the overlay.
passed contains "infra.dropped" if {
	count(containers) > 0
	every one in containers {
		"ALL" in one.securityContext.capabilities.drop
	}
}

# METADATA
# title: Bounded
# description: Every container has limits of memory and a request of processor.
# custom:
#   id: infra.limits
#   code: INFRA_LIMITS
#   group: infra
#   path: input.workloads
#   message: A container has no limits.
#   remedy: Change the manifest of the overlay.
passed contains "infra.limits" if {
	count(containers) > 0
	every one in containers {
		one.resources.limits.memory != ""
		one.resources.requests.cpu != ""
	}
}

# METADATA
# title: Images by digest
# description: Every image is named by its digest.
# custom:
#   id: infra.digest
#   code: INFRA_IMAGE
#   group: infra
#   path: input.workloads
#   message: An image is named by a tag.
#   remedy: Change the manifest of the overlay.
passed contains "infra.digest" if {
	count(containers) > 0
	every one in containers {
		regex.match(`@sha256:[0-9a-f]{64}$`, one.image)
	}
}

# METADATA
# title: No token unasked
# description: No pod gets a token of the API server.
# custom:
#   id: infra.token
#   code: INFRA_TOKEN
#   group: infra
#   path: input.workloads
#   message: A pod gets a token of the API server.
#   remedy: Change the manifest of the overlay.
passed contains "infra.token" if {
	count(input.workloads) > 0
	every one in input.workloads {
		one.automountServiceAccountToken == false
	}
}

# METADATA
# title: Walled in
# description: The namespace has a NetworkPolicy that denies by default.
# custom:
#   id: infra.network
#   code: INFRA_NETWORK
#   group: infra
#   path: input.network_policies
#   message: Nothing denies traffic by default.
#   remedy: Change the manifest of the overlay.
passed contains "infra.network" if {
	some one in input.network_policies
	one.podSelector == {}
	"Ingress" in one.policyTypes
	"Egress" in one.policyTypes
}
