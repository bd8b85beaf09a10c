package credstore

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"

	"iscdesk.dev/agent/internal/acl"
)

// createPrivate makes a new file beside name that only SYSTEM and
// administrators can open, and for a per-user service its user.
func createPrivate(dir, name string, perUser bool) (*os.File, error) {
	user := ""
	if perUser {
		self, err := acl.Self()
		if err != nil {
			return nil, err
		}
		user = self
	}
	return acl.MakeFile(filepath.Join(dir, name+"."+rand.Text()+".tmp"), acl.Private(user))
}

// checkPrivate refuses a file of another's, and one that others can open.
func checkPrivate(file *os.File) error { return acl.Check(windows.Handle(file.Fd())) }

// protect seals the key with DPAPI, bound to context. For the machine's service
// it is the machine's secret: whoever reads the file of a disk that was taken
// out, or of a backup, has not got it. On the machine itself the access list
// of the file protects, because every program there may ask DPAPI to open what
// was sealed for the machine. For a per-user service it is the user's secret,
// which his password protects, and which is what the Credential Manager uses;
// that one is not asked, because it holds 2560 bytes and our tokens are longer.
func protect(key, context []byte, perUser bool) ([]byte, error) {
	flags := uint32(windows.CRYPTPROTECT_UI_FORBIDDEN)
	if !perUser {
		flags |= windows.CRYPTPROTECT_LOCAL_MACHINE
	}
	var out windows.DataBlob
	if err := windows.CryptProtectData(blob(key), nil, blob(context), 0, nil, flags, &out); err != nil {
		return nil, err
	}
	return taken(out)
}

// unprotect opens what protect sealed; Windows notes in it for whom.
func unprotect(kept, context []byte) ([]byte, error) {
	if len(kept) == 0 {
		return nil, errors.New("it is empty")
	}
	var out windows.DataBlob
	if err := windows.CryptUnprotectData(blob(kept), nil, blob(context), 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, err
	}
	return taken(out)
}

func blob(b []byte) *windows.DataBlob {
	return &windows.DataBlob{Size: uint32(len(b)), Data: unsafe.SliceData(b)}
}

// taken copies what Windows has allocated, wipes it and gives it back.
func taken(b windows.DataBlob) ([]byte, error) {
	if b.Data == nil {
		return nil, errors.New("DPAPI gave nothing")
	}
	theirs := unsafe.Slice(b.Data, b.Size)
	ours := append([]byte(nil), theirs...)
	clear(theirs)
	_, err := windows.LocalFree(windows.Handle(unsafe.Pointer(b.Data)))
	return ours, err
}
