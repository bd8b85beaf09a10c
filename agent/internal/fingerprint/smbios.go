package fingerprint

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// The kinds of SMBIOS structures that are read, and the offsets of the fields
// in them (DMTF DSP0134, 7.3 and 7.5).
const (
	smbiosBoard     = 2
	smbiosProcessor = 4
	smbiosEnd       = 127

	smbiosHeader         = 4
	boardSerialOffset    = 7
	processorIDOffset    = 8
	rawFirmwareHeader    = 8
	maxSMBIOSStructures  = 4096
	processorIDRegisters = 8
)

// structure is one structure of a SMBIOS table.
type structure struct {
	kind byte
	// fields is the formatted part, header included.
	fields  []byte
	strings [][]byte
}

// text is the string whose number stands at offset; empty if there is none.
func (s structure) text(offset int) string {
	if offset >= len(s.fields) {
		return ""
	}
	number := int(s.fields[offset])
	if number == 0 || number > len(s.strings) {
		return ""
	}
	return string(s.strings[number-1])
}

// structures takes a SMBIOS table apart, up to where it ends or stops making
// sense.
func structures(table []byte) []structure {
	var list []structure
	for len(table) >= smbiosHeader && len(list) < maxSMBIOSStructures {
		kind, length := table[0], int(table[1])
		if length < smbiosHeader || length > len(table) {
			break
		}
		s := structure{kind: kind, fields: table[:length]}
		table = table[length:]
		end := bytes.Index(table, []byte{0, 0})
		if end < 0 {
			end = len(table)
		}
		if end > 0 {
			s.strings = bytes.Split(table[:end], []byte{0})
		}
		list = append(list, s)
		table = table[min(end+2, len(table)):]
		if kind == smbiosEnd {
			break
		}
	}
	return list
}

// firmwareTable cuts the table out of what GetSystemFirmwareTable gives for
// RSMB: version, length, table.
func firmwareTable(raw []byte) []byte {
	if len(raw) < rawFirmwareHeader {
		return nil
	}
	length := uint64(binary.LittleEndian.Uint32(raw[4:]))
	table := raw[rawFirmwareHeader:]
	return table[:min(length, uint64(len(table)))]
}

// firmwareBoard is the serial of the first mainboard that has one.
func firmwareBoard(list []structure) Part {
	part := Part{Name: PartBoard, Missing: "the maker did not fill it in"}
	for _, s := range list {
		if s.kind != smbiosBoard {
			continue
		}
		if serial := s.text(boardSerialOffset); clean(serial) != "" {
			part.Values, part.Missing = []string{serial}, ""
			break
		}
	}
	return part
}

// firmwareCPU is the id of the first processor as Windows writes it: the
// register EDX of CPUID leaf 1, then EAX, each as eight hexadecimal digits. The
// firmware keeps them the other way round.
func firmwareCPU(list []structure) Part {
	part := Part{Name: PartCPU, Missing: "the firmware tells none"}
	for _, s := range list {
		if s.kind != smbiosProcessor || len(s.fields) < processorIDOffset+processorIDRegisters {
			continue
		}
		id := s.fields[processorIDOffset:]
		eax, edx := binary.LittleEndian.Uint32(id), binary.LittleEndian.Uint32(id[4:])
		if text := fmt.Sprintf("%08X%08X", edx, eax); eax != 0 && clean(text) != "" {
			part.Values, part.Missing = []string{text}, ""
			break
		}
	}
	return part
}
