package policy

import (
	"strings"

	"iscdesk.dev/agent/api"
)

// Type is what a value of a setting looks like.
type Type string

// The types.
const (
	Text   Type = "text"
	Path   Type = "path" // absolute
	URL    Type = "url"
	List   Type = "list" // of text
	Number Type = "number"
	Rate   Type = "rate" // "10MB/s"
	Size   Type = "size" // "20GB"
	Switch Type = "switch"
	Choice Type = "choice"
)

// Setting is one row of the table.
type Setting struct {
	// Key is the name in policy.toml; one with a dot stands in a table.
	Key string
	// Registry is the name of the value in the registry.
	Registry string
	Type     Type
	// Choices are the values of a Choice, Least and Most bound a Number.
	Choices     []string
	Least, Most int64
	// Default is the value where no source gives one; empty: none.
	Default string
	// Expect shows people what a good value looks like.
	Expect string
	// Flag and Env name the setting for iscdeskd; empty: it has none there.
	Flag, Env string
	// Guarded marks a setting that protects: where a source gives it a wrong
	// value, no weaker source is asked. Safe is in force then, and where Holds
	// is set, nothing is sent to any network until it is mended.
	Guarded bool
	Safe    string
	Holds   bool
	// Installer tells that a property of the MSI sets it too.
	Installer bool
	// Title and Help say what it is for.
	Title, Help Words

	parse func(s Setting, raw any) (any, bool)
	apply func(v *Values, parsed any)
}

// Words is a text in both languages.
type Words = api.Words

// Install says who may install applications.
type Install string

// The choices of install_applications.
const (
	Everyone       Install = "everyone"
	Administrators Install = "administrators"
	Nobody         Install = "nobody"
)

// Values are the settings in force.
type Values struct {
	Marketplace       string
	Tenant            string
	Proxy             string // URL without credentials
	ProxyPAC          string // URL or absolute path
	ProxyUser         string
	ProxyPasswordFile string
	NoProxy           []string
	CAFile            string
	Install           Install
	UploadRate        int64 // bytes per second over all users; 0: unlimited
	DownloadRate      int64
	StagingSpace      int64  // bytes per user; 0: as long as the disk has room
	ParallelUploads   int    // documents per user
	OfflineDays       int    // -1: as long as the vendor signed
	Language          string // empty: the user's own
}

// Lookup finds the row of a key.
func Lookup(key string) (Setting, bool) {
	for _, s := range Settings() {
		if s.Key == key {
			return s, true
		}
	}
	return Setting{}, false
}

// byRegistry finds the row of a value of the registry, whose names know no
// case.
func byRegistry(name string) (Setting, bool) {
	if strings.EqualFold(name, LockedRegistry) {
		return Setting{Key: LockedKey, Registry: LockedRegistry, Type: List}, true
	}
	for _, s := range Settings() {
		if strings.EqualFold(s.Registry, name) {
			return s, true
		}
	}
	return Setting{}, false
}

// LockedRegistry is LockedKey in the registry.
const LockedRegistry = "Locked"

// LockedKey is the key of the list of settings that users may not change.
const LockedKey = "locked"

