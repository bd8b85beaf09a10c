// Package locale holds the texts of the command line in every language that
// iscdesk speaks. A text belongs to a key; {name} in it stands for a value.
// Both files have the same keys with the same placeholders.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed cli.en.json cli.zh-CN.json
var files embed.FS

// Catalogue maps the key of a text to the text.
type Catalogue map[string]string

// CLI gives the texts of the command line in lang, which is "en" or "zh-CN".
func CLI(lang string) (Catalogue, error) {
	raw, err := files.ReadFile("cli." + lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("no texts in language %q: %w", lang, err)
	}
	var c Catalogue
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("texts in language %q: %w", lang, err)
	}
	return c, nil
}
