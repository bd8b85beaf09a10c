package policy

import (
	"encoding/xml"
	"fmt"
	"strings"

	"iscdesk.dev/agent/api"
)

// The administrative template for Windows. It is generated from the table, so
// that the two cannot drift.
const (
	admxNamespace = "iscdesk.Policies.iscdesk"
	admxCategory  = "iscdesk"
	admxKey       = `Software\Policies\iscdesk`
)

// ADMX is the template without its texts.
func ADMX() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>
<policyDefinitions xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">
  <policyNamespaces>
    <target prefix="iscdesk" namespace="` + admxNamespace + `" />
    <using prefix="windows" namespace="Microsoft.Policies.Windows" />
  </policyNamespaces>
  <resources minRequiredRevision="1.0" fallbackCulture="en-US" />
  <supportedOn>
    <definitions>
      <definition name="SUPPORTED_Iscdesk" displayName="$(string.SUPPORTED_Iscdesk)" />
    </definitions>
  </supportedOn>
  <categories>
    <category name="` + admxCategory + `" displayName="$(string.Category)" />
  </categories>
  <policies>
`)
	for _, s := range admxSettings() {
		writeADMX(&b, s)
	}
	b.WriteString("  </policies>\n</policyDefinitions>\n")
	return b.String()
}

// admxSettings is the table and the list of locks.
func admxSettings() []Setting {
	return append(Settings(), Setting{
		Key: LockedKey, Registry: LockedRegistry, Type: List, Expect: "marketplace, proxy, ca_file",
		Title: Words{EN: "Locked settings", ZH: "锁定的设置"},
		Help: Words{
			EN: "Names of settings, as in policy.toml, that users may not change in agents of their own; * locks all of them. The machine's service follows the policy in any case.",
			ZH: "用户在自行运行的代理程序中不得更改的设置(与 policy.toml 中的名称相同);* 表示全部锁定。本机服务始终遵循策略。",
		},
	})
}

func writeADMX(b *strings.Builder, s Setting) {
	fmt.Fprintf(b, `    <policy name="%[1]s" class="Machine" displayName="$(string.%[1]s)" explainText="$(string.%[1]s_Help)" key="%[2]s"`, s.Registry, admxKey)
	if s.Type == Switch {
		fmt.Fprintf(b, " valueName=\"%s\">\n", s.Registry)
	} else {
		fmt.Fprintf(b, " presentation=\"$(presentation.%s)\">\n", s.Registry)
	}
	fmt.Fprintf(b, "      <parentCategory ref=\"%s\" />\n      <supportedOn ref=\"SUPPORTED_Iscdesk\" />\n", admxCategory)
	switch s.Type {
	case Switch: // there is but one value, and both buttons write it
		b.WriteString("      <enabledValue><decimal value=\"0\" /></enabledValue>\n      <disabledValue><decimal value=\"0\" /></disabledValue>\n")
	case Number:
		fmt.Fprintf(b, "      <elements>\n        <decimal id=\"%[1]s_Value\" valueName=\"%[1]s\" minValue=\"%d\" maxValue=\"%d\" required=\"true\" />\n      </elements>\n", s.Registry, s.Least, s.Most)
	case Choice:
		fmt.Fprintf(b, "      <elements>\n        <enum id=\"%[1]s_Value\" valueName=\"%[1]s\" required=\"true\">\n", s.Registry)
		for i, choice := range s.Choices {
			fmt.Fprintf(b, "          <item displayName=\"$(string.%s_%d)\"><value><string>%s</string></value></item>\n", s.Registry, i, choice)
		}
		b.WriteString("        </enum>\n      </elements>\n")
	case Text, Path, URL, List, Rate, Size:
		fmt.Fprintf(b, "      <elements>\n        <text id=\"%[1]s_Value\" valueName=\"%[1]s\" maxLength=\"1023\" required=\"true\" />\n      </elements>\n", s.Registry)
	}
	b.WriteString("    </policy>\n")
}

// ADML is the texts of the template in a language.
func ADML(lang api.Language) string {
	var b strings.Builder
	name := Words{EN: "iscdesk settings", ZH: "iscdesk 策略设置"}.In(lang)
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="utf-8"?>
<policyDefinitionResources xmlns="http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions" revision="1.0" schemaVersion="1.0">
  <displayName>%s</displayName>
  <description>%s</description>
  <resources>
    <stringTable>
`, name, name)
	text := func(id, value string) {
		fmt.Fprintf(&b, "      <string id=\"%s\">%s</string>\n", id, escape(value))
	}
	text("Category", "iscdesk")
	text("SUPPORTED_Iscdesk", Words{EN: "iscdesk for Windows 10 and later", ZH: "适用于 Windows 10 及更高版本的 iscdesk"}.In(lang))
	for _, s := range admxSettings() {
		text(s.Registry, s.Title.In(lang))
		text(s.Registry+"_Help", s.Help.In(lang)+"\n\n"+Words{EN: "Example: ", ZH: "示例:"}.In(lang)+s.Expect+"\n"+Words{EN: "Name in policy.toml: ", ZH: "在 policy.toml 中的名称:"}.In(lang)+s.Key)
		for i, choice := range s.Choices {
			text(fmt.Sprintf("%s_%d", s.Registry, i), choice)
		}
	}
	b.WriteString("    </stringTable>\n    <presentationTable>\n")
	for _, s := range admxSettings() {
		if s.Type != Switch {
			writePresentation(&b, s, lang)
		}
	}
	b.WriteString("    </presentationTable>\n  </resources>\n</policyDefinitionResources>\n")
	return b.String()
}

func writePresentation(b *strings.Builder, s Setting, lang api.Language) {
	label := escape(s.Title.In(lang))
	fmt.Fprintf(b, "      <presentation id=\"%s\">\n", s.Registry)
	switch s.Type {
	case Number:
		usual := s.Default
		if usual == "" {
			usual = "14"
		}
		fmt.Fprintf(b, "        <decimalTextBox refId=\"%s_Value\" defaultValue=\"%s\">%s</decimalTextBox>\n", s.Registry, usual, label)
	case Choice:
		fmt.Fprintf(b, "        <dropdownList refId=\"%s_Value\" defaultItem=\"0\">%s</dropdownList>\n", s.Registry, label)
	case Text, Path, URL, List, Rate, Size, Switch:
		fmt.Fprintf(b, "        <textBox refId=\"%s_Value\"><label>%s</label></textBox>\n", s.Registry, label)
	}
	b.WriteString("      </presentation>\n")
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return strings.ReplaceAll(b.String(), "&#xA;", "\n")
}