// Settings is the whole table, in the order in which people read it.
//
//nolint:funlen // one row per setting; cutting the table up would hide it
func Settings() []Setting {
	return []Setting{
		{
			Key: "marketplace", Registry: "MarketplaceURL", Type: URL, Expect: "https://market.example.com",
			Flag: "marketplace", Env: "ISCDESK_MARKETPLACE", Guarded: true, Installer: true,
			Title: Words{EN: "Marketplace", ZH: "云商店地址"},
			Help: Words{
				EN: "Address of the marketplace. Without one the service runs and waits. Changing it signs everybody out; what is not published yet stays bound to the marketplace that it was saved for, and waits for it.",
				ZH: "云商店的地址。未设置时服务照常运行并等待。更改后所有用户需重新登录;未发布的内容仍归属保存时的云商店,并等待其恢复。",
			},
			parse: parseMarketplace, apply: func(v *Values, p any) { v.Marketplace, _ = p.(string) },
		},
		{
			Key: "tenant", Registry: "Tenant", Type: Text, Expect: "acme", Guarded: true, Holds: true, Installer: true,
			Title: Words{EN: "Tenant", ZH: "租户"},
			Help: Words{
				EN: "Only accounts of this tenant (its id or its name) may sign in on this machine.",
				ZH: "只允许该租户(租户 ID 或名称)的账号在本机登录。",
			},
			parse: parseText, apply: func(v *Values, p any) { v.Tenant, _ = p.(string) },
		},
		{
			Key: "proxy", Registry: "Proxy", Type: URL, Expect: "http://proxy.example.com:8080", Guarded: true, Holds: true, Installer: true,
			Title: Words{EN: "Proxy", ZH: "代理服务器"},
			Help: Words{
				EN: "Proxy for everything that iscdesk sends: http://, https:// or socks5://, without a name and password (see proxy_user). 'direct' uses none. Without this and proxy_pac the variables HTTPS_PROXY and NO_PROXY of the service count.",
				ZH: "iscdesk 全部网络通信使用的代理:http://、https:// 或 socks5://,地址中不得含用户名和密码(见 proxy_user)。direct 表示不使用代理。未设置本项和 proxy_pac 时,使用服务环境变量 HTTPS_PROXY 和 NO_PROXY。",
			},
			parse: parseProxy, apply: func(v *Values, p any) { v.Proxy, _ = p.(string) },
		},
		{
			Key: "proxy_pac", Registry: "ProxyPac", Type: URL, Expect: "http://wpad.example.com/proxy.pac, /etc/iscdesk/proxy.pac", Guarded: true, Holds: true,
			Title: Words{EN: "Proxy script (PAC)", ZH: "代理自动配置脚本(PAC)"},
			Help: Words{
				EN: "Address or absolute path of a proxy auto-configuration script. It goes before 'proxy'. If it cannot be read or fails, nothing is sent and a warning says why.",
				ZH: "代理自动配置(PAC)脚本的地址或绝对路径,优先于 proxy。脚本无法读取或执行失败时,不发送任何内容,并给出警告。",
			},
			parse: parsePAC, apply: func(v *Values, p any) { v.ProxyPAC, _ = p.(string) },
		},
		{
			Key: "proxy_user", Registry: "ProxyUser", Type: Text, Expect: "svc-iscdesk", Guarded: true, Holds: true,
			Title: Words{EN: "Proxy user", ZH: "代理用户名"},
			Help: Words{
				EN: "User name for the proxy (Basic).",
				ZH: "代理服务器的用户名(Basic 认证)。",
			},
			parse: parseText, apply: func(v *Values, p any) { v.ProxyUser, _ = p.(string) },
		},
		{
			Key: "proxy_password_file", Registry: "ProxyPasswordFile", Type: Path, Expect: "/etc/iscdesk/proxy-password, C:\\ProgramData\\iscdesk-secrets\\proxy.txt", Guarded: true, Holds: true,
			Title: Words{EN: "File with the proxy password", ZH: "代理密码文件"},
			Help: Words{
				EN: "Absolute path of a file whose first line is the proxy password. Only root (on Windows: SYSTEM and administrators) may read it, otherwise it is refused: policies themselves can be read by every user.",
				ZH: "存放代理密码(文件第一行)的绝对路径。该文件只能由 root(Windows:SYSTEM 和管理员)读取,否则拒绝使用:策略本身对所有用户可读。",
			},
			parse: parsePath, apply: func(v *Values, p any) { v.ProxyPasswordFile, _ = p.(string) },
		},
		{
			Key: "no_proxy", Registry: "NoProxy", Type: List, Expect: "[\"intranet.example.com\", \".example.org\", \"10.0.0.0/8\"]", Guarded: true,
			Title: Words{EN: "Hosts without proxy", ZH: "不使用代理的主机"},
			Help: Words{
				EN: "Hosts, domains (with a leading dot) and networks that are reached without proxy and script. This machine itself always is.",
				ZH: "不经代理和脚本直接访问的主机、域名(以点开头)和网段。本机始终直接访问。",
			},
			parse: parseList, apply: func(v *Values, p any) { v.NoProxy, _ = p.([]string) },
		},
		{
			Key: "ca_file", Registry: "CAFile", Type: Path, Expect: "/etc/iscdesk/ca.pem, C:\\ProgramData\\iscdesk-ca\\ca.pem",
			Flag: "ca-file", Env: "ISCDESK_CA_FILE", Guarded: true, Installer: true,
			Title: Words{EN: "Private certificate authorities", ZH: "私有证书颁发机构"},
			Help: Words{
				EN: "Absolute path of a PEM file with further certificate authorities for the marketplace and the proxy. If it cannot be used, only those of the system are trusted.",
				ZH: "包含额外证书颁发机构(用于云商店和代理)的 PEM 文件的绝对路径。无法使用时只信任系统自带的颁发机构。",
			},
			parse: parsePath, apply: func(v *Values, p any) { v.CAFile, _ = p.(string) },
		},
		{
			Key: "install_applications", Registry: "InstallApplications", Type: Choice, Choices: []string{string(Everyone), string(Administrators), string(Nobody)},
			Default: string(Everyone), Expect: "everyone | administrators | nobody", Guarded: true, Safe: string(Nobody),
			Title: Words{EN: "Who may install applications", ZH: "谁可以安装应用"},
			Help: Words{
				EN: "Who may install and upgrade applications with iscdesk. Other than 'everyone' also keeps upgrades that a vendor forces from starting by themselves.",
				ZH: "谁可以通过 iscdesk 安装和升级应用。设为 everyone 以外的值时,软件商强制的升级也不会自动开始。",
			},
			parse: parseChoice, apply: func(v *Values, p any) { s, _ := p.(string); v.Install = Install(s) },
		},
		{
			Key: "limits.upload_rate", Registry: "UploadRate", Type: Rate, Expect: "10MB/s",
			Title: Words{EN: "Upload rate", ZH: "上传速率上限"},
			Help: Words{
				EN: "Most that the service sends per second, over all users: kB/s, MB/s or GB/s, or Mbit/s as lines are sold.",
				ZH: "服务每秒发送的数据量上限(所有用户合计):kB/s、MB/s、GB/s,或按线路带宽写作 Mbit/s。",
			},
			parse: parseRate, apply: func(v *Values, p any) { v.UploadRate, _ = p.(int64) },
		},
		{
			Key: "limits.download_rate", Registry: "DownloadRate", Type: Rate, Expect: "50MB/s",
			Title: Words{EN: "Download rate", ZH: "下载速率上限"},
			Help: Words{
				EN: "Most that the service receives per second, over all users.",
				ZH: "服务每秒接收的数据量上限(所有用户合计)。",
			},
			parse: parseRate, apply: func(v *Values, p any) { v.DownloadRate, _ = p.(int64) },
		},
		{
			Key: "limits.staging_space", Registry: "StagingSpace", Type: Size, Expect: "20GB",
			Title: Words{EN: "Room for unpublished documents", ZH: "未发布文档的空间上限"},
			Help: Words{
				EN: "Most disk space that the unpublished documents of one user may take. Above it a save fails at once and says so; what was saved before stays.",
				ZH: "每个用户未发布文档占用磁盘空间的上限。超过时保存会立即失败并说明原因,之前已保存的内容不受影响。",
			},
			parse: parseSize, apply: func(v *Values, p any) { v.StagingSpace, _ = p.(int64) },
		},
		{
			Key: "limits.parallel_uploads", Registry: "ParallelUploads", Type: Number, Least: 1, Most: 16, Default: "3", Expect: "1 … 16",
			Title: Words{EN: "Uploads at once", ZH: "同时上传数"},
			Help: Words{
				EN: "How many documents of one user are sent at once.",
				ZH: "每个用户同时上传的文档数。",
			},
			parse: parseNumber, apply: func(v *Values, p any) { n, _ := p.(int64); v.ParallelUploads = int(n) },
		},
		{
			Key: "offline_days", Registry: "OfflineDays", Type: Number, Least: 1, Most: 3650, Expect: "1 … 3650",
			Title: Words{EN: "Days offline", ZH: "离线天数"},
			Help: Words{
				EN: "For how many days after its last renewal a lease is used without the marketplace; it is renewed at half that time. It only shortens what the vendor signed, and never lengthens it. Licence strings and files are the vendor's business and do not follow it.",
				ZH: "租约最后一次续约后,在无法连接云商店时还可使用的天数;到一半时间即续约。只会缩短软件商签发的期限,不会延长。许可证字符串和文件由软件商决定,不受本项影响。",
			},
			parse: parseNumber, apply: func(v *Values, p any) { n, _ := p.(int64); v.OfflineDays = int(n) },
		},
		{
			Key: "telemetry", Registry: "Telemetry", Type: Switch, Default: "false", Expect: "false", Guarded: true, Safe: "false",
			Title: Words{EN: "Telemetry", ZH: "遥测"},
			Help: Words{
				EN: "iscdesk has no telemetry. The only value is false; true is reported as wrong.",
				ZH: "iscdesk 没有遥测功能。唯一有效的值是 false;设为 true 会报告为错误。",
			},
			parse: parseOff, apply: func(*Values, any) {},
		},
		{
			Key: "language", Registry: "Language", Type: Choice, Choices: []string{"auto", string(api.Chinese), string(api.English)}, Default: "auto",
			Expect: "auto | zh-CN | en", Installer: true,
			Title: Words{EN: "Language", ZH: "语言"},
			Help: Words{
				EN: "Language in which the iscdesk command speaks. auto: that of the user.",
				ZH: "iscdesk 命令使用的语言。auto:跟随用户。",
			},
			parse: parseChoice, apply: applyLanguage,
		},
	}
}

func applyLanguage(v *Values, p any) {
	if v.Language, _ = p.(string); v.Language == "auto" {
		v.Language = ""
	}
}
