package fingerprint

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"iscdesk.dev/agent/api"
)

// machine is a file system in the making.
type machine fstest.MapFS

func (m machine) put(path, content string) machine {
	m[path] = &fstest.MapFile{Data: []byte(content)}
	return m
}

// virtual adds an interface without a device.
func (m machine) virtual(name, mac string) machine {
	return m.put("sys/class/net/"+name+"/address", mac+"\n")
}

func (m machine) disk(name, serial string) machine {
	return m.put("sys/block/"+name+"/removable", "0\n").put("sys/block/"+name+"/device/serial", serial+"\n")
}

const cpuinfo = `processor	: 0
vendor_id	: GenuineIntel
cpu family	: 6
model		: 151
model name	: 12th Gen Intel(R) Core(TM) i9-12900K
stepping	: 2
flags		: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush dts acpi mmx fxsr sse sse2 ss ht tm pbe syscall nx avx2

processor	: 1
cpu family	: 6
model		: 1
stepping	: 9
flags		: fpu
`

func (m machine) fingerprint(t *testing.T) string {
	t.Helper()
	text, err := m.of().Fingerprint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (m machine) of() *Machine {
	return &Machine{read: func() []Part { return linuxParts(fstest.MapFS(m)) }}
}

func TestDocumentedExample(t *testing.T) {
	m := machine{}.put("sys/class/net/eth0/device/vendor", "x").put("sys/class/net/eth0/address", "04:7c:16:5e:e3:5d\n").
		disk("nvme0n1", "001B_444A_488B_5CEC.").put("proc/cpuinfo", cpuinfo)
	if got, want := m.fingerprint(t), "04:7C:16:5E:E3:5D|001B_444A_488B_5CEC.||BFEBFBFF00090672"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
}

// card adds a built-in card.
func (m machine) card(name, mac string) machine {
	return m.put("sys/class/net/"+name+"/device/vendor", "x").put("sys/class/net/"+name+"/address", mac+"\n").
		put("sys/class/net/"+name+"/addr_assign_type", "0\n")
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		name string
		m    machine
		want string
	}{
		{
			"several cards in sorted order", machine{}.card("eth1", "00:11:22:33:44:02").card("eth0", "00:11:22:33:44:0a").card("wlan0", "00:11:22:33:44:01"),
			"00:11:22:33:44:01,00:11:22:33:44:02,00:11:22:33:44:0A|||",
		},
		{"bridges, tunnels, containers and loopback do not count", machine{}.card("eth0", "00:11:22:33:44:55").
			virtual("lo", "00:00:00:00:00:00").virtual("docker0", "02:42:00:00:00:01").virtual("br0", "00:11:22:33:44:66").virtual("tun0", "").
			virtual("vmnet1", "00:50:56:c0:00:01"), "00:11:22:33:44:55|||"},
		{"an address set by hand does not count", machine{}.card("eth0", "00:11:22:33:44:55").card("wlan0", "00:aa:aa:aa:aa:aa").
			put("sys/class/net/wlan0/addr_assign_type", "3\n"), "00:11:22:33:44:55|||"},
		{"members of a bond keep their own", machine{}.card("eth0", "00:11:22:33:44:01").card("eth1", "00:11:22:33:44:01").
			put("sys/class/net/eth1/addr_assign_type", "2\n").put("sys/class/net/eth0/bonding_slave/perm_hwaddr", "00:11:22:33:44:01\n").
			put("sys/class/net/eth1/bonding_slave/perm_hwaddr", "00:11:22:33:44:02\n"), "00:11:22:33:44:01,00:11:22:33:44:02|||"},
		{
			"a virtual machine by its virtual card", machine{}.card("ens3", "52:54:00:12:34:56").put("sys/class/dmi/id/board_serial", "Not Specified\n"),
			"52:54:00:12:34:56|||",
		},
		{"virtual only if nothing better", machine{}.card("ens3", "52:54:00:12:34:56").card("ens4", "00:0c:29:00:00:01"), "00:0C:29:00:00:01|||"},
		{"infiniband and nonsense", machine{}.card("ib0", "80:00:00:48:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:00:01").card("eth0", "garbage").
			card("eth1", "00:00:00:00:00:00").disk("sda", "S1"), "|S1||"},
		{"disks", machine{}.disk("nvme1n1", "zz 1 ").disk("nvme0n1", "aa|1,2").disk("sda", "To Be Filled By O.E.M.").disk("loop0", ""), "|AA_1_2,ZZ1||"},
		{"removable, optical and device-less", machine{}.disk("sdb", "STICK").put("sys/block/sdb/removable", "1\n").disk("sr0", "DVD").
			put("sys/block/dm-0/serial", "DM").disk("vda", "V1"), "|V1||"},
		{"virtual disk", machine{}.put("sys/block/vda/serial", "virt-1\n").put("sys/block/vda/device/x", ""), "|VIRT-1||"},
		{"SCSI page", machine{}.put("sys/block/sda/device/vpd_pg80", "\x00\x80\x00\x08  WD-123trailing"), "|WD-123||"},
		{"broken SCSI page", machine{}.put("sys/block/sda/device/vpd_pg80", "\x00\x80\xff\xffS9").put("sys/block/sdb/device/vpd_pg80", "\x00"), "|S9||"},
		{"udev", machine{}.put("sys/block/sda/device/x", "").put("sys/block/sda/dev", "8:0\n").
			put("run/udev/data/b8:0", "S:disk\nE:ID_SERIAL=Model_W1\nE:ID_SERIAL_SHORT=W1\n"), "|W1||"},
		{"board", machine{}.put("sys/class/dmi/id/board_serial", " /7XK1/CN12/ \n"), "||/7XK1/CN12/|"},
		{"device tree", machine{}.put("sys/firmware/devicetree/base/serial-number", "10000000abcdef\x00"), "||10000000ABCDEF|"},
		{"ARM processor", machine{}.put("proc/cpuinfo", "processor\t: 0\nmodel name\t: ARMv7\nSerial\t\t: 00000000deadbeef\n"), "|||00000000DEADBEEF"},
		{"processor without flags", machine{}.put("proc/cpuinfo", "cpu family\t: 6\nmodel\t: 1\nstepping\t: 1\n").disk("sda", "S"), "|S||"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.m.fingerprint(t); got != c.want {
				t.Fatalf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestHotPlugChangesNothing(t *testing.T) {
	base := func() machine { return machine{}.card("eth0", "00:11:22:33:44:55").disk("nvme0n1", "S1") }
	want := base().fingerprint(t)
	const bus = "sys/devices/pci0000:00/usb2/2-1/"
	usb := func(m machine, class, name string, files map[string]string) machine {
		m["sys/"+class+"/"+name] = &fstest.MapFile{Mode: fs.ModeSymlink, Data: []byte(strings.Repeat("../", strings.Count(class, "/")+1) + strings.TrimPrefix(bus, "sys/") + name)}
		m.put(bus+name+"/device/vendor", "x")
		for file, content := range files {
			m.put(bus+name+"/"+file, content)
		}
		return m
	}
	card := map[string]string{"address": "00:e0:4c:68:00:01\n"}
	if got := usb(base(), "class/net", "enx0", card).fingerprint(t); got != want {
		t.Errorf("with a dock: %s, want %s", got, want)
	}
	if got := usb(machine{}, "class/net", "enx0", card).fingerprint(t); got != "00:E0:4C:68:00:01|||" {
		t.Errorf("a tablet with nothing else: %s", got)
	}
	if got := usb(base(), "block", "sda", map[string]string{"serial": "USBDISK\n"}).fingerprint(t); got != want {
		t.Errorf("with a disk on USB: %s, want %s", got, want)
	}
	renamed := machine{}.card("enp3s0", "00:11:22:33:44:55").disk("nvme1n1", "S1")
	if got := renamed.fingerprint(t); got != want {
		t.Errorf("with other names: %s, want %s", got, want)
	}
}

func TestContainerHasNone(t *testing.T) {
	m := machine{}.virtual("lo", "00:00:00:00:00:00").virtual("eth0", "02:42:ac:11:00:02")
	if text, err := m.of().Fingerprint(t.Context()); text != "" || !errors.Is(err, api.LicenseFingerprintRequired) {
		t.Fatalf("%q, %v", text, err)
	}
	for _, p := range m.of().Explain() {
		if p.Missing == "" || len(p.Values) != 0 {
			t.Errorf("%+v", p)
		}
	}
}

func TestLongListsFitAndStayDifferent(t *testing.T) {
	build := func(tail string) machine {
		m := machine{}.put("proc/cpuinfo", cpuinfo).put("sys/class/dmi/id/board_serial", strings.Repeat("B", 500)+tail)
		for i := range 100 {
			m.card(fmt.Sprintf("eth%d", i), fmt.Sprintf("00:11:22:33:44:%02x", i))
			m.disk(fmt.Sprintf("nvme%dn1", i), fmt.Sprintf("%03d%s%s", i, strings.Repeat("长", 200), tail))
		}
		return m
	}
	a, b := build("1").fingerprint(t), build("2").fingerprint(t)
	if len([]rune(a)) > 1024 || a == b || strings.Count(a, "|") != 3 {
		t.Fatalf("%d characters; different: %v", len([]rune(a)), a != b)
	}
	if again := build("1").fingerprint(t); again != a {
		t.Fatal("not stable")
	}
	if !strings.HasSuffix(a, "|BFEBFBFF00090672") || !strings.HasPrefix(a, "00:11:22:33:44:00,00:11:22:33:44:01") {
		t.Fatal(a)
	}
}

// denied is a file system that keeps a file for root.
type denied struct {
	fstest.MapFS
	path string
}

func (d denied) Open(name string) (fs.File, error) {
	if name == d.path {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.MapFS.Open(name)
}

func TestExplainNamesWhatOnlyRootMayRead(t *testing.T) {
	root := denied{fstest.MapFS(machine{}.put("proc/cpuinfo", cpuinfo)), "sys/class/dmi/id/board_serial"}
	m := &Machine{read: func() []Part { return linuxParts(root) }}
	parts := m.Explain()
	if len(parts) != 4 || parts[2].Name != PartBoard || parts[2].Missing != "only root may read it" || len(parts[3].Values) != 1 {
		t.Fatalf("%+v", parts)
	}
}

func TestSignature(t *testing.T) {
	for _, c := range []struct{ family, model, stepping, want uint32 }{
		{6, 151, 2, 0x90672}, {25, 33, 2, 0xA20F12}, {15, 4, 1, 0xF41}, {5, 1, 1, 0x511},
	} {
		if got := signature(c.family, c.model, c.stepping); got != c.want {
			t.Errorf("%+v: %X", c, got)
		}
	}
}

func TestThisMachineIsStable(t *testing.T) {
	first := join(New().Explain())
	if again := join(New().Explain()); again != first || strings.Count(first, "|") != 3 || len(first) > 1024 {
		t.Fatalf("%q, then %q", first, again)
	}
}
