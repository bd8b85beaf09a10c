// Package catalogue knows the applications that the marketplace offers: their
// versions per platform, which of them every user has to have, and the
// packages that install them.
package catalogue

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"os"
	"regexp"
	"strings"

	"golang.org/x/mod/semver"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/database"
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/objects"
)

//go:embed sqlite/*.sql
var scripts embed.FS

// Catalogue is the applications of a marketplace. It is safe for concurrent
// use.
type Catalogue struct {
	db    database.Database
	store objects.Store
	temp  string
}

// New prepares the tables. Packages wait in temp (empty: the system's folder)
// while they are taken in.
func New(ctx context.Context, db database.Database, store objects.Store, temp string) (*Catalogue, error) {
	if err := db.Migrate(ctx, "catalogue", scripts); err != nil {
		return nil, err
	}
	return &Catalogue{db: db, store: store, temp: temp}, nil
}

// Release is a version of an application for a platform.
type Release struct {
	Product string
	Name    string // of the application, for people
	// Summary says what the application is for, and TrialURL is the page on which
	// a trial is applied for; empty: none.
	Summary, TrialURL string

	Version string // as semver has it, without a v
	OS      string // as Go spells it; empty: any
	Arch    string
	Forced  bool
	Trial   bool
	Notes   string
	// File is the name of the package, with .tar.gz, .tar or .zip; empty: the
	// version has none.
	File string
}

// MaxPackage bounds a package, in bytes.
const MaxPackage = 8 << 30

// Publish adds a version with its package, which may be nil if r.File is
// empty. The same version with the same package again changes nothing; with
// another one it fails with Exists.
func (c *Catalogue) Publish(ctx context.Context, r Release, pkg io.Reader) error {
	if err := r.check(); err != nil {
		return err
	}
	var size int64
	var sum string
	if r.File != "" {
		var err error
		if size, sum, err = c.keep(ctx, pkg); err != nil {
			return err
		}
	}
	return c.db.Write(ctx, func(tx database.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO app (product, name, summary, trial_url) VALUES (?, ?, ?, ?) ON CONFLICT (product) DO UPDATE
			SET name = excluded.name, summary = excluded.summary, trial_url = excluded.trial_url`, r.Product, r.Name, r.Summary, r.TrialURL)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO app_version (product, version, os, arch, forced, trial, notes, file, size, sha256)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			r.Product, r.Version, r.OS, r.Arch, r.Forced, r.Trial, r.Notes, r.File, size, sum)
		if err != nil {
			return err
		}
		var there string
		err = tx.QueryRow(ctx, `SELECT sha256 FROM app_version WHERE product = ? AND version = ? AND os = ? AND arch = ?`,
			r.Product, r.Version, r.OS, r.Arch).Scan(&there)
		if err == nil && there != sum {
			err = fault.New(fault.Exists, "what", r.Product+" "+r.Version)
		}
		return err
	})
}

func (r Release) check() error {
	invalid := func(argument, reason string) error {
		return fault.New(fault.InvalidArgument, "argument", argument, "reason", reason)
	}
	switch {
	case !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`).MatchString(r.Product) || r.Name == "":
		return invalid("product", "an id of letters, digits, '.', '_' and '-' and a name are needed")
	case len(r.Summary) > maxSummary:
		return invalid("summary", "at most 500 bytes")
	case r.TrialURL != "" && !webAddress(r.TrialURL):
		return invalid("trialUrl", "not an address that begins with https://")
	case !semver.IsValid("v" + r.Version):
		return invalid("version", "not a version like 1.2.3")
	case r.File != "" && !packageName(r.File):
		return invalid("file", "not a name that ends in .tar.gz, .tar or .zip")
	}
	return nil
}

// maxSummary bounds a summary, in bytes.
const maxSummary = 500

