package fingerprint

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// cpu gives the id that Windows calls ProcessorId: of the x86 instruction
// CPUID, leaf 1, the register EDX (features) and the register EAX (family,
// model, stepping), each as eight hexadecimal digits. Both are put together
// from /proc/cpuinfo, where the kernel tells the same without a special
// right. It names the model, not the piece. On ARM it is the serial where the
// kernel tells one.
func cpu(root fs.FS) Part {
	first := make(map[string]string)
	for line := range strings.Lines(string(content(root, "proc/cpuinfo"))) {
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		if _, seen := first[name]; ok && !seen {
			first[name] = strings.TrimSpace(value)
		}
	}
	part := Part{Name: PartCPU, Missing: "the processor tells none"}
	if id := processorID(first); id != "" {
		part.Values, part.Missing = []string{id}, ""
	} else if serial := first["Serial"]; clean(serial) != "" {
		part.Values, part.Missing = []string{serial}, ""
	}
	return part
}

func processorID(info map[string]string) string {
	family, err1 := strconv.ParseUint(info["cpu family"], 10, 16)
	model, err2 := strconv.ParseUint(info["model"], 10, 16)
	stepping, err3 := strconv.ParseUint(info["stepping"], 10, 16)
	if err1 != nil || err2 != nil || err3 != nil || info["flags"] == "" {
		return ""
	}
	return fmt.Sprintf("%08X%08X", features(info["flags"]), signature(uint32(family), uint32(model), uint32(stepping)))
}

// signature packs family, model and stepping the way EAX does.
func signature(family, model, stepping uint32) uint32 {
	base, extended := family, uint32(0)
	if family > 15 {
		base, extended = 15, family-15
	}
	return extended<<20 | model>>4&0xf<<16 | base&0xf<<8 | model&0xf<<4 | stepping&0xf
}

// features packs the flags the way EDX does: the position is the bit.
func features(flags string) uint32 {
	bits := [32]string{
		"fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", "", "sep", "mtrr", "pge", "mca", "cmov",
		"pat", "pse36", "pn", "clflush", "", "dts", "acpi", "mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe",
	}
	has := make(map[string]bool)
	for flag := range strings.FieldsSeq(flags) {
		has[flag] = true
	}
	var edx uint32
	for bit, flag := range bits {
		if flag != "" && has[flag] {
			edx |= 1 << bit
		}
	}
	return edx
}
