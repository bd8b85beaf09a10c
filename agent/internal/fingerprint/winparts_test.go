package fingerprint

import (
	"encoding/binary"
	"net"
	"slices"
	"strings"
	"testing"
)

// smbios puts structures together the way firmware does.
type smbios []byte

func (s smbios) add(kind byte, fields []byte, texts ...string) smbios {
	s = append(s, kind, byte(len(fields)+smbiosHeader), 0, byte(len(s)))
	s = append(s, fields...)
	for _, text := range texts {
		s = append(append(s, text...), 0)
	}
	if len(texts) == 0 {
		s = append(s, 0)
	}
	return append(s, 0)
}

// board adds a mainboard: maker, product, version, serial, asset tag and more.
func (s smbios) board(serial string) smbios {
	return s.add(smbiosBoard, []byte{1, 2, 3, 4, 5, 9, 6, 3, 0, 10, 0}, "ASUSTeK COMPUTER INC.", "PRIME Z690-P", "Rev 1.xx", serial, "Default string", "Default string")
}

func (s smbios) processor(eax, edx uint32) smbios {
	fields := []byte{1, 3, 198, 2}
	fields = binary.LittleEndian.AppendUint32(fields, eax)
	fields = binary.LittleEndian.AppendUint32(fields, edx)
	return s.add(smbiosProcessor, append(fields, 3, 0x8c, 100, 0, 0x88, 0x13, 0x80, 0x0c, 0x41, 0x3f), "LGA1700", "Intel(R) Corporation", "12th Gen Intel(R) Core(TM) i9-12900K")
}

// end closes the table and puts the header of Windows before it.
func (s smbios) end() []byte {
	s = s.add(smbiosEnd, nil)
	return append(binary.LittleEndian.AppendUint32([]byte{0, 3, 4, 0}, uint32(len(s))), s...)
}

func bios() smbios {
	return smbios{}.add(0, make([]byte, 20), "American Megatrends Inc.", "1403", "04/28/2022").
		add(1, make([]byte, 23), "ASUS", "System Product Name", "System Version", "System Serial Number")
}

// descriptor is a STORAGE_DEVICE_DESCRIPTOR: header, maker, product, serial.
func descriptor(bus uint32, removable byte, serial string) []byte {
	d := make([]byte, descriptorFixed, 256)
	binary.LittleEndian.PutUint32(d, 40)
	d[10] = removable
	binary.LittleEndian.PutUint32(d[28:], bus)
	d = append(d, "NVMe\x00Samsung SSD 980 PRO 1TB\x00"...)
	if serial != "" {
		binary.LittleEndian.PutUint32(d[24:], uint32(len(d)))
		d = append(append(d, serial...), 0)
	}
	binary.LittleEndian.PutUint32(d[4:], uint32(len(d)))
	return d
}

const (
	busSATA = 11
	busNVMe = 17
)

func disksOf(descriptors ...[]byte) Part {
	var all []storage
	for _, d := range descriptors {
		if s, ok := parseStorage(d); ok {
			all = append(all, s)
		}
	}
	return diskPart(all)
}

func windowsMachine(dump []byte, cards []adapter, disks ...[]byte) *Machine {
	return &Machine{read: func() []Part {
		firmware := structures(firmwareTable(dump))
		return []Part{adapterPart(cards), disksOf(disks...), firmwareBoard(firmware), firmwareCPU(firmware)}
	}}
}

func card(device, permanent string) adapter {
	a, err := net.ParseMAC(permanent)
	if err != nil {
		panic(err)
	}
	return adapter{hardware: true, wired: true, permanent: a, current: a, device: device}
}

func TestDocumentedExampleOnWindows(t *testing.T) {
	m := windowsMachine(bios().board("Default string").processor(0x90672, 0xBFEBFBFF).end(),
		[]adapter{card(`PCI\VEN_8086&DEV_15F3&SUBSYS_87D21043&REV_03\6&102A8F1&0&0048000D`, "04:7c:16:5e:e3:5d")},
		descriptor(busNVMe, 0, "001B_444A_488B_5CEC."))
	got, err := m.Fingerprint(t.Context())
	if want := "04:7C:16:5E:E3:5D|001B_444A_488B_5CEC.||BFEBFBFF00090672"; got != want || err != nil {
		t.Fatalf("%s, %v, want %s", got, err, want)
	}
}

