package fingerprint

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"
)

// How a disk is attached (STORAGE_BUS_TYPE).
const (
	bus1394         = 4
	busUSB          = 7
	busISCSI        = 9
	busSD           = 12
	busVirtual      = 14
	busFileBacked   = 15
	directAccess    = 0 // the SCSI kind of a disk
	descriptorFixed = 36
)

// storage is what a disk says of itself.
type storage struct {
	bus       uint32
	kind      byte
	removable bool
	serial    string
}

// parseStorage reads a STORAGE_DEVICE_DESCRIPTOR. It tells whether it is one.
func parseStorage(d []byte) (storage, bool) {
	if len(d) < descriptorFixed {
		return storage{}, false
	}
	size := min(uint64(binary.LittleEndian.Uint32(d[4:])), uint64(len(d)))
	if size < descriptorFixed {
		return storage{}, false
	}
	d = d[:size]
	s := storage{kind: d[8], removable: d[10] != 0, bus: binary.LittleEndian.Uint32(d[28:])}
	// Where there is no serial the offset is 0, or all ones.
	if offset := uint64(binary.LittleEndian.Uint32(d[24:])); offset >= descriptorFixed && offset < size {
		serial, _, _ := bytes.Cut(d[offset:], []byte{0})
		s.serial = ataSerial(string(serial))
	}
	return s, true
}

// builtIn tells a disk of the machine from one that is plugged in, mounted from
// a file or on the network.
func (s storage) builtIn() bool {
	switch s.bus {
	case bus1394, busUSB, busISCSI, busSD, busVirtual, busFileBacked:
		return false
	}
	return s.kind == directAccess && !s.removable
}

// ataSerial undoes what drivers of old do to the serial of an ATA disk: each
// character is two hexadecimal digits, and each pair of characters is swapped,
// because the disk sends words. What is not of that form is left as it is.
func ataSerial(serial string) string {
	const ataLength = 20
	if len(serial) != 2*ataLength {
		return serial
	}
	var text [ataLength]byte
	for i := range text {
		high, low := hexDigit(serial[2*i]), hexDigit(serial[2*i+1])
		c := high<<4 | low
		if high > 15 || low > 15 || c > unicode.MaxASCII || !unicode.IsPrint(rune(c)) {
			return serial
		}
		text[i^1] = c
	}
	return strings.TrimSpace(string(text[:]))
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// diskPart takes the serials of the built-in disks.
func diskPart(all []storage) Part {
	part := Part{Name: PartDisk, Missing: "no built-in disk tells its serial"}
	for _, s := range all {
		if s.builtIn() && clean(s.serial) != "" {
			part.Values, part.Missing = append(part.Values, s.serial), ""
		}
	}
	return part
}
