package bugreport

import (
	"strings"
	"testing"
)

func TestRedactorTakesOutSecrets(t *testing.T) {
	r := newRedactor([]name{
		{"zhang.wei", "<user>"},
		{"/项目/发动机/缸体.step", "<document 1>"},
		{`C:\Users\zhang.wei`, "<home>"},
		{"x", "<too short to be replaced>"},
	})
	for _, c := range []struct{ line, without string }{
		{"Authorization: Bearer abc.def.ghi", "abc.def"},
		{`header="bearer s3cr3t"`, "s3cr3t"},
		{`{"access_token":"short","expires":3600}`, "short"},
		{"refresh_token=r-1", "r-1"},
		{`password="with \" a quote and spaces"`, "quote"},
		{"proxy http://zhang:geheim@proxy:3128 refused", "geheim"},
		{"GET https://market/oauth/authorize?code=8723&state=xyz", "8723"},
		{"GET http://%zz:pw@proxy/", "pw@"},
		{"lease eyJ2IjoxLCJzZWF0Ijo0MiwiZXhwIjoxNzk1MjAwMDAwfQ.c2lnbmF0dXJl0123", "eyJ2"},
		{"sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "9f86d081"},
		{"content=LIC-1", "LIC-1"},
		{"key q8f+Zk/2mXc0Vd/7PqLr9sT4uW1yAa3BbC5DdE6FfG7=", "q8f+Zk"},
		{"-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "MIIEvQ"},
		{"-----BEGIN PRIVATE KEY-----\nMIIEvQ cut", "MIIEvQ"},
		{"signed in as zhang.wei", "zhang"},
		{"saved path=/项目/发动机/缸体.step", "缸体"},
		{`open C:\Users\zhang.wei\x.step`, "zhang"},
		{"user li.na@example.com", "li.na"},
		{`msg=saved path=/项目/曲轴.step bytes=12`, "曲轴"},
		{`msg=saved path="/项目/曲 轴.step" bytes=12`, "轴"},
		{`err="document.not_found what=\"/项目/连杆 2.step\": status 404"`, "连杆"},
		{"msg=\"signed in\" user=li.na tenant=acme", "acme"},
		{"msg=saved operation=save-of-zhang.wei-0123456789abcdef", "of-zhang"},
		{"adapter 00:1A:2b:3c:4d:5e", "2b:3c"},
	} {
		if got := r.text(c.line); strings.Contains(got, c.without) {
			t.Errorf("%q became %q, which still has %q", c.line, got, c.without)
		}
	}
}

func TestRedactorNamesTheSameThingAlike(t *testing.T) {
	r := newRedactor(nil)
	one := r.text("path=/a/secret.step")
	if two := r.text(`path="/a/secret.step"`); one != two {
		t.Errorf("the same path became %q and %q", one, two)
	}
	if op := r.text("operation=3f9a0c77d1e24b6f8a55e9b0c1d2e3f4"); !strings.HasPrefix(op, "operation=<operation ") {
		t.Errorf("an operation became %q, and cannot be followed", op)
	}
	if other := r.text("path=/a/other.step"); one == other {
		t.Errorf("two paths became %q", one)
	}
	if again := newRedactor(nil).text("path=/a/secret.step"); one == again {
		t.Errorf("two reports name a path alike: %q", one)
	}
}

func TestRedactorKeepsWhatSupportNeeds(t *testing.T) {
	r := newRedactor(nil)
	for _, line := range []string{
		"2026-11-22T01:02:03.004Z level=WARN msg=\"the marketplace does not answer\" attempt=3",
		"operation=0b7c3f7e-9a4e-4a55-9f1e-0d6a5f1b2c3d state=uploading sent=1048576",
		"stat /var/lib/iscdesk/users/1000/staging: no such file or directory",
		`open C:\ProgramData\iscdesk\log: Access is denied.`,
		"dial tcp 127.0.0.1:8443: connect: connection refused",
		"https://market.example.com/api/v1/documents",
		"license.fingerprint.required reason=marketplace-not-configured",
		"goroutine 17 [running]: iscdesk.dev/agent/internal/cloudfile.(*Engine).publish",
	} {
		if got := r.text(line); got != line {
			t.Errorf("%q became %q", line, got)
		}
	}
}
