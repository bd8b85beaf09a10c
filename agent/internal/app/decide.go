package app

// voice is who speaks about an upgrade.
type voice int

const (
	byCatalogue   voice = iota // a check found it
	byUser                     // through tray or CLI
	byApplication              // UpgradeNotify
)

// verdict is what follows from what was said.
type verdict struct {
	ask      bool // put the question to the user
	order    bool // the upgrade is to happen
	announce bool // tell the application (EventUpgrade)
	withdraw bool // drop the question, and an order that has not begun
}

// decide tells what follows when who says yes or no to an upgrade. A forced
// one leaves no choice.
func decide(forced bool, who voice, yes bool) verdict {
	switch {
	case forced && who == byCatalogue:
		return verdict{order: true, announce: true}
	case forced:
		return verdict{order: true}
	case who == byCatalogue:
		return verdict{ask: true}
	case !yes:
		return verdict{withdraw: true}
	}
	return verdict{order: true, announce: who == byUser}
}
