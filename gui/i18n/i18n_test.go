package i18n_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/gui/i18n"
)

func words(t *testing.T, lang api.Language) *i18n.Words {
	t.Helper()
	w, err := i18n.New(lang, time.FixedZone("somewhere", 8*60*60))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTexts(t *testing.T) {
	en, zh := words(t, api.English), words(t, api.Chinese)
	for _, row := range []struct{ got, want string }{
		{en.T("i18n.ago.minutes", "count", 1), "1 minute ago"},
		{en.T("i18n.ago.minutes", "count", 3), "3 minutes ago"},
		{zh.T("i18n.ago.minutes", "count", 1), "1 分钟前"},
		{en.T("tray.upload.sending", "name", "{percent} {name:a|b}", "percent", 12), "{percent} {name:a|b}: 12 %"},
		{en.T("tray.upload.sending", "name", "x"), "x: {percent} %"},
		{en.T("no such key"), "no such key"},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
}

func TestMeasures(t *testing.T) {
	en, zh := words(t, api.English), words(t, api.Chinese)
	noon := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) // 12:00 there
	ago := func(d time.Duration) int64 { return noon.Add(-d).Unix() }
	for _, row := range []struct{ got, want string }{
		{en.Bytes(0), "0 B"},
		{en.Bytes(999), "999 B"},
		{en.Bytes(1000), "1.0 kB"},
		{en.Bytes(999_949), "999.9 kB"},
		{en.Bytes(999_950), "1.0 MB"},
		{en.Bytes(4_500_000_000), "4.5 GB"},
		{en.Rate(1_250_000), "1.2 MB/s"},
		{en.Number(7), "7"},
		{en.Number(20_000), "20,000"},
		{en.Number(-1_234_567), "-1,234,567"},
		{en.Date(noon.Unix()), "2026-11-22"},
		{en.Time(noon.Unix()), "2026-11-22 12:00"},
		{en.Clock(noon.Unix()), "12:00"},
		{en.Ago(ago(10*time.Second), noon), "just now"},
		{zh.Ago(ago(-10*time.Second), noon), "刚刚"},
		{en.Ago(ago(59*time.Minute), noon), "59 minutes ago"},
		{en.Ago(ago(time.Hour), noon), "1 hour ago"},
		{zh.Ago(ago(11*time.Hour), noon), "11 小时前"},
		{en.Ago(ago(13*time.Hour), noon), "yesterday 23:00"},
		{zh.Ago(ago(13*time.Hour), noon), "昨天 23:00"},
		{en.Ago(ago(48*time.Hour), noon), "2026-11-20 12:00"},
		{en.Ago(ago(-time.Hour), noon), "2026-11-22 13:00"},
		{en.Duration(0), "0 seconds"},
		{en.Duration(time.Second), "1 second"},
		{en.Duration(61 * time.Second), "1 minute 1 second"},
		{en.Duration(2 * time.Hour), "2 hours"},
		{zh.Duration(26*time.Hour + 5*time.Minute), "1 天 2 小时"},
		{en.Duration(-time.Second), "0 seconds"},
	} {
		if row.got != row.want {
			t.Errorf("got %q, want %q", row.got, row.want)
		}
	}
}

func TestErrors(t *testing.T) {
	en, zh := words(t, api.English), words(t, api.Chinese)
	if en.Error(nil) != "" {
		t.Error("no error has a text")
	}
	signedOut := api.Fail(api.SignedOut)
	for _, w := range []*i18n.Words{en, zh} {
		if text := w.Error(signedOut); text == "" || strings.Contains(text, "iscdesk login") {
			t.Errorf("%s: %q", w.Language(), text)
		}
		if text := w.Error(errors.New("dial tcp 10.0.0.1")); strings.Contains(text, "10.0.0.1") {
			t.Errorf("%s: what no table words is shown: %q", w.Language(), text)
		}
	}
	if text := zh.Error(api.Fail(api.NotFound, "what", "{limit}")); text != "“{limit}”不存在。" {
		t.Errorf("got %q", text)
	}
}
