#!/bin/bash
# Lists what an MSI holds, for people and for the golden list:
# installer/windows/dump.sh FILE.msi. What differs from build to build (the
# version, product and package codes, sizes) is left out.
set -euo pipefail
version=$(msiinfo export "$1" Property | sed -n 's/^ProductVersion\t\([0-9.]*\).*/\1/p')
product=$(msiinfo export "$1" Property | sed -n 's/^ProductCode\t\({[^}]*}\).*/\1/p')
tables='Property LaunchCondition Upgrade AppSearch RegLocator Directory Component File CreateFolder MsiLockPermissionsEx
	Registry Shortcut MsiShortcutProperty Environment ServiceInstall ServiceControl MsiServiceConfig CustomAction InstallExecuteSequence InstallUISequence'
for table in $tables; do
	echo "== $table"
	msiinfo export "$1" "$table" | tr -d '\r' | sed '2,3d' |
		case $table in
		File) cut -f 1-3,5- ;;
		InstallExecuteSequence | InstallUISequence) sort -t "$(printf '\t')" -n -k 3 ;;
		*) cat ;;
		esac
done | sed "s/${version//./\\.}/@VERSION@/g; s/$product/@PRODUCT@/g"
echo "== Summary"
msiinfo suminfo "$1" | grep -E '^(Template|Version|Security|Author)'
