// Command dependencies writes what the shipped programs are made of: the Go
// modules that are linked in, as the programs themselves say it, with their
// licences and the texts of these, which have to travel with the programs.
//
//	dependencies -list FILE -texts FILE PROGRAM...
//
// Modules are read from the module cache; a licence that is not recognised is
// an error, because somebody has to decide whether we may ship it.
package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// part is something that is linked into the programs.
type part struct {
	name, version string
	licences      []string // SPDX identifiers
	texts         []string
}

func main() {
	list := flag.String("list", "", "file for the table of modules and licences")
	texts := flag.String("texts", "", "file for the table and the texts of the licences")
	flag.Parse()
	if err := run(*list, *texts, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "dependencies:", err)
		os.Exit(1)
	}
}

func run(list, texts string, programs []string) error {
	if list == "" || texts == "" || len(programs) == 0 {
		return errors.New("say: dependencies -list FILE -texts FILE PROGRAM")
	}
	parts, err := linked(programs)
	if err != nil {
		return err
	}
	table := tableOf(parts)
	if err := os.WriteFile(list, []byte(table), 0o644); err != nil {
		return err
	}
	return os.WriteFile(texts, []byte(table+textsOf(parts)), 0o644)
}

// linked finds the parts of all programs, Go's own library first.
func linked(programs []string) ([]part, error) {
	modules, goVersion := map[string]string{}, ""
	var embedded []string
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, err
		}
		goVersion = info.GoVersion
		for _, folder := range inPrograms()[info.Path] {
			if !slices.Contains(embedded, folder) {
				embedded = append(embedded, folder)
			}
		}
		for _, m := range info.Deps {
			// What a folder of the build stands for (gui/internal/trimgl) is a part of the module itself.
			if m.Replace != nil && !strings.HasPrefix(m.Replace.Path, "./") {
				m = m.Replace
			}
			modules[m.Path] = m.Version
		}
	}
	if len(modules) == 0 {
		return nil, fmt.Errorf("%q hold no modules", programs)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	std, err := describe(part{name: "Go standard library", version: goVersion}, strings.TrimSpace(string(root)))
	parts, errs := []part{std}, []error{err}
	for _, folder := range embedded {
		p, err := describe(part{name: folder, version: "-"}, folder)
		parts, errs = append(parts, p), append(errs, err)
	}
	inside := inModules()
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		dir, err := moduleDir(path, modules[path])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		p, err := describe(part{name: path, version: modules[path]}, dir)
		parts, errs = append(parts, p), append(errs, err)
		for _, folder := range inside[path] {
			p, err := describe(part{name: path + "/" + folder, version: modules[path]}, filepath.Join(dir, folder))
			parts, errs = append(parts, p), append(errs, err)
		}
	}
	return parts, errors.Join(errs...)
}

// inPrograms names what our programs hold, by their packages, that is others'
// work and lies in the repository.
func inPrograms() map[string][]string {
	return map[string][]string{"iscdesk.dev/gui/cmd/iscdesk-tray": {"assets/fonts"}}
}

// inModules names what modules hold that is others' work, in folders that have
// licences of their own.
func inModules() map[string][]string {
	return map[string][]string{
		"fyne.io/fyne/v2":                 {"theme/font"},
		"github.com/go-gl/glfw/v3.3/glfw": {"glfw"},
	}
}

// moduleDir is where the module cache holds a module.
func moduleDir(path, version string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", path+"@"+version).Output()
	if err != nil {
		return "", fmt.Errorf("%s@%s: %w", path, version, err)
	}
	var answer struct{ Dir string }
	return answer.Dir, json.Unmarshal(out, &answer)
}

// describe reads the licences in a folder.
func describe(p part, dir string) (part, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return p, err
	}
	for _, e := range entries {
		if e.IsDir() || !isLicence(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return p, err
		}
		p.texts = append(p.texts, strings.TrimSpace(strings.ReplaceAll(string(text), "\r", "")))
		for _, id := range recognise(text) {
			if !slices.Contains(p.licences, id) {
				p.licences = append(p.licences, id)
			}
		}
	}
	if len(p.licences) == 0 {
		return p, fmt.Errorf("%s %s: no licence is recognised in %s", p.name, p.version, dir)
	}
	slices.Sort(p.licences)
	return p, nil
}

// recognise gives the licences in a text. The library does not know that of a
// font which Fyne brings.
func recognise(text []byte) []string {
	var ids []string
	for _, m := range licensecheck.Scan(text).Match {
		ids = append(ids, m.ID)
	}
	if bytes.Contains(text, []byte("\nBitstream Vera Fonts Copyright\n")) {
		ids = append(ids, "Bitstream-Vera")
	}
	return ids
}

// isLicence tells files with terms from others by their names.
func isLicence(name string) bool {
	name = strings.ToUpper(name)
	for _, begin := range []string{"LICENSE", "LICENCE", "UNLICENSE", "COPYING", "NOTICE", "COPYRIGHT", "PATENTS", "AUTHORS"} {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}

func tableOf(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%-44s %-42s %s\n", p.name, p.version, strings.Join(p.licences, ", "))
	}
	return b.String()
}

// textsOf gives each text once, with the parts that it is of.
func textsOf(parts []part) string {
	var order []string
	owners := map[string][]string{}
	for _, p := range parts {
		for _, text := range p.texts {
			if owners[text] == nil {
				order = append(order, text)
			}
			owners[text] = append(owners[text], p.name)
		}
	}
	var b strings.Builder
	for _, text := range order {
		fmt.Fprintf(&b, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 72), strings.Join(owners[text], "\n"), text)
	}
	return b.String()
}
