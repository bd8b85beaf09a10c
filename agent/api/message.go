package api

// Message is something that happened and that the user may want to read later.
// The service keeps it; Text puts it into the reader's language.
type Message struct {
	ID    string       `json:"id"`
	Kind  MessageKind  `json:"kind"`
	Level MessageLevel `json:"level"`
	Time  int64        `json:"time"` // Unix milliseconds
	Read  bool         `json:"read,omitempty"`
	// Params fill the text of the kind.
	Params map[string]string `json:"params,omitempty"`
	// Path, Product and Solve are what it is about, where it is about one.
	Path    string `json:"path,omitempty"`
	Product string `json:"product,omitempty"`
	Solve   string `json:"solve,omitempty"`
	Reason  *Error `json:"reason,omitempty"`
}

// MessageLevel tells how much a message matters.
type MessageLevel string

// The levels.
const (
	MessageInfo    MessageLevel = "info"
	MessageWarning MessageLevel = "warning"
	MessageProblem MessageLevel = "problem"
)

// MessageKind names what happened.
type MessageKind string

// The kinds of message.
const (
	MessagePublished       MessageKind = "published"
	MessageNotPublished    MessageKind = "not_published"
	MessageConflict        MessageKind = "conflict"
	MessageLicenseGranted  MessageKind = "license_granted"
	MessageLicenseRefused  MessageKind = "license_refused"
	MessageLicenseFrozen   MessageKind = "license_frozen"
	MessageLicenseUnfrozen MessageKind = "license_unfrozen"
	MessageLicenseReleased MessageKind = "license_released"
	MessageLicenseRenewed  MessageKind = "license_renewed"
	MessageLicenseExpired  MessageKind = "license_expired"
	MessageLeaseLost       MessageKind = "lease_lost"
	MessageTrialOver       MessageKind = "trial_over"
	MessageUpgrade         MessageKind = "upgrade"
	MessageUpgradeForced   MessageKind = "upgrade_forced"
	MessageInstalled       MessageKind = "installed"
	MessageNotInstalled    MessageKind = "not_installed"
	MessageUninstalled     MessageKind = "uninstalled"
	MessageSolveSucceeded  MessageKind = "solve_succeeded"
	MessageSolveFailed     MessageKind = "solve_failed"
	MessageSignedOut       MessageKind = "signed_out"
)

// MessagesRead marks messages as read; no IDs: all of them.
type MessagesRead struct {
	IDs []string `json:"ids,omitempty"`
}

// MessageRow holds the texts of a kind. {name} stands for a parameter.
type MessageRow struct {
	Kind   MessageKind
	Level  MessageLevel
	EN, ZH string
}

// MessageTable is the table of all kinds.
func MessageTable() []MessageRow {
	return []MessageRow{
		{MessagePublished, MessageInfo, "'{path}' is published as version {version}.", "“{path}”已发布为版本 {version}。"},
		{MessageNotPublished, MessageProblem, "'{path}' could not be published. It is safe on this machine.", "“{path}”未能发布,内容安全地存放在本机。"},
		{MessageConflict, MessageWarning, "Somebody published a newer version of '{path}'. Yours is kept as '{copy}'.", "他人已发布“{path}”的新版本。您的版本保留为“{copy}”。"},
		{MessageLicenseGranted, MessageInfo, "The licence of {product} is here.", "已获得 {product} 的许可证。"},
		{MessageLicenseRefused, MessageProblem, "The licence of {product} was refused.", "{product} 的许可证申请被拒绝。"},
		{MessageLicenseFrozen, MessageProblem, "The licence of {product} is frozen.", "{product} 的许可证已冻结。"},
		{MessageLicenseUnfrozen, MessageInfo, "The licence of {product} works again.", "{product} 的许可证已恢复。"},
		{MessageLicenseReleased, MessageWarning, "The licence of {product} was released.", "{product} 的许可证已释放。"},
		{MessageLicenseRenewed, MessageInfo, "The licence of {product} was renewed.", "{product} 的许可证已续期。"},
		{MessageLicenseExpired, MessageProblem, "The licence of {product} has expired.", "{product} 的许可证已到期。"},
		{MessageLeaseLost, MessageProblem, "{product} runs without its licence now. Save your work.", "{product} 已失去许可证。请保存您的工作。"},
		{MessageTrialOver, MessageProblem, "The trial of {product} is over.", "{product} 的试用已结束。"},
		{MessageUpgrade, MessageInfo, "{product} {version} is available.", "{product} 有新版本 {version}。"},
		{MessageUpgradeForced, MessageWarning, "{product} has to be upgraded to {version}.", "{product} 必须升级到 {version}。"},
		{MessageInstalled, MessageInfo, "{product} {version} is installed.", "{product} {version} 已安装。"},
		{MessageNotInstalled, MessageProblem, "{product} could not be installed.", "{product} 未能安装。"},
		{MessageUninstalled, MessageInfo, "{product} was uninstalled.", "{product} 已卸载。"},
		{MessageSolveSucceeded, MessageInfo, "The solve of '{path}' has ended. Its results are in '{result}'.", "“{path}”求解完成,结果位于“{result}”。"},
		{MessageSolveFailed, MessageProblem, "The solve of '{path}' failed.", "“{path}”求解失败。"},
		{MessageSignedOut, MessageWarning, "You were signed out by the marketplace. Sign in again; what waits is sent then.", "云商店已使您退出登录。请重新登录,等待中的内容随后会自动发送。"},
	}
}

// Text is the text of a message for people. A kind that is newer than this
// table is its own text.
func (m Message) Text(lang Language) string {
	for _, row := range MessageTable() {
		if row.Kind != m.Kind {
			continue
		}
		if lang == Chinese {
			return fill(row.ZH, m.Params)
		}
		return fill(row.EN, m.Params)
	}
	return string(m.Kind)
}
