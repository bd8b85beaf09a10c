package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/marketplace/internal/fault"
)

// TestCodesStandInTheErrorTable: the marketplace and its agents must mean the
// same by a code.
func TestCodesStandInTheErrorTable(t *testing.T) {
	for code, status := range fault.Codes() {
		row, ok := api.Lookup(api.Code(code))
		if !ok {
			t.Errorf("%s is not in the error table", code)
		} else if row.HTTP != status {
			t.Errorf("%s is answered with %d; the error table says %d", code, status, row.HTTP)
		}
	}
}

func TestError(t *testing.T) {
	cause := errors.New("cause")
	err := fmt.Errorf("wrapped: %w", fault.New(fault.NotFound, "what", "x", "a", "b").Because(cause))
	if !errors.Is(err, fault.NotFound) || errors.Is(err, fault.Exists) || !errors.Is(err, cause) {
		t.Errorf("errors.Is of %v", err)
	}
	if got := fault.As(err); got.HTTP != 404 || got.Error() != `not_found a="b" what="x": cause` {
		t.Errorf("%d %v", got.HTTP, got)
	}
	if got := fault.As(cause); got.Code != fault.Internal || got.HTTP != 500 {
		t.Errorf("an unknown error: %v", got)
	}
	if got := fault.As(fault.Exists); got.Code != fault.Exists || got.HTTP != 409 {
		t.Errorf("a bare code: %v", got)
	}
	if fault.As(nil) != nil {
		t.Error("no error became one")
	}
	if fault.Status("unheard of") != 500 {
		t.Error("an unknown code has a status")
	}
}
