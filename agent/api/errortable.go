package api

// The codes. Their numbers in C, their HTTP status and their texts stand in
// the table below.
const (
	Internal           Code = "internal"
	InvalidArgument    Code = "invalid_argument"
	NotInitialized     Code = "not_initialized"
	AlreadyInitialized Code = "already_initialized"
	BufferTooSmall     Code = "buffer_too_small"
	ServiceUnavailable Code = "service_unavailable"
	ServiceTooOld      Code = "service_too_old"
	ServiceTooNew      Code = "service_too_new"
	Timeout            Code = "timeout"
	Cancelled          Code = "cancelled"
	Busy               Code = "busy"
	Offline            Code = "offline"
	SignedOut          Code = "signed_out"
	PermissionDenied   Code = "permission_denied"
	NotFound           Code = "not_found"
	Exists             Code = "exists"
	TooLarge           Code = "too_large"
	Unsupported        Code = "unsupported"
	Protocol           Code = "protocol"
	ShuttingDown       Code = "shutting_down"
	MarketplaceFailed  Code = "marketplace_failed"
	NoPicker           Code = "no_picker"
	LoginFailed        Code = "login_failed"
	ServiceImpostor    Code = "service_impostor"
	ClockWrong         Code = "clock_wrong"
	DiskLow            Code = "disk_low"
	StateDamaged       Code = "state_damaged"
	Untrusted          Code = "marketplace_untrusted"
	NotConfigured      Code = "marketplace_not_configured"

	LicensePending             Code = "license_pending"
	LicenseNotEntitled         Code = "license_not_entitled"
	LicenseVendorUnreachable   Code = "license_vendor_unreachable"
	LicenseVendorRefused       Code = "license_vendor_refused"
	LicenseQuotaExhausted      Code = "license_quota_exhausted"
	LicenseOutsidePeriod       Code = "license_outside_period"
	LicenseExpiryRequired      Code = "license_expiry_required"
	LicenseFingerprintRequired Code = "license_fingerprint_required"
	LicenseFrozen              Code = "license_frozen"
	LicenseReleased            Code = "license_released"
	LicenseExpired             Code = "license_expired"
	LicenseUndecided           Code = "license_undecided"
	LicenseRejectedByApp       Code = "license_rejected_by_application"
	LicenseExpiring            Code = "license_expiring"

	LeaseNoSeat       Code = "lease_no_seat"
	LeaseMalformed    Code = "lease_malformed"
	LeaseBadSignature Code = "lease_bad_signature"
	LeaseUnknownKey   Code = "lease_unknown_key"
	LeaseWrongProduct Code = "lease_wrong_product"
	LeaseWrongDevice  Code = "lease_wrong_device"
	LeaseWrongUser    Code = "lease_wrong_user"
	LeaseNotYetValid  Code = "lease_not_yet_valid"
	LeaseExpired      Code = "lease_expired"
	LeaseRevoked      Code = "lease_revoked"
	LeaseClockSetBack Code = "lease_clock_set_back"
	LeaseNotHeld      Code = "lease_not_held"
	LeaseNoFeature    Code = "lease_no_feature"
	DeviceUnknown     Code = "device_unknown"

	DocumentReadOnly          Code = "document_read_only"
	DocumentConflict          Code = "document_conflict"
	DocumentCheckedOut        Code = "document_checked_out"
	DocumentNotCheckedOut     Code = "document_not_checked_out"
	AssemblyNotFolder         Code = "assembly_not_folder"
	AssemblyMainMissing       Code = "assembly_main_missing"
	AssemblyDependencyMissing Code = "assembly_dependency_missing"
	AssemblyEmpty             Code = "assembly_empty"
	NameInvalid               Code = "name_invalid"
	FileUnreadable            Code = "file_unreadable"
	FileUnwritable            Code = "file_unwritable"
	FileChanged               Code = "file_changed"
	FileModified              Code = "file_modified"
	ContentDamaged            Code = "content_damaged"
	DiskFull                  Code = "disk_full"
	NotAFile                  Code = "not_a_file"
	SavedByOther              Code = "saved_by_other"
	TransfersFailed           Code = "transfers_failed"
	UploadsPaused             Code = "uploads_paused"
	SavesWaiting              Code = "saves_waiting"

	PackageDamaged Code = "package_damaged"
	PackageUnsafe  Code = "package_unsafe"
	InstallFailed  Code = "install_failed"
	AppRunning     Code = "app_running"
	SolveFailed    Code = "solve_failed"
	UpgradeWaiting Code = "upgrade_waiting"

	PolicyForbids   Code = "policy_forbids"
	PolicyValue     Code = "policy_value"
	PolicyUnknown   Code = "policy_unknown"
	PolicyRefused   Code = "policy_refused"
	PolicyOverruled Code = "policy_overruled"
	ProxyFailed     Code = "proxy_failed"
	TenantRefused   Code = "tenant_refused"
	StagingFull     Code = "staging_full"
	CAFileUnusable  Code = "ca_file_unusable"

	DocumentChanged Code = "document_changed"
)

