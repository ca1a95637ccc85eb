# A config.json as one line per value that people would name: a mount, a rule, an annotation, a set
# of capabilities (those it lacks, when it has most). Numbers of list elements are left out, so that
# a diff shows what a line of a configuration adds.

def plain: (type != "object" and type != "array")
	or (type == "array" and all(.[]; type != "object" and type != "array"));
def row: plain or (type == "object" and all(.[]; plain));
def text: if type == "string" then . else tojson end;

def caps($all):
	if . == $all then "all"
	elif length > 20 then "all but \(($all - .) | join(" "))"
	else tojson end;

def flat($path; $all):
	if $path == "/process/capabilities" then
		if .effective == .bounding and .permitted == .bounding
				and .inheritable == [] and .ambient == [] then
			"\($path) = \(.bounding | caps($all))"
		else to_entries[] | "\($path)/\(.key) = \(.value | caps($all))" end
	elif $path != "/annotations" and $path != "" and row then "\($path) = \(text)"
	elif type == "object" then
		keys_unsorted[] as $k | .[$k] | flat("\($path)/\($k)"; $all)
	elif type == "array" then .[] | flat("\($path)[]"; $all)
	else "\($path) = \(text)" end;

flat(""; $all)
