package start

import (
	"os"
	"path/filepath"
	"testing"
)

// TestAFolderIsNeverTakenForTheProgramBesideItAsItIsAskedForBecauseWineHasAShellOfItsOwn
// looks at what Windows is asked, not at what it does.
func TestAFolderIsNeverTakenForTheProgramBesideItAsItIsAskedForBecauseWineHasAShellOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	folder, program := filepath.Join(dir, "parts"), filepath.Join(dir, "parts.exe")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, spelt := range []string{folder, folder + `\`} {
		if verb, name := shown(spelt); verb != "explore" || name != folder+`\` {
			t.Errorf("%s: %s %s", spelt, verb, name)
		}
	}
	if verb, name := shown(program); verb != "open" || name != program {
		t.Errorf("%s %s", verb, name)
	}
}
