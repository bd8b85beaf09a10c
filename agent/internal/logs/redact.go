package logs

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// hidden stands where something secret would.
const hidden = "(hidden)"

// secrets are the words that the key of a secret has in it.
func secrets() []string {
	return []string{"token", "password", "secret", "authorization", "cookie", "credential", "ticket"}
}

// inText finds what is secret within a text: the user of an address, and what
// follows the name of a secret, as in a query or a header.
var inText = regexp.MustCompile(`(?i)(://)[^/?#@\s"]+(@)|(\b(?:access_token|refresh_token|id_token|code|code_verifier|client_secret|password|secret|ticket)=)[^&\s"]+|(\b(?:bearer|basic) )[a-z0-9+/=._~-]{8,}`)

// redact is the last line of defence: nobody means to log a secret, and an
// error of a library may still bear one.
func redact(_ []string, a slog.Attr) slog.Attr {
	key := strings.ToLower(a.Key)
	for _, word := range secrets() {
		if strings.Contains(key, word) {
			return slog.String(a.Key, hidden)
		}
	}
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, clean(v.String()))
	case slog.KindAny:
		if _, told := v.Any().(*slog.Source); told {
			return a
		}
		return slog.String(a.Key, clean(fmt.Sprintf("%+v", v.Any())))
	default:
		return a
	}
}

func clean(text string) string {
	lower := strings.ToLower(text)
	if !strings.ContainsAny(text, "=@") && !strings.Contains(lower, "bearer ") && !strings.Contains(lower, "basic ") {
		return text // nothing that the slow way could find
	}
	return inText.ReplaceAllString(text, "$1$3$4"+hidden+"$2")
}
