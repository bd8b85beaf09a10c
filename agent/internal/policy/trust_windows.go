package policy

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/api"
)

// maxFile bounds a policy file, a password file and a proxy script, in bytes.
const maxFile = 1 << 20

// The rights that let somebody change a file, and those that let somebody read
// it.
const (
	mayWrite = windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA | windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER |
		windows.GENERIC_WRITE | windows.GENERIC_ALL
	mayRead = windows.FILE_READ_DATA | windows.GENERIC_READ | windows.GENERIC_ALL
)

// readTrusted reads a file that nobody but SYSTEM and the administrators, or
// in a user's own agent the user, may write.
func readTrusted(path string, own bool) ([]byte, error) { return readGuarded(path, own, mayWrite) }

// CheckFile tells why the machine's service may not use a file: somebody who
// is no administrator could have written it.
func CheckFile(path string) error {
	_, err := readTrusted(path, false)
	return err
}

// ReadSecret reads a file that, beyond that, nobody else may read.
func ReadSecret(path string, own bool) ([]byte, error) {
	return readGuarded(path, own, mayWrite|mayRead)
}

func readGuarded(path string, own bool, forbidden windows.ACCESS_MASK) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, plain(err)
	case !info.Mode().IsRegular():
		return nil, api.Explain(api.FileNotRegular)
	case info.Size() > maxFile:
		return nil, api.Explain(api.FileTooLarge, "limit", strconv.Itoa(maxFile))
	}
	descriptor, err := windows.GetSecurityInfo(windows.Handle(f.Fd()), windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return nil, err
	}
	if err := checkDescriptor(path, descriptor, own, forbidden); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// checkDescriptor refuses an owner, or an entry that grants what is forbidden,
// other than SYSTEM, the administrators and, where own, the user himself.
func checkDescriptor(path string, d *windows.SECURITY_DESCRIPTOR, own bool, forbidden windows.ACCESS_MASK) error {
	owner, _, err := d.Owner()
	if err != nil {
		return err
	}
	if !privileged(owner, own) {
		return api.Explain(api.FileOwner, "path", path)
	}
	dacl, _, err := d.DACL()
	if err != nil {
		return err
	}
	if dacl == nil {
		return api.Explain(api.FileACL, "who", "S-1-1-0", "path", path)
	}
	for i := range uint32(dacl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(dacl, i, &ace); err != nil {
			return err
		}
		sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart))
		inheritOnly := ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0
		if ace.Header.AceType == windows.ACCESS_ALLOWED_ACE_TYPE && !inheritOnly && ace.Mask&forbidden != 0 && !privileged(sid, own) {
			return api.Explain(api.FileACL, "who", sid.String(), "path", path)
		}
	}
	return nil
}

func privileged(sid *windows.SID, own bool) bool {
	for _, known := range []windows.WELL_KNOWN_SID_TYPE{windows.WinLocalSystemSid, windows.WinBuiltinAdministratorsSid} {
		if sid.IsWellKnown(known) {
			return true
		}
	}
	if !own {
		return false
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	return err == nil && user.User.Sid.Equals(sid)
}

// plain is an error of a file without its path, which stands beside it anyway.
func plain(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err
	}
	return err
}
