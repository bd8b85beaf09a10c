package oauth

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"unicode"

	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/web"
)

// Tenant is a company.
type Tenant struct {
	ID, Name string
}

// Account is a user to be.
type Account struct {
	// UserName is unique in the whole marketplace and names the user's own
	// space: letters, digits, '.', '-', '_' and '@', at most 64.
	UserName string
	Name     string // for people
	Email    string
	Tenant   string // id
	Password string
}

// Client is an application that signs users in.
type Client struct {
	ID   string
	Name string // for people
	// Secret is empty for a public client, which has to use PKCE.
	Secret string
	// RedirectURI is the one that the client may use. Empty: a loopback address
	// of the user's own machine.
	RedirectURI string
	// Agent tells that its tokens open the agent API. A vendor's application
	// learns who its user is, and no more.
	Agent bool
}

// DeskClient is the public client that every iscdesk service is.
const DeskClient = "iscdesk"

// AddTenant makes a tenant; Exists if there is one of that id.
func (s *Server) AddTenant(ctx context.Context, t Tenant) error {
	return s.insert(ctx, t.ID, `INSERT INTO tenant (id, name) VALUES (?, ?) ON CONFLICT DO NOTHING`, t.ID, t.Name)
}

// AddAccount makes a user and gives him his id; Exists if the user name is
// taken.
func (s *Server) AddAccount(ctx context.Context, a Account) (web.User, error) {
	if !validUserName(a.UserName) || len(a.Password) > maxPassword || a.Password == "" {
		return web.User{}, fault.New(fault.InvalidArgument, "argument", "account", "reason", "the user name or the password is not of the allowed form")
	}
	id := newID()
	err := s.insert(ctx, a.UserName, `INSERT INTO account (id, user_name, name, email, tenant, password) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id, a.UserName, a.Name, a.Email, a.Tenant, hashPassword(a.Password))
	if err != nil {
		return web.User{}, err
	}
	return s.UserByID(ctx, id)
}

const maxUserName = 64

func validUserName(name string) bool {
	other := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-_@", r)
	}
	return name != "" && len(name) <= maxUserName && name[0] != '.' && !strings.ContainsFunc(name, other)
}

// AddClient registers an application; Exists if the id is taken.
func (s *Server) AddClient(ctx context.Context, c Client) error {
	var secret []byte
	if c.Secret != "" {
		secret = digest(c.Secret)
	}
	return s.insert(ctx, c.ID, `INSERT INTO client (id, name, secret, redirect_uri, agent) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		c.ID, c.Name, secret, c.RedirectURI, c.Agent)
}

func (s *Server) insert(ctx context.Context, what, query string, args ...any) error {
	return s.db.Write(ctx, func(tx database.Tx) error {
		result, err := tx.Exec(ctx, query, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(fault.New(fault.Exists, "what", what), err)
		}
		return nil
	})
}

const selectUser = `SELECT a.id, a.user_name, a.name, a.email, t.id, t.name FROM account a JOIN tenant t ON t.id = a.tenant `

// UserByID finds a user; NotFound without one.
func (s *Server) UserByID(ctx context.Context, id string) (web.User, error) {
	return s.oneUser(ctx, id, selectUser+`WHERE a.id = ?`)
}

// UserByName finds a user by what he signs in with; NotFound without one.
func (s *Server) UserByName(ctx context.Context, userName string) (web.User, error) {
	return s.oneUser(ctx, userName, selectUser+`WHERE a.user_name = ?`)
}

func (s *Server) oneUser(ctx context.Context, what, query string) (web.User, error) {
	var u web.User
	err := s.db.Read(ctx, func(tx database.Tx) error { return scanUser(tx.QueryRow(ctx, query, what), &u) })
	if errors.Is(err, sql.ErrNoRows) {
		return web.User{}, fault.New(fault.NotFound, "what", what)
	}
	return u, err
}

func scanUser(row interface{ Scan(...any) error }, u *web.User, more ...any) error {
	return row.Scan(append([]any{&u.ID, &u.UserName, &u.Name, &u.Email, &u.Tenant, &u.TenantName}, more...)...)
}

// Users lists the users of a tenant by their user names.
func (s *Server) Users(ctx context.Context, tenant string) ([]web.User, error) {
	var users []web.User
	err := s.db.Read(ctx, func(tx database.Tx) (err error) {
		rows, err := tx.Query(ctx, selectUser+`WHERE t.id = ? ORDER BY a.user_name`, tenant)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var u web.User
			if err := scanUser(rows, &u); err != nil {
				return err
			}
			users = append(users, u)
		}
		return rows.Err()
	})
	return users, err
}

// client finds a registered application.
func (s *Server) client(ctx context.Context, tx database.Tx, id string) (c Client, secret []byte, err error) {
	err = tx.QueryRow(ctx, `SELECT id, name, secret, redirect_uri, agent FROM client WHERE id = ?`, id).
		Scan(&c.ID, &c.Name, &secret, &c.RedirectURI, &c.Agent)
	return c, secret, err
}
