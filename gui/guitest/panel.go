package guitest

import (
	"context"
	"os"
	"path/filepath"
)

// panelXML is a panel at the upper edge that has nothing but the tray.
const panelXML = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
`

// startPanel starts a panel that shows tray icons, and waits until it does.
func (d *Desktop) startPanel(ctx context.Context) error {
	folder := filepath.Join(d.config(), "xfce4", "xfconf", "xfce-perchannel-xml")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "xfce4-panel.xml"), []byte(panelXML), 0o600); err != nil {
		return err
	}
	if _, err := d.Start(ctx, "xfce4-panel", "--disable-wm-check"); err != nil {
		return err
	}
	return d.tool(ctx, nil, "gdbus", "wait", "--session", "--timeout", "20", "org.kde.StatusNotifierWatcher")
}
