package notice

import (
	"encoding/base64"
	"strings"
	"testing"
)

// TestTheScriptHoldsNoTexts looks at what PowerShell is given: Wine has no
// toasts.
func TestTheScriptHoldsNoTexts(t *testing.T) {
	raw, err := base64.StdEncoding.DecodeString(encoded())
	if err != nil || len(raw) != 2*len(script) {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	if strings.Count(script, "$env:ISCDESK_NOTICE_") != 2 || strings.Contains(script, "Invoke-Expression") || strings.Contains(script, `"`) {
		t.Error("the script takes its texts from elsewhere than its environment")
	}
}
