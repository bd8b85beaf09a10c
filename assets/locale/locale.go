// Package locale holds the texts of the command lines and of the tray app in
// every language that iscdesk speaks. A text belongs to a key; {name} in it
// stands for a value. Both files of a set have the same keys with the same
// placeholders.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed *.json gui/*.json
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

// SignIn gives the texts of the page that the browser shows after signing in.
func SignIn(lang string) (Catalogue, error) { return read("signin", lang) }

// GUI gives the texts of the tray app: those of all its rooms, one file each.
// The keys of a room begin with its name.
func GUI(lang string) (Catalogue, error) {
	names, err := fs.Glob(files, "gui/*."+lang+".json")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no texts in language %q: %w", lang, err)
	}
	all := Catalogue{}
	for _, name := range names {
		room := strings.TrimSuffix(name, "."+lang+".json")
		c, err := read(room, lang)
		if err != nil {
			return nil, err
		}
		for key, text := range c {
			if !strings.HasPrefix(key, strings.TrimPrefix(room, "gui/")+".") {
				return nil, fmt.Errorf("%s: the key %q does not begin with the name of the room", name, key)
			}
			all[key] = text
		}
	}
	return all, nil
}

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
