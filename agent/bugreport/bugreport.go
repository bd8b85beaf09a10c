package bugreport

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/user"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"iscdesk.dev/agent/api"
)

// Source is where a report's facts come from. agent/client is one.
type Source interface {
	State(context.Context) (api.State, error)
	Doctor(context.Context) ([]api.Check, error)
	Policy(context.Context) (api.Policy, error)
	Logs(context.Context) (api.Logs, error)
}

// Order is what else a report needs.
type Order struct {
	Source Source
	// Program and Version are those of the program that writes the report.
	Program, Version string
	// Language is the one of README.txt and of the texts of errors.
	Language api.Language
	// Checks are what the program examined by itself; they stand before those
	// of the service.
	Checks []api.Check
	// Logs are what the program wrote by itself, cleaned like everything else.
	Logs []Log
	// Now is when the report is made.
	Now time.Time
}

// Log is a text that goes into the report: the end of it where it is long.
type Log struct{ Name, Text string }

// mostLog is how much of a Log is kept, in bytes.
const mostLog = 1 << 20

// end is the end of a log, from the beginning of a line.
func (l Log) end() string {
	text := strings.ToValidUTF8(l.Text, "?")
	if len(text) <= mostLog {
		return text
	}
	text = text[len(text)-mostLog:]
	_, text, _ = strings.Cut(text, "\n")
	return "(older lines left out)\n" + text
}

// entry is one file of the archive.
type entry struct {
	name string
	make func(context.Context) (any, error)
}

// Write writes the archive (zip) to w. What a source cannot tell, for example
// because the service is down, is missing; the archive says so in missing.txt.
func Write(ctx context.Context, w io.Writer, order Order) error {
	state, stateErr := order.Source.State(ctx)
	r := newRedactor(append(namesIn(state), namesHere()...))
	archive := zip.NewWriter(w)
	pack := packer{archive: archive, clean: r, at: order.Now}
	pack.text("README.txt", readme(order.Language))
	pack.plain("versions.json", versions(order))
	var missing []string
	for _, e := range []entry{
		{"state.json", func(context.Context) (any, error) { return summarise(state, r), stateErr }},
		{"doctor.json", func(ctx context.Context) (any, error) { return diagnosis(ctx, order, r) }},
		{"policy.json", func(ctx context.Context) (any, error) {
			policy, err := order.Source.Policy(ctx)
			return summarisePolicy(policy, r), err
		}},
		{"service.log", func(ctx context.Context) (any, error) { return order.Source.Logs(ctx) }},
	} {
		value, err := e.make(ctx)
		if err != nil {
			missing = append(missing, fmt.Sprintf("%s: %s", e.name, r.text(api.AsError(err).Error())))
		}
		switch value := value.(type) {
		case api.Logs:
			if err == nil {
				pack.text(e.name, r.log(value))
			}
		default:
			if err == nil || e.name == "doctor.json" {
				pack.json(e.name, value)
			}
		}
	}
	for _, l := range order.Logs {
		pack.text(lastPart(l.Name), r.text(l.end()))
	}
	if len(missing) > 0 {
		pack.text("missing.txt", strings.Join(missing, "\n")+"\n")
	}
	if pack.err != nil {
		return pack.err
	}
	return archive.Close()
}

// packer writes files until the first error, which it keeps.
type packer struct {
	archive *zip.Writer
	clean   redactor
	at      time.Time
	err     error
}

func (p *packer) text(name, content string) {
	if p.err != nil {
		return
	}
	f, err := p.archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.at})
	if err == nil {
		_, err = io.WriteString(f, content)
	}
	p.err = err
}

// json cleans every string of value on its way: members are chosen with care,
// and yet a secret may hide in one.
func (p *packer) json(name string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		p.err = err
		return
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		p.err = err
		return
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(p.clean.tree(tree)); err != nil {
		p.err = err
		return
	}
	p.text(name, b.String())
}

// plain writes what holds nothing but versions.
func (p *packer) plain(name string, value any) {
	raw, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		p.err = err
		return
	}
	p.text(name, string(raw)+"\n")
}

