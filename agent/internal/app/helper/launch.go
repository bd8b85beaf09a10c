package helper

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// manifestName is the file of a package that says how its program is started.
// Without one, the start script of the package's scripts is.
const manifestName = "iscdesk-app.json"

const startScript = "scripts/start"

// manifest is what a vendor says of his package.
type manifest struct {
	// Launch names the program that starts the application on a system, as Go
	// spells systems, relative to the package and with slashes:
	// {"linux": "bin/minicad", "windows": "bin/minicad.cmd"}.
	Launch map[string]string `json:"launch"`
}

const (
	maxManifest = 64 << 10
	maxTail     = 8 << 10
)

// launch gives the program that starts the version in dir, empty where the
// vendor names none that is there. Nothing outside of dir is ever named.
func launch(dir string) (program string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }() // nothing was written
	names, err := launchNames(root)
	for _, name := range names {
		local := filepath.FromSlash(name)
		if !filepath.IsLocal(local) {
			return "", fmt.Errorf("%s: '%s' does not lie in the package", manifestName, name)
		}
		info, statErr := root.Stat(local)
		if statErr != nil || !info.Mode().IsRegular() {
			continue
		}
		if mode := info.Mode().Perm(); mode&0o100 == 0 && runtime.GOOS != "windows" {
			if err := root.Chmod(local, mode|0o100); err != nil {
				return "", err
			}
		}
		return filepath.Join(dir, local), nil
	}
	return "", err
}

// launchNames are the programs to look for, the vendor's own first.
func launchNames(root *os.Root) (names []string, err error) {
	for _, suffix := range startSuffixes() {
		names = append(names, startScript+suffix)
	}
	f, err := root.Open(manifestName)
	if errors.Is(err, os.ErrNotExist) {
		return names, nil
	}
	if err != nil {
		return names, err
	}
	defer func() { _ = f.Close() }() // it was only read
	var m manifest
	if err := json.NewDecoder(io.LimitReader(f, maxManifest)).Decode(&m); err != nil {
		return names, fmt.Errorf("%s: %w", manifestName, err)
	}
	if own := m.Launch[runtime.GOOS]; own != "" {
		names = append([]string{own}, names...)
	}
	return names, nil
}

func startSuffixes() []string {
	if runtime.GOOS == "windows" {
		return []string{".cmd"}
	}
	return []string{".sh"}
}

// describe completes an answer with where the product is, what starts it, and
// what its scripts said last.
func (p *place) describe(a *Answer) {
	a.Log, a.Tail = p.log, tail(p.log)
	version := current(p.dir)
	if version == "" {
		return
	}
	a.Folder = p.path(version)
	var err error
	if a.Launch, err = launch(a.Folder); err != nil {
		a.Tail += "== " + err.Error() + "\n"
	}
}

// tail is the end of a log, from the beginning of a line on.
func tail(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }() // it was only read
	if info, err := f.Stat(); err == nil && info.Size() > maxTail {
		if _, err := f.Seek(-maxTail, io.SeekEnd); err != nil {
			return ""
		}
	}
	content, err := io.ReadAll(io.LimitReader(f, maxTail))
	if err != nil {
		return ""
	}
	if len(content) == maxTail { // it begins somewhere in a line
		_, content, _ = bytes.Cut(content, []byte("\n"))
	}
	return strings.ReplaceAll(text(content), "\r\n", "\n")
}

// text makes text of what a script wrote: scripts of Windows write in the code
// page of the machine.
func text(content []byte) string {
	if utf8.Valid(content) {
		return string(content)
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
	if err != nil {
		return strings.ToValidUTF8(string(content), "\uFFFD")
	}
	return string(decoded)
}
