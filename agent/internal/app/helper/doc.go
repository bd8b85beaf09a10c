// Package helper is the program behind 'iscdeskd install-helper': it installs
// and removes one application with the rights of the user that it runs as.
//
// The service starts it as a child with the user's identity, hands it the
// checked package as standard input and reads one line of JSON from its
// standard output. It is the only place that unpacks packages and runs their
// scripts, so nothing of a package is ever touched with the service's rights.
//
// What it keeps, below the user's home:
//
//	.local/share/iscdesk/apps/<product>/<version>/          an installed version
//	.local/share/iscdesk/apps/<product>/<version>.partial/  unpacked, its script has not succeeded
//	.local/share/iscdesk/apps/<product>/<version>.old/      set aside while the same version is installed anew
//	.local/share/iscdesk/apps/<product>/current             names the version in use; replaced atomically
//	.local/state/iscdesk/install-<product>.log              what the scripts said
//
// On Windows it is %LOCALAPPDATA%\iscdesk\apps and \log; current is a file with
// the name in it. Scripts are scripts/install.sh and uninstall.sh, run by bash;
// on Windows scripts/install.cmd or, where there is none, install.ps1, and so
// for uninstall. There a script is killed together with all that it started if
// it fails, takes too long, or the helper is killed; what a successful one
// leaves running goes on.
//
// What starts the application stands in the package's iscdesk-app.json
// ({"launch": {"linux": "bin/cad", "windows": "bin/cad.exe"}}); without it
// scripts/start.sh, on Windows start.cmd, starts it where there is one.
//
// A version is in use only once 'current' names it. Whatever else a crash
// leaves is put back or removed by the next run.
package helper
