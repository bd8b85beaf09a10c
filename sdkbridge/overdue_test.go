package sdkbridge

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
	"iscdesk.dev/agent/session/sessiontest"
	"iscdesk.dev/agent/workspace/entry"
)

// keeper is a service that knows its operations, as the real one does, and that
// answers commits when it is told to.
type keeper struct {
	mu       sync.Mutex
	versions []kept
	current  string
	answer   chan struct{} // closed: commits are answered
}

type kept struct {
	begun   api.SaveBegin
	content string
}

func (k *keeper) find(operation string) (kept, bool) {
	for _, v := range k.versions {
		if v.begun.Operation == operation {
			return v, true
		}
	}
	return kept{}, false
}

func (k *keeper) contents() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var out []string
	for _, v := range k.versions {
		out = append(out, v.content)
	}
	return out
}

func (k *keeper) begin(p *sessiontest.Peer, args json.RawMessage) (any, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var begun api.SaveBegin
	if err := json.Unmarshal(args, &begun); err != nil {
		return nil, err
	}
	k.current = begun.Operation
	if earlier, ok := k.find(begun.Operation); ok {
		if begun.Tag != earlier.begun.Tag || begun.Entries[0].Size != earlier.begun.Entries[0].Size {
			return nil, api.Fail(api.InvalidArgument, "argument", "operation", "reason", "it was used for another save")
		}
		return api.SaveTicket{Operation: begun.Operation, Done: true}, nil
	}
	// The client's first calls are hello (1) and save.begin (2).
	if err := p.WriteMessage(session.Message{ID: 2, OK: json.RawMessage(`{"operation":"` + begun.Operation + `"}`)}); err != nil {
		return nil, err
	}
	content, err := p.ReadContent()
	if err == nil {
		k.versions = append(k.versions, kept{begun, string(content)})
	}
	return nil, errors.Join(err, sessiontest.Silence)
}

func (k *keeper) commit(*sessiontest.Peer, json.RawMessage) (any, error) {
	<-k.answer
	k.mu.Lock()
	defer k.mu.Unlock()
	v, _ := k.find(k.current)
	sum := blake3.Sum256([]byte(v.content))
	e := v.begun.Entries[0]
	e.Hash = hex.EncodeToString(sum[:])
	return api.Saved{Operation: v.begun.Operation, Path: "/me/part.step", Hash: entry.HashEntries([]api.FileEntry{e})}, nil
}

// An application that tries again what timed out gets one version, and an
// answer to each call; one that has changed the file meanwhile, of whatever
// length, gets another.
func TestSaveThatIsTriedAgainAfterATimeout(t *testing.T) {
	for change, want := range map[string][]string{
		"a drawing":        {"a drawing"},
		"a drawinG":        {"a drawing", "a drawinG"},
		"a longer drawing": {"a drawing", "a longer drawing"},
	} {
		k := &keeper{answer: make(chan struct{})}
		a := begin(t, serve(t, func(s *sessiontest.Server) {
			s.Handlers[api.CallSaveBegin], s.Handlers[api.CallSaveCommit] = k.begin, k.commit
		}), nil)
		a.options.Timeout = 20 * time.Millisecond
		path := write(t, "part.step", "a drawing")
		wants(t, a.Save(SaveOrder{Path: path, Tag: "first"}), api.Timeout)
		wants(t, a.Save(SaveOrder{Path: path, Tag: "second"}), api.Timeout)
		close(k.answer)
		if got := a.await(EventSaveResult); !strings.Contains(got, `"status":"success"`) || !strings.Contains(got, `"first"`) {
			t.Error(got)
		}
		if got := a.await(EventSaveResult); !strings.Contains(got, `"status":"success"`) || !strings.Contains(got, `"second"`) {
			t.Error(got)
		}
		if err := os.WriteFile(path, []byte(change), 0o600); err != nil {
			t.Fatal(err)
		}
		a.options.Timeout = 20 * time.Second
		if err := a.Save(SaveOrder{Path: path, Tag: "third"}); err != nil {
			t.Fatal(err)
		}
		if got := k.contents(); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("the service has the versions %q, want %q", got, want)
		}
		// What was answered is over: the next one is a save of its own.
		if err := a.Save(SaveOrder{Path: path}); err != nil {
			t.Fatal(err)
		}
		if got := k.contents(); len(got) != len(want)+1 {
			t.Errorf("the service has the versions %q after one more save", got)
		}
	}
}
