package acl

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

func TestDecisionWhoMayChangeAProgramBecauseWineHasOneUser(t *testing.T) {
	const (
		programFiles = "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464D:PAI(A;;FA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)" +
			"(A;CIIO;GA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)(A;;0x1301bf;;;SY)(A;OICIIO;GA;;;SY)(A;;0x1301bf;;;BA)(A;OICIIO;GA;;;BA)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)(A;OICIIO;GA;;;CO)"
		root        = "O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464D:PAI(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)(A;OICI;0x1200a9;;;BU)(A;OICIIO;SDGXGWGR;;;AU)(A;;LC;;;AU)"
		programData = "O:SYD:PAI(A;OICIIO;GA;;;CO)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)(A;CI;DCLCRPCR;;;BU)"
	)
	for _, row := range []struct {
		name, sddl string
		rights     windows.ACCESS_MASK
		want       bool
	}{
		{"Program Files as the folder", programFiles, changesFolder, false},
		{"Program Files above", programFiles, replacesFolders, false},
		{"the root of the disk above", root, replacesFolders, false},
		{"the root of the disk as the folder", root, changesFolder, true},
		{"ProgramData as the folder", programData, changesFolder, true},
		{"a file that users read", "O:BAD:(A;;FA;;;BA)(A;;0x1200a9;;;BU)", changesFile, false},
		{"a file that users write", "O:BAD:(A;;FA;;;BA)(A;;0x1301bf;;;BU)", changesFile, true},
		{"a file that a user owns", "O:" + bob + "D:(A;;FA;;;BA)", changesFile, true},
		{"a file of who installs it", "O:" + alice + "D:(A;;FA;;;" + alice + ")", changesFile, false},
		{"a folder of another user above", "O:SYD:(A;;FA;;;SY)(A;;FA;;;" + bob + ")", replacesFolders, true},
		{"others may delete what is in one above", "O:SYD:(A;;0x40;;;WD)", replacesFolders, true},
		{"others may change the list of one above", "O:SYD:(A;;WD;;;WD)", replacesFolders, true},
		{"others are denied", "O:SYD:(D;;FA;;;WD)(A;;FA;;;SY)", changesFile, false},
		{"no list, which opens it to all", "O:SY", changesFile, true},
		{"nobody's", "D:(A;;FA;;;SY)", changesFile, true},
	} {
		sd, err := windows.SecurityDescriptorFromString(row.sddl)
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		if got, err := mayChange(sd, row.rights, alice); err != nil || got != row.want {
			t.Errorf("%s: %v, %v", row.name, got, err)
		}
	}
	if got, err := mayChange(conditional(t, allowCallback), changesFile, alice); err != nil || !got {
		t.Errorf("under a condition: %v, %v", got, err)
	}
}

func TestExposedFindsWhatIsOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "程序", "iscdesk")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "iscdeskd.exe")
	if err := os.WriteFile(program, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := Exposed(program); err != nil || got != "" {
		t.Fatalf("of nobody else: %q, %v", got, err)
	}
	for _, path := range []string{program, dir, filepath.Dir(dir)} {
		set(t, path, Private("")+"(A;;FA;;;WD)")
		if got, err := Exposed(program); err != nil || got != path {
			t.Errorf("open is %q, found %q, %v", path, got, err)
		}
		set(t, path, Private(""))
	}
	if got, err := Exposed(program); err != nil || got != "" {
		t.Errorf("closed again: %q, %v", got, err)
	}
}

func set(t *testing.T, path, list string) {
	t.Helper()
	h, _, err := open(path, windows.READ_CONTROL|windows.WRITE_DAC)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Close(h, list), windows.CloseHandle(h)); err != nil {
		t.Fatal(err)
	}
}
