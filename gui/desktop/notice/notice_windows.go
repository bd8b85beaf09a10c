package notice

import (
	"context"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"unicode/utf16"

	"golang.org/x/sys/windows"
)

// script shows a toast. It is always the same: the texts come in variables of
// its environment and go into the toast as text nodes.
const script = `$ErrorActionPreference = 'Stop'
[void][Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
[void][Windows.Data.Xml.Dom.XmlDocument, Windows.Data.Xml.Dom.XmlDocument, ContentType = WindowsRuntime]
$xml = [Windows.UI.Notifications.ToastNotificationManager]::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$texts = $xml.GetElementsByTagName('text')
[void]$texts.Item(0).AppendChild($xml.CreateTextNode($env:ISCDESK_NOTICE_TITLE))
[void]$texts.Item(1).AppendChild($xml.CreateTextNode($env:ISCDESK_NOTICE_TEXT))
[Windows.UI.Notifications.ToastNotificationManager]::CreateToastNotifier('iscdesk-tray').Show([Windows.UI.Notifications.ToastNotification]::new($xml))
`

// board keeps nothing. Windows tells of a click by starting a COM server, or
// whatever has registered a protocol, which web pages could start then, too: a
// click on a toast here only takes it away.
type board struct{}

func (*board) close() {}

func (*board) show(ctx context.Context, n Notice) error {
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(system, `WindowsPowerShell\v1.0\powershell.exe`),
		"-NoProfile", "-NonInteractive", "-WindowStyle", "Hidden", "-EncodedCommand", encoded())
	cmd.Env = append(os.Environ(), "ISCDESK_NOTICE_TITLE="+n.Title, "ISCDESK_NOTICE_TEXT="+n.Text)
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
	return cmd.Run()
}

// encoded is the script as PowerShell takes it: UTF-16LE in Base64.
func encoded() string {
	var raw []byte
	for _, unit := range utf16.Encode([]rune(script)) {
		raw = append(raw, byte(unit), byte(unit>>8))
	}
	return base64.StdEncoding.EncodeToString(raw)
}
