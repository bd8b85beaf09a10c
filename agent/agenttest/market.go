package agenttest

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
)

// market is the marketplace: its process and the address it got at its first
// start, which it keeps over restarts.
type market struct {
	process *process
	url     string
}

// StartMarketplace starts the marketplace, or starts it again at the address
// it had.
func (w *World) StartMarketplace(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	listen := "127.0.0.1:0"
	if w.market != nil {
		u, err := url.Parse(w.market.url)
		if err != nil {
			return err
		}
		listen = u.Host
	}
	urlFile := w.path("market.url")
	if err := removeOld(urlFile); err != nil {
		return err
	}
	args := append([]string{"serve", "--state", w.MarketState(), "--listen", listen, "--url-file", urlFile}, w.options.Market...)
	p, err := start("iscmarket", w.logPath("iscmarket"), w.server(args...))
	if err != nil {
		return err
	}
	address, err := awaitLine(ctx, urlFile, p)
	if err != nil {
		return errors.Join(err, p.kill())
	}
	w.market = &market{process: p, url: address}
	return nil
}

// server prepares a server of the marketplace's; stop and kill end it.
func (w *World) server(args ...string) *exec.Cmd {
	cmd := exec.Command(w.Bin.Market, args...)
	cmd.Env = environ("HOME=" + w.Dir)
	return cmd
}

// StopMarketplace ends the marketplace; its state stays.
func (w *World) StopMarketplace() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.market == nil {
		return nil
	}
	return w.market.process.stop()
}

// MarketURL is the address of the marketplace.
func (w *World) MarketURL() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.market == nil {
		return ""
	}
	return w.market.url
}

// MarketState is the folder in which the marketplace keeps everything.
func (w *World) MarketState() string { return w.path("marketplace") }

// AccountsFile holds the sample people and their passwords.
func (w *World) AccountsFile() string { return w.path("marketplace", "sample-accounts.json") }

// VendorState is the folder in which the vendor's licence server keeps
// everything.
func (w *World) VendorState() string { return w.path("vendor") }

// StartVendor starts the sample vendor's licence server with more arguments,
// which are its knobs.
func (w *World) StartVendor(ctx context.Context, knobs ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	urlFile := w.path("vendor.url")
	if err := removeOld(urlFile); err != nil {
		return err
	}
	args := append([]string{
		"sample-vendor", "--credentials", w.path("marketplace", "vendor-credentials.json"),
		"--state", w.VendorState(), "--listen", "127.0.0.1:0", "--url-file", urlFile,
	}, knobs...)
	p, err := start("vendor", w.logPath("vendor"), w.server(args...))
	if err != nil {
		return err
	}
	if _, err := awaitLine(ctx, urlFile, p); err != nil {
		return errors.Join(err, p.kill())
	}
	w.vendor = p
	return nil
}

// StopVendor ends the vendor's licence server.
func (w *World) StopVendor() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.vendor == nil {
		return nil
	}
	return w.vendor.stop()
}

func removeOld(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