func TestFirmware(t *testing.T) {
	for _, c := range []struct {
		name       string
		dump       []byte
		board, cpu string
	}{
		{"a workstation", bios().board("220214835600123").processor(0x90672, 0xBFEBFBFF).end(), "220214835600123", "BFEBFBFF00090672"},
		{"a laptop with bars in its serial", bios().board(" /7XK1|X3/CN129636 ").processor(0x806EA, 0xBFEBFBFF).end(), "/7XK1_X3/CN129636", "BFEBFBFF000806EA"},
		{"two sockets, the second empty", bios().board("S").processor(0x50654, 0xBFEBFBFF).processor(0, 0).end(), "S", "BFEBFBFF00050654"},
		{"the first socket empty", bios().processor(0, 0).processor(0x50654, 0xBFEBFBFF).end(), "", "BFEBFBFF00050654"},
		{"a virtual machine", bios().board("None").processor(0xA20F12, 0x178BFBFF).end(), "", "178BFBFF00A20F12"},
		{"two boards", bios().board("To be filled by O.E.M.").board("B2").end(), "B2", ""},
		{"a board without strings", smbios{}.add(smbiosBoard, []byte{1, 2, 3, 4}).end(), "", ""},
		{"an old, short board", smbios{}.add(smbiosBoard, []byte{1, 2, 3}, "a", "b", "c", "d").end(), "", ""},
		{"no table", nil, "", ""},
		{"a header only", []byte{0, 3, 4, 0, 255, 255, 255, 255}, "", ""},
		{"cut off", bios().board("220214835600123").end()[:150], "", ""},
		{"a length that lies", append([]byte{0, 3, 4, 0, 255, 255, 0, 0}, smbios{}.board("S1").add(smbiosEnd, nil)...), "S1", ""},
	} {
		list := structures(firmwareTable(c.dump))
		board, cpu := strings.Join(tidy(firmwareBoard(list).Values, 1), ""), strings.Join(tidy(firmwareCPU(list).Values, 1), "")
		if board != c.board || cpu != c.cpu {
			t.Errorf("%s: board %q, processor %q", c.name, board, cpu)
		}
	}
}

