package kfm.cases_test

import rego.v1

answered(name, asked) := said if {
	data.good[name].package == "materialisation"
	said := data.kfm.materialisation.result with input as asked
}

answered(name, asked) := said if {
	data.good[name].package == "promotion"
	said := data.kfm.promotion.result with input as asked
}

answered(name, asked) := said if {
	data.good[name].package == "infra"
	said := data.kfm.infra.result with input as asked
}

changed(one) := json.patch(data.good[one.of].input, [{"op": "replace", "path": one.at, "value": one.put}])

missing(said) := {id | some id in said.required} - said.passed

test_good_inputs_are_allowed if {
	count(data.good) > 0
	every name, one in data.good {
		answered(name, one.input).allow == true
	}
}

test_each_change_breaks_its_rules_and_no_other[sprintf("%s %s %v", [one.of, one.at, one.put])] if {
	some one in data.cases
	said := answered(one.of, changed(one))
	said.allow == false
	missing(said) == {id | some id in one.breaks}
}

test_every_rule_has_a_change_that_breaks_it if {
	count(data.required) == 3
	every package_, listed in data.required {
		every id in listed {
			some one in data.cases
			id in one.breaks
			data.good[one.of].package == package_
		}
	}
}

test_without_lists_of_links_and_hosts_none_is_right if {
	asked := data.good.public.input
	said := data.kfm.materialisation.result with input as asked with data.numbers.links as {"required": [], "hosts": []}
	missing(said) == {"links.owed", "links.hosts"}
	lists := object.union(data.numbers, {"links": {"required": [], "hosts": []}})
	none := data.kfm.materialisation.result with input as json.patch(
		asked,
		[{"op": "replace", "path": "/links/hosts", "value": []}],
	)
		with data.numbers as lists
	missing(none) == {"links.owed", "links.hosts"}
}

test_without_a_list_of_rules_nothing_is_allowed if {
	every name in ["generalized", "promotion", "infra"] {
		asked := data.good[name].input
		not data.kfm.materialisation.allow with input as asked with data.required as {}
		not data.kfm.promotion.allow with input as asked with data.required as {}
		not data.kfm.infra.allow with input as asked with data.required as {}
	}
}
