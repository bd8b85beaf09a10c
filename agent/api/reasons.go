package api

import (
	"errors"
	"maps"
)

// Reason is why an error of the table came about, where its text says {reason}.
// A reason has no status of its own; it crosses borders by its name, as the
// parameter "reason", with what its text names beside it, and Text puts it into
// the reader's language.
type Reason string

// The reasons. Anything else in a parameter "reason" stands as it is: what
// libraries and other programs say.
const (
	FileNotRegular Reason = "file_not_regular"
	FileTooLarge   Reason = "file_too_large"
	FileNotRoots   Reason = "file_not_roots"
	FileWritable   Reason = "file_writable"
	FileReadable   Reason = "file_readable"
	FileDenied     Reason = "file_denied"
	FileEmpty      Reason = "file_empty"
	NoCertificate  Reason = "no_certificate"
	FolderOpen     Reason = "folder_not_roots"
	FileOwner      Reason = "file_owner"
	FileACL        Reason = "file_acl"
	TOMLSyntax     Reason = "toml_syntax"
	TOMLDepth      Reason = "toml_too_deep"

	ScriptUnread Reason = "script_unread"
	ScriptServer Reason = "script_server"
	ScriptSilent Reason = "script_silent"
	ScriptTime   Reason = "script_time"
	ScriptFailed Reason = "script_failed"
	ScriptAnswer Reason = "script_answer"
	NoAnswer     Reason = "no_answer"
	WasCancelled Reason = "was_cancelled"
	ProxyInvalid Reason = "proxy_invalid"
	ProxyGarbled Reason = "proxy_garbled"
	ProxyAsks    Reason = "proxy_asks"
	ProxyRejects Reason = "proxy_rejects"
	ProxyStatus  Reason = "proxy_status"

	// What a check of the doctor found, as its Detail tells it.
	FoundDisk      Reason = "found_disk"
	FoundNoTime    Reason = "found_no_time"
	FoundComplete  Reason = "found_complete"
	FoundWithout   Reason = "found_without"
	FoundLicenses  Reason = "found_licenses"
	FoundTransfers Reason = "found_transfers"
	FoundProblems  Reason = "found_problems"
	FoundSkew      Reason = "found_skew"
	FoundMarket    Reason = "found_market"
	FoundMarketTLS Reason = "found_market_tls"
	FoundSignedOut Reason = "found_signed_out"
	FoundSigningIn Reason = "found_signing_in"
	FoundExpired   Reason = "found_expired"

	LoginTimedOut Reason = "login_timed_out"
	LoginNoPort   Reason = "login_no_port"
	LoginDenied   Reason = "login_denied"

	NameEmpty     Reason = "name_empty"
	NamePartEmpty Reason = "name_part_empty"
	NameDots      Reason = "name_dots"
	NameLong      Reason = "name_long"
	NameSlash     Reason = "name_slash"
	NameBackslash Reason = "name_backslash"
	NameControl   Reason = "name_control"
	NameEncoding  Reason = "name_encoding"
	NameReserved  Reason = "name_reserved"
	NameEnd       Reason = "name_end"
	NameDevice    Reason = "name_device"
	NameTwice     Reason = "name_twice"
	NameCase      Reason = "name_case"
	NameFolder    Reason = "name_folder"
	PathLong      Reason = "path_long"
	PathAbsolute  Reason = "path_absolute"
	PathRelative  Reason = "path_relative"
	PathNoSpace   Reason = "path_no_space"

	NotOneOf       Reason = "not_one_of"
	RateOutOfRange Reason = "rate_out_of_range"
	NotAbsolute    Reason = "not_absolute"
	WorkspaceSet   Reason = "workspace_set"
)

// ReasonRow holds the texts of a reason.
type ReasonRow struct {
	Reason Reason
	EN, ZH string
}