// webAddress tells a page that people may be sent to; plain http only on this
// machine.
func webAddress(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || len(text) > 2048 {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && u.Hostname() == "127.0.0.1"
}

func packageName(name string) bool {
	ok := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$`).MatchString(name)
	return ok && (strings.HasSuffix(name, ".tar.gz") || strings.HasSuffix(name, ".tar") || strings.HasSuffix(name, ".zip"))
}

// keep takes a package in under its hash.
func (c *Catalogue) keep(ctx context.Context, pkg io.Reader) (size int64, sum string, err error) {
	f, err := os.CreateTemp(c.temp, "iscmarket-package-")
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, h), io.LimitReader(pkg, MaxPackage+1))
	if err == nil && size > MaxPackage {
		err = fault.New(fault.TooLarge, "what", "package", "limit", "8 GiB")
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return 0, "", err
	}
	sum = hex.EncodeToString(h.Sum(nil))
	return size, sum, c.store.Put(ctx, objectKey(sum), f)
}

func objectKey(sum string) string { return "package/" + sum }

// version is a row of the catalogue.
type version struct {
	agentapi.AppVersion
	os, arch string
}

// versions lists the versions of a product, with what is said of it. A product
// without an entry, such as one that its vendor installs himself, has none.
func (c *Catalogue) versions(ctx context.Context, product string) (app agentapi.App, list []version, err error) {
	err = c.db.Read(ctx, func(tx database.Tx) (err error) {
		app.Product = product
		err = tx.QueryRow(ctx, `SELECT name, summary, trial_url FROM app WHERE product = ?`, product).Scan(&app.Name, &app.Summary, &app.TrialURL)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT version, os, arch, forced, trial, notes, file, size, sha256 FROM app_version WHERE product = ?`, product)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var v version
			if err := rows.Scan(&v.Version, &v.os, &v.arch, &v.Forced, &v.Trial, &v.Notes, &v.Package.File, &v.Package.Size, &v.Package.Sha256); err != nil {
				return err
			}
			list = append(list, v)
		}
		return rows.Err()
	})
	return app, list, err
}

// Apps lists the applications with their newest versions.
func (c *Catalogue) Apps(ctx context.Context) ([]agentapi.App, error) {
	var products []string
	err := c.db.Read(ctx, func(tx database.Tx) (err error) {
		rows, err := tx.Query(ctx, `SELECT product FROM app ORDER BY product`)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var p string
			if err := rows.Scan(&p); err != nil {
				return err
			}
			products = append(products, p)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	apps := []agentapi.App{}
	for _, p := range products {
		app, list, err := c.versions(ctx, p)
		if err != nil {
			return nil, err
		}
		if newest, ok := upgrade(list, "", "", ""); ok.Available {
			app.Latest = newest
			apps = append(apps, app)
		}
	}
	return apps, nil
}

// Upgrade tells which version is to replace the given one on a platform.
func (c *Catalogue) Upgrade(ctx context.Context, product, installed, goos, arch string) (agentapi.Upgrade, error) {
	if !semver.IsValid("v" + installed) {
		return agentapi.Upgrade{}, fault.New(fault.InvalidArgument, "argument", "version", "reason", "not a version like 1.2.3")
	}
	_, list, err := c.versions(ctx, product)
	if err != nil {
		return agentapi.Upgrade{}, err
	}
	_, u := upgrade(list, installed, goos, arch)
	return u, nil
}

// upgrade picks the newest version above the installed one for a platform. It
// is forced if any version above is: who skips versions does not skip that.
// Empty texts match everything.
func upgrade(list []version, installed, goos, arch string) (agentapi.AppVersion, agentapi.Upgrade) {
	var u agentapi.Upgrade
	for _, v := range list {
		if (installed != "" && semver.Compare("v"+v.Version, "v"+installed) <= 0) || !fits(v.os, goos) || !fits(v.arch, arch) {
			continue
		}
		u.Forced = u.Forced || v.Forced
		if !u.Available || semver.Compare("v"+v.Version, "v"+u.Version.Version) > 0 {
			u.Available, u.Version = true, v.AppVersion
		}
	}
	return u.Version, u
}

func fits(offered, wanted string) bool { return offered == "" || wanted == "" || offered == wanted }
