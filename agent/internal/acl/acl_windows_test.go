package acl

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"
)

const (
	alice = "S-1-5-21-1-2-3-1001"
	bob   = "S-1-5-21-1-2-3-1002"
)

func TestDescriptorsOfPrivateFilesBecauseWineEnforcesNone(t *testing.T) {
	var got strings.Builder
	for _, row := range []struct{ what, user string }{
		{"the machine's service", ""},
		{"the machine's service, asked for as SYSTEM's own", System},
		{"a per-user service of " + alice, alice},
	} {
		text, err := Text(Private(row.user))
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString("# " + row.what + "\n" + Private(row.user) + "\n" + text + "\n")
	}
	golden, err := os.ReadFile(filepath.Join("testdata", "private.acl.golden"))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(string(golden), "\r\n", "\n"); got.String() != want {
		t.Fatalf("got\n%s\nwant\n%s", got.String(), want)
	}
}

// TestDecisionAboutADescriptorBecauseWineHasOneUser is what Wine, with its one user, cannot show on
// files.
func TestDecisionAboutADescriptorBecauseWineHasOneUser(t *testing.T) {
	for _, row := range []struct {
		name, sddl string
		want       error
	}{
		{"the machine's", "O:SY" + Private(""), nil},
		{"the administrators'", "O:BA" + Private(""), nil},
		{"my own", "O:" + alice + Private(alice), nil},
		{"another's", "O:" + bob + Private(""), ErrForeign},
		{"everyone's", "O:WD" + Private(""), ErrForeign},
		{"nobody's", Private(""), ErrForeign},
		{"another may", "O:SY" + Private(bob), ErrOpen},
		{"what ProgramData hands down", "O:SYD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;0x1200a9;;;BU)(A;CIID;DCLCRPCR;;;BU)", ErrOpen},
		{"everyone reads", "O:SYD:P(A;;FA;;;SY)(A;;FR;;;WD)", ErrOpen},
		{"what lies below is open", "O:SYD:P(A;;FA;;;SY)(A;OICIIO;FA;;;WD)", ErrOpen},
		{"no list, which opens it to all", "O:SY", ErrOpen},
		{"an empty list", "O:SYD:P", nil},
		{"others are denied", "O:SYD:P(D;;FA;;;WD)(A;;FA;;;SY)", nil},
	} {
		sd, err := windows.SecurityDescriptorFromString(row.sddl)
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		if err := judge(sd, alice); !errors.Is(err, row.want) || (row.want == nil && err != nil) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// conditional is a descriptor of SYSTEM's with one entry of a kind that holds
// under a condition, for everyone, in the bytes that the documentation of
// ACCESS_ALLOWED_CALLBACK_ACE gives: not every system's parser of SDDL knows
// conditions.
func conditional(t *testing.T, kind byte) *windows.SECURITY_DESCRIPTOR {
	t.Helper()
	entry := []byte{
		kind, 0, 0, 0, // its length follows
		0xff, 0x01, 0x1f, 0x00, // FILE_ALL_ACCESS
		1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, // S-1-1-0
		'a', 'r', 't', 'x', 0xf8, 2, 0, 0, 0, 'x', 0, 0x87, 0, 0, // "exists the attribute x"; filled up to four bytes
	}
	entry = append(entry, make([]byte, -len(entry)&3)...)
	entry[2] = byte(len(entry))
	const revision = 2
	list := append([]byte{revision, 0, byte(8 + len(entry)), 0, 1, 0, 0, 0}, entry...)
	sd, err := windows.NewSecurityDescriptor()
	if err != nil {
		t.Fatal(err)
	}
	owner, err := windows.StringToSid(System)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(sd.SetOwner(owner, false), sd.SetDACL((*windows.ACL)(unsafe.Pointer(&list[0])), true, false)); err != nil {
		t.Fatal(err)
	}
	return sd
}

func TestDecisionAboutAConditionalEntryBecauseWineHasNone(t *testing.T) {
	for kind, want := range map[byte]error{allowCallback: ErrOpen, denyCallback: nil} {
		sd := conditional(t, kind)
		entries, err := Entries(sd)
		if err != nil || len(entries) != 1 || entries[0].Type != kind || entries[0].SID != everyone || entries[0].Mask != 0x1f01ff {
			t.Fatalf("kind %d: %+v, %v", kind, entries, err)
		}
		if err := judge(sd, alice); !errors.Is(err, want) || (want == nil && err != nil) {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
}

func TestAnEntryOfAnUnknownKindIsSomebodys(t *testing.T) {
	if got := Others([]Entry{{Type: 5, Mask: 1}}, System); len(got) != 1 {
		t.Fatalf("got %v", got)
	}
}

func check(t *testing.T, path string) error {
	t.Helper()
	h, _, err := open(path, windows.READ_CONTROL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = windows.CloseHandle(h) }()
	return Check(h)
}

func TestPrivateFolder(t *testing.T) {
	self, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		set    func(t *testing.T, dir string) error
		refuse bool
	}{
		{"none yet", func(*testing.T, string) error { return nil }, false},
		{"ours", func(_ *testing.T, dir string) error { return MakeFolder(dir, Private(self)) }, false},
		{"open to others", func(t *testing.T, dir string) error {
			err := MakeFolder(dir, "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;WD)")
			if check := check(t, dir); !errors.Is(check, ErrOpen) {
				t.Fatalf("the folder of the test is not open: %v", check)
			}
			return errors.Join(err, os.WriteFile(filepath.Join(dir, "agent.db"), nil, 0o600))
		}, false},
		{"a file", func(_ *testing.T, dir string) error { return os.WriteFile(dir, nil, 0o600) }, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "state")
			if err := row.set(t, dir); err != nil {
				t.Fatal(err)
			}
			for range 2 { // as a restarted service finds it
				if err := PrivateFolder(dir, self); (err != nil) != row.refuse {
					t.Fatalf("got %v", err)
				}
			}
			if row.refuse {
				return
			}
			info, err := os.Lstat(dir)
			if err != nil || !info.IsDir() {
				t.Fatalf("%v, %v", info.Mode(), err)
			}
			if err := check(t, dir); err != nil {
				t.Fatal(err)
			}
			f, err := MakeFile(filepath.Join(dir, "file"), Private(self))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(Check(windows.Handle(f.Fd())), f.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := MakeFile(filepath.Join(dir, "file"), Private(self)); !errors.Is(err, os.ErrExist) {
				t.Fatalf("a file over another: %v", err)
			}
		})
	}
}

// TestDecisionAboutLinksBecauseWineMakesNone is on attributes: Wine makes no links.
func TestDecisionAboutLinksBecauseWineMakesNone(t *testing.T) {
	const folder, link = windows.FILE_ATTRIBUTE_DIRECTORY, windows.FILE_ATTRIBUTE_REPARSE_POINT
	if err := judgeKind(folder); err != nil {
		t.Errorf("a folder: %v", err)
	}
	for _, attributes := range []uint32{link, folder | link} {
		if err := judgeKind(attributes); !errors.Is(err, ErrForeign) {
			t.Errorf("%#x: %v", attributes, err)
		}
	}
	if err := judgeKind(windows.FILE_ATTRIBUTE_NORMAL); err == nil || errors.Is(err, ErrForeign) {
		t.Errorf("a file: %v", err)
	}
	for mode, want := range map[fs.FileMode]bool{
		fs.ModeDir: false, fs.ModeDir | fs.ModeSymlink: true, fs.ModeDir | fs.ModeIrregular: true, 0: false,
	} {
		if isLink(mode) != want {
			t.Errorf("%v: %v", mode, !want)
		}
	}
	if err := NoLinks(filepath.Join(t.TempDir(), "not", "there", "yet")); err != nil {
		t.Error(err)
	}
}
