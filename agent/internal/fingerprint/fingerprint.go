// Package fingerprint describes the machine in the form that vendors license
// to: MAC addresses, disk serials, mainboard serial and CPU id, joined by bars.
//
//	04:7C:16:5E:E3:5D|001B_444A_488B_5CEC.||BFEBFBFF00090672
//
// It has to be the same after a reboot, with the network cards in another
// order, with a VPN up, a container running or a dock plugged in; so it names
// only what is built in, sorted. It is read without administrator's rights;
// what that leaves out (the mainboard's serial, on most machines) stays empty,
// and Explain says so.
//
// Linux: /sys/class/net, /sys/block, /sys/class/dmi/id (or the device tree)
// and /proc/cpuinfo. Windows: the adapters' permanent addresses, what each
// physical disk says of itself, and the firmware's SMBIOS table; plain and
// elevated processes, 32 and 64 bits wide, read the same. Other systems: the
// MAC addresses; the rest stays empty.
package fingerprint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"iscdesk.dev/agent/api"
)

// The bounds that keep every fingerprint within the marketplace's field of
// 1,024 characters: lists keep their first entries in sorted order, and a
// longer value keeps its head and gets eight digits of its SHA-256, so that
// what was different stays different.
const (
	maxMACs  = 16
	maxDisks = 14
	maxValue = 40
)

// The names of the parts, in their order.
const (
	PartMAC   = "mac"
	PartDisk  = "disk"
	PartBoard = "board"
	PartCPU   = "cpu"
)

// Part is one of the four parts and where it comes from.
type Part struct {
	Name   string
	Values []string
	// Missing says why there is no value.
	Missing string
}

// Machine is the machine that is described.
type Machine struct {
	read func() []Part
}

// New describes this machine.
func New() *Machine { return &Machine{read: read} }

// Fingerprint gives the documented form. It fails with
// api.LicenseFingerprintRequired if nothing at all can be read.
func (m *Machine) Fingerprint(context.Context) (string, error) {
	text := join(m.Explain())
	if strings.Trim(text, "|") == "" {
		return "", api.Fail(api.LicenseFingerprintRequired)
	}
	return text, nil
}

// Explain gives the parts as they stand in the fingerprint, and why one is
// empty.
func (m *Machine) Explain() []Part {
	parts := m.read()
	for i := range parts {
		limit := 1
		switch parts[i].Name {
		case PartMAC:
			limit = maxMACs
		case PartDisk:
			limit = maxDisks
		}
		parts[i].Values = tidy(parts[i].Values, limit)
		if len(parts[i].Values) == 0 && parts[i].Missing == "" {
			parts[i].Missing = "the machine has none"
		}
	}
	return parts
}

func join(parts []Part) string {
	texts := make([]string, len(parts))
	for i, p := range parts {
		texts[i] = strings.Join(p.Values, ",")
	}
	return strings.Join(texts, "|")
}

// tidy cleans values, sorts them, drops doubles and keeps the first.
func tidy(values []string, limit int) []string {
	var list []string
	for _, v := range values {
		if v = clean(v); v != "" {
			list = append(list, v)
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), limit)]
}

// clean makes a value fit to stand between bars and commas, in upper case. A
// placeholder that the maker forgot to fill in is no value.
func clean(value string) string {
	value = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c) || unicode.IsControl(c) || c == unicode.ReplacementChar:
			return -1
		case c == '|' || c == ',':
			return '_'
		}
		return unicode.ToUpper(c)
	}, strings.ToValidUTF8(value, ""))
	if placeholder(value) {
		return ""
	}
	if len(value) > maxValue {
		sum := sha256.Sum256([]byte(value))
		head := strings.ToValidUTF8(value[:maxValue-9], "")
		value = head + "-" + strings.ToUpper(hex.EncodeToString(sum[:4]))
	}
	return value
}

func placeholder(value string) bool {
	switch value {
	case "NONE", "N/A", "NA", "UNKNOWN", "DEFAULTSTRING", "TOBEFILLEDBYO.E.M.", "NOTSPECIFIED", "NOTAPPLICABLE",
		"SYSTEMSERIALNUMBER", "BASEBOARDSERIALNUMBER", "SERIALNUMBER", "INVALID", "OEM", "0123456789", "123456789":
		return true
	}
	return strings.Trim(value, "0.-_XF") == ""
}