// tree cleans the strings of decoded JSON.
func (r redactor) tree(v any) any {
	switch v := v.(type) {
	case string:
		return r.text(v)
	case []any:
		for i := range v {
			v[i] = r.tree(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = r.tree(v[k])
		}
	}
	return v
}

func (r redactor) log(l api.Logs) string {
	var b strings.Builder
	if l.Cut {
		b.WriteString("(older lines left out)\n")
	}
	b.WriteString(r.text(strings.Join(l.Lines, "\n")))
	b.WriteByte('\n')
	return b.String()
}

// found is a check with the text for people.
type found struct {
	api.Check
	Text string `json:"text,omitempty"`
}

func diagnosis(ctx context.Context, order Order, r redactor) (any, error) {
	more, err := order.Source.Doctor(ctx)
	all := []found{}
	seen := map[string]bool{}
	for _, c := range append(order.Checks, more...) {
		if seen[c.Name] {
			continue
		}
		seen[c.Name] = true
		f := found{Check: c}
		if c.Reason != nil {
			f.Reason = r.reason(c.Reason)
			f.Text = f.Reason.Text(order.Language)
		}
		all = append(all, f)
	}
	return all, err
}

// about is versions.json.
type about struct {
	Program string    `json:"program"`
	Version string    `json:"version"`
	Go      string    `json:"go"`
	OS      string    `json:"os"`
	Arch    string    `json:"arch"`
	CPUs    int       `json:"cpus"`
	Made    time.Time `json:"made"`
	System  string    `json:"system,omitempty"`
	// Modules are the libraries that the program was built with.
	Modules map[string]string `json:"modules,omitempty"`
}

func versions(order Order) about {
	a := about{
		Program: order.Program, Version: order.Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPUs: runtime.NumCPU(), Made: order.Now.UTC(), System: system(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		a.Modules = make(map[string]string, len(info.Deps))
		for _, d := range info.Deps {
			a.Modules[d.Path] = d.Version
		}
	}
	return a
}

// namesHere are the names that this machine and its user go by.
func namesHere() []name {
	var names []name
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		names = append(names, name{home, "<home>"})
	}
	if host, err := os.Hostname(); err == nil {
		names = append(names, name{host, "<machine>"})
	}
	if u, err := user.Current(); err == nil && u.Username != "root" && u.Username != "SYSTEM" {
		names = append(names, name{u.Username, "<user>"}, name{u.Name, "<user>"})
		if _, short, ok := strings.Cut(u.Username, `\`); ok {
			names = append(names, name{short, "<user>"})
		}
	}
	return names
}

// lastPart is what stands after the last slash.
func lastPart(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func readme(lang api.Language) string {
	if lang == api.Chinese {
		return chineseReadme
	}
	return englishReadme
}

const (
	englishReadme = `A report on iscdesk, made for support.

versions.json  this program and this system
state.json     what stands where: licences, uploads, applications, with reasons
doctor.json    what 'iscdesk doctor' found
policy.json    the settings in force, where each comes from, what is wrong
service.log    the service's log: your lines and those that belong to nobody;
               all lines for an administrator, and where it was read from the
               files because the service does not answer
tray.log       the last words of the tray app, if it has crashed
missing.txt    what could not be had, and why (only if something is missing)

Passwords, tokens and licences are not in it; names of people, of the machine
and of documents were replaced. Read it before you send it on.
`
	chineseReadme = `iscdesk 的诊断报告，供技术支持使用。

versions.json  本程序与本系统的版本
state.json     许可、上传、应用的状态及原因
doctor.json    “iscdesk doctor” 的检查结果
policy.json    生效的设置、每项的来源及存在的问题
service.log    服务日志：只含您自己的和不属于任何人的行；
               管理员可见全部；服务无响应时直接读取日志文件，也包含全部行
tray.log       托盘程序崩溃时的记录（如有）
missing.txt    未能取得的内容及原因（仅在有缺失时）

报告中没有密码、令牌和许可内容；人名、机器名和文档名已被替换。发送前请先阅读。
`
)
