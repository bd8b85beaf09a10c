#!/bin/bash
# Signs Windows programs, libraries and MSI files in place, and checks every
# signature that it made:
#
#   installer/windows/sign.sh FILE...
#   installer/windows/sign.sh verify FILE...
#
# The certificate comes from the environment:
#   ISCDESK_SIGN_CERT           PEM with the certificate and its chain, or PKCS#12 (.pfx, .p12), or a pkcs11: URI
#   ISCDESK_SIGN_KEY            PEM with the key, or a pkcs11: URI; not needed with PKCS#12
#   ISCDESK_SIGN_PASSWORD_FILE  file with the key's password or the token's PIN; without it you are asked, if there
#                               is a terminal. Never in an argument: pin-value in a URI is refused
#   ISCDESK_SIGN_PKCS11_MODULE  the token's library (.so), for pkcs11: URIs
#   ISCDESK_SIGN_CA             PEM to check the signatures against; ISCDESK_SIGN_CERT unless said
#   ISCDESK_SIGN_TIMESTAMP      URL of an RFC 3161 timestamp server
# Without ISCDESK_SIGN_CERT it signs for tests only, with an authority that it
# makes under build/signing-test and that no machine trusts.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
name='iscdesk TEST - do not trust'

test_certificate() {
	local dir=$1
	[ ! -e "$dir/cert.pem" ] || return 0
	mkdir -p "$dir"
	local new
	new=$(mktemp -d "$dir/new.XXXXXX")
	openssl req -x509 -newkey rsa:3072 -nodes -days 825 -subj "/CN=$name (authority)" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
		-keyout "$new/ca-key.pem" -out "$new/ca.pem" 2>/dev/null
	openssl req -newkey rsa:3072 -nodes -subj "/CN=$name" -keyout "$new/key.pem" -out "$new/request.pem" 2>/dev/null
	openssl x509 -req -in "$new/request.pem" -CA "$new/ca.pem" -CAkey "$new/ca-key.pem" -days 825 \
		-extfile <(printf 'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=codeSigning\n') \
		-out "$new/leaf.pem" 2>/dev/null
	cat "$new/leaf.pem" "$new/ca.pem" >"$new/cert.pem"
	mv "$new"/{key,ca,cert}.pem "$dir/"
	rm -r "$new"
}

# ask gives the password on its standard output, once for all files.
password=
ask() {
	[ -z "$password" ] && [ -t 0 ] && read -rsp "Password of the signing key: " password && echo >&2
	return 0
}

cert=${ISCDESK_SIGN_CERT:-} key=${ISCDESK_SIGN_KEY:-}
for uri in "$cert" "$key"; do
	if [[ $uri == pkcs11:*pin-value* ]]; then
		echo "sign.sh: put the PIN into the file that ISCDESK_SIGN_PASSWORD_FILE names: every user can read arguments" >&2
		exit 2
	fi
done

secret=no with=()
if [ -z "$cert" ]; then
	test=$here/../../build/signing-test
	mkdir -p "$test"
	exec 9>"$test/lock"
	flock 9
	test_certificate "$test"
	exec 9>&-
	[ "${1:-}" = verify ] || echo "sign.sh: ISCDESK_SIGN_CERT is not set: signing FOR TESTS ONLY as '$name'" >&2
	# The same time each time: the same file and certificate give the same bytes.
	began=$(date -d "$(openssl x509 -in "$test/cert.pem" -noout -startdate | cut -d= -f2)" +%s)
	with=(-certs "$test/cert.pem" -key "$test/key.pem" -time "$began")
	ca=$test/ca.pem
else
	ca=${ISCDESK_SIGN_CA:-$cert}
	case $cert in
	pkcs11:*) with=(-pkcs11module "${ISCDESK_SIGN_PKCS11_MODULE:?}" -login -pkcs11cert "$cert" -key "${key:?}") secret=yes ;;
	*.pfx | *.p12) with=(-pkcs12 "$cert") secret=yes ;;
	*)
		with=(-certs "$cert" -key "${key:?ISCDESK_SIGN_KEY}")
		if [[ $key == pkcs11:* ]]; then
			with=(-pkcs11module "${ISCDESK_SIGN_PKCS11_MODULE:?}" -login "${with[@]}") secret=yes
		elif grep -q ENCRYPTED "$key"; then
			secret=yes
		fi
		;;
	esac
fi

# verify says 'Failed' of a changed byte, of another signer, of no signature.
verify() {
	if [[ $ca == pkcs11:* || $ca == *.pfx || $ca == *.p12 ]]; then
		echo "sign.sh: ISCDESK_SIGN_CA must name a PEM file to check $1 against" >&2
		return 1
	fi
	local said
	if ! said=$(osslsigncode verify -CAfile "$ca" -in "$1" 2>&1); then
		echo "$said" >&2
		echo "sign.sh: the signature of $1 does not hold" >&2
		return 1
	fi
}

sign() {
	local file=$1 extra=(-h sha256 -n iscdesk)
	[ -z "${ISCDESK_SIGN_TIMESTAMP:-}" ] || extra+=(-ts "$ISCDESK_SIGN_TIMESTAMP")
	rm -f "$file.signed"
	if [ $secret = no ]; then
		osslsigncode sign "${with[@]}" "${extra[@]}" -in "$file" -out "$file.signed" >/dev/null
	elif [ -n "${ISCDESK_SIGN_PASSWORD_FILE:-}" ]; then
		osslsigncode sign "${with[@]}" -readpass "$ISCDESK_SIGN_PASSWORD_FILE" "${extra[@]}" -in "$file" -out "$file.signed" >/dev/null
	else
		ask
		osslsigncode sign "${with[@]}" -readpass - "${extra[@]}" -in "$file" -out "$file.signed" >/dev/null <<<"$password"
	fi
	verify "$file.signed"
	chmod --reference="$file" "$file.signed"
	mv "$file.signed" "$file"
}

what=sign
[ "${1:-}" != verify ] || { what=verify; shift; }
[ $# -gt 0 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2; }
for file; do
	$what "$file"
done
