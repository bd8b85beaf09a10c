package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

func newPrinter(t *testing.T, lang api.Language) (p *printer, out, errs *bytes.Buffer) {
	t.Helper()
	texts, chinese := catalogues(t)
	if lang == api.Chinese {
		texts = chinese
	}
	out, errs = &bytes.Buffer{}, &bytes.Buffer{}
	return &printer{out: out, err: errs, lang: lang, texts: texts}, out, errs
}

func TestErrorsAreForPeople(t *testing.T) {
	for _, tt := range []struct {
		name string
		lang api.Language
		err  error
		want string
	}{
		{"a code", api.English, api.Fail(api.SignedOut), "iscdesk: Nobody is signed in. Run 'iscdesk login'.\n"},
		{"in Chinese", api.Chinese, api.Fail(api.SignedOut), "iscdesk: 尚未登录。请运行 iscdesk login。\n"},
		{"a parameter that would act on the terminal", api.English, api.Fail(api.NotFound, "what", "a\x1b[2Jb"), "iscdesk: 'a\\x1b[2Jb' does not exist.\n"},
		{"usage", api.English, &usageError{key: "usage.unknown_flag", pairs: []any{"flag", "x"}, command: "iscdesk ls"}, "iscdesk: There is no flag 'x' here. Run 'iscdesk ls --help' for help.\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _, errs := newPrinter(t, tt.lang)
			p.fail(tt.err)
			if errs.String() != tt.want {
				t.Errorf("printed %q, want %q", errs, tt.want)
			}
		})
	}
}

func TestNoRawGoErrorIsPrinted(t *testing.T) {
	p, _, errs := newPrinter(t, api.English)
	p.fail(errors.New("dial unix /run/x: connect: permission denied (token=abc)"))
	if strings.Contains(errs.String(), "token=abc") || !strings.HasPrefix(errs.String(), "iscdesk: ") {
		t.Errorf("printed %q", errs)
	}
}

func TestErrorsInJSON(t *testing.T) {
	p, out, errs := newPrinter(t, api.English)
	p.json = true
	p.fail(api.Fail(api.NotFound, "what", "/a"))
	var got struct {
		Code   api.Code          `json:"code"`
		Params map[string]string `json:"params"`
		Text   string            `json:"text"`
		Exit   int               `json:"exit"`
	}
	if err := json.Unmarshal(errs.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Code != api.NotFound || got.Params["what"] != "/a" || got.Text != "'/a' does not exist." || got.Exit != ExitNotFound {
		t.Errorf("got %+v", got)
	}
	if out.Len() != 0 {
		t.Errorf("the result stream holds %q", out)
	}
}

func TestJSONDoesNotActOnTheTerminal(t *testing.T) {
	p, out, _ := newPrinter(t, api.English)
	p.json = true
	name := "a\u009b2J\u202e\U000e0041\x1b.step"
	if err := p.emit(api.PathRef{Path: name}); err != nil {
		t.Fatal(err)
	}
	for _, r := range strings.ReplaceAll(out.String(), "\n", "") {
		if hidden(r) {
			t.Errorf("%q holds %U", out, r)
		}
	}
	var got api.PathRef
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Path != name {
		t.Errorf("read back %q, %v", got.Path, err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// A script must not take half a result for the whole one.
func TestJSONThatCannotBeWrittenFails(t *testing.T) {
	p, _, _ := newPrinter(t, api.English)
	p.json, p.out = true, fullDisk{}
	if err := p.emit([]string{"a"}); !errors.Is(err, api.FileUnwritable) {
		t.Errorf("error %v", err)
	}
}

func TestTableCountsChineseAsTwoColumns(t *testing.T) {
	p, out, _ := newPrinter(t, api.English)
	p.table([]string{"column.name", "column.size"}, [][]string{{"轴承.step", "1 B"}, {"a", "22 B"}, {"x\ny", ""}})
	want := "NAME       SIZE\n轴承.step  1 B\na          22 B\nx\\x0ay\n"
	if out.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", out, want)
	}
}

func TestSize(t *testing.T) {
	p := &printer{}
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 5 << 20: "5.0 MiB", 3 << 40: "3.0 TiB", 1 << 60: "1048576.0 TiB"} {
		if got := p.size(n); got != want {
			t.Errorf("size(%d) = %q, want %q", n, got, want)
		}
	}
}
