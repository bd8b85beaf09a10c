package oauth

import (
	"net/http"
	"strings"

	"golang.org/x/text/language"
)

// words are the texts of the pages in one language. Verbs of fmt stand for
// what a page fills in.
type words struct {
	Title, UserName, Password, SignIn, Continue, Other, Allow, Deny, EnterCode string

	wrongPassword, tooMany, stale               string
	confirm, deviceConfirm, deviceUnknown       string
	deviceAllowed, deviceDenied                 string
	signedIn, signedOut, badClient, badRedirect string
}

func english() words {
	return words{
		Title: "Sign in to the marketplace", UserName: "User name", Password: "Password", SignIn: "Sign in",
		Continue: "Continue", Other: "Use another account", Allow: "Allow", Deny: "Deny",
		EnterCode: "Enter the code that your machine shows",

		wrongPassword: "The user name or the password is wrong.",
		tooMany:       "Too many failed attempts. Wait %d seconds, then try again.",
		stale:         "This page had grown old. Please try again.",
		confirm:       "%s wants to use your account. You are signed in as %s.",
		deviceConfirm: "%s on another machine wants to use your account (%s). Allow it only if that machine is before you and shows this code:",
		deviceUnknown: "There is no such code, or it has expired. Begin again on your machine.",
		deviceAllowed: "Done. Your machine signs in by itself now; you may close this page.",
		deviceDenied:  "Denied. Nothing was allowed.",
		signedIn:      "You are signed in as %s.",
		signedOut:     "You are signed out.",
		badClient:     "The application that sent you here is not registered.",
		badRedirect:   "The application that sent you here asks for an address that it may not use. You were not sent on.",
	}
}

func chinese() words {
	return words{
		Title: "登录云商店", UserName: "用户名", Password: "密码", SignIn: "登录",
		Continue: "继续", Other: "使用其他账号", Allow: "允许", Deny: "拒绝",
		EnterCode: "请输入您的机器上显示的代码",

		wrongPassword: "用户名或密码错误。",
		tooMany:       "失败次数过多。请等待 %d 秒后重试。",
		stale:         "页面已过期,请重试。",
		confirm:       "%s 请求使用您的账号。您当前以 %s 登录。",
		deviceConfirm: "另一台机器上的 %s 请求使用您的账号(%s)。仅当该机器就在您面前并显示以下代码时才允许:",
		deviceUnknown: "代码不存在或已过期。请在您的机器上重新开始。",
		deviceAllowed: "已完成。您的机器将自动登录,您可以关闭此页面。",
		deviceDenied:  "已拒绝,未授予任何权限。",
		signedIn:      "您已以 %s 登录。",
		signedOut:     "您已退出登录。",
		badClient:     "将您引导至此的应用未注册。",
		badRedirect:   "将您引导至此的应用请求了不被允许的地址,未继续跳转。",
	}
}

// wordsFor picks the language that the browser prefers.
func wordsFor(r *http.Request) (lang string, say words) {
	accepted, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language"))
	if err == nil && len(accepted) > 0 {
		if base, _ := accepted[0].Base(); base.String() == "zh" {
			return "zh-CN", chinese()
		}
	}
	return "en", english()
}

// safeNext is where a login may lead: an absolute path of this server.
func safeNext(next string) string {
	for _, page := range []string{"/device", "/api/v1/oauth2/authorize"} {
		if next == page || strings.HasPrefix(next, page+"?") {
			return next
		}
	}
	return ""
}
