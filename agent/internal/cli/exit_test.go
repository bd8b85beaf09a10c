package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"iscdesk.dev/agent/api"
)

// exits is what a script may rely on: the exit code of every error.
func exits() map[int][]api.Code {
	return map[int][]api.Code{
		ExitFailed: {
			api.Internal, api.NotInitialized, api.BufferTooSmall, api.Unsupported, api.LeaseMalformed, api.DeviceUnknown,
			api.ContentDamaged, api.DiskFull, api.PackageDamaged, api.PackageUnsafe, api.InstallFailed, api.SolveFailed,
			api.LicenseExpiryRequired, api.LicenseFingerprintRequired,
			api.ClockWrong, api.DiskLow, api.StateDamaged, api.LicenseExpiring, api.UpgradeWaiting,
			api.PolicyValue, api.PolicyUnknown, api.PolicyRefused, api.PolicyOverruled, api.StagingFull, api.CAFileUnusable,
		},
		ExitUsage: {api.InvalidArgument},
		ExitNoService: {
			api.ServiceUnavailable, api.ServiceTooOld, api.ServiceTooNew, api.ServiceImpostor, api.ShuttingDown, api.Protocol,
		},
		ExitSignedOut: {api.SignedOut, api.LoginFailed},
		ExitOffline:   {api.Offline, api.ProxyFailed, api.NotConfigured, api.MarketplaceFailed, api.LicenseVendorUnreachable, api.Untrusted},
		ExitConflict: {
			api.AlreadyInitialized, api.Exists, api.NoPicker, api.DocumentReadOnly, api.DocumentConflict, api.DocumentCheckedOut,
			api.DocumentNotCheckedOut, api.FileChanged, api.FileModified, api.AppRunning, api.SavedByOther, api.TransfersFailed,
			api.UploadsPaused, api.SavesWaiting, api.DocumentChanged,
		},
		ExitCancelled: {api.Cancelled},
		ExitNotFound:  {api.NotFound},
		ExitNotAllowed: {
			api.PermissionDenied, api.PolicyForbids, api.TenantRefused, api.LicenseNotEntitled, api.LicenseVendorRefused, api.LicenseQuotaExhausted, api.LicenseOutsidePeriod,
			api.LicenseFrozen, api.LicenseReleased, api.LicenseExpired, api.LicenseRejectedByApp, api.LeaseNoSeat, api.LeaseBadSignature,
			api.LeaseUnknownKey, api.LeaseWrongProduct, api.LeaseWrongDevice, api.LeaseWrongUser, api.LeaseNotYetValid, api.LeaseExpired,
			api.LeaseRevoked, api.LeaseClockSetBack, api.LeaseNotHeld, api.LeaseNoFeature,
		},
		ExitStillGoing: {api.Timeout, api.Busy, api.LicensePending, api.LicenseUndecided},
		ExitUnsuitable: {
			api.TooLarge, api.AssemblyNotFolder, api.AssemblyMainMissing, api.AssemblyDependencyMissing, api.AssemblyEmpty,
			api.NameInvalid, api.FileUnreadable, api.FileUnwritable, api.NotAFile,
		},
	}
}

func TestEveryErrorHasItsExitCode(t *testing.T) {
	want := map[api.Code]int{}
	for exit, codes := range exits() {
		for _, code := range codes {
			want[code] = exit
		}
	}
	for _, row := range api.Table() {
		exit, ok := want[row.Code]
		if !ok {
			t.Errorf("%s: decide its exit code here; it is %d now", row.Code, ExitCode(row.Code))
			continue
		}
		if got := ExitCode(api.Fail(row.Code)); got != exit {
			t.Errorf("%s: exit %d, want %d", row.Code, got, exit)
		}
		if got := ExitCode(fmt.Errorf("while saving: %w", row.Code)); got != exit {
			t.Errorf("wrapped %s: exit %d, want %d", row.Code, got, exit)
		}
	}
}

func TestExitCodeOfWhatIsNoCode(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"nil", nil, ExitOK},
		{"interrupted", fmt.Errorf("dial: %w", context.Canceled), ExitInterrupted},
		{"an error of the library", errors.New("boom"), ExitFailed},
		{"a code that is not in the table", api.Code("from_the_future"), ExitFailed},
		{"usage", &usageError{key: "usage.too_few"}, ExitUsage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ExitCode(tt.err); got != tt.want {
				t.Errorf("exit %d, want %d", got, tt.want)
			}
		})
	}
}

// TestExitCodesAreDocumented reads the help and the README.
func TestExitCodesAreDocumented(t *testing.T) {
	readme, err := os.ReadFile("../../cmd/iscdesk/README.md")
	if err != nil {
		t.Fatal(err)
	}
	english, chinese := catalogues(t)
	for _, exit := range []int{
		ExitOK, ExitFailed, ExitUsage, ExitNoService, ExitSignedOut, ExitOffline, ExitConflict, ExitCancelled, ExitNotFound,
		ExitNotAllowed, ExitStillGoing, ExitUnsuitable, ExitInterrupted,
	} {
		line := fmt.Sprintf("%4d  ", exit)
		if !strings.Contains(english["help.exit_codes"], line) || !strings.Contains(chinese["help.exit_codes"], line) {
			t.Errorf("the help does not explain exit code %d", exit)
		}
		if !strings.Contains(string(readme), fmt.Sprintf("\n| %d | ", exit)) {
			t.Errorf("the README does not explain exit code %d", exit)
		}
	}
}
