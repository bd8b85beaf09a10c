package daemon

import (
	"context"

	"iscdesk.dev/agent/api"
	"iscdesk.dev/agent/internal/message"
	"iscdesk.dev/agent/internal/policy"
	"iscdesk.dev/agent/internal/settings"
)

// personal builds what the user has chosen and what he may read later.
func (h *household) personal(ctx context.Context) (err error) {
	h.settings, err = settings.New(ctx, settings.Config{
		DB: h.db, Notify: h.notify, Policy: h.rules.settings, Log: h.log,
		InForce: func(s api.Settings) { h.share.Set(s.UploadRate, s.DownloadRate) },
	})
	if err != nil {
		return err
	}
	h.messages, err = message.New(ctx, message.Config{DB: h.db, Notify: h.notify, Name: h.productName, Log: h.log})
	if err != nil {
		return err
	}
	h.messages.AccountChanged(h.account.State())
	h.notify.messages = h.messages
	return nil
}

// productName is the name of a product for people, as the catalogue has it.
func (h *household) productName(product string) string {
	apps, err := h.apps.List(context.Background()) // it is in memory
	if err != nil {
		return ""
	}
	for _, a := range apps {
		if a.Product == product {
			return a.Name
		}
	}
	return ""
}

// settings is what the administrator says about what users set for themselves.
func (r *rules) settings() settings.Policy {
	now, p := r.Now(), settings.Policy{}
	for _, s := range now.Settings {
		where := s.Where
		if where == "" {
			where = policy.LockedKey
		}
		setting := ""
		switch s.Key {
		case "language":
			if setting = "language"; !s.Locked {
				p.Language = now.Values.Language
			}
		case "limits.upload_rate":
			setting, p.Upload = "uploadRate", bound(now.Values.UploadRate, s)
		case "limits.download_rate":
			setting, p.Download = "downloadRate", bound(now.Values.DownloadRate, s)
		}
		if setting != "" && s.Locked {
			p.Locks = append(p.Locks, api.SettingLock{Setting: setting, Value: s.Value, Where: where})
		}
	}
	return p
}

func bound(rate int64, s api.PolicySetting) *settings.Bound {
	if rate <= 0 {
		return nil
	}
	return &settings.Bound{BytesPerSecond: rate, Key: s.Key, Value: s.Value, Where: s.Where}
}
