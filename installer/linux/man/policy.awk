# Writes iscdesk-policy.toml(5) from installer/policy/policy.toml, which
# explains every setting where it stands, in two languages; the page takes the
# English lines. A setting is a line "#key = example" below its explanation.
BEGIN {
	print ".Dd $Mdocdate$\n.Dt ISCDESK-POLICY.TOML 5\n.Os iscdesk\n.Sh NAME"
	print ".Nm iscdesk-policy.toml\n.Nd what the administrator of a machine decides for iscdesk"
	print ".Sh SYNOPSIS\n.Pa /etc/iscdesk/policy.toml\n.Sh DESCRIPTION"
	settings = 0
}
function flush_text() {
	gsub(/\. /, ".\n", text)
	if (text != "") print text
	text = ""
}
{ gsub(/…/, "...") }
/[^\001-\177]/ { next }
/^# / {
	line = substr($0, 3)
	if (line ~ /^[.']/) line = "\\&" line
	text = text (text == "" ? "" : "\n") line
	next
}
/^#$/ { flush_text(); if (!settings) print ".Pp"; next }
/^#\[/ { section = substr($0, 3, length($0) - 3); next }
/^#[a-z_]+ = / {
	if (!settings) { print ".Sh SETTINGS\n.Bl -tag -width Ds"; settings = 1 }
	key = $0
	sub(/^#/, "", key)
	sub(/ = .*/, "", key)
	print ".It Ic " (section == "" ? "" : section ".") key
	example = $0
	sub(/^#/, "", example)
	flush_text()
	print ".Bd -literal -offset indent\n" example "\n.Ed"
	next
}
/^$/ { if (!settings) flush_text() }
END {
	flush_text()
	print ".El\n.Sh SEE ALSO\n.Xr iscdesk 1 ,\n.Xr iscdeskd 8"
}
