package viewtest

import (
	"time"

	"iscdesk.dev/agent/api"
)

// at is a time some days from Now, in Unix seconds.
func at(days int) int64 { return Now().Add(time.Duration(days) * 24 * time.Hour).Unix() }

// SignedIn is the account of the sample.
func SignedIn() api.Account {
	return api.Account{
		State: api.AccountSignedIn, Online: true, Marketplace: "https://market.example",
		UserID: "u1", UserName: "li.wei", Name: "李伟", Tenant: "t1", TenantName: "示例研究院",
	}
}

// Fine is a day on which all is well: an application runs on its licence, and
// everything is published.
func Fine() api.State {
	return api.State{
		Account:  SignedIn(),
		Sessions: []api.Session{{ID: "s1", Product: "minicad", Version: "1.2.0", PID: 4242}},
		Licenses: []api.License{
			{
				Product: "minicad", ProductName: "MiniCAD", Instance: "LIC-2026-0117", Status: "active", EffectiveTime: at(-30), ExpireTime: at(335),
				Features: []string{"sketch", "solve"}, SeatsTotal: 5, SeatsUsed: 3,
				Leases:   []api.LeaseInfo{{ID: "l1", Session: "s1", Device: "3f2a91bc", State: "active", Features: []string{"sketch"}, Expires: at(1), Grace: at(8)}},
				Requests: []api.LicenseRecord{{LicenseAnswer: api.LicenseAnswer{Request: "r1", State: api.LicenseGranted, Kind: api.LicenseString, EventID: "E-1"}, Updated: at(0), Verdict: "accepted"}},
			},
			{Product: "cam", ProductName: "Sample CAM", Instance: "LIC-2026-0118", Status: "active", ExpireTime: at(200), Trial: true},
		},
		Messages: []api.Message{
			{ID: "m1", Kind: api.MessagePublished, Level: api.MessageInfo, Time: Now().UnixMilli(), Path: "/team/gear.step", Params: map[string]string{"path": "/team/gear.step", "version": "3"}},
			{ID: "m2", Kind: api.MessageLicenseUnfrozen, Level: api.MessageInfo, Time: Now().UnixMilli() - 3_600_000, Read: true, Product: "minicad", Params: map[string]string{"product": "MiniCAD"}},
		},
	}
}

// Busy is a day on which much happens: saves are sent and fail, a licence is
// frozen and one refused, an upgrade is offered, an application asks.
func Busy() api.State {
	s := Fine()
	s.Picks = []api.Pick{{ID: "p1", Kind: api.PickOpen, Product: "minicad", Session: "s1"}}
	s.Transfers = []api.Transfer{
		{Operation: "op-1", Path: "/team/减速器外壳.step", State: "uploading", Sent: 21_500_000, Total: 64_000_000},
		{Operation: "op-2", Path: "/team/shaft.step", State: "waiting", Total: 2_000_000},
		{Operation: "op-3", Path: "/archive/bracket.step", State: "failed", Total: 9, Reason: api.Fail(api.PermissionDenied)},
	}
	s.Conflicts = []api.Conflict{{ID: "c1", Path: "/team/gear.step", Theirs: 4, TheirAuthor: "王芳", Copy: "/team/gear (李伟).step", Mine: 1}}
	s.Licenses[1].Status, s.Licenses[1].Trial = "frozen", false
	s.Licenses = append(s.Licenses, api.License{Product: "fea", ProductName: "Sample FEA", Requests: []api.LicenseRecord{{LicenseAnswer: api.LicenseAnswer{
		Request: "r2", State: api.LicenseRefused, Kind: api.LicenseFile, EventID: "E-20260302-7",
		Reason: api.Fail(api.LicenseVendorRefused, "vendorCode", "000903", "vendorMessage", "申请License必须输入设备指纹", "event", "E-20260302-7"),
	}, Updated: at(0)}}})
	s.Apps = []api.App{{
		Product: "minicad", Name: "MiniCAD", Installed: "1.2.0", Latest: "2.0.0", State: "offered", Offered: "2.0.0",
		Notes: "Sketches open twice as fast.\nAssemblies keep their colours.\n修复了若干问题。",
	}}
	s.Health = []api.Warning{
		{Code: string(api.DiskLow), Reason: api.Fail(api.DiskLow, "free", "640 MiB", "path", "/var/lib/iscdesk")},
		{Code: string(api.LicenseFrozen), Reason: api.Fail(api.LicenseFrozen, "product", "Sample CAM")},
	}
	s.Messages = append([]api.Message{
		{ID: "m3", Kind: api.MessageConflict, Level: api.MessageWarning, Time: Now().UnixMilli(), Path: "/team/gear.step", Params: map[string]string{"path": "/team/gear.step", "copy": "/team/gear (李伟).step"}},
		{ID: "m4", Kind: api.MessageLicenseFrozen, Level: api.MessageProblem, Time: Now().UnixMilli(), Product: "cam", Params: map[string]string{"product": "Sample CAM"}, Reason: api.Fail(api.LicenseFrozen, "product", "Sample CAM")},
		{ID: "m5", Kind: api.MessageSolveFailed, Level: api.MessageProblem, Time: Now().UnixMilli(), Solve: "s-1", Params: map[string]string{"path": "/team/beam.inp"}, Reason: api.Fail(api.SolveFailed, "reason", "singular stiffness matrix")},
	}, s.Messages...)
	return s
}

// First is a machine on which nobody has signed in yet.
func First() api.State {
	return api.State{Account: api.Account{State: api.AccountSignedOut, Marketplace: "https://market.example"}}
}
