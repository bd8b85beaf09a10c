package main

import (
	"fmt"

	"iscdesk.dev/agent/internal/logs"
)

// noticeKept says in the event log where an uninstallation left work. Every
// user of the machine may read that, so it names no documents.
func noticeKept(dir string, saves int) error {
	events, err := logs.OpenEvents()
	if err != nil {
		return err
	}
	return events.Warning(logs.EventWarning, fmt.Sprintf(
		"iscdesk was uninstalled. %d saves are not in the cloud and stay in %s; unpublished.txt there lists them. Install iscdesk again to publish them.\n"+
			"iscdesk 已卸载。有 %[1]d 项保存内容尚未发布到云端，保留在 %[2]s，清单见其中的 unpublished.txt。重新安装 iscdesk 后会继续发布。", saves, dir))
}
