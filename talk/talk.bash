# shellcheck shell=bash
#
# Completion of talk(1) for bash: options; users, who are the owners of
# terminals; hosts, from ~/.ssh/known_hosts and /etc/hosts; terminals; and the
# aliases of ~/.talkrc.  Needs nothing else to be loaded.

# Each puts what it finds in the array `found`.

_talk_users()
{
	local path owner owners
	local -a paths=()

	for path in /dev/pts/[0-9]* /dev/tty[0-9A-Za-z]*; do
		[[ -c $path ]] && paths+=("$path")
	done
	# GNU's stat, or the BSDs'.
	owners=$(stat -c '%U %n' "${paths[@]}" 2>/dev/null)
	[[ $owners ]] || owners=$(stat -f '%Su %N' "${paths[@]}" 2>/dev/null)
	while read -r owner path; do
		# Root's consoles are those that nobody sits at.
		[[ $owner = root && $path = /dev/tty* ]] || found+=("$owner")
	done <<<"$owners"
}

_talk_aliases()
{
	local word name rest

	while read -r word name rest; do
		[[ $word = alias && $rest ]] && found+=("$name")
	done 2>/dev/null <~/.talkrc
}

_talk_hosts()
{
	local first names name rest
	local -a list

	while read -r first names rest; do
		[[ $first = @* ]] || names=$first # a marker stands before them
		IFS=, read -ra list <<<"$names"
		for name in "${list[@]}"; do
			name=${name#\[}
			name=${name%%\]*}
			# not hashed, no pattern, no comment
			[[ $name = *[!a-zA-Z0-9.:%_-]* ]] || found+=("$name")
		done
	done 2>/dev/null <~/.ssh/known_hosts
	while read -r first rest; do
		IFS=$' \t' read -ra list <<<"${rest%%#*}"
		[[ $first = \#* ]] || found+=("${list[@]}")
	done 2>/dev/null </etc/hosts
}

_talk_terminals()
{
	local path

	for path in /dev/pts/[0-9]*; do
		[[ -c $path ]] && found+=("${path#/dev/}")
	done
}

# What can stand for a word that begins like this, in place of a person.
_talk_persons()
{
	local user=${1%"${1##*@}"}

	if [[ $user ]]; then
		_talk_hosts
		found=("${found[@]/#/$user}")
	else
		_talk_users
		_talk_aliases
	fi
}

# Reads the words before the last: sets `option`, that the word is a value of,
# and `named`, how many arguments there are.
_talk_look_back()
{
	local word value

	option='' named=0
	for word; do
		if [[ $option ]]; then
			option=''
		elif [[ $word = -?* && $named = 0 ]]; then
			value=${word#"${word%%[oPptw]*}"}
			[[ ${#value} = 1 ]] && option=$value
		else
			named=$((named + 1))
		fi
	done
}

_talk()
{
	local line=${COMP_LINE:0:COMP_POINT}
	local word=${line##*[[:blank:]]}
	# Readline completes a part of it, and keeps what is before that.
	local kept=${word%"$2"}
	local option named candidate
	local -a words found=()

	COMPREPLY=()
	read -ra words <<<"${line%"$word"}"
	_talk_look_back "${words[@]:1}"
	case $option in
	o)
		while IFS= read -r candidate; do
			found+=("$candidate")
		done < <(compgen -f -- "$word")
		compopt -o filenames 2>/dev/null
		;;
	t) _talk_terminals ;;
	'')
		if [[ $named = 0 && $word = -* ]]; then
			found=(-4 -6 -b -h -l -m -n -o -P -p -s -t -V -w)
		elif [[ $named = 0 ]]; then
			_talk_persons "$word"
		elif [[ $named = 1 && " ${words[*]} " != *' '-*m* ]]; then
			_talk_terminals
		fi
		;;
	esac
	for candidate in "${found[@]}"; do
		[[ $candidate = "$word"* ]] &&
			COMPREPLY+=("${candidate#"$kept"}")
	done
}

complete -F _talk talk
