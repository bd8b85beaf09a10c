package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// snapshot is everything that a Windows holds: the files of C:\ with a hash of
// their content, and every value of the registry, services, event sources and
// environment included.
type snapshot map[string]string

// noise is what Wine itself changes, and never the product. A name that ends in
// * is the beginning of one. Everything else counts.
func noise() []string {
	return []string{
		// Windows Installer's own folder and keys, made with the first product and then empty.
		`C:\windows\Installer`,
		`HKLM\Software\Classes\Installer\Features`,
		`HKLM\Software\Classes\Installer\Products`,
		`HKLM\Software\Classes\Installer\UpgradeCodes`,
		`HKLM\Software\Microsoft\Windows\CurrentVersion\Installer\UpgradeCodes`,
		`HKLM\Software\Microsoft\Windows\CurrentVersion\Installer\UserData\S-1-5-18\Components`,
		`HKLM\Software\Microsoft\Windows\CurrentVersion\Installer\UserData\S-1-5-18\Products`,
		// Wine deletes a key that has become empty; on Windows these stay.
		`HKLM\System\ControlSet001\Services\Eventlog\Application`,
		`HKLM\Software\Microsoft\Windows\CurrentVersion\Run`,
		// A console of Wine's has a window where there is a display; on Windows
		// what SYSTEM runs has none.
		`HKCU\Console*`,
		// Fonts follow the locale that Wine is started with; the graphics card is found anew at each start.
		`HKCU\Software\Wine\Fonts*`,
		`HKLM\Software\Microsoft\Windows NT\CurrentVersion\Fonts*`,
		`HKLM\Software\Microsoft\Windows\CurrentVersion\Fonts*`,
		`HKLM\Software\Wow6432Node\Microsoft\Windows\CurrentVersion\Fonts*`,
		`HKLM\Software\Wow6432Node\Microsoft\Windows NT\CurrentVersion\Fonts*`,
		`HKLM\System\ControlSet001\Hardware Profiles\Current\Software\Fonts*`,
		`HKLM\System\ControlSet001\Control\Class\{4D36E968-E325-11CE-BFC1-08002BE10318}*`,
		`HKLM\System\ControlSet001\Control\Video\*`,
		`HKLM\System\ControlSet001\Enum\*`,
	}
}

// systemPath is PATH of the machine, in which Wine leaves the separator of an entry
// that it takes out.
const systemPath = `HKLM\System\ControlSet001\Control\Session Manager\Environment\"PATH"`

// snapshot is to be taken while Windows does not run: the registry is on the disk
// only then.
func (m *machine) snapshot() (snapshot, error) {
	s := snapshot{}
	for name, root := range map[string]string{"system.reg": "HKLM", "user.reg": "HKCU", "userdef.reg": "HKU"} {
		if err := s.registry(filepath.Join(m.Prefix, name), root); err != nil {
			return nil, err
		}
	}
	return s, filepath.WalkDir(m.Drive(), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		sum := "folder"
		if d.Type().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			hash := sha256.Sum256(content)
			sum = hex.EncodeToString(hash[:8])
		}
		s[m.Path(path)] = sum
		return nil
	})
}

// registry reads a file of Wine's: '[Key\\Name] time', '"Value"=data', where
// data can go on after a backslash.
func (s snapshot) registry(path, root string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	key, value := "", ""
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "["):
			name, _, _ := strings.Cut(strings.TrimPrefix(line, "["), "] ")
			key, value = root+`\`+strings.ReplaceAll(name, `\\`, `\`), ""
			s[key] = "key"
		case strings.HasPrefix(line, `"`), strings.HasPrefix(line, "@="):
			name, data, _ := strings.Cut(line, "=")
			value = key + `\` + name
			s[value] = data
		case strings.HasPrefix(line, " ") && value != "":
			s[value] += line
		}
	}
	if entries, has := s[systemPath]; has {
		for strings.Contains(entries, ";;") {
			entries = strings.ReplaceAll(entries, ";;", ";")
		}
		s[systemPath] = strings.ReplaceAll(entries, `;"`, `"`)
	}
	return lines.Err()
}

// diff is what two snapshots differ in, in a person's words, without noise.
func diff(before, after snapshot) []string {
	var found []string
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		was, had := before[name]
		is, has := after[name]
		switch {
		case is == was && has == had, quiet(name):
		case !has:
			found = append(found, fmt.Sprintf("gone:    %s (%s)", name, was))
		case !had:
			found = append(found, fmt.Sprintf("left:    %s (%s)", name, is))
		default:
			found = append(found, fmt.Sprintf("changed: %s (%s, was %s)", name, is, was))
		}
	}
	return found
}

func quiet(name string) bool {
	for _, pattern := range noise() {
		beginning, more := strings.CutSuffix(strings.ToLower(pattern), "*")
		if lower := strings.ToLower(name); lower == beginning || more && strings.HasPrefix(lower, beginning) {
			return true
		}
	}
	return false
}
