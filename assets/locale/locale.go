// Package locale holds the texts of the command lines in every language that
// iscdesk speaks. A text belongs to a key; {name} in it stands for a value.
// Both files have the same keys with the same placeholders.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed *.json
var files embed.FS

// Catalogue maps the key of a text to the text.
type Catalogue map[string]string

// Fill gives the text of key with its placeholders filled from pairs of name
// and value. An unknown key is its own text.
func (c Catalogue) Fill(key string, pairs ...string) string {
	text, ok := c[key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// CLI gives the texts of the command line in lang, which is "en" or "zh-CN".
func CLI(lang string) (Catalogue, error) { return read("cli", lang) }

// Service gives the texts of iscdeskd's commands about the service.
func Service(lang string) (Catalogue, error) { return read("service", lang) }

func read(set, lang string) (Catalogue, error) {
	raw, err := files.ReadFile(set + "." + lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("no texts in language %q: %w", lang, err)
	}
	var c Catalogue
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("texts in language %q: %w", lang, err)
	}
	return c, nil
}
