# What tests/coverage.sh tells, from the reasons of tests/unreached and the
# lines that llvm-cov has counted, in the form of lcov.
#
# Which of two programs is faster decides what some lines are good for, so that
# a run may miss a few that others reach: those are told, and no error.

BEGIN {
	few = 10
}

# A run of unreached lines is named by its file, its function and its first
# line; so the name stands, wherever else in the file lines come and go.
function end_run()
{
	if (run_name == "")
		return
	if (run_name in reason) {
		used[run_name] = 1
		excused += run_length
	} else {
		open[++open_count] = run_name
		open_at[open_count] = run_at
		open_length[open_count] = run_length
		open_lines += run_length
	}
	run_name = ""
}

function take_line(number, count,    text)
{
	all++
	if (count > 0) {
		reached++
		end_run()
		return
	}
	if (run_name != "" && number == run_at + run_length) {
		run_length++
		return
	}
	end_run()
	text = source[number]
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	run_name = file ":" within[number] ": " text
	run_at = number
	run_length = 1
}

function read_source(path,    number, line)
{
	split("", source)
	for (number = 1; (getline line <path) > 0; number++)
		source[number] = line
	lines = number - 1
	close(path)
}

# Which function each line is in: they come in the order of the file.
function place_functions(    number, name)
{
	split("", within)
	for (number = 1; number <= lines; number++) {
		if (number in starts)
			name = starts[number]
		within[number] = name
	}
	split("", starts)
	placed = 1
}

# --- tests/unreached: a reason, then the lines for which it holds.

FILENAME == ARGV[1] && /^#/ {
	if (!in_reason)
		why = ""
	in_reason = 1
	sub(/^# */, "")
	why = why (why == "" ? "" : " ") $0
	next
}

FILENAME == ARGV[1] {
	in_reason = 0
	if ($0 != "")
		reason[$0] = why
	next
}

# --- what was counted

/^SF:/ {
	file = substr($0, 4)
	read_source(file)
	file = substr(file, length(top) + 1)
	all = reached = placed = 0
}

/^FN:/ {
	split(substr($0, 4), fields, ",")
	name = fields[2]
	sub(/.*:/, "", name)
	starts[fields[1]] = name
}

/^DA:/ {
	if (!placed)
		place_functions()
	split(substr($0, 4), fields, ",")
	take_line(fields[1] + 0, fields[2] + 0)
}

/^end_of_record/ {
	end_run()
	if (all > 0)
		printf "%-24s %5d of %5d lines %6.2f%%\n", file, reached, all,
		    100 * reached / all
	whole += all
	whole_reached += reached
}

END {
	printf "%-24s %5d of %5d lines %6.2f%%\n", "all", whole_reached, whole,
	    100 * whole_reached / whole
	printf "\nNot reached, with a reason: %d lines\n", excused
	for (name in used)
		print "  " name "\n      " reason[name] | "sort -s -t: -k1,2"
	close("sort -s -t: -k1,2")
	printf "\nNot reached, without one: %d lines\n", open_lines
	for (i = 1; i <= open_count; i++)
		printf "  %s  (line %d, %d long)\n", open[i], open_at[i],
		    open_length[i]
	printf "\nReached after all:\n"
	for (name in reason)
		if (!(name in used))
			print "  " name
	exit open_lines > few
}
