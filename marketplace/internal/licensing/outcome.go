package licensing

import (
	"iscdesk.dev/marketplace/internal/fault"
	"iscdesk.dev/marketplace/internal/isv"
)

// step is what follows from an answer of the vendor.
type step int

const (
	// again: the vendor has not settled it; he is called again.
	again step = iota
	// done: he has.
	done
	// refused: he will not; asking again is of no use.
	refused
)

// outcome is what an answer means for a job.
type outcome struct {
	step
	// reason tells people why it is still open (again), or was refused.
	reason *fault.Error
}

// judge reads the answer to a call; err means that none came. For a licence
// success only means that the vendor is at it: what decides is his upload.
func judge(kind string, answer isv.Answer, err error, event string) outcome {
	if err != nil {
		return outcome{again, fault.New(fault.LicenseVendorUnreachable).Because(err)}
	}
	switch answer.ResultCode {
	case isv.ResultSuccess:
		if kind == jobGet || (kind == jobNew && answer.InstanceID == "") {
			return outcome{again, fault.New(fault.LicensePending)}
		}
		return outcome{step: done}
	case isv.ResultProcessing:
		return outcome{again, fault.New(fault.LicensePending)}
	case isv.ResultInternal:
		return outcome{again, fault.New(fault.LicenseVendorUnreachable)}
	case isv.ResultInstanceUnknown:
		if kind == jobRelease {
			return outcome{step: done}
		}
	}
	return outcome{refused, refusal(answer, event)}
}

func refusal(answer isv.Answer, event string) *fault.Error {
	switch answer.ResultCode {
	case isv.ResultQuotaExhausted:
		return fault.New(fault.LicenseQuotaExhausted)
	case isv.ResultOutsidePeriod:
		return fault.New(fault.LicenseOutsidePeriod)
	case isv.ResultExpiryRequired:
		return fault.New(fault.LicenseExpiryRequired)
	case isv.ResultFingerprintRequired:
		return fault.New(fault.LicenseFingerprintRequired)
	}
	return fault.New(fault.LicenseVendorRefused, "vendorCode", answer.ResultCode, "vendorMessage", answer.ResultMsg, "event", event)
}
