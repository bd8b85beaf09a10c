package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"testing"

	"iscdesk.dev/agent/api"
)

func TestTableIsWellFormed(t *testing.T) {
	hole := regexp.MustCompile(`\{\w+\}`)
	codes, numbers := map[api.Code]bool{}, map[int32]bool{}
	last := int32(0)
	for _, r := range api.Table() {
		if codes[r.Code] || numbers[r.C] {
			t.Errorf("%s (%d) stands twice", r.Code, r.C)
		}
		codes[r.Code], numbers[r.C] = true, true
		if r.C <= last {
			t.Errorf("%s: number %d is out of order", r.Code, r.C)
		}
		last = r.C
		if r.HTTP < 200 || r.HTTP > 599 {
			t.Errorf("%s: HTTP status %d", r.Code, r.HTTP)
		}
		en, zh := hole.FindAllString(r.EN, -1), hole.FindAllString(r.ZH, -1)
		slices.Sort(en)
		slices.Sort(zh)
		if r.EN == "" || r.ZH == "" || !slices.Equal(slices.Compact(en), slices.Compact(zh)) {
			t.Errorf("%s: the texts do not match: %v and %v", r.Code, en, zh)
		}
	}
}

func TestTableMirrors(t *testing.T) {
	for _, want := range api.Table() {
		byCode, ok := api.Lookup(want.Code)
		if !ok || byCode != want {
			t.Errorf("Lookup(%s) = %v, %v", want.Code, byCode, ok)
		}
		byNumber, ok := api.FromC(want.C)
		if !ok || byNumber != want {
			t.Errorf("FromC(%d) = %v, %v", want.C, byNumber, ok)
		}
	}
	if _, ok := api.Lookup("no_such_code"); ok {
		t.Error("an unknown code was found")
	}
	if _, ok := api.FromC(-1); ok {
		t.Error("an unknown number was found")
	}
}

func TestErrorCrossesBorders(t *testing.T) {
	secret := errors.New("password=hunter2")
	sent := api.Fail(api.NotFound, "what", "/projects/梁.step").Because(secret)
	wire, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile("hunter2").Match(wire) {
		t.Errorf("the cause crossed the border: %s", wire)
	}
	var got api.Error
	if err := json.Unmarshal(wire, &got); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(&got, api.NotFound) || errors.Is(&got, api.Exists) {
		t.Errorf("got %v", &got)
	}
	if text := got.Text(api.English); text != "'/projects/梁.step' does not exist." {
		t.Errorf("English: %s", text)
	}
	if text := got.Text(api.Chinese); text != "“/projects/梁.step”不存在。" {
		t.Errorf("Chinese: %s", text)
	}
}

func TestAsError(t *testing.T) {
	for _, c := range []struct {
		name string
		in   error
		want api.Code
	}{
		{"an error of ours", fmt.Errorf("save: %w", api.Fail(api.DiskFull)), api.DiskFull},
		{"a bare code", fmt.Errorf("save: %w", api.Offline), api.Offline},
		{"somebody else's", io.ErrUnexpectedEOF, api.Internal},
	} {
		if got := api.AsError(c.in); got.Code != c.want {
			t.Errorf("%s: %s, want %s", c.name, got.Code, c.want)
		}
	}
	if api.AsError(nil) != nil {
		t.Error("nil became an error")
	}
	if text := api.Fail("from_the_future").Text(api.English); text != api.Fail(api.Internal).Text(api.English) {
		t.Errorf("an unknown code reads %q", text)
	}
}

func TestParseLanguage(t *testing.T) {
	for locale, want := range map[string]api.Language{
		"zh_CN.UTF-8": api.Chinese, "zh": api.Chinese, "ZH-TW": api.Chinese,
		"en_US.UTF-8": api.English, "C": api.English, "": api.English, "de_DE": api.English,
	} {
		if got := api.ParseLanguage(locale); got != want {
			t.Errorf("%q: %s, want %s", locale, got, want)
		}
	}
}
