package acl

import (
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Well-known users and groups.
const (
	System         = "S-1-5-18"
	Administrators = "S-1-5-32-544"
	everyone       = "S-1-1-0"
)

// Entry is one line of an access list.
type Entry struct {
	Type  uint8
	SID   string
	Mask  windows.ACCESS_MASK
	Flags uint8
}

// The types of entry whose layout windows.ACCESS_ALLOWED_ACE describes.
const (
	allow         = 0
	deny          = 1
	allowCallback = 9
	denyCallback  = 10
)

// Entries gives the lines of a descriptor's access list. One without a list
// lets everyone do everything, and so it says.
func Entries(sd *windows.SECURITY_DESCRIPTOR) ([]Entry, error) {
	list, _, err := sd.DACL()
	if err != nil || list == nil {
		return []Entry{{Type: allow, SID: everyone, Mask: windows.GENERIC_ALL}}, nil
	}
	entries := make([]Entry, 0, list.AceCount)
	for i := range uint32(list.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &ace); err != nil {
			return nil, err
		}
		e := Entry{Type: ace.Header.AceType, Mask: ace.Mask, Flags: ace.Header.AceFlags}
		switch e.Type {
		case allow, deny, allowCallback, denyCallback:
			e.SID = (*windows.SID)(unsafe.Pointer(&ace.SidStart)).String()
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Others gives the users and groups that may do anything at all and are not
// among those allowed. An entry of an unknown kind is somebody's.
func Others(entries []Entry, allowed ...string) []string {
	var others []string
	for _, e := range entries {
		if e.Type == deny || e.Type == denyCallback || e.Mask == 0 {
			continue
		}
		if e.SID == "" {
			e.SID = fmt.Sprintf("entry of type %d", e.Type)
		}
		if !slices.Contains(allowed, e.SID) && !slices.Contains(others, e.SID) {
			others = append(others, e.SID)
		}
	}
	return others
}

// Text tells a person what a descriptor in SDDL says, line by line.
func Text(sddl string) (string, error) {
	sd, err := windows.SecurityDescriptorFromString(sddl)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	if owner, _, err := sd.Owner(); err == nil && owner != nil {
		fmt.Fprintf(&out, "owner: %s\n", name(owner.String()))
	} else {
		fmt.Fprintf(&out, "owner: whoever makes it\n")
	}
	control, _, err := sd.Control()
	if err != nil {
		return "", err
	}
	if control&windows.SE_DACL_PROTECTED != 0 {
		fmt.Fprintf(&out, "inherits nothing from above\n")
	}
	entries, err := Entries(sd)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		fmt.Fprintln(&out, e)
	}
	return out.String(), nil
}

// String is the entry in words.
func (e Entry) String() string {
	kind := map[uint8]string{allow: "allow", deny: "deny"}[e.Type]
	if kind == "" {
		kind = fmt.Sprintf("type %d", e.Type)
	}
	text := fmt.Sprintf("%s %s: %s", kind, name(e.SID), rights(e.Mask))
	if e.Flags&(windows.OBJECT_INHERIT_ACE|windows.CONTAINER_INHERIT_ACE) != 0 {
		text += ", and all below"
	}
	return text
}

func name(sid string) string {
	switch sid {
	case System:
		return "SYSTEM"
	case Administrators:
		return "Administrators"
	case everyone:
		return "Everyone"
	case "S-1-5-2":
		return "Network"
	case "S-1-5-11":
		return "Authenticated Users"
	}
	return sid
}

func rights(mask windows.ACCESS_MASK) string {
	const all = windows.STANDARD_RIGHTS_REQUIRED | windows.SYNCHRONIZE | 0x1ff
	if mask == windows.GENERIC_ALL || mask == all {
		return "everything"
	}
	var words []string
	for _, bit := range []struct {
		mask windows.ACCESS_MASK
		word string
	}{
		{windows.FILE_READ_DATA, "read"},
		{windows.FILE_WRITE_DATA, "write"},
		{windows.FILE_APPEND_DATA, "append or make pipe instances"},
		{windows.FILE_READ_EA, "read extended attributes"},
		{windows.FILE_WRITE_EA, "write extended attributes"},
		{windows.FILE_EXECUTE, "execute"},
		{0x40, "delete what is inside"},
		{windows.FILE_READ_ATTRIBUTES, "read attributes"},
		{windows.FILE_WRITE_ATTRIBUTES, "write attributes"},
		{windows.DELETE, "delete"},
		{windows.READ_CONTROL, "read this list"},
		{windows.WRITE_DAC, "change this list"},
		{windows.WRITE_OWNER, "change the owner"},
		{windows.SYNCHRONIZE, "wait"},
	} {
		if mask&bit.mask != 0 {
			words = append(words, bit.word)
			mask &^= bit.mask
		}
	}
	if mask != 0 {
		words = append(words, fmt.Sprintf("%#x", uint32(mask)))
	}
	return strings.Join(words, ", ")
}