// Reasons is the table of all reasons.
//
//nolint:funlen // one line per reason; cutting the table up would hide it
func Reasons() []ReasonRow {
	return []ReasonRow{
		{FileNotRegular, "it is not a regular file", "它不是普通文件"},
		{FileTooLarge, "it is larger than {limit} bytes", "文件超过 {limit} 字节"},
		{FileNotRoots, "it does not belong to root; run: chown root:root {path}", "文件不属于 root;请运行:chown root:root {path}"},
		{FileWritable, "others may write to it (mode {mode}); run: chmod go-w {path}", "其他用户可写(权限 {mode});请运行:chmod go-w {path}"},
		{FileReadable, "others may read it (mode {mode}); run: chmod 600 {path}", "其他用户可读(权限 {mode});请运行:chmod 600 {path}"},
		{FileDenied, "the service may not read it (mode {mode}); run: chmod {wanted} {path}", "服务无权读取(权限 {mode});请运行:chmod {wanted} {path}"},
		{FileEmpty, "it is empty", "内容为空"},
		{NoCertificate, "it holds no certificate", "其中没有证书"},
		{FolderOpen, "others may replace it, because the folder {folder} is not root's alone; keep it in a folder that only root can change, such as /etc/iscdesk (root:root, mode 0755)", "其他用户可以替换该文件,因为文件夹 {folder} 并非仅限 root 更改;请放在只有 root 能更改的文件夹中,例如 /etc/iscdesk(root:root,权限 0755)"},
		{FileOwner, "its owner is neither SYSTEM nor the administrators; run: icacls \"{path}\" /setowner *S-1-5-32-544", "文件所有者既不是 SYSTEM 也不是管理员组;请运行:icacls \"{path}\" /setowner *S-1-5-32-544"},
		{FileACL, "{who} may open it; run: icacls \"{path}\" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F", "{who} 可以打开该文件;请运行:icacls \"{path}\" /inheritance:r /grant:r *S-1-5-18:F *S-1-5-32-544:F"},
		{TOMLSyntax, "this line is not valid TOML ({detail})", "此行不是有效的 TOML({detail})"},
		{TOMLDepth, "names or brackets are nested deeper than {limit}", "名称或括号嵌套超过 {limit} 层"},

		{ScriptUnread, "the script cannot be read: {detail}", "无法读取脚本:{detail}"},
		{ScriptServer, "its server answers {status}", "其服务器返回 {status}"},
		{ScriptSilent, "the script says nothing: FindProxyForURL returns no proxy and not DIRECT", "脚本没有结果:FindProxyForURL 既未返回代理,也未返回 DIRECT"},
		{ScriptTime, "the script did not end within {limit}", "脚本未在 {limit} 内结束"},
		{ScriptFailed, "the script failed: {detail}", "脚本执行失败:{detail}"},
		{ScriptAnswer, "the script answers {answer}", "脚本返回 {answer}"},
		{NoAnswer, "no answer in time", "未及时响应"},
		{WasCancelled, "cancelled", "已取消"},
		{ProxyInvalid, "it is not the address of a proxy", "不是有效的代理地址"},
		{ProxyGarbled, "it does not answer like a proxy", "其响应不符合代理协议"},
		{ProxyAsks, "it asks for a name and a password (proxy_user, proxy_password_file)", "它要求用户名和密码(proxy_user、proxy_password_file)"},
		{ProxyRejects, "it refuses the name and the password, or asks for another kind than Basic", "它拒绝了用户名和密码,或要求 Basic 以外的认证方式"},
		{ProxyStatus, "it answers {status} to CONNECT {address}", "它对 CONNECT {address} 返回 {status}"},

		{FoundDisk, "{path}: {free} of {total} MiB free", "{path}:剩余 {free} MiB,共 {total} MiB"},
		{FoundNoTime, "not compared: the marketplace gave no time", "未比较:云商店未提供时间"},
		{FoundComplete, "complete", "完整"},
		{FoundWithout, "without {missing}", "缺少 {missing}"},
		{FoundLicenses, "{count} licences", "{count} 个许可证"},
		{FoundTransfers, "{count} documents wait to be published", "{count} 个文档等待发布"},
		{FoundProblems, "{count} problems", "{count} 个问题"},
		{FoundSkew, "off by {skew}", "偏差 {skew}"},
		{FoundMarket, "{name} at {address}", "{name},地址 {address}"},
		{FoundMarketTLS, "{name} at {address}, encrypted (TLS)", "{name},地址 {address},已加密(TLS)"},
		{FoundSignedOut, "signed out", "未登录"},
		{FoundSigningIn, "signing in", "正在登录"},
		{FoundExpired, "the sign-in has expired", "登录已过期"},

		{LoginTimedOut, "nobody signed in within the time allowed", "未在规定时间内完成登录"},
		{LoginNoPort, "this machine gave no port to come back to", "无法在本机打开回调端口"},
		{LoginDenied, "the sign-in was refused ({error})", "登录被拒绝({error})"},

		{NameEmpty, "it is empty", "名称为空"},
		{NamePartEmpty, "a part of it is empty", "其中有空的部分"},
		{NameDots, "it holds . or .. as a part", "其中有部分为 . 或 .."},
		{NameLong, "a part of it is longer than 255 bytes", "其中有部分超过 255 字节"},
		{NameSlash, "it holds a slash", "含有斜杠"},
		{NameBackslash, "it holds a backslash", "含有反斜杠"},
		{NameControl, "it holds a control character", "含有控制字符"},
		{NameEncoding, "it is not valid UTF-8", "不是有效的 UTF-8 文本"},
		{NameReserved, "Windows does not allow < > : \" | ? * in names; rename it", "Windows 不允许名称中含有 < > : \" | ? *,请改名"},
		{NameEnd, "Windows does not allow a name that ends in a dot or a space; rename it", "Windows 不允许名称以点或空格结尾,请改名"},
		{NameDevice, "Windows reserves it for a device; rename it", "该名称被 Windows 保留给设备,请改名"},
		{NameTwice, "it is there twice", "重复出现"},
		{NameCase, "it differs from '{other}' in case only, so many systems take the two for one file; rename one of them", "与“{other}”仅大小写不同,许多系统会视为同一文件,请将其中一个改名"},
		{NameFolder, "it is a file, and the folder of '{inside}'", "它是文件,同时又是“{inside}”的文件夹"},
		{PathLong, "it is longer than 1,024 bytes", "超过 1,024 字节"},
		{PathAbsolute, "it is absolute", "是绝对路径"},
		{PathRelative, "a path in the cloud begins with /", "云端路径以 / 开头"},
		{PathNoSpace, "a document lies in a space: /space/name", "文档位于空间中:/空间/名称"},

		{NotOneOf, "choose one of {choices}", "可选值:{choices}"},
		{RateOutOfRange, "give 0 for no limit, or at least {least} bytes per second", "请填 0(不限速)或不小于 {least} 字节/秒"},
		{NotAbsolute, "give the full path of a folder, such as {example}", "请填写文件夹的完整路径,例如 {example}"},
		{WorkspaceSet, "{detail}; it is the workspace of your settings: choose another folder there (iscdesk settings set workspace FOLDER), or make this one usable", "{detail};这是设置中的工作文件夹:请另选文件夹(iscdesk settings set workspace 文件夹),或使其可用"},
	}
}

