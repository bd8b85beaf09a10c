package acl

import (
	"path/filepath"
	"slices"

	"golang.org/x/sys/windows"
)

// trustedInstaller is the service of Windows that owns what came with it.
const trustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

// The rights by which somebody changes a program: those on the file; those on
// its folder, in which a planted library counts as much; and those on the
// folders above, where a folder could be put in place of another. Whoever may
// add a folder to one above changes nothing: the root of a disk lets everyone.
const (
	deleteChild     = 0x40
	replaces        = windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER | windows.GENERIC_ALL
	changesFile     = replaces | windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.GENERIC_WRITE
	changesFolder   = changesFile | deleteChild
	replacesFolders = replaces | deleteChild
)

// Exposed looks for what lets others than SYSTEM, administrators, Windows
// itself and this user change a program, or put another in its place: the file,
// its folder, or a folder above. Empty: nothing does.
func Exposed(program string) (path string, err error) {
	self, err := Self()
	if err != nil {
		return "", err
	}
	rights := []windows.ACCESS_MASK{changesFile, changesFolder}
	for path := program; ; path = filepath.Dir(path) {
		open, err := exposedBy(path, rights[0], self)
		if open || err != nil {
			return path, err
		}
		if path == filepath.Dir(path) {
			return "", nil
		}
		if rights = rights[1:]; len(rights) == 0 {
			rights = []windows.ACCESS_MASK{replacesFolders}
		}
	}
}

// exposedBy asks one file or folder. A link leads elsewhere, where nobody has
// looked.
func exposedBy(path string, rights windows.ACCESS_MASK, self string) (bool, error) {
	h, info, err := open(path, windows.READ_CONTROL)
	if err != nil {
		return false, err
	}
	defer func() { _ = windows.CloseHandle(h) }()
	if info.FileAttributes&windows.FILE_ATTRIBUTE_REPARSE_POINT != 0 {
		return true, nil
	}
	sd, err := windows.GetSecurityInfo(h, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return false, err
	}
	return mayChange(sd, rights, self)
}

// mayChange is the decision: whether anybody else owns it, or has one of the
// rights.
func mayChange(sd *windows.SECURITY_DESCRIPTOR, rights windows.ACCESS_MASK, self string) (bool, error) {
	trusted := []string{System, Administrators, trustedInstaller, self}
	owner, _, err := sd.Owner()
	if err != nil || owner == nil || !slices.Contains(trusted, owner.String()) {
		return true, err
	}
	entries, err := Entries(sd)
	if err != nil {
		return false, err
	}
	counts := entries[:0]
	for _, e := range entries {
		if e.Flags&windows.INHERIT_ONLY_ACE == 0 && e.Mask&rights != 0 {
			counts = append(counts, e)
		}
	}
	return len(Others(counts, trusted...)) > 0, nil
}
