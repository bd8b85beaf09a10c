package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"iscdesk.dev/marketplace/agentapi"
	"iscdesk.dev/marketplace/internal/licensing"
	"iscdesk.dev/marketplace/internal/seed"
	"iscdesk.dev/marketplace/internal/server"
	"iscdesk.dev/marketplace/internal/vendor"
)

// adminClient calls the administration of a running marketplace.
type adminClient struct {
	state, server string
}

// flags adds what every administrative command needs.
func (a *adminClient) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.state, "state", "", "state folder of the marketplace (required)")
	cmd.Flags().StringVar(&a.server, "server", "", "base URL of the marketplace (default: as the running one wrote it into its state)")
	cobra.CheckErr(cmd.MarkFlagRequired("state"))
}

// call makes one call; answer may be nil.
func (a *adminClient) call(ctx context.Context, method, path string, body, answer any) error {
	token, err := os.ReadFile(filepath.Join(a.state, server.AdminTokenFile))
	if err != nil {
		return fmt.Errorf("the marketplace of this state has not been started yet: %w", err)
	}
	base := a.server
	if base == "" {
		// The sample vendor is told at every start where the marketplace is.
		known, err := vendor.ReadCredentials(filepath.Join(a.state, seed.CredentialsFile))
		if err != nil {
			return err
		}
		base = known.Marketplace
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, base+licensing.AdminAPI+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the marketplace is not running at %s: %w", base, err)
	}
	defer func() { _ = resp.Body.Close() }()
	return readAdminAnswer(resp, answer)
}

func readAdminAnswer(resp *http.Response, answer any) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		var e agentapi.Error
		if json.Unmarshal(text, &e) != nil || e.Code == "" {
			return fmt.Errorf("the marketplace answered HTTP status %d", resp.StatusCode)
		}
		parts := []string{e.Code}
		for name, value := range e.Params {
			parts = append(parts, name+"="+value)
		}
		sort.Strings(parts[1:])
		return fmt.Errorf("refused: %s", strings.Join(parts, " "))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// licenses lists all licences.
func (a *adminClient) licenses(ctx context.Context) ([]licensing.AdminLicense, error) {
	var list licensing.AdminLicenses
	err := a.call(ctx, http.MethodGet, "/licenses", nil, &list)
	return list.Licenses, err
}

// instance finds the instance that a person means: its id, or a product that
// has only one that is not released.
func (a *adminClient) instance(ctx context.Context, name string) (string, error) {
	list, err := a.licenses(ctx)
	if err != nil {
		return "", err
	}
	var found []string
	for _, l := range list {
		if l.Instance == name {
			return name, nil
		}
		if l.Product == name && l.Status != agentapi.LicenseInfoStatusReleased {
			found = append(found, l.Instance)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("there is no licence %q", name)
	}
	return "", fmt.Errorf("%q has several licences: name one of %s", name, strings.Join(found, ", "))
}