// Row is one line of the error table.
type Row struct {
	Code Code
	// C is the number of the code in the C API (ISC_E_…). Numbers are never
	// reused; a new code takes the next free one of its block.
	C int32
	// HTTP is the status with which the local API and the marketplace answer.
	HTTP int
	// EN and ZH are the texts for people. {name} stands for a parameter.
	EN, ZH string
}

func (r Row) text(lang Language) string {
	if lang == Chinese {
		return r.ZH
	}
	return r.EN
}

// Lookup finds the row of a code.
func Lookup(code Code) (Row, bool) {
	for _, r := range Table() {
		if r.Code == code {
			return r, true
		}
	}
	return Row{}, false
}

// FromC finds the row of a C status number.
func FromC(status int32) (Row, bool) {
	for _, r := range Table() {
		if r.C == status {
			return r, true
		}
	}
	return Row{}, false
}

// Table is the whole error table, in the order of the C numbers.
//
//nolint:funlen // one line per code; cutting the table up would hide it
func Table() []Row {
	return []Row{
		{Internal, 1, 500, "Something went wrong inside iscdesk. Run 'iscdesk doctor' and send its output to support.", "iscdesk 内部出错。请运行 iscdesk doctor,并把输出发给技术支持。"},
		{InvalidArgument, 2, 400, "The value of '{argument}' is not valid: {reason}.", "参数“{argument}”无效:{reason}。"},
		{NotInitialized, 3, 412, "The SDK is not initialised. Call Init first.", "SDK 尚未初始化。请先调用 Init。"},
		{AlreadyInitialized, 4, 409, "The SDK is initialised already. Call ShutOut before another Init with other options.", "SDK 已初始化。若要以其他选项再次初始化,请先调用 ShutOut。"},
		{BufferTooSmall, 5, 400, "The buffer is too small: {needed} bytes are needed.", "缓冲区太小:需要 {needed} 字节。"},
		{ServiceUnavailable, 6, 503, "The iscdesk service cannot be reached. Start it (as administrator: iscdeskd start) or run 'iscdesk doctor'.", "无法连接 iscdesk 服务。请启动服务(以管理员身份运行 iscdeskd start)或运行 iscdesk doctor。"},
		{ServiceTooOld, 7, 426, "The iscdesk service is too old for this application (it speaks protocol {service}, needed is {client}). Upgrade iscdesk.", "iscdesk 服务版本过旧(协议 {service},应用需要 {client})。请升级 iscdesk。"},
		{ServiceTooNew, 8, 426, "This application's SDK is too old for the iscdesk service (the service speaks protocol {service}, the SDK {client}). Upgrade the application.", "应用所带的 SDK 过旧(服务协议 {service},SDK 协议 {client})。请升级应用。"},
		{Timeout, 9, 504, "No answer came in time. What was asked for may still happen; try again in a moment.", "未在规定时间内得到答复。请求可能仍会完成,请稍后再试。"},
		{Cancelled, 10, 409, "The operation was cancelled.", "操作已取消。"},
		{Busy, 11, 429, "Too many requests at once. Try again in a moment.", "请求过多,请稍后再试。"},
		{Offline, 12, 503, "The marketplace cannot be reached. What is saved is safe on this machine and is sent as soon as the network is back.", "无法连接云商店。已保存的内容安全地存放在本机,网络恢复后会自动发送。"},
		{SignedOut, 13, 401, "Nobody is signed in. Run 'iscdesk login'.", "尚未登录。请运行 iscdesk login。"},
		{PermissionDenied, 14, 403, "You are not allowed to do this.", "您没有执行此操作的权限。"},
		{NotFound, 15, 404, "'{what}' does not exist.", "“{what}”不存在。"},
		{Exists, 16, 409, "'{what}' exists already. Choose another name.", "“{what}”已存在,请换一个名称。"},
		{TooLarge, 17, 413, "'{what}' is larger than allowed ({limit}).", "“{what}”超过允许的大小({limit})。"},
		{Unsupported, 18, 501, "This is not supported: {what}.", "不支持:{what}。"},
		{Protocol, 19, 400, "A malformed message was received. The connection was closed.", "收到格式错误的消息,连接已关闭。"},
		{ShuttingDown, 20, 503, "iscdesk is shutting down. Try again in a moment.", "iscdesk 正在退出,请稍后再试。"},
		{MarketplaceFailed, 21, 502, "The marketplace could not do this ({status}). iscdesk tries again by itself.", "云商店未能完成操作({status})。iscdesk 会自动重试。"},
		{NoPicker, 22, 409, "No window is open in which a file could be chosen. Start iscdesk-tray, or run 'iscdesk pick' in a terminal.", "没有可用于选择文件的窗口。请启动 iscdesk-tray,或在终端运行 iscdesk pick。"},
		{LoginFailed, 23, 401, "Signing in did not succeed: {reason}. Run 'iscdesk login' again.", "登录未成功:{reason}。请重新运行 iscdesk login。"},
		{ServiceImpostor, 24, 403, "The program behind the socket is not the iscdesk service ({reason}). Nothing was sent to it. Tell your administrator.", "套接字另一端的程序不是 iscdesk 服务({reason})。未向其发送任何内容。请联系管理员。"},
		{ClockWrong, 25, 412, "This machine's clock is off by {minutes} minutes. Set it right (timedatectl set-ntp true), or licences and signatures will be refused.", "本机时钟偏差 {minutes} 分钟。请校正时钟(timedatectl set-ntp true),否则许可证和签名会被拒绝。"},
		{DiskLow, 26, 507, "Only {free} are free where iscdesk keeps what you save ({path}). Make room.", "iscdesk 保存数据的磁盘({path})仅剩 {free}。请清理磁盘空间。"},
		{StateDamaged, 27, 500, "The data that iscdesk keeps on this machine is damaged ({detail}). Do not delete anything; send the output of 'iscdesk doctor' to support.", "iscdesk 在本机保存的数据已损坏({detail})。请勿删除任何内容,并把 iscdesk doctor 的输出发给技术支持。"},
		{Untrusted, 28, 502, "The marketplace's certificate is not trusted ({reason}). Nothing was sent to it. Ask your administrator for the right certificate authority.", "云商店的证书不受信任({reason})。未向其发送任何内容。请向管理员索取正确的证书颁发机构。"},
		{NotConfigured, 29, 503, "No marketplace is set for this machine. Administrators set 'marketplace' in /etc/iscdesk/policy.toml, or MarketplaceURL under HKLM\\Software\\Policies\\iscdesk; iscdesk goes to work by itself then. 'iscdesk policy show' tells what is in force.", "本机未设置云商店地址。请管理员在 /etc/iscdesk/policy.toml 中设置 marketplace,或在注册表 HKLM\\Software\\Policies\\iscdesk 中设置 MarketplaceURL;设置后 iscdesk 会自动开始工作。运行 iscdesk policy show 可查看当前策略。"},
		{LicensePending, 30, 202, "The vendor has not answered yet. iscdesk keeps asking and tells the application.", "软件商尚未答复。iscdesk 会继续请求,并通知应用。"},
		{LicenseNotEntitled, 31, 403, "No licence of '{product}' is assigned to you. Ask your administrator to assign one.", "您没有“{product}”的许可证。请联系管理员分配。"},
		{LicenseVendorUnreachable, 32, 502, "The vendor's licence server cannot be reached. iscdesk goes on trying.", "无法连接软件商的许可服务器。iscdesk 会继续尝试。"},
		{LicenseVendorRefused, 33, 403, "The vendor refused the licence ({vendorCode}: {vendorMessage}). Ask the vendor, quoting event {event}.", "软件商拒绝签发许可证({vendorCode}:{vendorMessage})。请联系软件商,并提供事件编号 {event}。"},
		{LicenseQuotaExhausted, 34, 403, "All licences of the order in force are in use. Release one or buy more.", "当前生效订单的许可额度已用完。请释放一个许可证或增购。"},
		{LicenseOutsidePeriod, 35, 403, "The order is not in force at this time. Renew it in the marketplace.", "当前时间不在订单有效期内。请在云商店续费。"},
		{LicenseExpiryRequired, 36, 502, "The vendor asks for an end date that the order does not have. Ask the marketplace's support.", "软件商要求提供失效日期,但订单中没有。请联系云商店支持。"},
		{LicenseFingerprintRequired, 37, 400, "The vendor needs this machine's fingerprint, and none could be read. Run 'iscdesk doctor'.", "软件商需要本机设备指纹,但无法读取。请运行 iscdesk doctor。"},
		{LicenseFrozen, 38, 403, "The licence of '{product}' is frozen, usually because the order has expired. Renew it in the marketplace; your drawings stay.", "“{product}”的许可证已冻结,通常是订单到期所致。请在云商店续费;您的图纸不受影响。"},
		{LicenseReleased, 39, 403, "The licence of '{product}' was released. Ask your administrator for another.", "“{product}”的许可证已释放。请联系管理员重新分配。"},
		{LicenseExpired, 40, 403, "The licence of '{product}' expired on {date}. Renew it in the marketplace.", "“{product}”的许可证已于 {date} 到期。请在云商店续费。"},
		{LicenseUndecided, 41, 504, "The vendor did not decide within the time that the marketplace allows. Ask again, or ask the vendor, quoting event {event}.", "软件商未在规定时间内作出决定。请重新申请,或联系软件商并提供事件编号 {event}。"},
		{LicenseRejectedByApp, 42, 403, "The application did not accept the licence: {message}.", "应用未接受该许可证:{message}。"},
		{LicenseExpiring, 43, 200, "The licence of '{product}' ends on {date}. Renew it in the marketplace.", "“{product}”的许可证将于 {date} 到期。请在云商店续费。"},
		{LeaseNoSeat, 50, 409, "All {total} seats of '{product}' are in use. Try again when someone has closed it.", "“{product}”的 {total} 个席位均在使用中。请等他人退出后再试。"},
		{LeaseMalformed, 51, 400, "The lease is damaged. Acquire it again.", "租约已损坏。请重新获取。"},
		{LeaseBadSignature, 52, 403, "The lease was not signed by the vendor. Somebody may have tampered with it.", "租约并非由软件商签名,可能被篡改。"},
		{LeaseUnknownKey, 53, 403, "The lease was signed with a key that this application does not know. Upgrade the application.", "租约使用了应用未知的密钥签名。请升级应用。"},
		{LeaseWrongProduct, 54, 403, "The lease is for another product.", "该租约属于其他产品。"},
		{LeaseWrongDevice, 55, 403, "The lease is for another machine.", "该租约属于其他机器。"},
		{LeaseWrongUser, 56, 403, "The lease is for another user.", "该租约属于其他用户。"},
		{LeaseNotYetValid, 57, 403, "The lease is not valid yet. Check this machine's clock.", "租约尚未生效。请检查本机时钟。"},
		{LeaseExpired, 58, 403, "The lease has expired and its grace period is over. Connect to the network so that it can be renewed.", "租约及其宽限期均已结束。请连接网络以续约。"},
		{LeaseRevoked, 59, 403, "The lease was revoked by the marketplace.", "租约已被云商店收回。"},
		{LeaseClockSetBack, 60, 403, "This machine's clock was set back. Set it right; the lease then works again by itself.", "本机时钟被回拨。校正时钟后租约会自动恢复。"},
		{LeaseNotHeld, 61, 404, "No lease is held. Acquire one first.", "未持有租约。请先获取。"},
		{LeaseNoFeature, 62, 403, "The feature '{feature}' is not part of the licence.", "许可证不包含功能“{feature}”。"},
		{DeviceUnknown, 63, 412, "This machine has no identity to bind a lease to. Run 'systemd-machine-id-setup' as administrator.", "本机没有可用于绑定租约的标识。请以管理员身份运行 systemd-machine-id-setup。"},
		{DocumentReadOnly, 70, 403, "'{path}' was opened for reading only. Check it out (iscdesk files checkout), or save it under another name.", "“{path}”以只读方式打开。请先检出(iscdesk files checkout),或另存为其他名称。"},
		{DocumentConflict, 71, 409, "Somebody published a newer version of '{path}'. Yours was kept beside it as '{copy}'.", "他人已发布“{path}”的新版本。您的版本已另存为“{copy}”。"},
		{DocumentCheckedOut, 72, 409, "'{path}' is checked out by {owner}. Ask them to check it in, or save under another name.", "“{path}”已被 {owner} 检出。请对方检入,或另存为其他名称。"},
		{DocumentNotCheckedOut, 73, 409, "'{path}' is not checked out by you.", "您没有检出“{path}”。"},
		{AssemblyNotFolder, 74, 400, "'{path}' is not a folder. An assembly is saved as a folder that bears the name of its main file.", "“{path}”不是文件夹。装配体须以与主文件同名的文件夹保存。"},
		{AssemblyMainMissing, 75, 400, "The folder '{folder}' holds no file of that name ('{folder}.*'). Name the folder like the assembly's main file.", "文件夹“{folder}”中没有同名文件(“{folder}.*”)。请使文件夹与装配体主文件同名。"},
		{AssemblyDependencyMissing, 76, 400, "'{file}' is needed by '{by}' and is not in the folder. Copy it there and save again.", "“{by}”需要“{file}”,但文件夹中没有。请复制到文件夹后再保存。"},
		{AssemblyEmpty, 77, 400, "The folder '{folder}' is empty.", "文件夹“{folder}”是空的。"},
		{NameInvalid, 78, 400, "'{name}' cannot be used as a name: {reason}.", "“{name}”不能用作名称:{reason}。"},
		{FileUnreadable, 79, 400, "'{path}' cannot be read: {reason}.", "无法读取“{path}”:{reason}。"},
		{FileUnwritable, 80, 400, "'{path}' cannot be written: {reason}.", "无法写入“{path}”:{reason}。"},
		{FileChanged, 81, 409, "'{path}' changed while it was being saved. Save it again.", "“{path}”在保存过程中发生了变化。请重新保存。"},
		{FileModified, 82, 409, "'{path}' has changes that were never saved to the cloud. Save or move them first.", "“{path}”有尚未保存到云端的修改。请先保存或移走。"},
		{ContentDamaged, 83, 502, "The content of '{what}' does not match its checksum. Nothing was changed; iscdesk fetches it again.", "“{what}”的内容与校验和不符。未作任何更改,iscdesk 会重新获取。"},
		{DiskFull, 84, 507, "The disk is full: nothing more can be saved by iscdesk until there is room. Your file is untouched.", "磁盘已满:腾出空间前 iscdesk 无法继续保存。您的文件未受影响。"},
		{NotAFile, 85, 400, "'{path}' is not a regular file. An assembly folder is saved with isAssembly = true.", "“{path}”不是普通文件。保存装配体文件夹请将 isAssembly 设为 true。"},
		{SavedByOther, 86, 409, "This was saved under another account. It is safe on this machine and is sent as soon as that account is signed in.", "此内容由另一个账号保存。它安全地存放在本机,待该账号登录后会自动发送。"},
		{TransfersFailed, 87, 409, "{count} saved documents could not be published. They are safe on this machine. See 'iscdesk transfers', and retry there.", "{count} 个已保存的文档未能发布,它们安全地存放在本机。请运行 iscdesk transfers 查看并重试。"},
		{UploadsPaused, 88, 409, "Uploads are paused. What is saved is safe on this machine and is sent when you go on with them: iscdesk transfers resume.", "上传已暂停。已保存的内容安全地存放在本机,恢复上传(iscdesk transfers resume)后会自动发送。"},
		{SavesWaiting, 89, 409, "'{path}' has saves that are not published yet. Wait until they are, or see 'iscdesk transfers', and try again.", "“{path}”有尚未发布的保存。请等待其发布,或用 iscdesk transfers 查看,然后重试。"},
		{PackageDamaged, 90, 502, "The package of '{product}' does not match its checksum. Nothing was installed.", "“{product}”的安装包与校验和不符,未安装任何内容。"},
		{PackageUnsafe, 91, 502, "The package of '{product}' holds an unsafe entry ('{entry}'). Nothing was installed. Tell the vendor.", "“{product}”的安装包含有不安全的条目(“{entry}”),未安装任何内容。请告知软件商。"},
		{InstallFailed, 92, 500, "The install script of '{product}' failed with status {status}. Its log is at {log}.", "“{product}”的安装脚本失败(状态 {status})。日志位于 {log}。"},
		{AppRunning, 93, 409, "'{product}' is running. Close it first; an upgrade starts by itself then.", "“{product}”正在运行。请先关闭它;等待中的升级会随后自动开始。"},
		{SolveFailed, 94, 422, "The solve failed: {reason}. The solver's log lies beside the model.", "求解失败:{reason}。求解日志位于模型旁边。"},
		{UpgradeWaiting, 95, 200, "Version {version} of '{product}' is available and waits for your answer. Run 'iscdesk apps answer {product} yes'.", "“{product}”有新版本 {version},等待您的确认。请运行 iscdesk apps answer {product} yes。"},
		{PolicyForbids, 110, 403, "Your administrator does not allow this: '{key}' is '{value}' ({where}). Ask your administrator.", "管理员不允许此操作:“{key}”设置为“{value}”({where})。请联系管理员。"},
		{PolicyValue, 111, 422, "The setting '{key}' has a wrong value ({where}): '{value}'. Expected is: {expected}. 'iscdesk policy show' tells what is in force instead.", "设置“{key}”的值有误({where}):“{value}”。应为:{expected}。运行 iscdesk policy show 可查看实际生效的值。"},
		{PolicyUnknown, 112, 422, "There is no setting '{key}' ({where}); what it says does not count. The nearest name is: {near}. Correct or remove it.", "没有名为“{key}”的设置({where}),其内容不生效。最接近的名称:{near}。请更正或删除。"},
		{PolicyRefused, 113, 422, "The policy at {where} is not used: {reason}. Until it is mended, the last good one is in force; after a start without one, nothing is sent.", "未使用位于 {where} 的策略:{reason}。修复之前沿用上一份有效策略;若启动后没有有效策略,则不发送任何内容。"},
		{PolicyOverruled, 114, 409, "The setting '{key}' is locked: {where} has no effect, {by} is in force.", "设置“{key}”已锁定:{where} 不起作用,生效的是 {by}。"},
		{ProxyFailed, 115, 502, "The network cannot be used as the administrator set it up ({proxy}): {reason}. Nothing was sent another way. iscdesk tries again by itself.", "无法按管理员的设置使用网络({proxy}):{reason}。未改用其他方式发送任何内容。iscdesk 会自动重试。"},
		{TenantRefused, 116, 403, "Only accounts of '{tenant}' may sign in on this machine; '{user}' belongs to another tenant. Sign in with another account: iscdesk login.", "本机只允许“{tenant}”的账号登录,“{user}”属于其他租户。请换用其他账号登录:iscdesk login。"},
		{StagingFull, 117, 507, "Your documents that are not published yet take up all the room that your administrator allows ({limit}). Nothing was changed. Wait until they are sent (iscdesk transfers), then save again.", "您尚未发布的文档已占满管理员允许的空间({limit})。未作任何更改。请等待上传完成(iscdesk transfers),然后重新保存。"},
		{CAFileUnusable, 118, 422, "The certificate authorities of ca_file ({path}) are not trusted: {reason}. Only those of the system are. iscdesk reads the file again by itself when it has changed.", "不信任 ca_file({path})中的证书颁发机构:{reason}。目前只信任系统的颁发机构。文件更改后 iscdesk 会自动重新读取。"},
		{DocumentChanged, 130, 409, "'{path}' has changed since you looked at it. Nothing was done; look again and choose.", "“{path}”在您查看后又有变化。未作任何更改,请重新查看后再选择。"},
	}
}
