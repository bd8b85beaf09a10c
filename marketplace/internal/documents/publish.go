package documents

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

const (
	maxOperation = 128
	maxComment   = 4096
)

// Publish makes a version of a manifest whose chunks are all stored. A
// repeated operation gets the first answer again and changes nothing. With
// another manifest it is no repetition and is refused: who took the first
// answer for his own would give up content that nobody else has.
func (e *Engine) Publish(ctx context.Context, user web.User, p agentapi.Publish) (agentapi.PublishResult, error) {
	answer, err := e.publishOnce(ctx, user, p)
	if err != nil {
		return answer, err
	}
	return sameManifest(answer, p.Manifest)
}

// publishOnce publishes, or gives the answer that the operation got before,
// whatever was published by it.
func (e *Engine) publishOnce(ctx context.Context, user web.User, p agentapi.Publish) (agentapi.PublishResult, error) {
	names, err := checkPublish(p)
	if err != nil {
		return agentapi.PublishResult{}, err
	}
	if first, ok, err := e.firstAnswer(ctx, user, p.OperationID); ok || err != nil {
		return first, err
	}
	manifest, size, err := e.keepManifest(ctx, user, string(p.Kind), p.Manifest)
	if err != nil {
		return agentapi.PublishResult{}, err
	}
	version := newVersion{manifest: manifest, size: size, comment: p.Comment, operation: p.OperationID, at: e.now()}
	return e.once(ctx, user, p.OperationID, func(v view) (agentapi.PublishResult, node, error) {
		return v.publish(ctx, p, names, version)
	})
}

// sameManifest is the answer, where it is one about the manifest.
func sameManifest(answer agentapi.PublishResult, m agentapi.Manifest) (agentapi.PublishResult, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return agentapi.PublishResult{}, err
	}
	if answer.Version.Hash != hashOf(body).String() {
		return agentapi.PublishResult{}, fault.New(fault.InvalidArgument, "argument", "operationId", "reason", "it was used for other content")
	}
	return answer, nil
}

func checkPublish(p agentapi.Publish) ([]string, error) {
	if err := checkOperation(p.OperationID); err != nil {
		return nil, err
	}
	if !p.Kind.Valid() {
		return nil, fault.New(fault.InvalidArgument, "argument", "kind", "reason", "single or assembly is expected")
	}
	if p.BaseVersion < 0 || len(p.Comment) > maxComment {
		return nil, fault.New(fault.InvalidArgument, "argument", "baseVersion, comment", "reason", "out of bounds")
	}
	names, err := ParsePath(p.Path)
	if err != nil {
		return nil, err
	}
	if len(names) < 2 {
		return nil, invalid(p.Path, "a document lies in a space")
	}
	return names, nil
}

func checkOperation(id string) error {
	if id == "" || len(id) > maxOperation || strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fault.New(fault.InvalidArgument, "argument", "operationId", "reason", "between 1 and 128 printable bytes are expected")
	}
	return nil
}

// once runs f for an operation that has not been done yet and keeps its
// answer, in one transaction.
func (e *Engine) once(ctx context.Context, user web.User, operation string, f func(view) (agentapi.PublishResult, node, error)) (agentapi.PublishResult, error) {
	var (
		answer agentapi.PublishResult
		made   node
	)
	err := e.write(ctx, user, func(v view) error {
		first, done, err := v.firstAnswer(ctx, operation)
		if err != nil || done {
			answer = first
			return err
		}
		if answer, made, err = f(v); err != nil {
			return err
		}
		body, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		_, err = v.Exec(ctx, `INSERT INTO operation (account, id, answer, created) VALUES (?, ?, ?, ?)`,
			user.ID, operation, body, database.Millis(e.now()))
		return err
	})
	if err == nil && made.id != "" {
		e.tell(user, made)
	}
	return answer, err
}

func (v view) firstAnswer(ctx context.Context, operation string) (answer agentapi.PublishResult, done bool, err error) {
	var body []byte
	err = v.QueryRow(ctx, `SELECT answer FROM operation WHERE account = ? AND id = ?`, v.user.ID, operation).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return answer, false, nil
	}
	if err != nil {
		return answer, false, err
	}
	return answer, true, json.Unmarshal(body, &answer)
}

func (e *Engine) firstAnswer(ctx context.Context, user web.User, operation string) (answer agentapi.PublishResult, done bool, err error) {
	err = e.read(ctx, user, func(v view) error {
		answer, done, err = v.firstAnswer(ctx, operation)
		return err
	})
	return answer, done, err
}

// newVersion is a version to be.
type newVersion struct {
	manifest, size     int64
	comment, operation string
	at                 time.Time
}

// publish gathers the facts, decides and acts.
func (v view) publish(ctx context.Context, p agentapi.Publish, names []string, version newVersion) (agentapi.PublishResult, node, error) {
	target, facts, err := v.target(ctx, p, names)
	if err != nil {
		return agentapi.PublishResult{}, node{}, err
	}
	switch decidePublish(facts) {
	case create:
		parent, err := v.makeFolders(ctx, names[:len(names)-1])
		if err != nil {
			return agentapi.PublishResult{}, node{}, err
		}
		return v.createDocument(ctx, parent, names[len(names)-1], string(p.Kind), version)
	case appendVersion:
		return v.appendVersion(ctx, target, version)
	case keepBoth:
		return v.keepBoth(ctx, target, string(p.Kind), version)
	case refuseTaken:
		return agentapi.PublishResult{}, node{}, fault.New(fault.Exists, "what", p.Path)
	default:
		return agentapi.PublishResult{}, node{}, fault.New(fault.NotFound, "what", p.DocumentID)
	}
}

// target finds the document that is meant, and what there is to know of it.
func (v view) target(ctx context.Context, p agentapi.Publish, names []string) (node, publishFacts, error) {
	facts := publishFacts{byID: p.DocumentID != "", base: p.BaseVersion, overwrite: p.Overwrite}
	var (
		n   node
		err error
	)
	if facts.byID {
		n, err = v.document(ctx, p.DocumentID)
	} else if _, err = v.spaceNamed(ctx, names[0]); err == nil {
		n, err = v.walk(ctx, names)
	} else {
		return n, facts, err
	}
	if errors.Is(err, fault.NotFound) {
		return n, facts, nil
	}
	if err != nil {
		return n, facts, err
	}
	holder, _, err := v.holder(ctx, n.id)
	facts.found, facts.folder, facts.current = true, n.isFolder(), n.current
	facts.otherKind = n.kind != string(p.Kind)
	facts.heldByOther = holder != "" && holder != v.user.ID
	return n, facts, err
}