// explained is a Reason on its way to the error that tells it.
type explained struct {
	reason Reason
	params map[string]string
}

// Explain gives a reason as an error, with pairs for its text.
func Explain(reason Reason, pairs ...string) error {
	e := Fail("", pairs...)
	return &explained{reason: reason, params: e.Params}
}

// ExplainBy gives a reason whose detail is another error, which may be a reason
// too.
func ExplainBy(reason Reason, detail error) error {
	inner := Fail("").Why(detail)
	inner.Params["detail"] = inner.Params["reason"]
	delete(inner.Params, "reason")
	return &explained{reason: reason, params: inner.Params}
}

// Error is the English text, for logs.
func (e *explained) Error() string { return reasonText(string(e.reason), e.params, English) }

// Why gives err as the parameter "reason" and those beside it. An error that
// is no Reason is told in its own words.
func (e *Error) Why(err error) *Error {
	if e.Params == nil {
		e.Params = map[string]string{}
	}
	if why, ok := errors.AsType[*explained](err); ok {
		maps.Copy(e.Params, why.params)
		e.Params["reason"] = string(why.reason)
		return e
	}
	e.Params["reason"] = err.Error()
	return e
}

// reasonText is the text of a reason; what is none stays as it is. A detail
// may be a reason in turn.
func reasonText(name string, params map[string]string, lang Language) string {
	for _, row := range Reasons() {
		if string(row.Reason) != name {
			continue
		}
		params = maps.Clone(params)
		if detail, ok := params["detail"]; ok && detail != name {
			params["detail"] = reasonText(detail, params, lang)
		}
		if lang == Chinese {
			return fill(row.ZH, params)
		}
		return fill(row.EN, params)
	}
	return name
}
