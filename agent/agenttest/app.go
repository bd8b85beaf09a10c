package agenttest

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/session"
)

// App is an application that is connected to a person's service, as the SDK
// library would be.
type App struct {
	client *session.Client
}

// StartApp connects an application of the given product.
func (a *Agent) StartApp(ctx context.Context, product string) (*App, error) {
	client, _, err := session.Dial(ctx, a.Socket, api.Hello{
		Protocol: api.ProtocolVersion, Role: api.RoleSession, Session: uuid.NewString(),
		Product: product, Version: "1.0.0", Library: "agenttest",
	})
	if err != nil {
		return nil, err
	}
	return &App{client: client}, nil
}

// Close disconnects the application.
func (app *App) Close() { _ = app.client.Close() }

// AskForDocument asks the user to pick a document.
func (app *App) AskForDocument(ctx context.Context) error {
	var ticket api.PickTicket
	return app.client.Call(ctx, api.CallDocumentPick, nil, &ticket)
}

// Hold takes a seat with some features, and keeps it until the application
// disconnects.
func (app *App) Hold(ctx context.Context, features ...string) error {
	var grant api.LeaseGrant
	return app.client.Call(ctx, api.CallLeaseAcquire, api.LeaseRequest{Features: features, Nonce: uuid.NewString()}, &grant)
}

// AwaitPicked waits for the user's answer and gives it as JSON.
func (app *App) AwaitPicked(ctx context.Context) (string, error) {
	for {
		select {
		case e, ok := <-app.client.Events():
			if !ok {
				return "", errors.New("the session ended before the answer")
			}
			if e.Name != api.EventDocumentPicked {
				continue
			}
			var picked api.Picked
			if err := json.Unmarshal(e.Data, &picked); err != nil {
				return "", err
			}
			out, err := json.Marshal(picked)
			return string(out), err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
