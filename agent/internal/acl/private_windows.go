package acl

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Self is the SID of the user that this process runs as.
func Self() (string, error) {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", err
	}
	return u.User.Sid.String(), nil
}

// Private is the access list of what belongs to the service, in SDDL: SYSTEM
// and administrators, and for a per-user service its user. The list inherits
// nothing, and all below inherits it.
func Private(user string) string {
	list := "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
	if user != "" && user != System {
		list += "(A;OICI;FA;;;" + user + ")"
	}
	return list
}

// MakeFolder makes a folder with a descriptor in SDDL, in one step: it is never
// there with another. It fails with os.ErrExist where something is.
func MakeFolder(path, sddl string) error {
	attributes, err := attributesOf(sddl)
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	if err := windows.CreateDirectory(name, attributes); err != nil {
		return &os.PathError{Op: "mkdir", Path: path, Err: err}
	}
	return nil
}

// MakeFile makes a file with a descriptor in SDDL, in one step, for writing. It
// fails with os.ErrExist where something is.
func MakeFile(path, sddl string) (*os.File, error) {
	attributes, err := attributesOf(sddl)
	if err != nil {
		return nil, err
	}
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE,
		attributes, windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "create", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

func attributesOf(sddl string) (*windows.SecurityAttributes, error) {
	sd, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return nil, err
	}
	return &windows.SecurityAttributes{Length: uint32(unsafe.Sizeof(windows.SecurityAttributes{})), SecurityDescriptor: sd}, nil
}

// The ways in which a file or folder is not the service's alone.
var (
	// ErrForeign says that it belongs to somebody else, who may have put
	// anything into it.
	ErrForeign = errors.New("it belongs to another user")
	// ErrOpen says that others can open it.
	ErrOpen = errors.New("others can open it")
)

// Check makes sure that an open file or folder belongs to SYSTEM, to
// administrators or to this user, and that nobody else may do anything with
// it. The handle needs READ_CONTROL, which whoever opens for reading has.
func Check(handle windows.Handle) error {
	self, err := Self()
	if err != nil {
		return err
	}
	sd, err := windows.GetSecurityInfo(handle, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return err
	}
	return judge(sd, self)
}

// judge is Check's decision.
func judge(sd *windows.SECURITY_DESCRIPTOR, self string) error {
	if err := judgeOwner(sd, self); err != nil {
		return err
	}
	entries, err := Entries(sd)
	if err != nil {
		return err
	}
	if others := Others(entries, System, Administrators, self); len(others) > 0 {
		return fmt.Errorf("%w (%s)", ErrOpen, strings.Join(others, ", "))
	}
	return nil
}

// judgeOwner is the part of it about the owner, who may change the list
// whatever the list says.
func judgeOwner(sd *windows.SECURITY_DESCRIPTOR, self string) error {
	owner, _, err := sd.Owner()
	if err != nil || owner == nil {
		return errors.Join(ErrForeign, err)
	}
	if !slices.Contains([]string{System, Administrators, self}, owner.String()) {
		return fmt.Errorf("%w (%s)", ErrForeign, owner)
	}
	return nil
}

// Close gives an open file or folder an access list in SDDL. The handle needs
// READ_CONTROL and WRITE_DAC. What lies below and inherits, inherits the new
// list.
func Close(handle windows.Handle, sddl string) error {
	sd, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return err
	}
	list, _, err := sd.DACL()
	if err != nil {
		return err
	}
	const what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	// The first hands the list down; Wine mixes into it what lies above, and the
	// second sets it as it is.
	if err := windows.SetSecurityInfo(handle, windows.SE_FILE_OBJECT, what, nil, nil, list, nil); err != nil {
		return err
	}
	return windows.SetKernelObjectSecurity(handle, what, sd)
}
