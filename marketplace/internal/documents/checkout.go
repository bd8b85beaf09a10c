package documents

import (
	"context"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// CheckOut reserves a document for the user, and succeeds if he has it
// already; DocumentCheckedOut if somebody else has.
func (e *Engine) CheckOut(ctx context.Context, user web.User, id string) (agentapi.Document, error) {
	return e.change(ctx, user, id, func(v view, n node, holder, userName string) error {
		switch holder {
		case user.ID:
			return nil
		case "":
			_, err := v.Exec(ctx, `INSERT INTO checkout (document, account, user_name, since) VALUES (?, ?, ?, ?)`,
				id, user.ID, user.UserName, database.Millis(e.now()))
			return err
		default:
			return v.checkedOut(ctx, n, userName)
		}
	})
}

func (v view) checkedOut(ctx context.Context, n node, owner string) error {
	path, err := v.path(ctx, n)
	if err != nil {
		return err
	}
	return fault.New(fault.DocumentCheckedOut, "path", path, "owner", owner)
}

// CheckIn gives a document back; DocumentNotCheckedOut if the user does not
// have it.
func (e *Engine) CheckIn(ctx context.Context, user web.User, id string) (agentapi.Document, error) {
	return e.change(ctx, user, id, func(v view, n node, holder, _ string) error {
		if holder != user.ID {
			path, err := v.path(ctx, n)
			if err != nil {
				return err
			}
			return fault.New(fault.DocumentNotCheckedOut, "path", path)
		}
		_, err := v.Exec(ctx, `DELETE FROM checkout WHERE document = ?`, id)
		return err
	})
}

// change does something to a document, tells those who see it, and gives what
// became of it.
func (e *Engine) change(ctx context.Context, user web.User, id string, f func(v view, n node, holder, userName string) error) (agentapi.Document, error) {
	var (
		doc agentapi.Document
		n   node
	)
	err := e.write(ctx, user, func(v view) (err error) {
		if n, err = v.document(ctx, id); err != nil {
			return err
		}
		holder, userName, err := v.holder(ctx, id)
		if err != nil {
			return err
		}
		if err := f(v, n, holder, userName); err != nil {
			return err
		}
		doc, err = v.describe(ctx, n)
		return err
	})
	if err == nil {
		e.tell(user, n)
	}
	return doc, err
}

// tell pushes that a document changed to those who may see it.
func (e *Engine) tell(user web.User, n node) {
	message := agentapi.PushMessage{Type: agentapi.DocumentChanged, ID: n.id}
	if n.space.owner == "" {
		e.push.SendTenant(user.Tenant, message)
		return
	}
	e.push.Send([]string{n.space.owner}, message)
}