func TestStorage(t *testing.T) {
	for _, c := range []struct {
		name  string
		disks [][]byte
		want  string
	}{
		{"NVMe", [][]byte{descriptor(busNVMe, 0, "0025_38B9_11B2_7D4E.")}, "0025_38B9_11B2_7D4E."},
		{"sorted", [][]byte{descriptor(busNVMe, 0, "Z"), descriptor(busSATA, 0, "   S3Z8NB0K123456F")}, "S3Z8NB0K123456F,Z"},
		{"an old driver's ATA serial", [][]byte{descriptor(3, 0, "3253334e583041423132333420202020"+"20202020")}, "S2N30XBA2143"},
		{"forty digits that are none", [][]byte{descriptor(busSATA, 0, strings.Repeat("00", 20))}, ""},
		{"a stick", [][]byte{descriptor(busUSB, 1, "4C530001")}, ""},
		{"a disk on USB", [][]byte{descriptor(busUSB, 0, "4C530001")}, ""},
		{"a mounted image", [][]byte{descriptor(busFileBacked, 0, "V")}, ""},
		{"on the network", [][]byte{descriptor(busISCSI, 0, "V")}, ""},
		{"a card", [][]byte{descriptor(busSD, 1, "V")}, ""},
		{"no serial", [][]byte{descriptor(busSATA, 0, "")}, ""},
		{"cut off", [][]byte{descriptor(busSATA, 0, "S1")[:20]}, ""},
		{"its end missing", [][]byte{descriptor(busSATA, 0, "S1")[:60]}, ""},
	} {
		if got := strings.Join(tidy(disksOf(c.disks...).Values, maxDisks), ","); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	lying := descriptor(busSATA, 0, "S1")
	binary.LittleEndian.PutUint32(lying[24:], ^uint32(0)) // "no serial" of some drivers
	if s, ok := parseStorage(lying); !ok || s.serial != "" {
		t.Errorf("%+v %v", s, ok)
	}
}

func TestAdapters(t *testing.T) {
	changed := card(`PCI\VEN_8086`, "00:11:22:33:44:55")
	changed.current = net.HardwareAddr{2, 0, 0, 0, 0, 1}
	untold := card(`PCI\VEN_8086`, "00:11:22:33:44:66")
	untold.permanent = make(net.HardwareAddr, 6)
	software := card(`ROOT\VMS_MP\0000`, "00:15:5d:00:00:01")
	filter := card("", "00:11:22:33:44:55")
	filter.hardware = false
	for _, c := range []struct {
		name string
		all  []adapter
		want string
	}{
		{"sorted", []adapter{card(`PCI\B`, "00:11:22:33:44:02"), card(`PCI\A`, "00:11:22:33:44:01")}, "00:11:22:33:44:01,00:11:22:33:44:02"},
		{"an address set by hand", []adapter{changed}, "00:11:22:33:44:55"},
		{"a driver that tells no permanent one", []adapter{untold}, "00:11:22:33:44:66"},
		{"a virtual switch, a VPN, a filter", []adapter{software, filter, card(`SWD\WINTUN`, "00:11:22:33:44:77"), card(`PCI\A`, "00:11:22:33:44:01")}, "00:11:22:33:44:01"},
		{"a telephone", []adapter{card(`BTH\MS_BTHPAN`, "00:11:22:33:44:77")}, ""},
		{"a dock", []adapter{card(`USB\VID_0BDA&PID_8153`, "00:e0:4c:68:00:01"), card(`PCI\A`, "00:11:22:33:44:01")}, "00:11:22:33:44:01"},
		{"a tablet with nothing else", []adapter{card(`USB\VID_0BDA&PID_8153`, "00:e0:4c:68:00:01")}, "00:E0:4C:68:00:01"},
		{"a virtual machine", []adapter{card(`VMBUS\{F8615163-DF3E-46C5-913F-F2D2F965ED0E}`, "00:15:5d:01:02:03")}, "00:15:5D:01:02:03"},
		{"a made-up address only", []adapter{card(`PCI\VEN_1AF4`, "52:54:00:12:34:56")}, "52:54:00:12:34:56"},
		{"none", nil, ""},
	} {
		if got := strings.Join(tidy(adapterPart(c.all).Values, maxMACs), ","); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		slices.Reverse(c.all)
		if got := strings.Join(tidy(adapterPart(c.all).Values, maxMACs), ","); got != c.want {
			t.Errorf("%s, in another order: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzFirmware(f *testing.F) {
	f.Add(bios().board("220214835600123").processor(0x90672, 0xBFEBFBFF).end())
	f.Add(smbios{}.add(smbiosBoard, []byte{1, 2, 3, 255}, "a").end())
	f.Add([]byte{0, 3, 4, 0, 4, 0, 0, 0, 2, 4, 0, 0})
	f.Fuzz(func(t *testing.T, dump []byte) {
		list := structures(firmwareTable(dump))
		text := join([]Part{{Values: tidy(firmwareBoard(list).Values, 1)}, {Values: tidy(firmwareCPU(list).Values, 1)}})
		if strings.Count(text, "|") != 1 || len(text) > 2*maxValue+1 || text != strings.ToUpper(text) {
			t.Fatalf("%q", text)
		}
	})
}

func FuzzStorage(f *testing.F) {
	f.Add(descriptor(busNVMe, 0, "001B_444A_488B_5CEC."))
	f.Add(descriptor(busUSB, 1, "4C530001"))
	f.Fuzz(func(t *testing.T, d []byte) {
		s, ok := parseStorage(d)
		if ok && len(s.serial) > len(d) {
			t.Fatalf("%+v", s)
		}
	})
}
